"""Parsing of untrusted JSON."""

import json

_MAX_VALUES = 1 << 20
_MARKS = (b",", b":", b"[", b"{")


def parse_json(content, limit, budget):
    """Parse JSON of bounded size."""
    if len(content) > limit:
        raise ValueError(f"it has {len(content):,} bytes; at most {limit:,} are read.")
    # before the parser makes objects of them
    n_values = sum(map(content.count, _MARKS))
    if n_values > _MAX_VALUES:
        raise ValueError(
            f"it has some {n_values:,} values; at most {_MAX_VALUES:,} are read."
        )
    budget.spend("JSON values", n_values)
    try:
        value = json.loads(content.decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply.") from None
    except ValueError as error:
        raise ValueError(f"it is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"it is a JSON {type(value).__name__}; expected an object.")
    return value
