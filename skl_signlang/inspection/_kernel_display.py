"""Kernels of the first convolution of a network."""

import numpy as np

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import grid_of_axes, grid_shape
from skl_signlang.inspection._layer_outputs import convolutions_of, network_of


@fill_docstring(ENTRIES)
class KernelDisplay:
    """Kernels of the first convolution, one image per kernel.

    Create it with :meth:`from_estimator`. For gray images, blue weights are negative,
    white is zero and red positive; kernels over RGB are drawn in color, mid-gray being
    zero. All are on one scale, that of the largest weight.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    kernels : ndarray of float, shape (n_kernels, h, w) or (n_kernels, h, w, 3)
        Weights of the kernels.

    Attributes
    ----------
    {ax_}
    axes_ : ndarray of Axes, shape (n_rows, n_columns)
        Axes with the kernels, row by row.
    {figure_}

    See Also
    --------
    skl_signlang.inspection.ActivationDisplay : Activation maps of the layers.

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
            Fitted estimator whose network has a convolution.
        n_kernels : int, default=64
            Maximum number of kernels.
        n_columns : int, default=8
            Number of kernels per row.
        {ax}

        Returns
        -------
        display : KernelDisplay
            Display with the kernels drawn.

        Raises
        ------
        TypeError
            If the estimator is not from skl_signlang.
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If the network has no convolution.
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
        {grid_ax}
        n_columns : int, default=8
            Number of kernels per row.

        Returns
        -------
        self : KernelDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is not part of a grid.
        """
        kernels = np.asarray(self.kernels)
        shape = grid_shape(len(kernels), n_columns)
        self.ax_, self.axes_ = grid_of_axes(ax, *shape)
        self.figure_ = self.ax_.figure
        largest = float(np.abs(kernels).max()) or 1.0
        if kernels.ndim == 4:
            kernels = 0.5 + kernels / (2 * largest)
        for ax, kernel in zip(self.axes_.flat, kernels, strict=False):
            ax.imshow(kernel, cmap="RdBu_r", vmin=-largest, vmax=largest)
        return self
