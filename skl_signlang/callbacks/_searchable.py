"""Base of searchable callbacks."""

from abc import ABC, abstractmethod

from sklearn.base import BaseEstimator


class SearchableCallback(BaseEstimator, ABC):
    """Base of callbacks with parameters, from which each fit builds its own.

    A callback of Keras holds a model while it runs, and its `set_params` is another
    than scikit-learn's; so what an estimator is given is this instead. It clones,
    pickles and is searched like any estimator.
    """

    @abstractmethod
    def build(self):
        """Build the callback for one fit.

        Returns
        -------
        callback : keras.callbacks.Callback
            A new one at each call.

        Raises
        ------
        ValueError, TypeError
            For bad parameters.
        """
