"""Early stopping at a value of a metric."""

from math import isnan
from numbers import Real

import keras

from skl_signlang.callbacks._searchable import SearchableCallback

_FALLING = ("loss", "error")


class StopAtMetric(SearchableCallback):
    """Stop training after the epoch in which a metric reaches a value.

    Read more in the :doc:`User Guide </training>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    metric : str, default="accuracy"
        A name in the estimator's ``history_``, such as "accuracy", "loss" or
        "val_accuracy".
    value : float, default=0.99
        Value to reach: from below, or from above for names that end in "loss" or
        "error".

    See Also
    --------
    skl_signlang.callbacks.KerasCallback : Callbacks of Keras.
    keras.callbacks.EarlyStopping : Stop when a metric no longer improves.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.callbacks import StopAtMetric
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DenseClassifier(
    ...     epochs=100, callbacks=[("stop", StopAtMetric("accuracy", 0.9))],
    ...     random_state=0,
    ... )
    >>> model = model.set_params(callbacks__stop__value=0.8).fit(X, y)
    >>> model.n_iter_ < 100
    True
    """

    def __init__(self, metric="accuracy", value=0.99):
        self.metric = metric
        self.value = value

    def build(self):
        """Build the callback for one fit.

        Returns
        -------
        callback : keras.callbacks.Callback
            A new callback.

        Raises
        ------
        TypeError
            If `metric` is not a string or `value` is not a number.
        ValueError
            If `value` is NaN.
        """
        if not isinstance(self.metric, str):
            raise TypeError(
                "metric must be the name of a metric, such as 'accuracy'; got "
                f"{self.metric!r}."
            )
        if not isinstance(self.value, Real) or isinstance(self.value, bool):
            raise TypeError(f"value must be a number; got {self.value!r}.")
        if isnan(self.value):
            raise ValueError("value must be a number that a metric can reach; got nan.")
        return _Stop(self.metric, self.value)


class _Stop(keras.callbacks.Callback):
    def __init__(self, monitor, value):
        super().__init__()
        self.monitor, self._value = monitor, value
        self._falls = monitor.endswith(_FALLING)

    def on_epoch_end(self, epoch, logs=None):
        """Stop training if the metric has reached the value."""
        measured = logs[self.monitor]
        if measured <= self._value if self._falls else measured >= self._value:
            self.model.stop_training = True
