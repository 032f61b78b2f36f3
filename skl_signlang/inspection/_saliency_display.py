"""Where in an image a network found what it read."""

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import column_or_1d

from skl_signlang.inspection._drawing import (
    as_images,
    between_0_and_1,
    draw_image,
    grid_of_axes,
    write_label,
)
from skl_signlang.inspection._layer_outputs import (
    choose_steps,
    convolutions_of,
    network_of,
)


class SaliencyDisplay:
    """Images, and below each where the network found the class that it read.

    Make one with :meth:`from_estimator`. The places are found by Grad-CAM [1]_: the
    maps of a convolution are summed, each weighted by how much the score of the class
    grows with it on average; what is left below zero is cut off. What is bright spoke
    for the class, on a scale of each image's own; a map that is dark all over found
    nothing that did.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, 3)
        Grey or RGB.
    heatmaps : ndarray of float32, shape (n, map_h, map_w)
        0 to 1, coarser than the images.
    y_pred : array-like of shape (n,)
        What was read.
    y_true : array-like of shape (n,), default=None
        What is shown.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What the grid is in the place of; hidden.
    axes_ : ndarray of Axes, shape (2, n)
        The first row holds the images, the second the same under their heat.
    figure_ : matplotlib Figure
        The figure around them.

    See Also
    --------
    skl_signlang.inspection.ActivationDisplay : What the layers make of an image.

    References
    ----------
    .. [1] R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via
       Gradient-based Localization", ICCV 2017, equations 1 and 2.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import CNNClassifier
    >>> from skl_signlang.inspection import SaliencyDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> model = CNNClassifier(filters=(8, 8), kernel_size=3, epochs=1).fit(X, y)
    >>> SaliencyDisplay.from_estimator(model, X[:3]).heatmaps.shape
    (3, 4, 4)
    """

    def __init__(self, images, heatmaps, y_pred, *, y_true=None):
        self.images = images
        self.heatmaps = heatmaps
        self.y_pred = y_pred
        self.y_true = y_true

    @classmethod
    def from_estimator(cls, estimator, X, y=None, *, layer=None, n_samples=8, ax=None):
        """Find where an estimator sees what it reads, and draw it.

        Parameters
        ----------
        estimator : estimator instance
            A fitted classifier with a convolution.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images.
        y : array-like of shape (n,), default=None
            What they show; what is read otherwise is then red.
        layer : str, default=None
            The layer whose maps are weighted; None takes the last convolution.
            Earlier ones are finer and know less.
        n_samples : int, default=8
            How many images, at most: the first ones.
        ax : matplotlib Axes, default=None
            Where to draw, see :meth:`plot`.

        Returns
        -------
        display : SaliencyDisplay
            The images.

        Raises
        ------
        TypeError
            If the estimator is no classifier of this package.
        NotFittedError
            If it is not fitted.
        ValueError
            If its network has no convolution, the layer is not there or gives no maps,
            or there are not as many labels as images.
        """
        model = network_of(estimator)
        if not is_classifier(estimator):
            raise TypeError(
                f"{type(estimator).__name__} reads no classes; expected a classifier."
            )
        check_consistent_length(X, y)
        layer = layer or convolutions_of(model)[-1].name
        images = estimator._check_X(X, reset=False)[:n_samples]
        codes = estimator.predict_proba(images).argmax(axis=1)
        return cls(
            as_images(images),
            _heatmaps(model, estimator._as_inputs(images), codes, layer),
            estimator.classes_[codes],
            y_true=None if y is None else column_or_1d(y)[:n_samples],
        ).plot(ax=ax)

    def plot(self, ax=None, *, alpha=0.5):
        """Draw the images.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw: the axes are replaced by several in their place, so they
            must be part of a grid, as those of :func:`matplotlib.pyplot.subplots`
            are. None makes a figure.
        alpha : float, default=0.5
            How much the heat covers the image below it, 0 to 1.

        Returns
        -------
        self : SaliencyDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is part of no grid.
        """
        self.ax_, self.axes_ = grid_of_axes(ax, 2, len(self.images))
        self.figure_ = self.ax_.figure
        images = between_0_and_1(self.images)
        for i, (above, below) in enumerate(self.axes_.T):
            draw_image(above, images[i])
            draw_image(below, images[i])
            below.imshow(
                self.heatmaps[i],
                cmap="inferno",
                vmin=0,
                vmax=1,
                alpha=alpha,
                interpolation="bilinear",
                extent=below.images[0].get_extent(),
            )
            true = None if self.y_true is None else self.y_true[i]
            write_label(above, true=true, read=self.y_pred[i])
        return self


def _heatmaps(model, images, codes, layer):
    import tensorflow as tf

    from skl_signlang._keras import run_by_layer

    images = tf.cast(images, tf.float32)
    with tf.GradientTape() as tape:
        # frozen layers are not recorded unless what enters them is watched
        tape.watch(images)
        steps = run_by_layer(model, images)
        (step,) = choose_steps(steps, [layer])
        scores = tf.gather(_scores(steps[-1]), codes, axis=1, batch_dims=1)
    slopes = tape.gradient(scores, step.output)
    weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(weights * step.output, axis=3)).numpy()
    largest = heat.max(axis=(1, 2), keepdims=True)
    return heat / np.where(largest > 0, largest, 1)


def _scores(output):
    """Give the scores of all classes, before softmax or sigmoid would flatten them."""
    import tensorflow as tf

    scores = tf.matmul(output.inputs[0], output.layer.kernel)
    if output.layer.use_bias:
        scores += output.layer.bias
    # two classes share one output
    return scores if scores.shape[1] > 1 else tf.concat([-scores, scores], axis=1)
