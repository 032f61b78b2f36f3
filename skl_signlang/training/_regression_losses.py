"""Requirements of Keras losses on the targets and outputs of a regressor."""

from inspect import isfunction
from typing import NamedTuple

import keras
import numpy as np

from skl_signlang._keras import is_custom, trace
from skl_signlang.training._compile_arguments import class_of_loss, loss_class


class Rule(NamedTuple):
    """Requirements of one loss."""

    activation: str = "linear"
    low: float = -np.inf
    high: float = np.inf


_POSITIVE = Rule("exponential", low=0)
_FRACTION = Rule("sigmoid", low=0, high=1)
_DISTRIBUTION = Rule("softmax", low=0, high=1)
_SIGN = Rule(low=-1, high=1)

_RULES = {
    "Poisson": _POSITIVE,
    "MeanSquaredLogarithmicError": _POSITIVE,
    "BinaryCrossentropy": _FRACTION,
    "BinaryFocalCrossentropy": _FRACTION,
    "Dice": _FRACTION,
    "Tversky": _FRACTION,
    "KLDivergence": _DISTRIBUTION,
    "CategoricalCrossentropy": _DISTRIBUTION,
    "CategoricalFocalCrossentropy": _DISTRIBUTION,
    "CategoricalGeneralizedCrossEntropy": _DISTRIBUTION,
    "Hinge": _SIGN,
    "SquaredHinge": _SIGN,
    "CategoricalHinge": Rule(low=0, high=1),
}

_OF_CODES = ("SparseCategoricalCrossentropy", "CTC", "Circle")

_INVERSES = {
    "exponential": np.log,
    "softplus": lambda means: means + np.log(-np.expm1(-means)),
    "sigmoid": lambda means: np.log(means / (1 - means)),
    "softmax": np.log,
}

_MIN_MEAN = 1e-7
"""Least distance of the mean target from 0 and 1 for the initial bias."""

_MAX_RISE, _MAX_RATIO = 1e-3, 10
"""Relative rise of a loss that counts, and how far above that of the mean is stuck."""

_DEGREES = {"MeanSquaredError": 2, "MeanAbsoluteError": 1}

_METRIC_DEGREES = {
    "mae": 1,
    "meanabsoluteerror": 1,
    "meansquarederror": 2,
    "mse": 2,
    "r2score": 0,
    "rootmeansquarederror": 1,
}


def output_activation_of(loss, routed):
    """Return the output activation that fits a loss."""
    from_logits = routed.get("loss__from_logits", getattr(loss, "from_logits", False))
    config = loss.get_config() if isinstance(loss, keras.losses.Loss) else {}
    if config.get("from_logits", from_logits):
        return "linear"
    return _RULES.get(_name(loss), Rule()).activation


def bias_of_output(activation, means):
    """Return the output bias at which predictions start at the mean targets."""
    inverse = _INVERSES.get(activation) if isinstance(activation, str) else None
    if inverse is None:
        return None
    highest = 1 - _MIN_MEAN if activation == "sigmoid" else None
    return inverse(np.clip(means, _MIN_MEAN, highest))


def degree_of(loss):
    """Return the degree of homogeneity of a loss in targets and outputs."""
    return _DEGREES.get(_name(loss), 0)


def degree_of_metric(metric):
    """Return the degree of a metric that shifts of the targets leave, or None."""
    name = metric if isinstance(metric, str) else type(metric).__name__
    return _METRIC_DEGREES.get(name.replace("_", "").lower())


def has_risen(losses, loss, y, weights, unit=1.0):
    """Return the loss of the mean target if losses rose far above it, or None."""
    if _name(loss) is None or len(losses) < 2:
        return None
    last = losses[-1]
    if last - losses[0] <= _MAX_RISE * abs(last):
        return None
    y = y.astype(np.float64)
    means = np.broadcast_to(np.average(y, axis=0, weights=weights), y.shape)
    of_mean, least = (
        unit * float(np.average(np.ravel(_compare(loss, y, outputs)), weights=weights))
        for outputs in (means, y)
    )
    return of_mean if last - least > _MAX_RATIO * (of_mean - least) > 0 else None


def _compare(loss, y, outputs):
    """Return the loss of each sample."""
    return keras.ops.convert_to_numpy(getattr(loss, "call", loss)(y, outputs))


def check_target(y, loss):
    """Raise ValueError for targets outside the domain of a loss."""
    name = _name(loss)
    if name in _OF_CODES:
        raise ValueError(f"loss={loss!r} compares class codes: use a classifier.")
    rule = _RULES.get(name, Rule())
    wrong = y[(y < rule.low) | (y > rule.high)]
    if wrong.size:
        allowed = (
            f"y from {rule.low:g} to {rule.high:g}"
            if np.isfinite(rule.high)
            else f"y of {rule.low:g} or more"
        )
        raise ValueError(f"loss={loss!r} needs {allowed}; y holds {wrong[0]:.6g}.")
    if rule is not _DISTRIBUTION:
        return
    if y.shape[1] < 2 or np.abs(y.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            f"loss={loss!r} compares distributions: it needs y of two columns or more, "
            f"whose rows sum to 1; y has {y.shape[1]} columns, and sums from "
            f"{y.sum(axis=1).min():.6g} to {y.sum(axis=1).max():.6g}."
        )


def check_own_loss(loss, n_outputs):
    """Check that a user-defined loss compares two tensors."""
    if isinstance(loss, type) and not issubclass(loss, keras.losses.Loss):
        raise ValueError(
            f"loss={loss.__name__} is not a loss; expected a subclass of "
            "keras.losses.Loss, a function of (y_true, y_pred), or a name of Keras'."
        )
    if not isinstance(loss, str | type) and is_custom(loss):
        expected = "a tensor of floats, one for each sample, of (y_true, y_pred)"
        trace(loss, ((None, n_outputs),) * 2, "loss", expected)


def _name(loss):
    """Return the class name of a Keras loss, or None."""
    loss = loss_class(loss)
    if isfunction(loss) and loss.__module__.startswith("keras."):
        loss = class_of_loss(loss.__name__)
    kinds = (loss if isinstance(loss, type) else type(loss)).__mro__
    return next((kind.__name__ for kind in kinds if _is_keras_loss(kind)), None)


def _is_keras_loss(kind):
    return getattr(keras.losses, kind.__name__, None) is kind
