"""Classifier with a network of the user's own."""

import keras
from sklearn.utils._param_validation import StrOptions

from skl_signlang.estimators._classifier import BaseNetworkClassifier
from skl_signlang.estimators._multi_output import MultiOutputMixin
from skl_signlang.estimators._shared_parameters import shared_parameters
from skl_signlang.estimators._text_columns import TextColumnsMixin


@shared_parameters(standardize=False)
class NetworkClassifier(TextColumnsMixin, MultiOutputMixin, BaseNetworkClassifier):
    """Classify with a network of your own, which a function builds.

    The function is called with ``n_outputs=1`` for two classes, else with the number of
    classes; for `y` of several columns, with a tuple of their numbers of classes. It
    need not know of the training: loss, optimizer, callbacks and all else are
    parameters of the estimator.

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
    loss : str, class, callable, keras.losses.Loss or list, default="auto"
        Loss of the probabilities. "auto" is the cross-entropy. A name or a class takes
        parameters set as ``loss__NAME``. With more than two classes a loss gets one-hot
        targets, unless it is one of Keras' sparse ones. For `y` of several columns, a
        list with a loss for each; their sum is minimized.
    {output_activation}
    metrics : list, default=None
        Further metrics of each epoch, in `history_` and for callbacks: names,
        functions of (y_true, y_pred), or objects of `keras.metrics`. For `y` of
        several columns, a list of metrics for each, named as in ``auc_0``.
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
    class_weight : dict, list of dict, "balanced" or None, default=None
        Weight of each class; "balanced" is inverse to its frequency. For `y` of several
        columns, a dict for each; a sample has the product of its weights.
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
    classes_ : ndarray of shape (n_classes,), or list of ndarray
        Class labels, sorted; of each column, if `y` has several columns of classes.
    {model_}
    {image_shape_}
    {n_features_in_}
    {feature_names_in_}
    {callbacks_}
    {n_iter_}
    {history_}

    See Also
    --------
    NetworkRegressor : Regressor with a network of your own.
    DenseClassifier : Dense layers.
    CNNClassifier : Convolutions.

    Notes
    -----
    `X` may have any shape: ``input_shape`` is that of one sample. Samples of shape
    (height, width, channels) with at most 4 channels are images. Strings go to
    layers such as `TextVectorization`, which `fit` adapts.

    Examples
    --------
    >>> import keras
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skl_signlang import NetworkClassifier
    >>> def build(input_shape, n_outputs, units=8):
    ...     return keras.Sequential([
    ...         keras.Input(input_shape),
    ...         keras.layers.Dense(units, activation="relu"),
    ...         keras.layers.Dense(n_outputs),
    ...     ])
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NetworkClassifier(
    ...     build, standardize=True, learning_rate=0.02, batch_size=16, random_state=0
    ... )
    >>> search = GridSearchCV(model, {"model__units": [2, 16]}, cv=3).fit(X, y)
    >>> bool(search.best_score_ > 0.9)
    True
    """

    _parameter_constraints: dict = {
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "loss": [str, type, callable, keras.losses.Loss, list, tuple],
    }

    def __init__(
        self,
        model=None,
        *,
        model_params=None,
        inputs=None,
        image_shape=None,
        standardize=False,
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
        average=False,
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
