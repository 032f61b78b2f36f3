"""Which letters are read as which, with images of the worst."""

import numpy as np
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import column_or_1d

from skl_signlang.inspection._confusion import count_confusions, most_confused
from skl_signlang.inspection._drawing import (
    as_images,
    between_0_and_1,
    divide_axes,
    draw_image,
    shorten,
    write_label,
    write_literally,
)

MAX_WRITTEN = 40  # labels beyond which numbers in cells cannot be read
MAX_COMPARED = 500  # images among which a likeness is looked for


class ConfusedLettersDisplay:
    """A confusion matrix, beside images of what is confused most.

    Make one with :meth:`from_estimator` or :meth:`from_predictions`. Of each pair, the
    left image was read wrongly; the right one shows what it was taken for, and of
    such images is the one most like it.

    Parameters
    ----------
    confusion_matrix : ndarray of int, shape (n_labels, n_labels)
        How often each label, by row, was read as each, by column.
    labels : array-like of shape (n_labels,)
        In the order of rows and columns.
    pairs : list of tuple
        (true label, label it was read as, how often), the most frequent first.
    images : list of tuple of ndarray, default=None
        Of each pair two images, (h, w) or (h, w, 3); the second is None where
        nothing shows that label. None draws the matrix alone.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What the matrix is drawn on.
    pair_axes_ : ndarray of Axes, shape (n_pairs, 2)
        What the images are drawn on.
    figure_ : matplotlib Figure
        The figure around them.

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
        """Read images, and draw what was confused.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier, or a Pipeline that ends with one.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images.
        y : array-like of shape (n,)
            What they show.
        labels, n_pairs, image_shape, ax
            As in :meth:`from_predictions`.

        Returns
        -------
        display : ConfusedLettersDisplay
            The image.
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
        """Draw what was confused.

        Parameters
        ----------
        y_true : array-like of shape (n,)
            What was shown.
        y_pred : array-like of shape (n,)
            As what it was read.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c), default=None
            The images; None draws the matrix alone.
        labels : array-like, default=None
            Which labels, in the order of the rows; None takes those that occur.
        n_pairs : int, default=5
            How many pairs to show, at most.
        image_shape : tuple of int, default=None
            (height, width) or (height, width, channels) of the images that rows
            hold; None infers a square, grey or RGB.
        ax : matplotlib Axes, default=None
            What to draw on, see :meth:`plot`.

        Returns
        -------
        display : ConfusedLettersDisplay
            The image.

        Raises
        ------
        ValueError
            If there are no labels, or not as many of each and of images.
        """
        y_true, y_pred = column_or_1d(y_true), column_or_1d(y_pred)
        check_consistent_length(y_true, y_pred, X)
        if not len(y_true):
            raise ValueError("y_true must hold one label at least; it is empty.")
        if labels is None:
            labels = unique_labels(y_true, y_pred)
        labels = np.asarray(labels).tolist()
        matrix = count_confusions(y_true, y_pred, labels)
        pairs = most_confused(matrix, labels, n_pairs)
        images = None
        if X is not None:
            X = np.asarray(X)
            images = [
                _example(X, y_true, y_pred, *pair[:2], image_shape) for pair in pairs
            ]
        return cls(matrix, labels, pairs, images).plot(ax=ax)

    def plot(self, ax=None):
        """Draw the matrix, and the pairs to its right.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw: the axes are replaced by several in their place, so they
            must be part of a grid, as those of :func:`matplotlib.pyplot.subplots`
            are. None makes a figure.

        Returns
        -------
        self : ConfusedLettersDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is part of no grid.
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
            include_values=n <= MAX_WRITTEN,
            # errors are few beside what is right: brighten them
            im_kw={"norm": PowerNorm(0.4, vmin=0)},
            text_kw={"fontsize": 9},
        )
        if n <= MAX_WRITTEN:
            for text in display.text_.flat:
                text.set_visible(text.get_text() != "0")
        shown = np.arange(0, n, -(-n // MAX_WRITTEN))
        ax.set_xticks(shown, [names[i] for i in shown])
        ax.set_yticks(shown, [names[i] for i in shown])
        write_literally(*ax.get_xticklabels(), *ax.get_yticklabels())
        if max(map(len, names)) > 2:
            ax.tick_params(axis="x", rotation=90)
        # with cells kept square the layout would cut the title off
        ax.set_aspect("auto")
        n_wrong = self.confusion_matrix.sum() - self.confusion_matrix.trace()
        ax.set(
            xlabel="read as",
            ylabel="signed",
            title=f"{n_wrong:,} of {self.confusion_matrix.sum():,} read wrongly",
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
                    draw_image(ax, between_0_and_1(image))
            write_label(self.pair_axes_[row, 0], true=pair[0], read=pair[1])
            write_label(self.pair_axes_[row, 1], true=pair[1])
            times = "once" if pair[2] == 1 else f"{pair[2]:,} times"
            self.pair_axes_[row, 0].set_ylabel(times, fontsize=8)


def _example(X, y_true, y_pred, true, read, image_shape):
    """Find an image that was read wrongly, and what it was taken for."""
    wrong = np.flatnonzero((y_true == true) & (y_pred == read))[0]
    others = np.flatnonzero(y_true == read)[:MAX_COMPARED]
    if not len(others):
        return as_images(X[[wrong]], image_shape)[0], None
    away = X[others].astype(np.float32) - X[wrong].astype(np.float32)
    distances = (away.reshape(len(others), -1) ** 2).sum(axis=1)
    alike = others[distances.argmin()]
    return tuple(as_images(X[[wrong, alike]], image_shape))
