"""Regressor with a network of the user's own."""

from skl_signlang.estimators._regressor import OF_REGRESSORS, BaseNetworkRegressor
from skl_signlang.estimators._shared_parameters import shared_parameters
from skl_signlang.estimators._text_columns import TextColumnsMixin


@shared_parameters(OF_REGRESSORS, standardize=False, loss="mse")
class NetworkRegressor(TextColumnsMixin, BaseNetworkRegressor):
    """Predict one or several targets with a network of your own.

    The function is called with the number of targets as ``n_outputs``, and need not
    know of the training: loss, optimizer, callbacks and all else are parameters of the
    estimator.

    Read more in the :doc:`User Guide </own_networks>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    {model}
    {model_params}
    {inputs}
    {image_shape}
    standardize : bool, default=False
        Whether values are standardized before the network by the mean and variance of
        the training data: of each feature, or of all pixels of images.
    {loss}
    output_activation : str or callable, default="auto"
        Activation that is added to a network that ends without one. "auto" fits the
        loss, as in `DenseRegressor`; a network that ends with one keeps it.
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
    NetworkClassifier : Classifier with a network of your own.
    DenseRegressor : Dense layers.

    Notes
    -----
    `X` may have any shape: ``input_shape`` is that of one sample. Samples of shape
    (height, width, channels) with at most 4 channels are images. Strings go to
    layers such as `TextVectorization`, which `fit` adapts.

    Examples
    --------
    >>> import keras
    >>> from sklearn.datasets import load_diabetes
    >>> from skl_signlang import NetworkRegressor
    >>> def build(input_shape, n_outputs, units=16):
    ...     return keras.Sequential([
    ...         keras.Input(input_shape),
    ...         keras.layers.Dense(units, activation="relu"),
    ...         keras.layers.Dense(n_outputs),
    ...     ])
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = NetworkRegressor(
    ...     build, model_params={"units": 32}, standardize=True, learning_rate=0.05,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> bool(model.score(X, y) > 0.4)
    True
    """

    def __init__(
        self,
        model=None,
        *,
        model_params=None,
        inputs=None,
        image_shape=None,
        standardize=False,
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
        self.model = model
        self.model_params = model_params
        self.inputs = inputs
        self.image_shape = image_shape
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

    def _architecture(self):
        build, hyperparameters = super()._architecture()
        keeps = self.output_activation == "auto"
        return build, {**hyperparameters, "keeps_activation": keeps}

    def _is_linear(self, X):
        return self._compiled_model(X).output_activation == "linear"

    def _has_penalties(self):
        return self._network.compiled.has_penalties
