"""Activation maps of the layers of a network."""

import numpy as np

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import (
    as_images,
    draw_image,
    grid_of_axes,
    scale_to_unit,
    write_literally,
)
from skl_signlang.inspection._layer_outputs import (
    choose_steps,
    convolutions_of,
    network_of,
)

MAX_LAYERS = 8


@fill_docstring(ENTRIES)
class ActivationDisplay:
    """Activation maps of one image, one row per layer.

    Create it with :meth:`from_estimator`. The image is at the left of the first row.
    The maps of a layer share one scale, from their minimum (dark) to their maximum.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, 3)
        Gray or RGB.
    maps : dict of str to ndarray of float, shape (h, w, n_maps)
        Activation maps by the name of the layer.

    Attributes
    ----------
    {ax_}
    axes_ : ndarray of Axes, shape (n_layers, 1 + n_maps)
        The first column shows the image, the others the maps.
    {figure_}

    See Also
    --------
    skl_signlang.inspection.KernelDisplay : Kernels of the first convolution.
    skl_signlang.inspection.SaliencyDisplay : Grad-CAM heatmaps.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import CNNClassifier
    >>> from skl_signlang.inspection import ActivationDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> model = CNNClassifier(filters=(8, 8), kernel_size=3, epochs=1).fit(X, y)
    >>> display = ActivationDisplay.from_estimator(model, X[:1])
    >>> {name: maps.shape for name, maps in display.maps.items()}
    {'conv_1': (8, 8, 8), 'conv_2': (4, 4, 8)}
    """

    def __init__(self, image, maps):
        self.image = image
        self.maps = maps

    @classmethod
    def from_estimator(cls, estimator, X, *, layers=None, n_maps=8, ax=None):
        """Compute the activation maps of an image and draw them.

        Parameters
        ----------
        estimator : estimator instance
            Fitted estimator whose network has a convolution.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images; the first one is used.
        layers : list of str, default=None
            Names of layers with maps as output, such as ``["conv_1", "pool_1"]``.
            None uses the convolutions, at most eight, evenly spaced.
        n_maps : int, default=8
            Maximum number of maps per layer; the first ones are shown.
        {ax}

        Returns
        -------
        display : ActivationDisplay
            Display with the maps drawn.

        Raises
        ------
        TypeError
            If the estimator is not from skl_signlang.
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If the network has no convolution, or a layer does not exist or does not
            output maps.
        """
        import tensorflow as tf

        from skl_signlang._keras import run_by_layer

        model = network_of(estimator)
        convolutions = convolutions_of(model)
        images = estimator._check_X(X, reset=False)[:1]
        if layers is None:
            n_layers = min(len(convolutions), MAX_LAYERS)
            spread = np.linspace(0, len(convolutions) - 1, n_layers).round()
            layers = [convolutions[int(place)].name for place in spread]
        inputs = tf.cast(estimator._as_inputs(images), tf.float32)
        steps = run_by_layer(model, inputs)
        maps = {
            step.layer.name: step.output.numpy()[0, ..., :n_maps]
            for step in choose_steps(steps, layers)
        }
        return cls(as_images(images)[0], maps).plot(ax=ax)

    def plot(self, ax=None):
        """Draw the image and the maps.

        Parameters
        ----------
        {grid_ax}

        Returns
        -------
        self : ActivationDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is not part of a grid.
        """
        n_maps = max(maps.shape[-1] for maps in self.maps.values())
        self.ax_, self.axes_ = grid_of_axes(ax, len(self.maps), 1 + n_maps)
        self.figure_ = self.ax_.figure
        draw_image(self.axes_[0, 0], scale_to_unit(self.image))
        for row, (name, maps) in zip(self.axes_, self.maps.items(), strict=True):
            write_literally(row[1].set_ylabel(name, fontsize=8))
            low, high = float(maps.min()), float(maps.max())
            for ax, shown in zip(row[1:], np.moveaxis(maps, -1, 0), strict=False):
                ax.imshow(shown, cmap="viridis", vmin=low, vmax=high)
        return self
