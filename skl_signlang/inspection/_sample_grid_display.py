"""Grid of sample images."""

import numpy as np
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import column_or_1d

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import (
    as_images,
    draw_image,
    grid_of_axes,
    grid_shape,
    scale_to_unit,
    write_label,
)


@fill_docstring(ENTRIES)
class SampleGridDisplay:
    """Grid of images with true and predicted labels.

    Create it with :meth:`from_samples`, :meth:`from_predictions` or
    :meth:`from_estimator`. Titles of misclassified images are red.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    {images}
    y_true : array-like of shape (n,), default=None
        True labels.
    y_pred : array-like of shape (n,), default=None
        Predicted labels.

    Attributes
    ----------
    {ax_}
    axes_ : ndarray of Axes, shape (n_rows, n_columns)
        Axes with the images, row by row.
    {figure_}

    See Also
    --------
    skl_signlang.inspection.ConfusedLettersDisplay : Most frequent errors.

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
        """Draw random images, equally many of each label.

        Parameters
        ----------
        {X}
        y : array-like of shape (n,), default=None
            True labels. None draws the images without titles.
        n_samples : int, default=48
            Maximum number of images. With more labels than this, only as many labels
            are shown, with one image each.
        n_columns : int, default=8
            Number of images per row.
        random_state : int, RandomState instance or None, default=None
            Controls which images are drawn.
        {image_shape}
        {ax}

        Returns
        -------
        display : SampleGridDisplay
            Display with the grid drawn.

        Raises
        ------
        ValueError
            If there are no images, or the numbers of labels and images differ.
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
        """Draw random images with the predictions of an estimator.

        Parameters
        ----------
        estimator : estimator instance
            Fitted classifier.
        {X}
        y : array-like of shape (n,)
            True labels.
        n_samples, n_columns, random_state, image_shape, ax
            As in :meth:`from_samples`.

        Returns
        -------
        display : SampleGridDisplay
            Display with the grid drawn.
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
        """Draw random images with given predictions.

        Parameters
        ----------
        {X}
        y_true : array-like of shape (n,)
            True labels.
        y_pred : array-like of shape (n,)
            Predicted labels.
        n_samples, n_columns, random_state, image_shape, ax
            As in :meth:`from_samples`.

        Returns
        -------
        display : SampleGridDisplay
            Display with the grid drawn.

        Raises
        ------
        ValueError
            If there are no images, or the numbers of labels and images differ.
        """
        X = np.asarray(X)
        y_true, y_pred = (
            None if y is None else column_or_1d(y) for y in (y_true, y_pred)
        )
        check_consistent_length(X, y_true, y_pred)
        if not len(X):
            raise ValueError("X must contain at least one image; it is empty.")
        rows = _choose_rows(y_true, len(X), n_samples, check_random_state(random_state))
        return cls(
            as_images(X[rows], image_shape),
            y_true=None if y_true is None else y_true[rows],
            y_pred=None if y_pred is None else y_pred[rows],
        ).plot(ax=ax, n_columns=n_columns)

    def plot(self, ax=None, *, n_columns=8):
        """Draw the grid.

        Parameters
        ----------
        {grid_ax}
        n_columns : int, default=8
            Number of images per row.

        Returns
        -------
        self : SampleGridDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is not part of a grid.
        """
        n = len(self.images)
        self.ax_, self.axes_ = grid_of_axes(ax, *grid_shape(n, n_columns))
        self.figure_ = self.ax_.figure
        images = scale_to_unit(self.images)
        for i, (ax, image) in enumerate(zip(self.axes_.flat, images, strict=False)):
            draw_image(ax, image)
            labels = {
                name: labels[i]
                for name, labels in (("true", self.y_true), ("predicted", self.y_pred))
                if labels is not None
            }
            if labels:
                write_label(ax, **labels)
        return self


def _choose_rows(y, n, n_samples, random_state):
    """Return random rows, as many of each label as possible."""
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
