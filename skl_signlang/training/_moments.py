"""Means, variances and ranges of the training data."""

import numpy as np

BYTES, UNIT = "0-255", "0-1"
RANGES = {BYTES: (0.0, 255.0), UNIT: (0.0, 1.0)}
"""Minimum and maximum by scale."""

_PIECE_ROWS, _PIECE_VALUES = 1024, 1 << 20


def moments_by_feature(X, weights):
    """Compute the weighted mean and variance of each feature."""
    total = np.zeros(X[0].size)
    squares = np.zeros(X[0].size)
    # keeps the squares small
    shift = np.asarray(X[np.argmax(weights > 0)], dtype=np.float64).ravel()
    for rows, weight in pieces(X, weights):
        rows, weight = rows - shift, weight.astype(np.float64)
        total += weight @ rows
        squares += weight @ rows**2
    mean = total / weights.sum(dtype=np.float64)
    variance = squares / weights.sum(dtype=np.float64) - mean**2
    return mean + shift, np.maximum(variance, 0)


def pieces(X, weights):
    """Yield blocks of samples as rows, with their weights."""
    n_values = X[0].size
    step = max(1, min(_PIECE_ROWS, _PIECE_VALUES // n_values))
    for start in range(0, len(X), step):
        part = slice(start, start + step)
        yield X[part].reshape(-1, n_values), weights[part]


def without_zeros(variance):
    """Replace zero variances by 1, as StandardScaler does."""
    return np.where(variance > 1e-30, variance, 1.0)


def scale_of(X):
    """Return the scale of values: 0 to 255, 0 to 1, or None."""
    if X.dtype == object:  # strings
        return None
    low, high = X.min(), X.max()
    if low < 0 or high > 255:
        return None
    if high > 16:
        return BYTES
    return UNIT if high <= 1 else None
