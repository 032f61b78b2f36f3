"""What errors say: one line, and of what is long the beginning."""

import re
import sys

_MOST_CHARACTERS = 80
_MOST_VALUES = 5


def quote(text):
    r"""Quote a text, or the beginning of a long one.

    Parameters
    ----------
    text : str
        Of a user, a file or a server.

    Returns
    -------
    quoted : str
        In quotes, without characters that cannot be printed.

    Examples
    --------
    >>> from skl_signlang._errors import quote
    >>> print(quote("A\n"))
    'A\n'
    """
    cut = len(text) > _MOST_CHARACTERS
    return repr(f"{text[:_MOST_CHARACTERS]}..." if cut else str(text))


def list_some(values):
    """Write down values, or the first five of more.

    Parameters
    ----------
    values : iterable
        What to write.

    Returns
    -------
    text : str
        Separated by commas; empty if there is none.

    Examples
    --------
    >>> from skl_signlang._errors import list_some
    >>> list_some(range(9))
    '0, 1, 2, 3, 4, ...'
    """
    values = list(values)
    more = ", ..." if len(values) > _MOST_VALUES else ""
    return ", ".join(map(str, values[:_MOST_VALUES])) + more


def count_of(number, noun):
    """Write down how many there are.

    Parameters
    ----------
    number : int
        How many.
    noun : str
        Of what, in the singular.

    Returns
    -------
    text : str
        With an s, but for one.

    Examples
    --------
    >>> from skl_signlang._errors import count_of
    >>> count_of(1, "column"), count_of(2, "column")
    ('1 column', '2 columns')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def in_words_of_a_command(text, options=()):
    """Say what an error says to a user of Python to a user of the command.

    Parameters
    ----------
    text : str
        Of the error.
    options : iterable of tuple of str and str, default=()
        Parameters of Python, and the option of the command for each.

    Returns
    -------
    text : str
        On one line, with options for parameters, and names without quotes.

    Examples
    --------
    >>> from skl_signlang._errors import in_words_of_a_command
    >>> in_words_of_a_command(
    ...     "image_size=0 is none; the model's is 'A'", [("image_size", "--image-size")]
    ... )
    "--image-size 0 is none; the model's is A"
    """
    text = " ".join(text.split())
    for name, option in options:
        # a word of everyday language is a parameter where a value follows
        end = r"(=|\b)" if "_" in name else "="
        text = re.sub(rf"(?<![\w.-]){name}{end}", _with_space(option), text)
    text = _NUMPY.sub(r"\1", text)
    return _QUOTED.sub(lambda match: match[1] or match[2], text)


def _with_space(option):
    return lambda match: f"{option} " if match[0].endswith("=") else option


_NUMPY = re.compile(r"\bnp\.\w+\(([^()]*)\)")
# an apostrophe stands behind a letter; quotes of other texts are double ones
_QUOTED = re.compile(r"""(?<![\w'"])(?:'([^']+)'|"([^"]*'[^"]*)")(?!\w)""")


def print_error(error, name=None, options=()):
    """Print an error on standard error.

    Parameters
    ----------
    error : Exception
        What went wrong.
    name : str, default=None
        The file that it is about, where the error itself does not say.
    options : iterable of tuple of str and str, default=()
        See `in_words_of_a_command`.

    Examples
    --------
    >>> import contextlib
    >>> from skl_signlang._errors import print_error
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     print_error(ValueError("it is no picture"), "hand.png")
    skl-signlang: error: hand.png: it is no picture
    """
    # the system's errors name the file themselves, after a number
    of_system = getattr(error, "strerror", None)
    name = (getattr(error, "filename", None) if of_system else None) or name
    reason = of_system or str(error) or type(error).__name__
    reason = in_words_of_a_command(reason, options)
    if name is not None:
        reason = f"{name}: {reason}"
    print(f"skl-signlang: error: {reason}", file=sys.stderr)
