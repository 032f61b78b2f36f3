"""Values of parameters: as plain data for JSON, and by default."""

import math
from inspect import Parameter, signature
from numbers import Integral, Real

import numpy as np


def default_parameters(kind):
    """Return the default parameters of a class, for states that lack newer ones."""
    found = {}
    for base in reversed(kind.__mro__):  # the constructor of a subclass may take fewer
        if "__init__" in vars(base):
            found |= signature(base.__init__).parameters
    parameters = found.values()
    return {p.name: p.default for p in parameters if p.default is not Parameter.empty}


def plain_value(value, of_object, most=math.inf):
    """Convert a value to plain data for JSON, equal in each process."""
    if value is None or isinstance(value, bool | str):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, dict | list | tuple) and len(value) > most:
        return f"{type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return {
            str(key): plain_value(entry, of_object, most)
            for key, entry in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain_value(entry, of_object, most) for entry in value]
    return of_object(value)
