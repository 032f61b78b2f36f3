"""Convolutional networks of images, for the classifier and the regressor."""

from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skl_signlang._docstrings import Entry
from skl_signlang._image_shapes import entries_of
from skl_signlang._images import validate_images, warn_of_strips
from skl_signlang._intervals import Interval
from skl_signlang.estimators._shared_parameters import PARAMETERS
from skl_signlang.networks import cnn_network
from skl_signlang.training import (
    augmentation_of,
    moments_by_feature,
    scaling_of_inputs,
    without_zeros,
)

ENTRIES = {
    "filters": Entry(
        "tuple of int or of tuple of int",
        "Number of filters of each block, which ends with pooling. A nested tuple "
        "gives several convolutions in one block.",
    ),
    "kernel_size": Entry(
        "int", "Height and width of the convolution kernels, in pixels."
    ),
    "pool_size": Entry(
        "int",
        "Height and width of the windows of max pooling, in pixels; 1 disables "
        "pooling.",
    ),
    "padding": Entry(
        '{"same", "valid"}', "Whether convolutions pad the image to keep its size."
    ),
    "hidden_layer_sizes": Entry(
        "tuple of int", "Number of units of each dense layer after the blocks."
    ),
    "image_shape": Entry(
        "tuple of int",
        "(height, width) or (height, width, channels) of images given as rows, in "
        "pixels. None infers square gray or RGB images from the number of features, "
        "and else takes rows as images one pixel high.",
    ),
    "activation": Entry(
        "str or callable",
        "Activation of convolutions and hidden layers, by its Keras name.",
    ),
    "conv_dropout": Entry("float", "Dropout rate after each block, in [0, 1)."),
    "batch_norm": Entry(
        'bool or {"conv", "hidden"}',
        "Layers with batch normalization before their activation; True means both.",
    ),
    "standardize": Entry(
        "bool",
        "Whether the first layer standardizes the pixels by one mean and one variance "
        "of the training data.",
    ),
}
"""Entries of the docstrings of both estimators."""


class ConvolutionsMixin:
    """Mixin for images as input of `cnn_network`."""

    _parameter_constraints: dict = {
        "batch_norm": ["boolean", StrOptions({"conv", "hidden"})],
        "conv_dropout": PARAMETERS["dropout"].constraint,
        "filters": [tuple, list, np.ndarray],
        "image_shape": [tuple, list, np.ndarray, None],
        "kernel_size": [Interval(Integral, 1, None, closed="left")],
        "padding": [StrOptions({"same", "valid"})],
        "pool_size": [Interval(Integral, 1, None, closed="left")],
    }

    _build = staticmethod(cnn_network)

    def _check_X(self, X, *, reset):
        if reset and self.image_shape is None:
            warn_of_strips(type(self).__name__, getattr(X, "shape", ()))
        return validate_images(
            self, X, image_shape=self.image_shape, reset=reset, convert=False
        )

    def _find_scaling(self, X, y, weights):
        super()._find_scaling(X, y, weights)
        self._scaling = scaling_of_inputs(X, weights, self.standardize, False)

    def _moments(self, X, weights):
        mean, variance = moments_by_feature(X, weights)
        overall = variance.mean() + mean.var()
        channels = X.shape[-1]
        return (
            np.full(channels, mean.mean()),
            np.full(channels, without_zeros(overall)),
        )

    def _augmentation(self, X):
        return augmentation_of(self, self._value_range(X))

    def _architecture(self):
        build, hyperparameters = super()._architecture()
        return build, {**hyperparameters, "filters": self._check_filters()}

    def _check_filters(self):
        blocks = [entries_of(block) for block in entries_of(self.filters)]
        widths = [width for block in blocks for width in (block or (None,))]
        if not all(isinstance(width, Integral) and width > 0 for width in widths):
            raise ValueError(
                "filters must hold a positive integer, or a tuple of them, for "
                f"each block; got {self.filters!r}."
            )
        return tuple(tuple(int(width) for width in block) for block in blocks)
