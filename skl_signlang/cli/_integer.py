"""Numbers among the words of a command."""

import argparse


def whole_number(low, high):
    """Make a reader of whole numbers for argparse, which names a bad one.

    Parameters
    ----------
    low, high : int
        The least and the greatest that is taken.

    Returns
    -------
    read : callable
        Of a text, which gives the number.

    Examples
    --------
    >>> from skl_signlang.cli._integer import whole_number
    >>> whole_number(1, 9)("7")
    7
    """

    def read(text):
        number = int(text) if text.isascii() and text.isdecimal() else -1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not an integer from {low} to {high}"
            )
        return number

    return read
