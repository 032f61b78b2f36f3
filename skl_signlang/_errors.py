"""Parts of error messages; long values are shortened."""

import difflib
import re
import sys

_MAX_CHARACTERS = 80
_MAX_VALUES = 5


def quote(text):
    """Quote a string, shortened if it is long."""
    cut = len(text) > _MAX_CHARACTERS
    return repr(f"{text[:_MAX_CHARACTERS]}..." if cut else str(text))


def list_some(values):
    """Format a list of values, the first five of more."""
    values = list(values)
    more = ", ..." if len(values) > _MAX_VALUES else ""
    return ", ".join(map(str, values[:_MAX_VALUES])) + more


def count_of(number, noun):
    """Format a count with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def near_names(name, names):
    """Return a clause that lists the names closest to an unknown one."""
    by_lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(str(name).lower(), by_lower, n=5, cutoff=0.5)
    if near:
        return f"near names are {', '.join(by_lower[known] for known in near)}."
    shown = ", ".join(list(names)[-10:])
    return f"its last names are {shown}." if len(names) > 10 else f"there are {shown}."


def to_command_words(text, options=()):
    """Reword an error message of the Python API for users of the command."""
    text = " ".join(text.split())
    for name, option in options:
        # an everyday word is a parameter only if a value follows
        end = r"(=|\b)" if {*"_="} & {*name} else "="
        # in quotes it is a value
        text = re.sub(rf"(?<![\w.'\"-]){name}{end}", _with_space(option), text)
    text = _OF_PYTHON.sub("", text)
    text = _NUMPY.sub(r"\1", text)
    return _QUOTED.sub(lambda match: match[1] or match[2], text)


def _with_space(option):
    return lambda match: f"{option} " if match[0].endswith("=") else option


# advice to pass what no option gives: a sentence, or the end of one
_OF_PYTHON = re.compile(
    r"(?<=[.;]) [^.;]*\b[Pp]ass [a-z_]+=[^.;]*\."
    r"|(?<=[.;]) [^.;]*: \w+\([^()]*=[^()]*\)\."
    r"|, or [a-z_]+=[^.;]*"
)
_NUMPY = re.compile(r"\bnp\.\w+\(([^()]*)\)")
# an apostrophe follows a letter; strings with apostrophes are in double quotes
_QUOTED = re.compile(r"""(?<![\w'"])(?:'([^']+)'|"([^"]*'[^"]*)")(?!\w)""")


def print_error(error, name=None, options=()):
    """Print an error to standard error."""
    # system errors contain the file name
    of_system = getattr(error, "strerror", None)
    name = (getattr(error, "filename", None) if of_system else None) or name
    reason = of_system or str(error) or type(error).__name__
    reason = to_command_words(reason, options)
    if name is not None:
        reason = f"{name}: {reason.replace(f' {name}', '')}"
    print(f"skl-signlang: error: {reason}", file=sys.stderr)
