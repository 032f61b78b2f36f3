"""The best network of an interrupted fit."""

from contextlib import contextmanager
from contextvars import ContextVar

from skl_signlang.training._epoch_ends import PlateauMonitor, with_epoch

# scikit-learn removes these at the end of a fit
_OF_SKLEARNS_CALLBACKS = ("_callback_fit_ctx", "_skl_callbacks_to_teardown")
_best_so_far = ContextVar("track_best_of_fits", default=None)


class BestNetwork:
    """Fitted attributes of the best epoch so far."""

    def __init__(self, on_epoch=None):
        self._state = None
        self.on_epoch = on_epoch

    @property
    def is_set(self):
        """Whether at least one epoch has ended."""
        return self._state is not None

    def update(self, state):
        """Update the attributes."""
        self._state = {**(self._state or {}), **state}

    def restore_to(self, estimator):
        """Set the attributes on an estimator whose fit was interrupted."""
        vars(estimator).update(self._state)


@contextmanager
def track_best_of_fits(on_epoch=None):
    """Track the best network of fits in this context.

    `on_epoch` is called with the number of epochs and the metrics after each of them.
    """
    best = BestNetwork(on_epoch)
    token = _best_so_far.set(best)
    try:
        yield best
    finally:
        _best_so_far.reset(token)


def track_best(estimator, fitted, history, n_iter):
    """Return the callback that tracks the best network, if it is asked for."""
    best = _best_so_far.get()
    return (
        [] if best is None else [_TrackBest(best, estimator, fitted, history, n_iter)]
    )


class _TrackBest(PlateauMonitor):
    """Update `BestNetwork` after each epoch."""

    def __init__(self, best, estimator, fitted, history, n_iter):
        super().__init__(patience=float("inf"), min_delta=0.0)
        self._best_so_far, self._estimator, self._fitted = best, estimator, fitted
        self._history, self._n_iter = history, n_iter

    def on_epoch_end(self, epoch, logs=None):
        """Update history and, on improvement, the network."""
        self._history = with_epoch(self._history, self._n_iter, logs)
        self._n_iter = epoch + 1
        super().on_epoch_end(epoch, logs)
        if self._best_so_far.is_set:
            self._best_so_far.update(
                {"history_": self._history, "n_iter_": self._n_iter}
            )
        if self._best_so_far.on_epoch is not None:
            self._best_so_far.on_epoch(self._n_iter, logs or {})

    def on_improvement(self):
        """Keep the network for inference."""
        state = {**vars(self._estimator), **self._fitted()}
        for name in _OF_SKLEARNS_CALLBACKS:
            state.pop(name, None)
        self._best_so_far.update(state)
