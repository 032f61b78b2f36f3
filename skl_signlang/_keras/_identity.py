"""Keys of caches: one identity for architectures, backbones and custom functions."""

import json
from contextlib import suppress
from functools import partial
from inspect import isclass, isroutine
from pickle import PicklingError

import joblib
import keras

from skl_signlang._keras._complete_configs import serialize
from skl_signlang._keras._custom import is_custom, is_plain


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
    if is_plain(value) or isroutine(value) or isclass(value):
        return type(value), value
    if is_custom(value):
        with suppress(PicklingError, AttributeError, TypeError):
            return type(value), joblib.hash(value)
        return type(value), value
    return type(value), json.dumps(
        serialize(value), sort_keys=True, default=joblib.hash
    )


def structure_of(model):
    """Return a key of a model's structure: its JSON and its custom functions."""
    # JSON holds only the names of these
    return model.to_json(), custom_parts(model)


def gains_of(model):
    """Return the gains of identity matrices, which Keras leaves out of JSON."""
    parts = [part for layer in model._flatten_layers() for part in vars(layer).values()]
    kind = keras.initializers.Identity
    return tuple(part.gain for part in parts if isinstance(part, kind))


def custom_parts(model):
    """Return the custom layers and functions of a model."""
    found = []
    for layer in model._flatten_layers():
        held = [part for part in vars(layer).values() if isroutine(part)]
        found += [part for part in (type(layer), *held) if is_custom(part)]
    return tuple(found)
