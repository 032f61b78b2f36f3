"""Configurations of Keras objects that hold every argument of their classes.

Keras copies, pickles and saves losses and metrics by their configuration. That of
`keras.losses.Huber`, for example, lacks ``delta``: a copy has the default.
"""

import copyreg
from inspect import Parameter, isclass, signature

import keras

from skl_signlang._keras._custom import is_custom

_NAMED = Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY


def complete_config(thing):
    """Return the whole configuration; ValueError if a custom class lacks a part."""
    config = thing.get_config()
    found = signature(type(thing)).parameters.values()
    missing = {one.name for one in found if one.kind in _NAMED} - config.keys()
    # the configuration of no loss of Keras has its dtype
    lost = ", ".join(sorted(missing - {"dtype"}))
    if lost and is_custom(thing):
        raise ValueError(
            f"{type(thing).__name__}.get_config lacks {lost}, so a copy made by clone, "
            "a search or pickle has the default. Return every argument of __init__ "
            "from get_config."
        )
    for part in vars(thing).values():
        if isinstance(part, keras.optimizers.schedules.LearningRateSchedule):
            complete_config(part)
    kept = {**vars(thing), **getattr(thing, "_fn_kwargs", {})}
    if isinstance(thing, keras.losses.Loss):
        kept["dtype"] = thing.dtype
    return {**config, **{name: kept[name] for name in missing & kept.keys()}}


def serialize(thing):
    """Serialize a Keras object with its whole configuration; layers hold theirs."""
    plain = keras.saving.serialize_keras_object(thing)
    if not hasattr(thing, "get_config") or isinstance(thing, keras.Operation):
        return plain
    return {**plain, "config": {**complete_config(thing), **plain["config"]}}


def make_copyable(value):
    """Register reducers of the custom classes of a parameter, for copy and pickle.

    Keras' own reducer finds only classes that are registered with Keras.
    """
    if isinstance(value, list | tuple):
        for part in value:
            make_copyable(part)
    elif isinstance(value, _COPIED) and is_custom(value):
        kind = type(value)
        if keras.saving.get_registered_name(kind) == kind.__name__:
            copyreg.pickle(kind, _reduce)


def _reduce(thing):
    config = complete_config(thing)
    # Keras tracks lists by functions that cannot be pickled
    plain = {k: list(v) if isinstance(v, list) else v for k, v in config.items()}
    known = signature(type(thing)).parameters.values()
    if all(one.kind is not Parameter.VAR_KEYWORD for one in known):
        # constructors of custom classes may set these themselves
        own = {one.name for one in known}
        plain = {k: v for k, v in plain.items() if k in own or k not in _OF_BASES}
    return type(thing).from_config, (plain,)


_OF_BASES = ("name", "reduction", "dtype")
_COPIED = keras.losses.Loss, keras.metrics.Metric, keras.optimizers.Optimizer

for _kind in [*vars(keras.losses).values(), *vars(keras.metrics).values()]:
    if isclass(_kind):
        copyreg.pickle(_kind, _reduce)
