"""What a network trains on, or is validated on."""

from typing import NamedTuple

import numpy as np


class Data(NamedTuple):
    """What a caller brings, unchecked.

    Parameters
    ----------
    X, y : array-like
        Samples and targets.
    sample_weight, groups : array-like, default=None
        Of each sample.
    X_val, y_val : array-like, default=None
        Samples and targets to validate on.
    """

    X: object
    y: object
    sample_weight: object = None
    groups: object = None
    X_val: object = None
    y_val: object = None


class Samples(NamedTuple):
    """Checked samples; those of weight zero are not there.

    So a part of a memory map is chosen without copying it.

    Parameters
    ----------
    X : ndarray of uint8 or float32, shape (n, ...)
        Inputs; a memory map is read batch by batch.
    y : ndarray, shape (n, ...)
        What the loss compares with.
    weights : ndarray of float32, shape (n,)
        Their mean over those above zero is 1.
    """

    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray

    @property
    def rows(self):
        """Those that count."""
        return np.flatnonzero(self.weights)

    def only(self, rows):
        """Choose some of the samples.

        Parameters
        ----------
        rows : ndarray of int, shape (m,)
            Which ones; of other weight than zero.

        Returns
        -------
        samples : Samples
            On the same arrays.
        """
        chosen = np.zeros(len(self.weights), dtype=bool)
        chosen[rows] = True
        return self._replace(weights=mean_of_one(self.weights * chosen))


def mean_of_one(weights):
    """Scale weights.

    Parameters
    ----------
    weights : ndarray of float, shape (n,)
        Not negative, not all zero.

    Returns
    -------
    weights : ndarray of float32, shape (n,)
        With a mean of 1 over those above zero.
    """
    return (weights / weights[weights > 0].mean()).astype(np.float32)
