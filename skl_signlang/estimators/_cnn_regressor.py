"""Convolutional regressor."""

from skl_signlang.estimators._convolutions import ENTRIES, ConvolutionsMixin
from skl_signlang.estimators._regressor import OF_REGRESSORS, BaseNetworkRegressor
from skl_signlang.estimators._shared_parameters import shared_parameters


@shared_parameters(OF_REGRESSORS | ENTRIES, loss="mse")
class CNNRegressor(ConvolutionsMixin, BaseNetworkRegressor):
    """Predict one or several targets of images with a convolutional network.

    Such as the positions of fingertips, or an angle. Extreme targets are scaled as by
    `DenseRegressor`.

    .. versionadded:: 0.1

    Parameters
    ----------
    {filters}
    {kernel_size}
    {pool_size}
    {padding}
    {hidden_layer_sizes}
    {image_shape}
    {activation}
    {conv_dropout}
    {dropout}
    {batch_norm}
    l1, l2 : float, default=0.0
        L1 and L2 penalties on the weights of convolutions and hidden layers.
    {kernel_initializer}
    {standardize}
    {loss}
    {output_activation}
    {metrics}
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
    {average}
    {epochs}
    {batch_size}
    {early_stopping}
    {validation_fraction}
    {patience}
    {min_delta}
    {callbacks}
    {checkpoint_dir}
    {on_interrupt}
    {warm_start}
    {random_state}
    {verbose}

    Attributes
    ----------
    n_outputs_ : int
        Number of targets.
    {model_}
    {image_shape_}
    {n_features_in_}
    {feature_names_in_}
    {callbacks_}
    {n_iter_}
    {history_}

    See Also
    --------
    CNNClassifier : Classifier of the same architecture.
    DenseRegressor : Regressor of rows, without convolutions.
    skl_signlang.preprocessing.BackboneFeatures : Pretrained features for a regressor.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import CNNRegressor
    >>> images = load_digits().images
    >>> ink = images.reshape(-1, 64) / images.sum(axis=(1, 2))[:, None]
    >>> y = ink @ np.indices((8, 8)).reshape(2, 64).T  # the center of the ink
    >>> model = CNNRegressor(filters=(8,), learning_rate=0.01, random_state=0)
    >>> model = model.fit(images[:1000], y[:1000])
    >>> bool(model.score(images[1000:], y[1000:]) > 0.7)
    True
    """

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
        conv_dropout=0.0,
        dropout=0.0,
        batch_norm=False,
        l1=0.0,
        l2=0.0,
        kernel_initializer="glorot_uniform",
        standardize=True,
        loss="mse",
        output_activation="auto",
        metrics=None,
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
        average=False,
        epochs=20,
        batch_size=128,
        early_stopping=False,
        validation_fraction=0.1,
        patience=5,
        min_delta=0.0,
        callbacks=None,
        checkpoint_dir=None,
        on_interrupt="restore",
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
        self.loss = loss
        self.output_activation = output_activation
        self.metrics = metrics
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
        self.average = average
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.min_delta = min_delta
        self.callbacks = callbacks
        self.checkpoint_dir = checkpoint_dir
        self.on_interrupt = on_interrupt
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
