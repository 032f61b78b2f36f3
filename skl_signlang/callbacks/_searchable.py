"""Base of searchable callbacks."""

from abc import ABC, abstractmethod

from sklearn.base import BaseEstimator


class SearchableCallback(BaseEstimator, ABC):
    """Base of callbacks with parameters, from which each fit builds its own.

    Keras callbacks hold a model while they run, and their `set_params` is not that of
    scikit-learn. Estimators take this class instead, which can be cloned, pickled and
    searched.
    """

    @abstractmethod
    def build(self):
        """Build the callback for one fit.

        Returns
        -------
        callback : keras.callbacks.Callback
            A new callback.

        Raises
        ------
        ValueError, TypeError
            If parameters are invalid.
        """
