"""Completion of the command's words in shells."""

from skl_signlang._language import translate
from skl_signlang.cli.options import PROGRAM, make_parser

_OF_FILES = ("DATA", "DIR", "FILE", "FOLDER", "IMAGE", "MODEL", "OUT", "PATH")


def completion(shell):
    """Print the completion script of a shell."""
    try:
        import shtab
    except ImportError as error:
        raise ImportError(
            translate(
                "completion needs shtab, which is not installed; run pip install "
                '"skl_signlang[completion]".'
            )
        ) from error
    parser = make_parser()
    for action in _actions_of(parser):
        if action.metavar in _OF_FILES:
            action.complete = shtab.FILE
    print(shtab.complete(parser, shell, root_prefix=PROGRAM.replace("-", "_")))
    return 0


def _actions_of(parser):
    """Yield the options and arguments of a parser and of its subcommands."""
    for action in parser._actions:
        yield action
        for command in getattr(action.choices, "values", tuple)():
            yield from _actions_of(command)
