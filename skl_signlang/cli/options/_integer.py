"""Integers on the command line."""

import argparse

from skl_signlang._language import translate


def bounded_integer(low, high):
    """Return an argparse type for integers from `low` to `high`."""

    def read(text):
        number = int(text) if text.isascii() and text.isdecimal() else -1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                translate(
                    "{text!r} is not an integer from {low} to {high}",
                    text=text,
                    low=low,
                    high=high,
                )
            )
        return number

    return read
