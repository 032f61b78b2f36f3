"""Curves of loss and metrics over epochs."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import divide_axes, write_literally

VALIDATION = "val_"


@fill_docstring(ENTRIES)
class TrainingHistoryDisplay:
    """Curves of loss and metrics over the epochs of one or several runs.

    Create it with :meth:`from_estimator`, or from Keras histories with the constructor.
    Validation curves are dashed. A dotted line marks the epoch of the lowest validation
    loss, and the legend states the number of epochs.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    histories : dict of str to dict of str to list of float
        Metrics by the name of the run, one value per epoch. Names that start with
        ``val_`` are metrics on the validation split.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the first metric.
    axes_ : dict of str to Axes
        Axes of each metric.
    lines_ : dict of tuple of str to Line2D
        Curves by run and metric, such as ``("CNNClassifier", "val_loss")``.
    best_epochs_ : dict of str to int
        Epoch of the lowest validation loss, starting at 1, of runs with validation.
    {figure_}

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores over the number of
        samples.
    sklearn.model_selection.ValidationCurveDisplay : Scores over a parameter.

    Examples
    --------
    >>> from skl_signlang.inspection import TrainingHistoryDisplay
    >>> run = {"loss": [0.9, 0.5, 0.3], "val_loss": [0.8, 0.6, 0.7]}
    >>> display = TrainingHistoryDisplay({"small": run}).plot()
    >>> display.best_epochs_
    {'small': 2}
    """

    def __init__(self, histories):
        self.histories = histories

    @classmethod
    def from_estimator(cls, *estimators, names=None, ax=None):
        """Draw the ``history_`` of estimators.

        Parameters
        ----------
        *estimators : estimator instance
            Fitted estimators.
        names : list of str, default=None
            Names of the runs. None uses the class names, numbered if they repeat.
        {ax}

        Returns
        -------
        display : TrainingHistoryDisplay
            Display with the curves drawn.

        Raises
        ------
        TypeError
            If an estimator has no ``history_``.
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If there is no estimator, or the names repeat or differ in number.
        """
        if not estimators:
            raise ValueError("estimators must contain at least one; it is empty.")
        if names is None:
            names = _name_runs(estimators)
        if len(names) != len(estimators) or len(set(names)) != len(names):
            raise ValueError(
                f"names must contain {len(estimators)} different names, one per "
                f"estimator; got {names!r}."
            )
        histories = map(_history_of, estimators)
        return cls(dict(zip(names, histories, strict=True))).plot(ax=ax)

    def plot(self, ax=None, *, metrics=None):
        """Draw the curves, one panel per metric.

        Parameters
        ----------
        {grid_ax}
        metrics : list of str, default=None
            Metrics to draw, without ``val_``. None draws all.

        Returns
        -------
        self : TrainingHistoryDisplay
            This display.

        Raises
        ------
        ValueError
            If there is nothing to draw, or `ax` is not part of a grid.
        """
        metrics = self._check_metrics(metrics)
        ax, place = divide_axes(ax, max(6.4, 4.5 * len(metrics)), 4)
        self.figure_ = ax.figure
        grid = place.subgridspec(1, len(metrics))
        self.axes_ = {
            metric: self.figure_.add_subplot(cell)
            for metric, cell in zip(metrics, grid, strict=True)
        }
        self.ax_ = self.axes_[metrics[0]]
        self.lines_ = {}
        self.best_epochs_ = _best_epochs(self.histories)
        for metric, panel in self.axes_.items():
            self._draw_metric(panel, metric)
        return self

    def _check_metrics(self, metrics):
        found = list(
            dict.fromkeys(
                name.removeprefix(VALIDATION)
                for history in self.histories.values()
                for name, values in history.items()
                if len(values)
            )
        )
        if not found:
            raise ValueError(
                "histories contain no epoch; expected one value per epoch of 'loss' or "
                "other metrics. Fit the estimator first."
            )
        found.sort(key=lambda metric: metric != "loss")  # Keras sorts by name
        unknown = [metric for metric in metrics or [] if metric not in found]
        if unknown:
            raise ValueError(
                f"metrics={metrics!r}, but {unknown[0]!r} was not measured; available: "
                f"{', '.join(found)}."
            )
        return list(metrics or found)

    def _draw_metric(self, ax, metric):
        from matplotlib.ticker import MaxNLocator

        for i, (run, history) in enumerate(self.histories.items()):
            for name, style in ((metric, "-"), (VALIDATION + metric, "--")):
                if name in history:
                    epochs = np.arange(1, len(history[name]) + 1)
                    (self.lines_[run, name],) = ax.plot(
                        epochs,
                        history[name],
                        style,
                        color=f"C{i % 10}",
                        marker=".",
                        label=self._describe(run, name),
                    )
            if run in self.best_epochs_:
                self._mark_best(ax, run, i)
        ax.set(xlabel="epoch", title=metric)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
        # accuracies are compared with 1, losses with 0
        if metric == "accuracy":
            ax.set_ylim(0, 1.02)
        elif all(min(line.get_ydata()) >= 0 for line in ax.get_lines()):
            ax.set_ylim(bottom=0)
        write_literally(ax.title, *ax.legend(loc="best", fontsize=8).get_texts())

    def _mark_best(self, ax, run, i):
        best = self.best_epochs_[run]
        n_epochs = len(self.histories[run][VALIDATION + "loss"])
        ax.axvline(
            best,
            color=f"C{i % 10}",
            linestyle=":",
            label=self._describe(run, f"best epoch {best} of {n_epochs}"),
        )

    def _describe(self, run, name):
        """Return the legend entry of a line, with the run if there are several."""
        if name in self.histories[run]:
            name = "validation" if name.startswith(VALIDATION) else "training"
        return name if len(self.histories) == 1 else f"{run}, {name}"


def _history_of(estimator):
    check_is_fitted(estimator)
    if not hasattr(estimator, "history_"):
        raise TypeError(
            f"{type(estimator).__name__} has no history_ of its training; expected "
            "an estimator of skl_signlang. Pass the last step of a Pipeline, "
            "pipeline[-1], or the best_estimator_ of a search."
        )
    return estimator.history_


def _name_runs(estimators):
    """Return the class names, numbered if they repeat."""
    kinds = [type(estimator).__name__ for estimator in estimators]
    return [
        kind if kinds.count(kind) == 1 else f"{kind} {kinds[:i].count(kind) + 1}"
        for i, kind in enumerate(kinds)
    ]


def _best_epochs(histories):
    return {
        run: int(np.argmin(history[VALIDATION + "loss"])) + 1
        for run, history in histories.items()
        if len(history.get(VALIDATION + "loss", ()))
    }
