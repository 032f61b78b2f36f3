"""The kernels of a network's first convolution."""

import numpy as np

from skl_signlang.inspection._drawing import grid_of_axes, rows_for
from skl_signlang.inspection._layer_outputs import convolutions_of, network_of


class KernelDisplay:
    """What the first convolution looks for: its kernels, one image each.

    Make one with :meth:`from_estimator`. Of grey images, blue weights are negative,
    white is zero and red positive; kernels over RGB are drawn in color, mid-grey being
    zero. All are on one scale, that of the largest weight.

    Parameters
    ----------
    kernels : ndarray of float, shape (n_kernels, h, w) or (n_kernels, h, w, 3)
        Weights.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What the grid is in the place of; hidden.
    axes_ : ndarray of Axes, shape (n_rows, n_columns)
        What the kernels are drawn on, row by row.
    figure_ : matplotlib Figure
        The figure around them.

    See Also
    --------
    skl_signlang.inspection.ActivationDisplay : What the layers make of an image.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import CNNClassifier
    >>> from skl_signlang.inspection import KernelDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> model = CNNClassifier(filters=(12,), kernel_size=3, epochs=1).fit(X, y)
    >>> KernelDisplay.from_estimator(model).axes_.shape
    (2, 8)
    """

    def __init__(self, kernels):
        self.kernels = kernels

    @classmethod
    def from_estimator(cls, estimator, *, n_kernels=64, n_columns=8, ax=None):
        """Draw the kernels of the first convolution.

        Parameters
        ----------
        estimator : estimator instance
            Fitted, with a convolution.
        n_kernels : int, default=64
            How many to draw, at most.
        n_columns : int, default=8
            How many side by side.
        ax : matplotlib Axes, default=None
            Where to draw, see :meth:`plot`.

        Returns
        -------
        display : KernelDisplay
            The kernels.

        Raises
        ------
        TypeError
            If the estimator is none of this package.
        NotFittedError
            If it is not fitted.
        ValueError
            If its network has no convolution.
        """
        first = convolutions_of(network_of(estimator))[0]
        kernels = np.moveaxis(first.get_weights()[0], 3, 0)
        # RGB is drawn as it is, other channels as their mean
        if kernels.shape[3] != 3:
            kernels = kernels.mean(axis=3)
        return cls(kernels[:n_kernels]).plot(ax=ax, n_columns=n_columns)

    def plot(self, ax=None, *, n_columns=8):
        """Draw the kernels.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw: the axes are replaced by several in their place, so they
            must be part of a grid, as those of :func:`matplotlib.pyplot.subplots`
            are. None makes a figure.
        n_columns : int, default=8
            How many side by side.

        Returns
        -------
        self : KernelDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is part of no grid.
        """
        kernels = np.asarray(self.kernels)
        shape = rows_for(len(kernels), n_columns)
        self.ax_, self.axes_ = grid_of_axes(ax, *shape)
        self.figure_ = self.ax_.figure
        largest = float(np.abs(kernels).max()) or 1.0
        if kernels.ndim == 4:
            kernels = 0.5 + kernels / (2 * largest)
        for ax, kernel in zip(self.axes_.flat, kernels, strict=False):
            ax.imshow(kernel, cmap="RdBu_r", vmin=-largest, vmax=largest)
        return self
