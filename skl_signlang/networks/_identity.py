"""What tells hyper-parameters apart, functions of the user's own included."""

import json
from contextlib import suppress
from functools import partial
from inspect import isclass, isroutine
from numbers import Number
from pickle import PicklingError

import joblib
import keras

_KNOWN = ("keras", "skl_signlang")


def identity_of(value):
    """Give what is equal for hyper-parameters that mean the same.

    A function is itself, whatever its name: two closures are two. What Keras brings
    is told by its configuration, an object of the user's own by what it holds.
    """
    if isinstance(value, dict):
        return dict, *((key, identity_of(value[key])) for key in sorted(value))
    if isinstance(value, list | tuple):
        return tuple, *map(identity_of, value)
    if isinstance(value, partial):
        return partial, *map(identity_of, (value.func, value.args, value.keywords))
    if _is_plain(value) or isroutine(value) or isclass(value):
        return type(value), value
    if is_own(value):
        with suppress(PicklingError, AttributeError, TypeError):
            return type(value), joblib.hash(value)
        return type(value), value
    described = keras.saving.serialize_keras_object(value)
    return type(value), json.dumps(described, sort_keys=True, default=joblib.hash)


def is_own(value):
    """Tell whether something is the user's own, so that Keras cannot name it."""
    if isinstance(value, dict):
        return any(map(is_own, value.values()))
    if isinstance(value, list | tuple):
        return any(map(is_own, value))
    if _is_plain(value):
        return False
    owner = value if isroutine(value) or isclass(value) else type(value)
    return str(owner.__module__).partition(".")[0] not in _KNOWN


def _is_plain(value):
    return value is None or isinstance(value, str | Number)
