"""What a network trains on, or is validated on."""

from typing import NamedTuple

import numpy as np


class FitInputs(NamedTuple):
    """What a caller brings, unchecked."""

    X: object
    y: object
    sample_weight: object = None
    groups: object = None
    X_val: object = None
    y_val: object = None


class TrainingData(NamedTuple):
    """Checked samples; those of weight zero are not there.

    So a part of a memory map is chosen without copying it.
    """

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    @property
    def rows(self):
        """Those that count."""
        return np.flatnonzero(self.weights)

    def only(self, rows):
        """Choose some of the samples."""
        chosen = np.zeros(len(self.weights), dtype=bool)
        chosen[rows] = True
        return self._replace(weights=normalize_weights(self.weights * chosen))


def normalize_weights(weights):
    """Scale weights."""
    return (weights / weights[weights > 0].mean()).astype(np.float32)
