"""An argument parser whose errors name the nearest option or command."""

import argparse
import difflib

from skl_signlang._errors import to_command_words
from skl_signlang._language import translate


class ArgumentParser(argparse.ArgumentParser):
    """argparse's parser; options are written out, and misspelled words get a hint."""

    def __init__(self, **options):
        for name in ("description", "epilog"):
            if options.get(name):
                options[name] = translate(options[name])
        super().__init__(**options, allow_abbrev=False)

    def add_argument(self, *names, **options):
        """Add an argument, with its help in the language of the user."""
        if options.get("help"):
            options["help"] = translate(options["help"])
        return super().add_argument(*names, **options)

    def parse_known_args(self, args=None, namespace=None):
        """Parse the arguments."""
        found, rest = super().parse_known_args(args, namespace)
        unknown = [word for word in rest if word.startswith("-")]
        if unknown:
            option = unknown[0].partition("=")[0]
            text = translate("there is no option {option}", option=option)
            self.error(f"{text}{self._hint(option)}")
        return found, rest

    def _hint(self, option):
        name = option.lstrip("-").upper()
        if name in (action.metavar for action in self._get_positional_actions()):
            return translate("; give {name} without it", name=name)
        known = [name for name in self._option_string_actions if name[1] == "-"]
        return _did_you_mean(option, known)

    def _check_value(self, action, value):
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            error.message += _did_you_mean(value, action.choices)
            raise

    def error(self, message):
        """Print the usage and the error, and exit."""
        super().error(to_command_words(message))


def _did_you_mean(word, known):
    near = difflib.get_close_matches(word, list(known), n=1)
    if not near:
        return ""
    return translate(". Did you mean {name}?", name=near[0])
