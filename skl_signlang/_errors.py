"""Errors as the command line shows them: one line, no stack trace."""

import sys


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
