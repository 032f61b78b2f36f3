"""Convolutional classifier."""

from skl_signlang.estimators._classifier import BaseNetworkClassifier
from skl_signlang.estimators._convolutions import ENTRIES, ConvolutionsMixin
from skl_signlang.estimators._shared_parameters import shared_parameters


@shared_parameters(ENTRIES, average=True, batch_norm=True, dropout=0.4)
class CNNClassifier(ConvolutionsMixin, BaseNetworkClassifier):
    """Classify images with a convolutional network.

    The defaults are the network of the results table, chosen for Sign Language MNIST
    by validation on groups of near-duplicates (``python -m benchmarks.choose_recipe``).

    Read more in the :doc:`User Guide </estimators>`.

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
    {on_interrupt}
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
    CNNRegressor : Regressor of the same architecture.
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
        loss="auto",
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
        self.on_interrupt = on_interrupt
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
