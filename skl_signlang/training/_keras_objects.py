"""Serialization of Keras optimizers, losses, initializers and activations."""

import inspect
from numbers import Real

import keras
import numpy as np

from skl_signlang._errors import near_names
from skl_signlang._keras import same_random_state, serialize
from skl_signlang._numbers import plain_number
from skl_signlang._untrusted import check_object

CLASS, OBJECT = "keras class", "keras object"
_MODULES = ("optimizers", "losses")
_NAMED_PARAMETERS = {
    "activation": keras.activations,
    "kernel_initializer": keras.initializers,
    "optimizer": keras.optimizers,
    "output_activation": keras.activations,
}
_NOT_NAMES = ("deserialize", "get", "legacy", "schedules", "serialize")

# looking an optimizer up creates one, whose memory TensorFlow never frees
_checked = set()


def check_keras_names(estimator):
    """Raise ValueError for unknown Keras names in parameters."""
    for parameter, module in _NAMED_PARAMETERS.items():
        name = getattr(estimator, parameter, None)
        if not isinstance(name, str) or name == "auto" or (module, name) in _checked:
            continue
        try:
            # an initializer draws its seed
            with same_random_state():
                module.get(name)
            _checked.add((module, name))
        except ValueError as error:
            names = [known for known in vars(module) if not known.startswith("_")]
            names = [known for known in names if known not in _NOT_NAMES]
            last = name.rpartition(".")[2]  # of keras.optimizers.Adam
            raise ValueError(
                f"{parameter}={str(name)!r} is not known to Keras; "
                f"{near_names(last, names)}"
            ) from error
    metrics = getattr(estimator, "metrics", None) or ()
    if hasattr(estimator, "_is_multi_output"):  # may have a list for each output
        metrics = [
            metric
            for one in metrics
            for metric in (one if isinstance(one, list | tuple) else [one])
        ]
    _check_metrics(metrics)


def _check_metrics(metrics):
    """Raise ValueError for metrics that are unknown names, or classes."""
    for metric in metrics:
        if inspect.isclass(metric):
            raise ValueError(
                f"metrics holds the class {metric.__name__}; expected an object of it, "
                f"{metric.__name__}(), a function or a name."
            )
        if not isinstance(metric, str | keras.metrics.Metric) and not callable(metric):
            raise ValueError(
                f"metrics holds {metric!r}; expected a name, a function of (y_true, "
                "y_pred) or an object of keras.metrics."
            )
        if not isinstance(metric, str) or (keras.metrics, metric) in _checked:
            continue
        try:
            if metric not in ("acc", "accuracy"):
                keras.metrics.get(metric)
            _checked.add((keras.metrics, metric))
        except ValueError as error:
            names = [known for known in vars(keras.metrics) if known[0] != "_"]
            raise ValueError(
                f"metrics holds {metric!r}, which is not known to Keras; "
                f"{near_names(metric, names)}"
            ) from error


def to_plain(value):
    """Serialize the Keras objects and the numbers of any type among parameters."""
    if isinstance(value, Real):
        return value if isinstance(value, np.generic) else plain_number(value)
    if isinstance(value, dict):
        return {key: to_plain(entry) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(to_plain, value))
    if inspect.isclass(value):
        module = [
            module for module in _MODULES if _find(module, value.__name__) is value
        ]
        return {CLASS: [module[0], value.__name__]} if module else value
    owner = value if inspect.isfunction(value) else type(value)
    if not inspect.isfunction(value) and not hasattr(value, "get_config"):
        return value  # such as callbacks
    if getattr(owner, "__module__", "").startswith("keras."):
        plain = serialize(value)
        check_object(plain)
        return {OBJECT: plain}
    return value


def from_plain(value):
    """Undo `to_plain`."""
    if type(value) in (list, tuple):
        return type(value)(map(from_plain, value))
    if not isinstance(value, dict):
        return value
    if value.keys() == {CLASS}:
        found = _find(*value[CLASS])
        if found is None:
            raise ValueError(f"Keras has no {value[CLASS]}.")
        return found
    if value.keys() == {OBJECT}:
        check_object(value[OBJECT])
        return keras.saving.deserialize_keras_object(value[OBJECT], safe_mode=True)
    return {key: from_plain(entry) for key, entry in value.items()}


def _find(module, name):
    """Return the public class of this name, if there is one."""
    found = getattr(getattr(keras, module), name, None) if module in _MODULES else None
    return found if inspect.isclass(found) else None
