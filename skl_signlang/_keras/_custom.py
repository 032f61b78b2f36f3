"""Custom code, unknown to Keras."""

from inspect import isclass, isroutine
from numbers import Number

_KNOWN = ("keras", "skl_signlang")


def is_custom(value):
    """Check whether a value is or holds custom code, unknown to Keras."""
    if isinstance(value, dict):
        return any(map(is_custom, value.values()))
    if isinstance(value, list | tuple):
        return any(map(is_custom, value))
    if is_plain(value):
        return False
    owner = value if isroutine(value) or isclass(value) else type(value)
    return str(owner.__module__).partition(".")[0] not in _KNOWN


def is_plain(value):
    """Check whether a value is None, a string or a number."""
    return value is None or isinstance(value, str | Number)
