"""Grad-CAM heatmaps of images."""

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import column_or_1d

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import (
    as_images,
    draw_image,
    grid_of_axes,
    scale_to_unit,
    write_label,
)
from skl_signlang.inspection._layer_outputs import (
    choose_steps,
    convolutions_of,
    network_of,
)


@fill_docstring(ENTRIES)
class SaliencyDisplay:
    """Images above their Grad-CAM heatmaps for the predicted class.

    Create it with :meth:`from_estimator`. Grad-CAM [1]_ sums the maps of a convolution,
    weighted by the mean gradient of the class score with respect to each map, and sets
    negative values to zero. Bright regions support the predicted class. Each heatmap
    is scaled by its own maximum; it is dark if no region supports the class.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    {images}
    heatmaps : ndarray of float32, shape (n, map_h, map_w)
        Heatmaps from 0 to 1, of lower resolution than the images.
    y_pred : array-like of shape (n,)
        Predicted labels.
    y_true : array-like of shape (n,), default=None
        True labels.

    Attributes
    ----------
    {ax_}
    axes_ : ndarray of Axes, shape (2, n)
        The first row shows the images, the second the heatmaps over them.
    {figure_}

    See Also
    --------
    skl_signlang.inspection.ActivationDisplay : Activation maps of the layers.

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
        """Compute the heatmaps of the predicted classes and draw them.

        Parameters
        ----------
        estimator : estimator instance
            Fitted classifier whose network has a convolution.
        {X}
        y : array-like of shape (n,), default=None
            True labels. Titles of misclassified images are then red.
        layer : str, default=None
            Layer whose maps are used. None uses the last convolution. Earlier layers
            have a higher resolution but less specific features.
        n_samples : int, default=8
            Maximum number of images; the first ones are shown.
        {ax}

        Returns
        -------
        display : SaliencyDisplay
            Display with the heatmaps drawn.

        Raises
        ------
        TypeError
            If the estimator is not a classifier from skl_signlang.
        NotFittedError
            If the estimator is not fitted.
        ValueError
            If the network has no convolution, the layer does not exist or does not
            output maps, or the numbers of labels and images differ.
        """
        model = network_of(estimator)
        if not is_classifier(estimator):
            raise TypeError(
                f"{type(estimator).__name__} is not a classifier; expected one."
            )
        check_consistent_length(X, y)
        layer = layer or convolutions_of(model)[-1].name
        images = estimator._check_X(X, reset=False)[:n_samples]
        codes = estimator.predict_proba(images).argmax(axis=1)
        return cls(
            as_images(images),
            _compute_heatmaps(model, estimator._as_inputs(images), codes, layer),
            estimator.classes_[codes],
            y_true=None if y is None else column_or_1d(y)[:n_samples],
        ).plot(ax=ax)

    def plot(self, ax=None, *, alpha=0.5):
        """Draw the images and the heatmaps.

        Parameters
        ----------
        {grid_ax}
        alpha : float, default=0.5
            Opacity of the heatmaps, 0 to 1.

        Returns
        -------
        self : SaliencyDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is not part of a grid.
        """
        self.ax_, self.axes_ = grid_of_axes(ax, 2, len(self.images))
        self.figure_ = self.ax_.figure
        images = scale_to_unit(self.images)
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
            write_label(above, true=true, predicted=self.y_pred[i])
        return self


def _compute_heatmaps(model, images, codes, layer):
    import tensorflow as tf

    from skl_signlang._keras import run_by_layer

    images = tf.cast(images, tf.float32)
    with tf.GradientTape() as tape:
        # frozen layers are recorded only if their inputs are watched
        tape.watch(images)
        steps = run_by_layer(model, images)
        (step,) = choose_steps(steps, [layer])
        scores = tf.gather(_compute_logits(steps[-1]), codes, axis=1, batch_dims=1)
    slopes = tape.gradient(scores, step.output)
    weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(weights * step.output, axis=3)).numpy()
    largest = heat.max(axis=(1, 2), keepdims=True)
    return heat / np.where(largest > 0, largest, 1)


def _compute_logits(output):
    """Compute the logits, shape (n, n_classes): softmax would flatten gradients."""
    import tensorflow as tf

    scores = tf.matmul(output.inputs[0], output.layer.kernel)
    if output.layer.use_bias:
        scores += output.layer.bias
    # two classes share one output
    return scores if scores.shape[1] > 1 else tf.concat([-scores, scores], axis=1)
