"""What is known of the values of samples before a network sees them."""

import numpy as np

BYTES, UNIT = "0-255", "0-1"
RANGES = {BYTES: (0.0, 255.0), UNIT: (0.0, 1.0)}
"""The least and the greatest value by scale."""

_PIECE_ROWS, _PIECE_VALUES = 1024, 1 << 20


def moments_by_feature(X, weights):
    """Compute the weighted mean and variance of each value of a sample.

    Parameters
    ----------
    X : ndarray of uint8 or float32, shape (n, ...)
        Samples; a memory map is read in pieces.
    weights : ndarray of float32, shape (n,)
        Weight of each sample.

    Returns
    -------
    mean, variance : ndarray of float64, shape (n_features,)
        Of each feature.
    """
    total = np.zeros(X[0].size)
    squares = np.zeros(X[0].size)
    shift = np.asarray(X[0], dtype=np.float64).ravel()  # keeps the squares small
    step = max(1, min(_PIECE_ROWS, _PIECE_VALUES // shift.size))
    for start in range(0, len(X), step):
        rows = X[start : start + step].reshape(-1, shift.size) - shift
        weight = weights[start : start + step].astype(np.float64)
        total += weight @ rows
        squares += weight @ rows**2
    mean = total / weights.sum(dtype=np.float64)
    variance = squares / weights.sum(dtype=np.float64) - mean**2
    return mean + shift, np.maximum(variance, 0)


def without_zeros(variance):
    """Replace the variance of what never varies by 1, as StandardScaler does."""
    return np.where(variance > 1e-30, variance, 1.0)


def scale_of(X):
    """Tell whether values look like bytes, like shares of one, or like neither.

    Parameters
    ----------
    X : ndarray of uint8 or float32
        Samples.

    Returns
    -------
    scale : str or None
        `BYTES`, `UNIT` or None.
    """
    low, high = X.min(), X.max()
    if low < 0 or high > 255:
        return None
    if high > 16:
        return BYTES
    return UNIT if high <= 1 else None


def are_bytes(X):
    """Tell whether values are those of pixels: whole numbers from 0 to 255.

    Parameters
    ----------
    X : ndarray
        Samples of any number type.

    Returns
    -------
    answer : bool
        The first rows tell whether values are whole.
    """
    if X.dtype == np.uint8:
        return True
    return bool(X.min() >= 0 and X.max() <= 255 and not (X[:_PIECE_ROWS] % 1).any())
