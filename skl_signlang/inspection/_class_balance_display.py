"""Bar chart of label frequencies."""

import numpy as np
from sklearn.utils.validation import _check_sample_weight, column_or_1d

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import write_literally

MAX_TICK_LABELS = 80  # more would overlap
MAX_TITLE = 60  # characters that fit the narrowest figure


@fill_docstring(ENTRIES)
class ClassBalanceDisplay:
    """Bar chart of the number of samples per label.

    Create it with :meth:`from_labels`. The most and the least frequent label are
    highlighted, and the title states their counts and ratio.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    labels : array-like of shape (n_labels,)
        Labels in the order of the bars.
    counts : array-like of float, shape (n_labels,)
        Number of samples per label, or the sum of their weights.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the bars.
    {figure_}
    bars_ : matplotlib BarContainer
        The bars.

    See Also
    --------
    skl_signlang.inspection.LeakageDisplay : Scores with and without leakage.
    sklearn.utils.class_weight.compute_class_weight : Weights for balanced
        classes.

    Examples
    --------
    >>> from skl_signlang.inspection import ClassBalanceDisplay
    >>> display = ClassBalanceDisplay.from_labels(list("EEEERR"))
    >>> display.ax_.get_title()
    'Most frequent: E (4)   Least: R (2)   Ratio: 2.0'
    """

    def __init__(self, labels, counts):
        self.labels = labels
        self.counts = counts

    @classmethod
    def from_labels(cls, y, *, labels=None, sample_weight=None, ax=None, **kwargs):
        """Count labels and draw them.

        Parameters
        ----------
        y : array-like of shape (n,)
            Labels, such as ``bunch.target``.
        labels : array-like, default=None
            All possible labels, in the order of the bars. None uses the sorted
            labels in `y`.
        sample_weight : array-like of float, shape (n,), default=None
            Sample weights; a label counts as their sum.
        {one_ax}
        **kwargs : dict
            Passed to :meth:`matplotlib.axes.Axes.bar`.

        Returns
        -------
        display : ClassBalanceDisplay
            Display with the bars drawn.

        Raises
        ------
        ValueError
            If `y` is empty, or a label is not in `labels`.
        """
        y = column_or_1d(y)
        if not len(y):
            raise ValueError("y must contain at least one label; it is empty.")
        weights = _check_sample_weight(sample_weight, y)
        occurring, places = np.unique(y, return_inverse=True)
        counts = dict(
            zip(occurring.tolist(), np.bincount(places, weights).tolist(), strict=True)
        )
        labels = occurring.tolist() if labels is None else np.asarray(labels).tolist()
        unknown = [label for label in counts if label not in labels]
        if unknown:
            raise ValueError(
                f"labels must contain all labels of y; missing are {unknown[:5]}."
            )
        counts = [counts.get(label, 0.0) for label in labels]
        return cls(labels, counts).plot(ax=ax, **kwargs)

    def plot(self, ax=None, **kwargs):
        """Draw the bars.

        Parameters
        ----------
        {one_ax}
        **kwargs : dict
            Passed to :meth:`matplotlib.axes.Axes.bar`.

        Returns
        -------
        self : ClassBalanceDisplay
            This display.
        """
        names = [str(label) for label in self.labels]
        counts = np.asarray(self.counts, dtype=float)
        if ax is None:
            import matplotlib.pyplot as plt

            width = min(16, max(6.4, 1.5 + 0.3 * len(names)))
            _, ax = plt.subplots(figsize=(width, 4), layout="constrained")
        most, least = counts.argmax(), counts.argmin()
        places = np.arange(len(names))
        self.bars_ = ax.bar(places, counts, **{"color": "C0", "width": 0.8} | kwargs)
        if "color" not in kwargs and counts[most] > counts[least]:
            self.bars_[most].set_color("C2")
            self.bars_[least].set_color("C1")
        ax.axhline(counts.mean(), color="0.4", linewidth=1, linestyle="--")
        ax.annotate(
            "mean",
            (1, counts.mean()),
            xycoords=ax.get_yaxis_transform(),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            color="0.4",
        )
        shown = places[:: -(-len(names) // MAX_TICK_LABELS)]
        ax.set_xticks(shown, [names[place] for place in shown])
        if max(map(len, names)) * len(shown) > 80:
            ax.tick_params(axis="x", rotation=90)
        ax.set(
            xlabel="label",
            ylabel="samples",
            title=_describe(names, counts, most, least),
            xlim=(-0.7, len(names) - 0.3),
        )
        write_literally(ax.title, *ax.get_xticklabels())
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _describe(names, counts, most, least):
    if counts[most] == counts[least]:
        return f"All labels equally frequent ({_write(counts[most])} each)"
    ratio = f"{counts[most] / counts[least]:,.1f}" if counts[least] > 0 else "infinite"
    parts = (
        f"Most frequent: {names[most]} ({_write(counts[most])})",
        f"Least: {names[least]} ({_write(counts[least])})",
        f"Ratio: {ratio}",
    )
    return ("   " if sum(map(len, parts)) < MAX_TITLE else "\n").join(parts)


def _write(count):
    return f"{count:,.0f}" if count == round(count) else f"{count:,.2f}"
