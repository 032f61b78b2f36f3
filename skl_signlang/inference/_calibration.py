"""Rejection thresholds with a bounded error rate."""

from math import ceil, inf
from numbers import Real

import numpy as np


def choose_threshold(probabilities, wrong, groups, error_rate):
    """Choose the lowest threshold that bounds the error rate in new groups."""
    if not isinstance(error_rate, Real) or not 0 < error_rate < 1:
        raise ValueError(
            f"error_rate must be a fraction above 0 and below 1; got {error_rate!r}."
        )
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    allowed = error_rate * (len(sizes) + 1) - 1
    if allowed < -1e-9:
        raise ValueError(
            f"error_rate={error_rate} needs at least {ceil(1 / error_rate - 1e-9) - 1} "
            f"groups; got {len(sizes)}. Pass more, or an error rate of at least "
            f"{1 / (len(sizes) + 1):.3g}."
        )
    losses = 1 / sizes[codes[wrong]]
    confidences = np.asarray(probabilities, np.float64)[wrong]
    order = np.argsort(-confidences, kind="stable")
    lost = np.cumsum(losses[order])
    beyond = np.flatnonzero(lost > allowed + 1e-9)
    if not beyond.size:
        return 0.0
    return float(np.nextafter(confidences[order[beyond[0]]], inf))
