"""Keys of caches: one identity for architectures, backbones and custom functions."""

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
    """Return a key that is equal for equal hyper-parameters.

    A function is compared by identity, so two closures of one name differ; a Keras
    object by its configuration, a custom object by its content.
    """
    if isinstance(value, dict):
        return dict, *((key, identity_of(value[key])) for key in sorted(value))
    if isinstance(value, list | tuple):
        return tuple, *map(identity_of, value)
    if isinstance(value, partial):
        return partial, *map(identity_of, (value.func, value.args, value.keywords))
    if _is_plain(value) or isroutine(value) or isclass(value):
        return type(value), value
    if is_custom(value):
        with suppress(PicklingError, AttributeError, TypeError):
            return type(value), joblib.hash(value)
        return type(value), value
    described = keras.saving.serialize_keras_object(value)
    return type(value), json.dumps(described, sort_keys=True, default=joblib.hash)


def is_custom(value):
    """Check whether a value is or holds custom code, unknown to Keras."""
    if isinstance(value, dict):
        return any(map(is_custom, value.values()))
    if isinstance(value, list | tuple):
        return any(map(is_custom, value))
    if _is_plain(value):
        return False
    owner = value if isroutine(value) or isclass(value) else type(value)
    return str(owner.__module__).partition(".")[0] not in _KNOWN


def structure_of(model):
    """Return a key of a model's structure: its JSON and its custom functions."""
    # JSON holds only the names of these
    return model.to_json(), custom_parts(model)


def custom_parts(model):
    """Return the custom layers and functions of a model."""
    found = []
    for layer in model._flatten_layers():
        held = [part for part in vars(layer).values() if isroutine(part)]
        found += [part for part in (type(layer), *held) if is_custom(part)]
    return tuple(found)


def _is_plain(value):
    return value is None or isinstance(value, str | Number)
