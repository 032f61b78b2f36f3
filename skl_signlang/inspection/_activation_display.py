"""What the layers of a network make of one image."""

import numpy as np

from skl_signlang.inspection._drawing import (
    as_images,
    between_0_and_1,
    draw_image,
    grid_of_axes,
    write_literally,
)
from skl_signlang.inspection._layer_outputs import (
    choose_steps,
    convolutions_of,
    network_of,
)

MAX_LAYERS = 8


class ActivationDisplay:
    """The maps that layers make of one image, a row for each layer.

    Make one with :meth:`from_estimator`. The image stands at the left of the first
    row. The maps of one layer are on one scale, from their least value (dark) to their
    greatest.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, 3)
        Grey or RGB.
    maps : dict of str to ndarray of float, shape (h, w, n_maps)
        What each layer gives, by its name.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What the grid is in the place of; hidden.
    axes_ : ndarray of Axes, shape (n_layers, 1 + n_maps)
        The first column is the image's, the others hold the maps.
    figure_ : matplotlib Figure
        The figure around them.

    See Also
    --------
    skl_signlang.inspection.KernelDisplay : What the first layer looks for.
    skl_signlang.inspection.SaliencyDisplay : Where a network found what it read.

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
        """Run an image through a network, and draw what its layers give.

        Parameters
        ----------
        estimator : estimator instance
            Fitted, with a convolution.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images, of which the first is taken.
        layers : list of str, default=None
            Names of layers that give maps, such as ``["conv_1", "pool_1"]``; None
            takes the convolutions, and of more than eight some, evenly spread.
        n_maps : int, default=8
            How many maps of each layer, at most: the first ones.
        ax : matplotlib Axes, default=None
            Where to draw, see :meth:`plot`.

        Returns
        -------
        display : ActivationDisplay
            The maps.

        Raises
        ------
        TypeError
            If the estimator is none of this package.
        NotFittedError
            If it is not fitted.
        ValueError
            If its network has no convolution, or a layer is not there, gives no maps.
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
        ax : matplotlib Axes, default=None
            Where to draw: the axes are replaced by several in their place, so they
            must be part of a grid, as those of :func:`matplotlib.pyplot.subplots`
            are. None makes a figure.

        Returns
        -------
        self : ActivationDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is part of no grid.
        """
        n_maps = max(maps.shape[-1] for maps in self.maps.values())
        self.ax_, self.axes_ = grid_of_axes(ax, len(self.maps), 1 + n_maps)
        self.figure_ = self.ax_.figure
        draw_image(self.axes_[0, 0], between_0_and_1(self.image))
        for row, (name, maps) in zip(self.axes_, self.maps.items(), strict=True):
            write_literally(row[1].set_ylabel(name, fontsize=8))
            low, high = float(maps.min()), float(maps.max())
            for ax, shown in zip(row[1:], np.moveaxis(maps, -1, 0), strict=False):
                ax.imshow(shown, cmap="viridis", vmin=low, vmax=high)
        return self
