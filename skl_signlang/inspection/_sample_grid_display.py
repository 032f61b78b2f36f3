"""Some images of each label in a grid."""

import numpy as np
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import column_or_1d

from skl_signlang.inspection._drawing import (
    as_images,
    between_0_and_1,
    draw_image,
    grid_of_axes,
    rows_for,
    write_label,
)


class SampleGridDisplay:
    """A grid of images, with what they show and as what they were read.

    Make one with :meth:`from_samples`, :meth:`from_predictions` or
    :meth:`from_estimator`. Labels that were read wrongly are red.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, 3)
        Grey or RGB.
    y_true : array-like of shape (n,), default=None
        What each shows.
    y_pred : array-like of shape (n,), default=None
        As what each was read.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What the grid is in the place of; hidden.
    axes_ : ndarray of Axes, shape (n_rows, n_columns)
        What the images are drawn on, row by row.
    figure_ : matplotlib Figure
        The figure around them.

    See Also
    --------
    skl_signlang.inspection.ConfusedLettersDisplay : Images that were read wrongly.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang.inspection import SampleGridDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> display = SampleGridDisplay.from_samples(
    ...     X, y, n_samples=20, n_columns=10, random_state=0
    ... )
    >>> [ax.get_title() for ax in display.axes_[0, :4]]
    ['0', '0', '1', '1']
    """

    def __init__(self, images, *, y_true=None, y_pred=None):
        self.images = images
        self.y_true = y_true
        self.y_pred = y_pred

    @classmethod
    def from_samples(
        cls,
        X,
        y=None,
        *,
        n_samples=48,
        n_columns=8,
        random_state=None,
        image_shape=None,
        ax=None,
    ):
        """Draw some images, as many of each label as of any other.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images.
        y : array-like of shape (n,), default=None
            What they show; None draws them without labels.
        n_samples : int, default=48
            How many, at most. With more labels than that, each shown has one.
        n_columns : int, default=8
            How many side by side.
        random_state : int, RandomState instance or None, default=None
            Which are drawn.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of the images that rows
            hold; None infers a square, grey or RGB.
        ax : matplotlib Axes, default=None
            Where to draw, see :meth:`plot`.

        Returns
        -------
        display : SampleGridDisplay
            The grid.

        Raises
        ------
        ValueError
            If there are no images, or not as many labels.
        """
        return cls.from_predictions(
            X,
            y,
            None,
            n_samples=n_samples,
            n_columns=n_columns,
            random_state=random_state,
            image_shape=image_shape,
            ax=ax,
        )

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        y,
        *,
        n_samples=48,
        n_columns=8,
        random_state=None,
        image_shape=None,
        ax=None,
    ):
        """Draw some images, and as what an estimator reads them.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images.
        y : array-like of shape (n,)
            What they show.
        n_samples, n_columns, random_state, image_shape, ax
            As in :meth:`from_samples`.

        Returns
        -------
        display : SampleGridDisplay
            The grid.
        """
        return cls.from_predictions(
            X,
            y,
            estimator.predict(X),
            n_samples=n_samples,
            n_columns=n_columns,
            random_state=random_state,
            image_shape=image_shape,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        X,
        y_true,
        y_pred,
        *,
        n_samples=48,
        n_columns=8,
        random_state=None,
        image_shape=None,
        ax=None,
    ):
        """Draw some images, and as what they were read.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images.
        y_true : array-like of shape (n,)
            What they show.
        y_pred : array-like of shape (n,)
            As what they were read.
        n_samples, n_columns, random_state, image_shape, ax
            As in :meth:`from_samples`.

        Returns
        -------
        display : SampleGridDisplay
            The grid.

        Raises
        ------
        ValueError
            If there are no images, or not as many labels.
        """
        X = np.asarray(X)
        y_true, y_pred = (
            None if y is None else column_or_1d(y) for y in (y_true, y_pred)
        )
        check_consistent_length(X, y_true, y_pred)
        if not len(X):
            raise ValueError("X must hold one image at least; it is empty.")
        rows = _choose(y_true, len(X), n_samples, check_random_state(random_state))
        return cls(
            as_images(X[rows], image_shape),
            y_true=None if y_true is None else y_true[rows],
            y_pred=None if y_pred is None else y_pred[rows],
        ).plot(ax=ax, n_columns=n_columns)

    def plot(self, ax=None, *, n_columns=8):
        """Draw the grid.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw: the axes are replaced by several in their place, so they
            must be part of a grid, as those of :func:`matplotlib.pyplot.subplots`
            are. None makes a figure.
        n_columns : int, default=8
            How many images side by side.

        Returns
        -------
        self : SampleGridDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is part of no grid.
        """
        n = len(self.images)
        self.ax_, self.axes_ = grid_of_axes(ax, *rows_for(n, n_columns))
        self.figure_ = self.ax_.figure
        images = between_0_and_1(self.images)
        for i, (ax, image) in enumerate(zip(self.axes_.flat, images, strict=False)):
            draw_image(ax, image)
            labels = {
                name: labels[i]
                for name, labels in (("true", self.y_true), ("read", self.y_pred))
                if labels is not None
            }
            if labels:
                write_label(ax, **labels)
        return self


def _choose(y, n, n_samples, random_state):
    """Draw rows: first one of each label, then another of each, and so on."""
    rows = random_state.permutation(n)
    if y is None:
        return np.sort(rows[:n_samples])
    _, codes = np.unique(y[rows], return_inverse=True)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], codes)
    rank = np.empty(n, dtype=int)
    rank[order] = np.arange(n)
    chosen = np.argsort(rank - starts, kind="stable")[:n_samples]
    return rows[chosen[np.lexsort((rows[chosen], codes[chosen]))]]
