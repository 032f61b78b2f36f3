"""Support for the callbacks of scikit-learn 1.9 and later."""

import keras

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:
        """Do nothing: this scikit-learn has no callbacks."""


class Report:
    """Run scikit-learn's callbacks for one fit."""

    def __init__(self, estimator, data, epochs):
        self._estimator = estimator
        self._given = {"X": data.X, "y": data.y}
        if data.sample_weight is not None:
            self._given["metadata"] = {"sample_weight": data.sample_weight}
        self._context = estimator._init_callback_context(max_subtasks=epochs)
        self._context.call_on_fit_task_begin(estimator=estimator, **self._given)

    def begin_epoch(self):
        """Run the hooks at the start of an epoch."""
        context = self._context.subcontext(task_name="epoch")
        return context.call_on_fit_task_begin(estimator=self._estimator, **self._given)

    def end_epoch(self, context, fitted):
        """Run the hooks at the end of an epoch; return whether to stop."""
        return context.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes=fitted, **self._given
        )

    def end(self):
        """Run the hooks at the end of the fit."""
        self._context.call_on_fit_task_end(
            estimator=self._estimator, reconstruction_attributes=dict, **self._given
        )


def report_of(estimator, data, epochs):
    """Return the report of a fit, or None without callbacks."""
    if not hasattr(estimator, "_init_callback_context"):
        return None
    return Report(estimator, data, epochs)


class ReportEpochs(keras.callbacks.Callback):
    """Run scikit-learn's callbacks at each epoch of one phase."""

    def __init__(self, report, fitted):
        super().__init__()
        self._report, self._fitted = report, fitted
        self._context = None

    def on_epoch_begin(self, epoch, logs=None):
        """Run the hooks at the start of an epoch."""
        self._context = self._report.begin_epoch()

    def on_epoch_end(self, epoch, logs=None):
        """Run the hooks, and stop if one asks for it."""
        if self._report.end_epoch(self._context, self._fitted):
            self.model.stop_training = True
