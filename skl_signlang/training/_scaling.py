"""Scaling of values that float32 cannot represent well.

Values of extreme size or offset are centered and divided by a power of two in float64
before the network; all others are left as they are.
"""

import warnings

import numpy as np

from skl_signlang._images import as_pixels
from skl_signlang._sparse_rows import SparseRows
from skl_signlang.training._moments import pieces

LARGEST = 2.0**40
"""Ranges between this and its inverse have a variance that float32 can represent."""

FARTHEST = 2.0**10
"""Largest offset, in ranges, at which float32 still resolves the values."""

MOST_UNEVEN = 2.0**20
"""Largest ratio of the ranges of two targets at which both are learned."""

LARGEST_TARGET = 2.0**10
"""Largest output that a network reaches within a few epochs at usual learning rates."""


def undo_scaling(scaled, scaling):
    """Undo `scale_values`."""
    center, exponent = scaling
    return np.ldexp(scaled.astype(np.float64), exponent) + center


def scale_values(values, scaling, name="X"):
    """Return values as the network takes them, scaled if `scaling` is not None."""
    if scaling is None:
        return as_pixels(values, name)
    center, exponent = scaling
    with np.errstate(over="ignore"):
        scaled = np.ldexp(values.astype(np.float64) - center, -exponent)
        scaled = scaled.astype(np.float32)
    if not np.isfinite(scaled).all():
        raise ValueError(
            f"{name} holds values up to {np.abs(values).max():.3g}, too far from those "
            "of the training data for float32."
        )
    return scaled


def scaling_of_inputs(X, weights, standardize, by_feature):
    """Return the scaling of inputs, or None; warn where it is needed but not wanted."""
    if isinstance(X, SparseRows) or X.dtype == object:  # strings
        return None
    scaling = (_scaling_by_feature if by_feature else _scaling_of_all)(X, weights)
    if standardize or scaling is None:
        return scaling
    warnings.warn(
        "X holds values of an extreme size or offset, from which networks learn little "
        "or nothing: set standardize=True, or begin with StandardScaler.",
        UserWarning,
        stacklevel=2,
    )
    return None


def _scaling_by_feature(X, weights):
    """Return the scaling of each feature, or None if none is needed."""
    return None if X.dtype == np.uint8 else _scaling(*_limits(X, weights))


def _scaling_of_all(X, weights):
    """Return one scaling for all values, such as pixels, or None."""
    if X.dtype == np.uint8:
        return None
    low, high = _limits(X, weights)
    return _scaling(low.min(), high.max())


def scaling_of_target(y, weights):
    """Return the scaling of targets, or None.

    Each column has a center; all share one power of two, so that a sum of errors over
    the columns keeps its meaning.
    """
    low, high = _limits(y, weights)
    size, span = _size_and_span(low, high)
    if span.max() / MOST_UNEVEN > span[span > 0].min(initial=span.max()):
        warnings.warn(
            "The columns of y have ranges from "
            f"{2 * span[span > 0].min():.3g} to {2 * span.max():.3g}: the loss is that "
            "of the largest, and nothing is learned of the smallest. Wrap the "
            "estimator in TransformedTargetRegressor with StandardScaler.",
            stacklevel=2,
        )
    return _scaling(low, high, size.max(), span.max(), LARGEST_TARGET)


def _scaling(low, high, size=None, span=None, largest=LARGEST):
    if size is None:
        size, span = _size_and_span(low, high)
    varies = span > 0
    far = varies & (size / FARTHEST > span)
    # constants do not grow with their offset
    ordinary = np.where(varies, (span <= largest) & (span >= 1 / largest), True)
    extreme = far | ~ordinary | (size > largest)
    if not extreme.any():
        return None
    exponent = np.frexp(np.where(varies, span, 1))[1]
    center = low / 2 + high / 2
    return np.where(extreme, center, 0), np.where(extreme, exponent, 0)


def _size_and_span(low, high):
    """Return the largest absolute value, and half of the range or 0 for a constant."""
    size, span = np.maximum(np.abs(low), np.abs(high)), high / 2 - low / 2
    rounding = 16 * np.finfo(np.float64).eps * size
    return size, np.where(span > rounding, span, 0)


def _limits(X, weights):
    """Return the minimum and maximum of each feature, (n_features,)."""
    low, high = np.inf, -np.inf
    for rows, weight in pieces(X, weights):
        rows = rows[weight > 0]
        if len(rows):
            low = np.minimum(low, rows.min(axis=0))
            high = np.maximum(high, rows.max(axis=0))
    return low.astype(np.float64), high.astype(np.float64)
