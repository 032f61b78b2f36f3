"""Conversion of parameter values to plain data for JSON."""

import math
from numbers import Integral, Real

import numpy as np


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
