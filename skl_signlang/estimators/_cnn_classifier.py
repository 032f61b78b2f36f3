"""Convolutional classifier."""

from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from skl_signlang._images import validate_images, warn_of_strips
from skl_signlang.estimators._classifier import BaseNetworkClassifier
from skl_signlang.estimators._shared_parameters import PARAMETERS, shared_parameters
from skl_signlang.networks import cnn_network
from skl_signlang.training import (
    augmentation_of,
    moments_by_feature,
    scaling_of_all,
    without_zeros,
)


@shared_parameters(average=True, batch_norm=True, dropout=0.4)
class CNNClassifier(BaseNetworkClassifier):
    """Classify images with a convolutional network.

    The defaults are the network of the results table, chosen for Sign Language MNIST
    by validation on groups of near-duplicates (``python -m benchmarks.choose_recipe``).

    Read more in the :doc:`User Guide </estimators>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    filters : tuple of int or of tuple of int, default=(16, 24, 48)
        Number of filters of each block, which ends with pooling. A nested tuple gives
        several convolutions in one block.
    kernel_size : int, default=5
        Height and width of the convolution kernels, in pixels.
    pool_size : int, default=2
        Height and width of the windows of max pooling, in pixels; 1 disables pooling.
    padding : {"same", "valid"}, default="same"
        Whether convolutions pad the image to keep its size.
    hidden_layer_sizes : tuple of int, default=(128,)
        Number of units of each dense layer after the blocks.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, channels) of images given as rows, in
        pixels. None infers square gray or RGB images from the number of features, and
        else takes rows as images one pixel high.
    activation : str or callable, default="relu"
        Activation of convolutions and hidden layers, by its Keras name.
    conv_dropout : float, default=0.3
        Dropout rate after each block, in [0, 1).
    {dropout}
    batch_norm : bool or {"conv", "hidden"}, default=True
        Layers with batch normalization before their activation; True means both.
    l1, l2 : float, default=0.0
        L1 and L2 penalties on the weights of convolutions and hidden layers.
    {kernel_initializer}
    standardize : bool, default=True
        Whether the first layer standardizes the pixels by one mean and one variance of
        the training data.
    {rotation}
    {translation}
    {zoom}
    {shear}
    {brightness}
    {contrast}
    {random_erasing}
    {horizontal_flip}
    {optimizer}
    {learning_rate}
    {lr_schedule}
    {reduce_lr}
    {clipnorm}
    {weight_decay}
    {label_smoothing}
    {average}
    {epochs}
    {batch_size}
    {class_weight}
    {early_stopping}
    {validation_fraction}
    {patience}
    {min_delta}
    {callbacks}
    {checkpoint_dir}
    {warm_start}
    {random_state}
    {verbose}

    Attributes
    ----------
    {classes_}
    {model_}
    {image_shape_}
    {n_features_in_}
    {feature_names_in_}
    {callbacks_}
    {n_iter_}
    {history_}

    See Also
    --------
    DenseClassifier : Classifier of rows, without convolutions.
    TransferLearningClassifier : Classifier on a pretrained backbone.
    sklearn.neural_network.MLPClassifier : Multi-layer perceptron of scikit-learn.

    Notes
    -----
    The loss of a sample with class :math:`k` is the cross-entropy
    :math:`-log p_k`, plus :math:`l_1 |w|_1 + l_2 |w|_2^2` over the kernels :math:`w`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import CNNClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> model = CNNClassifier(filters=(16,), epochs=5, random_state=0)
    >>> model = model.fit(X[:1500], y[:1500])
    >>> model.image_shape_
    (8, 8, 1)
    >>> bool(model.score(X[1500:], y[1500:]) > 0.85)
    True
    """

    _parameter_constraints: dict = {
        "batch_norm": ["boolean", StrOptions({"conv", "hidden"})],
        "conv_dropout": PARAMETERS["dropout"].constraint,
        "filters": [tuple, list, np.ndarray],
        "image_shape": [tuple, list, np.ndarray, None],
        "kernel_size": [Interval(Integral, 1, None, closed="left")],
        "padding": [StrOptions({"same", "valid"})],
        "pool_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        filters=(16, 24, 48),
        kernel_size=5,
        pool_size=2,
        padding="same",
        hidden_layer_sizes=(128,),
        image_shape=None,
        activation="relu",
        conv_dropout=0.3,
        dropout=0.4,
        batch_norm=True,
        l1=0.0,
        l2=0.0,
        kernel_initializer="glorot_uniform",
        standardize=True,
        rotation=0.0,
        translation=0.0,
        zoom=0.0,
        shear=0.0,
        brightness=0.0,
        contrast=0.0,
        random_erasing=0.0,
        horizontal_flip=0.0,
        optimizer="adam",
        learning_rate=1e-3,
        lr_schedule="constant",
        reduce_lr=False,
        clipnorm=None,
        weight_decay=None,
        label_smoothing=0.0,
        average=True,
        epochs=20,
        batch_size=128,
        class_weight=None,
        early_stopping=False,
        validation_fraction=0.1,
        patience=5,
        min_delta=0.0,
        callbacks=None,
        checkpoint_dir=None,
        warm_start=False,
        random_state=None,
        verbose=0,
    ):
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.padding = padding
        self.hidden_layer_sizes = hidden_layer_sizes
        self.image_shape = image_shape
        self.activation = activation
        self.conv_dropout = conv_dropout
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.l1 = l1
        self.l2 = l2
        self.kernel_initializer = kernel_initializer
        self.standardize = standardize
        self.rotation = rotation
        self.translation = translation
        self.zoom = zoom
        self.shear = shear
        self.brightness = brightness
        self.contrast = contrast
        self.random_erasing = random_erasing
        self.horizontal_flip = horizontal_flip
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.lr_schedule = lr_schedule
        self.reduce_lr = reduce_lr
        self.clipnorm = clipnorm
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.average = average
        self.epochs = epochs
        self.batch_size = batch_size
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.min_delta = min_delta
        self.callbacks = callbacks
        self.checkpoint_dir = checkpoint_dir
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    _build = staticmethod(cnn_network)

    def _check_X(self, X, *, reset):
        if reset and self.image_shape is None:
            warn_of_strips(type(self).__name__, getattr(X, "shape", ()))
        return validate_images(
            self, X, image_shape=self.image_shape, reset=reset, convert=False
        )

    def _find_scaling(self, X, y, weights):
        self._scaling = scaling_of_all(X, weights) if self.standardize else None

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
        blocks = [
            tuple(block) if isinstance(block, tuple | list | np.ndarray) else (block,)
            for block in self.filters
        ]
        widths = [width for block in blocks for width in (block or (None,))]
        if not all(isinstance(width, Integral) and width > 0 for width in widths):
            raise ValueError(
                "filters must hold a positive integer, or a tuple of them, for "
                f"each block; got {self.filters!r}."
            )
        return tuple(tuple(int(width) for width in block) for block in blocks)
