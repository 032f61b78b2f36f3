"""Confusion matrix beside images of the most frequent errors."""

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import column_or_1d

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._confusion import count_confusions, most_confused
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import (
    as_images,
    divide_axes,
    draw_image,
    scale_to_unit,
    shorten,
    write_label,
    write_literally,
)

MAX_CELL_LABELS = 40  # labels; more would make numbers in cells illegible
MAX_COMPARED = 500  # images searched for the most similar one


@fill_docstring(ENTRIES)
class ConfusedLettersDisplay:
    """Confusion matrix beside images of the most frequent errors.

    Create it with :meth:`from_estimator` or :meth:`from_predictions`. In each pair, the
    left image was misclassified; the right one is the most similar image of the
    predicted label.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    confusion_matrix : ndarray of int, shape (n_labels, n_labels)
        Number of samples by true label (rows) and predicted label (columns).
    labels : array-like of shape (n_labels,)
        Labels in the order of rows and columns.
    pairs : list of tuple
        (true label, predicted label, count), the most frequent first.
    images : list of tuple of ndarray, default=None
        Two images per pair, (h, w) or (h, w, 3); the second is None if no sample has
        the predicted label. None draws the matrix alone.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the matrix.
    pair_axes_ : ndarray of Axes, shape (n_pairs, 2)
        Axes with the images.
    {figure_}

    See Also
    --------
    sklearn.metrics.ConfusionMatrixDisplay : The matrix alone.

    Examples
    --------
    >>> from skl_signlang.inspection import ConfusedLettersDisplay
    >>> display = ConfusedLettersDisplay.from_predictions(
    ...     list("UUVVV"), list("VVVVU")
    ... )
    >>> display.pairs
    [('U', 'V', 2), ('V', 'U', 1)]
    """

    def __init__(self, confusion_matrix, labels, pairs, images=None):
        self.confusion_matrix = confusion_matrix
        self.labels = labels
        self.pairs = pairs
        self.images = images

    @classmethod
    def from_estimator(
        cls, estimator, X, y, *, labels=None, n_pairs=5, image_shape=None, ax=None
    ):
        """Predict labels and draw the confusion matrix.

        Parameters
        ----------
        estimator : estimator instance
            Fitted classifier, or Pipeline that ends with one.
        {X}
        y : array-like of shape (n,)
            True labels.
        labels, n_pairs, image_shape, ax
            As in :meth:`from_predictions`.

        Returns
        -------
        display : ConfusedLettersDisplay
            Display with the matrix drawn.
        """
        return cls.from_predictions(
            y,
            estimator.predict(X),
            X=X,
            labels=labels,
            n_pairs=n_pairs,
            image_shape=image_shape,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_pred,
        *,
        X=None,
        labels=None,
        n_pairs=5,
        image_shape=None,
        ax=None,
    ):
        """Draw the confusion matrix of predictions.

        Parameters
        ----------
        y_true : array-like of shape (n,)
            True labels.
        y_pred : array-like of shape (n,)
            Predicted labels.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c), default=None
            Images. None draws the matrix alone.
        labels : array-like, default=None
            Labels in the order of the rows. None uses those that occur.
        n_pairs : int, default=5
            Maximum number of pairs.
        {image_shape}
        {ax}

        Returns
        -------
        display : ConfusedLettersDisplay
            Display with the matrix drawn.

        Raises
        ------
        ValueError
            If there are no labels, or the numbers of labels and images differ.
        """
        y_true, y_pred = column_or_1d(y_true), column_or_1d(y_pred)
        check_consistent_length(y_true, y_pred, X)
        if not len(y_true):
            raise ValueError("y_true must contain at least one label; it is empty.")
        if labels is None:
            labels = unique_labels(y_true, y_pred)
        labels = np.asarray(labels).tolist()
        matrix = count_confusions(y_true, y_pred, labels)
        pairs = most_confused(matrix, labels, n_pairs)
        images = None
        if X is not None:
            X = np.asarray(X)
            images = [
                _find_example(X, y_true, y_pred, *pair[:2], image_shape)
                for pair in pairs
            ]
        return cls(matrix, labels, pairs, images).plot(ax=ax)

    def plot(self, ax=None):
        """Draw the matrix, and the pairs to its right.

        Parameters
        ----------
        {grid_ax}

        Returns
        -------
        self : ConfusedLettersDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is not part of a grid.
        """
        images = self.images or []
        side = np.clip(1.5 + 0.35 * len(self.labels), 4.8, 10)
        ax, place = divide_axes(ax, side if self.images is None else 1.4 * side, side)
        self.figure_ = ax.figure
        if self.images is None:
            grid = place.subgridspec(1, 1)
        else:
            grid = place.subgridspec(1, 2, width_ratios=[5, 2], wspace=0.1)
        self.ax_ = self.figure_.add_subplot(grid[0, 0])
        self._draw_matrix(self.ax_)
        self.pair_axes_ = np.empty((len(images), 2), dtype=object)
        if images:
            self._draw_pairs(grid[0, 1])
        return self

    def _draw_matrix(self, ax):
        from matplotlib.colors import PowerNorm

        names = [shorten(label) for label in self.labels]
        n = len(names)
        display = ConfusionMatrixDisplay(self.confusion_matrix).plot(
            ax=ax,
            cmap="Blues",
            colorbar=False,
            include_values=n <= MAX_CELL_LABELS,
            # errors are rare: brighten them
            im_kw={"norm": PowerNorm(0.4, vmin=0)},
            text_kw={"fontsize": 9},
        )
        if n <= MAX_CELL_LABELS:
            for text in display.text_.flat:
                text.set_visible(text.get_text() != "0")
        shown = np.arange(0, n, -(-n // MAX_CELL_LABELS))
        ax.set_xticks(shown, [names[i] for i in shown])
        ax.set_yticks(shown, [names[i] for i in shown])
        write_literally(*ax.get_xticklabels(), *ax.get_yticklabels())
        if max(map(len, names)) > 2:
            ax.tick_params(axis="x", rotation=90)
        # with cells kept square the layout would cut the title off
        ax.set_aspect("auto")
        n_wrong = self.confusion_matrix.sum() - self.confusion_matrix.trace()
        ax.set(
            xlabel="predicted label",
            ylabel="true label",
            title=f"{n_wrong:,} of {self.confusion_matrix.sum():,} misclassified",
        )

    def _draw_pairs(self, place):
        grid = place.subgridspec(len(self.images), 2, wspace=0.05, hspace=0.1)
        for row, (pair, images) in enumerate(zip(self.pairs, self.images, strict=True)):
            for side, image in enumerate(images):
                self.pair_axes_[row, side] = ax = self.figure_.add_subplot(
                    grid[row, side]
                )
                ax.set(xticks=[], yticks=[])
                ax.set_frame_on(False)
                if image is not None:
                    draw_image(ax, scale_to_unit(image))
            write_label(self.pair_axes_[row, 0], true=pair[0], predicted=pair[1])
            write_label(self.pair_axes_[row, 1], true=pair[1])
            times = "once" if pair[2] == 1 else f"{pair[2]:,} times"
            self.pair_axes_[row, 0].set_ylabel(times, fontsize=8)


def _find_example(X, y_true, y_pred, true, predicted, image_shape):
    """Return a misclassified image and the most similar one of the predicted label."""
    wrong = np.flatnonzero((y_true == true) & (y_pred == predicted))[0]
    others = np.flatnonzero(y_true == predicted)[:MAX_COMPARED]
    if not len(others):
        return as_images(X[[wrong]], image_shape)[0], None
    difference = X[others].astype(np.float32) - X[wrong].astype(np.float32)
    distances = (difference.reshape(len(others), -1) ** 2).sum(axis=1)
    nearest = others[distances.argmin()]
    return tuple(as_images(X[[wrong, nearest]], image_shape))
