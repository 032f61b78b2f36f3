"""Integers on the command line."""

import argparse


def bounded_integer(low, high):
    """Return an argparse type for integers from `low` to `high`."""

    def read(text):
        number = int(text) if text.isascii() and text.isdecimal() else -1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not an integer from {low} to {high}"
            )
        return number

    return read
