"""What errors say: one line, and of what is long the beginning."""

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
    return repr(f"{text[:_MOST_CHARACTERS]}..." if cut else text)


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


def print_error(error, name=None):
    """Print an error on standard error.

    Parameters
    ----------
    error : Exception
        What went wrong.
    name : str, default=None
        The file that it is about, where the error itself does not say.

    Examples
    --------
    >>> import contextlib
    >>> from skl_signlang._errors import print_error
    >>> with contextlib.redirect_stderr(sys.stdout):
    ...     print_error(ValueError("it is no picture"), "hand.png")
    skl-signlang: error: hand.png: it is no picture
    """
    reason = " ".join(str(error).split()) or type(error).__name__
    if name is not None:
        # the system's errors name the file themselves, after a number
        reason = f"{name}: {getattr(error, 'strerror', None) or reason}"
    print(f"skl-signlang: error: {reason}", file=sys.stderr)
