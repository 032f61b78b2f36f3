"""Scores of a leakage report beside near-duplicates across folds."""

import numpy as np

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import (
    as_images,
    divide_axes,
    draw_image,
    scale_to_unit,
)
from skl_signlang.model_selection import leakage_report

_BARS = (
    ("ungrouped_score", "random\nsplit", "C1"),
    ("grouped_score", "grouped\nsplit", "C0"),
    ("test_score", "test", "C2"),
)


@fill_docstring(ENTRIES)
class LeakageDisplay:
    """Scores under random and grouped splits, beside near-duplicates across folds.

    Create it with :meth:`from_estimator` or, from an existing report, with
    :meth:`from_report`.

    Read more in the :doc:`User Guide </leakage>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    report : Bunch
        Result of :func:`~skl_signlang.model_selection.leakage_report`.
    images : ndarray of shape (k, 2, h, w) or (k, 2, h, w, c)
        The two images of each of the report's ``pairs``, gray or RGB.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the bars.
    pair_axes_ : ndarray of Axes, shape (n_shown, 2)
        Axes with the images.
    {figure_}
    bars_ : matplotlib BarContainer
        Bars of the scores.

    See Also
    --------
    skl_signlang.model_selection.leakage_report : Compute the scores.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skl_signlang.inspection import LeakageDisplay
    >>> X = np.repeat(np.random.default_rng(0).random((40, 64)), 5, axis=0)
    >>> y = np.repeat(np.tile(["A", "B"], 20), 5)
    >>> display = LeakageDisplay.from_estimator(
    ...     KNeighborsClassifier(1), X, y, random_state=0
    ... )
    >>> display.report.n_groups, display.pair_axes_.shape
    (40, (5, 2))
    """

    def __init__(self, report, images):
        self.report = report
        self.images = images

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        groups=None,
        X_test=None,
        y_test=None,
        cv=5,
        scoring=None,
        n_pairs=5,
        random_state=None,
        n_jobs=None,
        image_shape=None,
        ax=None,
    ):
        """Compute a leakage report and draw it.

        Parameters
        ----------
        estimator : estimator instance
            Classifier or regressor.
        {X}
        y : array-like of shape (n,)
            Labels or numeric targets.
        groups : array-like of shape (n,), default=None
            What must stay in one fold; None finds copies.
        X_test : array-like, default=None
            Images from elsewhere, for a third bar.
        y_test : array-like, default=None
            Labels or numeric targets of `X_test`.
        cv : int, default=5
            Number of folds.
        scoring : str or callable, default=None
            Scorer. None uses the ``score`` method of the estimator.
        n_pairs : int, default=5
            Maximum number of pairs.
        random_state : int, RandomState instance or None, default=None
            Controls the random folds.
        n_jobs : int, default=None
            Number of processes that fit folds in parallel.
        {image_shape}
        {ax}

        Returns
        -------
        display : LeakageDisplay
            Display with the report drawn.
        """
        report = leakage_report(
            estimator,
            X,
            y,
            groups=groups,
            X_test=X_test,
            y_test=y_test,
            cv=cv,
            scoring=scoring,
            n_pairs=n_pairs,
            random_state=random_state,
            n_jobs=n_jobs,
        )
        return cls.from_report(report, X, image_shape=image_shape, ax=ax)

    @classmethod
    def from_report(cls, report, X, *, image_shape=None, ax=None):
        """Draw a leakage report.

        Parameters
        ----------
        report : Bunch
            Result of :func:`~skl_signlang.model_selection.leakage_report`.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            The images that it speaks of.
        {image_shape}
        {ax}

        Returns
        -------
        display : LeakageDisplay
            Display with the report drawn.

        Raises
        ------
        ValueError
            If the number of samples differs from that of the report.
        """
        X = np.asarray(X)
        if len(X) != len(report.groups):
            raise ValueError(
                f"The report is on {len(report.groups)} samples; X has {len(X)}. "
                "Pass the X that the report was computed from."
            )
        images = as_images(X[np.ravel(report.pairs)], image_shape)
        pairs = images.reshape(len(report.pairs), 2, *images.shape[1:])
        return cls(report, pairs).plot(ax=ax)

    def plot(self, ax=None, *, n_pairs=None):
        """Draw the scores as bars, and the pairs to their right.

        Parameters
        ----------
        {grid_ax}
        n_pairs : int, default=None
            Maximum number of pairs. None shows all.

        Returns
        -------
        self : LeakageDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is not part of a grid.
        """
        images = self.images[:n_pairs]
        height = max(3.6, 1.1 * len(images) + 0.9)
        ax, place = divide_axes(ax, 8, height)
        self.figure_ = ax.figure
        grid = place.subgridspec(1, 2, width_ratios=[3, 2], wspace=0.1)
        self.ax_ = self.figure_.add_subplot(grid[0])
        self._draw_bars(self.ax_)
        self.pair_axes_ = self._draw_pairs(grid[1], images)
        return self

    def _draw_bars(self, ax):
        report = self.report
        shown = [bar for bar in _BARS if report[bar[0]] is not None]
        scores = [report[key] for key, *_ in shown]
        self.bars_ = ax.bar(
            [name for _, name, _ in shown],
            scores,
            color=[color for *_, color in shown],
            width=0.6,
        )
        for place, key in enumerate(("ungrouped_scores", "grouped_scores")):
            ax.plot([place] * len(report[key]), report[key], "k_", alpha=0.5)
        ax.bar_label(self.bars_, fmt="%.3f", label_type="center", color="white")
        ax.set(
            ylabel=report.score_name,
            title=f"random - grouped: {report.gap:.3f}",
            xlabel=(
                f"{report.straddling_share:.0%} of samples have a copy in another "
                f"random fold\n({len(report.groups):,} samples in {report.n_groups:,} "
                "groups)"
            ),
        )
        # accuracies are compared with 1
        if min(scores) >= 0 and max(scores) <= 1:
            ax.set_ylim(0, 1.02)

    def _draw_pairs(self, place, images):
        grid = place.subgridspec(max(1, len(images)), 2, wspace=0.05, hspace=0.1)
        axes = np.empty((len(images), 2), dtype=object)
        rows = zip(images, self.report.pairs, self.report.pair_similarity, strict=False)
        for row, (pair, indices, similarity) in enumerate(rows):
            shown = scale_to_unit(pair)
            for side in (0, 1):
                axes[row, side] = ax = self.figure_.add_subplot(grid[row, side])
                draw_image(ax, shown[side])
                ax.set_xlabel(f"no. {indices[side]}", fontsize=8, labelpad=3)
            axes[row, 0].set_ylabel(f"r = {similarity:.4f}", fontsize=8)
        if len(images):
            axes[0, 0].set_title("trained on", fontsize=9)
            axes[0, 1].set_title("tested on", fontsize=9)
        return axes
