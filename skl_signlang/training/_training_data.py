"""Inputs of a fit, and checked training data."""

from typing import NamedTuple

import numpy as np


class FitInputs(NamedTuple):
    """Arguments of `fit`, unchecked."""

    X: object
    y: object
    sample_weight: object = None
    groups: object = None
    X_val: object = None
    y_val: object = None


class TrainingData(NamedTuple):
    """Checked samples; `rows` selects those of positive weight without a copy."""

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    @property
    def rows(self):
        """Indices of the samples with a positive weight."""
        return np.flatnonzero(self.weights)

    def only(self, rows):
        """Return a subset of the samples."""
        chosen = np.zeros(len(self.weights), dtype=bool)
        chosen[rows] = True
        return self._replace(weights=normalize_weights(self.weights * chosen))


def normalize_weights(weights):
    """Scale weights to a mean of 1."""
    return (weights / weights[weights > 0].mean()).astype(np.float32)
