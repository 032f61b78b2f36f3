"""Parsing of untrusted JSON."""

import json
import math

_MAX_DIGITS = 40
_MARKS = (b",", b":", b"[", b"{")


def parse_json(content, limit, budget, *, kind=dict, with_nan=False):
    """Parse JSON of bounded size; numbers are finite.

    `with_nan` lets in what `json.dumps` writes of NaN and infinities.
    """
    if len(content) > limit:
        raise ValueError(f"it has {len(content):,} bytes; at most {limit:,} are read.")
    # before parsing creates objects
    budget.spend("JSON values", count_values(content))
    try:
        value = json.loads(
            content.decode("utf-8"),
            parse_float=parse_float,
            parse_int=_parse_int,
            parse_constant=float if with_nan else _refuse_constant,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply.") from None
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if not isinstance(value, kind):
        raise ValueError(
            f"it is a JSON {type(value).__name__}; expected {_NAMES[kind]}."
        )
    return value


def count_values(content):
    """Return the number of values, or a few more, without parsing."""
    return sum(map(content.count, _MARKS))


_NAMES = {dict: "an object", object: "a value"}


def parse_float(digits):
    """Parse a number of JSON; raise ValueError for one that no float holds."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:40]} is too large.")
    return number


def _parse_int(digits):
    if len(digits.lstrip("-")) > _MAX_DIGITS:
        raise ValueError(f"the number {digits[:_MAX_DIGITS]}... is too large.")
    return int(digits)


def _refuse_constant(name):
    raise ValueError(f"{name} is not a number of JSON.")
