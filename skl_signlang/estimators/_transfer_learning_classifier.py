"""Transfer learning."""

import os
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skl_signlang._image_shapes import check_range
from skl_signlang._images import validate_images, warn_of_strips
from skl_signlang._intervals import Interval
from skl_signlang._untrusted import restore_local_paths
from skl_signlang.estimators._classifier import BaseNetworkClassifier
from skl_signlang.estimators._shared_parameters import shared_parameters
from skl_signlang.networks import (
    SCALES,
    find_extractor,
    path_of,
    warn_of_other_range,
)
from skl_signlang.training import (
    BACKBONE,
    FittedNetwork,
    TransferNetwork,
    TwoPhasesMixin,
    moments_by_feature,
    networks_are_separate,
    without_zeros,
)

_DESCRIBE_BACKBONE = (
    "backbone",
    "weights",
    "backbone_layer",
    "pooling",
    "image_size",
    "pixel_range",
    "preprocessing",
    "backbone_params",
)


@shared_parameters(dropout=0.2)
class TransferLearningClassifier(TwoPhasesMixin, BaseNetworkClassifier):
    """Classify images with a pretrained backbone and a trainable head.

    The head, dense layers, is trained on the features of the frozen backbone. Then the
    last layers of the backbone may be fine-tuned. Images of any size, gray or RGB, are
    resized and preprocessed by layers of the network.

    Features of a frozen backbone are computed once per image, not once per epoch, fold
    and candidate of a search.

    Read more in the :doc:`User Guide </transfer_learning>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    backbone : str, path-like or callable, default="MobileNet"
        A name of `keras.applications`; the path of a ``.keras`` file; the path of a
        folder with a SavedModel, such as those of TF-Hub; or a function of an input
        shape (height, width, 3) that returns a functional `keras.Model`.
    weights : str, path-like or None, default="imagenet"
        Initial weights of the backbone: "imagenet", the path of a file of weights
        (``NAME.weights.h5``), or None for random ones. Files, folders and functions
        bring their own weights, which "imagenet" and None keep.
    backbone_layer : str, default=None
        Layer whose output is used, or output of a SavedModel. None is the last layer
        before the classifier.
    pooling : {"avg", "max", "flatten"}, default="avg"
        Pooling of the feature maps: mean, maximum, or all values.
    trainable_layers : int or "all", default=0
        Number of layers of the backbone that are fine-tuned, counted from its end.
        Layers without weights and batch normalization do not count.
    hidden_layer_sizes : tuple of int, default=(128,)
        Number of units of each dense layer of the head; ``()`` is logistic regression
        on the features.
    image_size : int or tuple of int, default=None
        (height, width) to which images are resized, in pixels; one integer is both.
        None is the size at which a named network was trained (MobileNet: 224), the
        input size of a file, or else the size of the images.
    pixel_range : tuple of float, default=(0, 255)
        Values of black and white in `X`.
    preprocessing : {"auto", "0-1", "0-255", "caffe", "tf", "torch"}, default="auto"
        Values that the backbone expects. "auto" is that of the family of a named
        network, "0-1" for a SavedModel, and "0-255" for files and functions.
    backbone_params : dict, default=None
        Further arguments of the named network, such as ``{"alpha": 0.25}``, or of the
        function.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, channels) of images given as rows, in
        pixels. None infers square gray or RGB images from the number of features, and
        else takes rows as images one pixel high.
    {activation}
    {dropout}
    {batch_norm}
    {l1}
    {l2}
    kernel_initializer : str or keras.initializers.Initializer, \
            default="glorot_uniform"
        Initializer of the weights of the head.
    standardize : bool, default=True
        Whether the first layer of the head standardizes each feature by the mean and
        variance of the training data.
    {loss}
    {output_activation}
    {metrics}
    optimizer : str, class or keras.optimizers.Optimizer, default="adam"
        Optimizer of each phase. A name or a class takes ``learning_rate`` and
        parameters set as ``optimizer__NAME``; an instance is copied.
    learning_rate : float, default=1e-3
        Learning rate of feature extraction.
    fine_tune_learning_rate : float, default=1e-4
        Learning rate of fine-tuning.
    lr_schedule : {"constant", "cosine", "one_cycle"}, default="constant"
        Schedule of the learning rate over the epochs of each phase: constant; towards
        zero along half a cosine; or from 1/25 up in a third of the epochs, then
        towards zero.
    {reduce_lr}
    {clipnorm}
    {weight_decay}
    {label_smoothing}
    {average}
    epochs : int, default=20
        Number of passes over the training data in feature extraction.
    fine_tune_epochs : int, default=10
        Number of passes over the training data in fine-tuning; unused if
        ``trainable_layers`` is 0.
    {batch_size}
    {class_weight}
    {early_stopping}
    {validation_fraction}
    {patience}
    {min_delta}
    {callbacks}
    {checkpoint_dir}
    {on_interrupt}
    warm_start : bool, default=False
        Whether `fit` continues training the fitted network: for ``fine_tune_epochs``
        if layers of the backbone are trainable, else for ``epochs``.
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
    CNNClassifier : Convolutional classifier without a pretrained backbone.
    skl_signlang.preprocessing.BackboneFeatures : Features for any other classifier.

    Notes
    -----
    Batch normalization of the backbone keeps its statistics in both phases, as Keras'
    guide to transfer learning recommends [1]_. With ``weights=None`` a named network or
    a function has no statistics to keep, and batch normalization is trained.

    Each process caches the features that it used last, by the content of images and
    backbone, up to 256 MiB.

    A SavedModel is not saved with the estimator: a pickle contains its folder and its
    hash, and the folder must exist, unchanged, when the pickle is loaded. A SavedModel
    can run code, so an archive is loaded only with a folder that you pass:
    ``load(path, saved_model=FOLDER)``. All other backbones are saved with it.

    References
    ----------
    .. [1] `Keras, Transfer learning & fine-tuning
       <https://keras.io/guides/transfer_learning/>`_.

    Examples
    --------
    >>> import keras
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import TransferLearningClassifier
    >>> def small(input_shape):
    ...     return keras.Sequential([
    ...         keras.Input(input_shape),
    ...         keras.layers.Conv2D(16, 3, activation="relu"),
    ...     ])
    >>> digits = load_digits()
    >>> model = TransferLearningClassifier(
    ...     backbone=small, weights=None, pooling="flatten", pixel_range=(0, 16),
    ...     trainable_layers="all", epochs=3, fine_tune_epochs=3, random_state=0,
    ... )
    >>> model = model.fit(digits.images[:1500], digits.target[:1500])
    >>> bool(model.score(digits.images[1500:], digits.target[1500:]) > 0.85)
    True
    """

    _parameter_constraints: dict = {
        "backbone": [str, os.PathLike, callable],
        "backbone_params": [dict, None],
        "backbone_layer": [str, None],
        "fine_tune_epochs": [Interval(Integral, 1, None, closed="left")],
        "fine_tune_learning_rate": [Interval(Real, 0, None, closed="neither")],
        "image_shape": [tuple, list, np.ndarray, None],
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list, None],
        "pixel_range": [tuple, list],
        "pooling": [StrOptions({"avg", "max", "flatten"})],
        "preprocessing": [StrOptions({"auto", *SCALES})],
        "trainable_layers": [
            Interval(Integral, 0, None, closed="left"),
            StrOptions({"all"}),
        ],
        "weights": [str, os.PathLike, None],
    }

    def __init__(
        self,
        *,
        backbone="MobileNet",
        weights="imagenet",
        backbone_layer=None,
        pooling="avg",
        trainable_layers=0,
        hidden_layer_sizes=(128,),
        image_size=None,
        pixel_range=(0, 255),
        preprocessing="auto",
        backbone_params=None,
        image_shape=None,
        activation="relu",
        dropout=0.2,
        batch_norm=False,
        l1=0.0,
        l2=0.0,
        kernel_initializer="glorot_uniform",
        standardize=True,
        loss="auto",
        output_activation="auto",
        metrics=None,
        optimizer="adam",
        learning_rate=1e-3,
        fine_tune_learning_rate=1e-4,
        lr_schedule="constant",
        reduce_lr=False,
        clipnorm=None,
        weight_decay=None,
        label_smoothing=0.0,
        average=False,
        epochs=20,
        fine_tune_epochs=10,
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
        self.backbone = backbone
        self.weights = weights
        self.backbone_layer = backbone_layer
        self.pooling = pooling
        self.trainable_layers = trainable_layers
        self.hidden_layer_sizes = hidden_layer_sizes
        self.image_size = image_size
        self.pixel_range = pixel_range
        self.preprocessing = preprocessing
        self.backbone_params = backbone_params
        self.image_shape = image_shape
        self.activation = activation
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.l1 = l1
        self.l2 = l2
        self.kernel_initializer = kernel_initializer
        self.standardize = standardize
        self.loss = loss
        self.output_activation = output_activation
        self.metrics = metrics
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.fine_tune_learning_rate = fine_tune_learning_rate
        self.lr_schedule = lr_schedule
        self.reduce_lr = reduce_lr
        self.clipnorm = clipnorm
        self.weight_decay = weight_decay
        self.label_smoothing = label_smoothing
        self.average = average
        self.epochs = epochs
        self.fine_tune_epochs = fine_tune_epochs
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

    # --- fitting --------------------------------------------------------------------

    def _check_X(self, X, *, reset):
        if reset and self.image_shape is None:
            warn_of_strips(type(self).__name__, getattr(X, "shape", ()))
        X = validate_images(self, X, image_shape=self.image_shape, reset=reset)
        if reset:
            warn_of_other_range(X, check_range(self.pixel_range, "pixel_range"))
        return X

    def _new_network(self, samples):
        X, weights = samples.X, samples.weights
        self._described = self._describe_backbone()
        self._drawn = self.weights is None and path_of(self.backbone) is None
        extractor = find_extractor(X.shape[1:], seed=self._seed, **self._described)
        n_features, moments = extractor.n_features, None
        self._check_trainable(extractor)
        if self.standardize:
            # the head is trained on these features next
            self._features = extractor(X)
            mean, variance = moments_by_feature(self._features, weights)
            moments = mean, without_zeros(variance)
        compiled = self._compile_head(n_features)
        head = FittedNetwork(compiled, compiled.initial_values(self._seed, moments))
        return TransferNetwork(extractor, head)

    def _resume_network(self, X):
        network = self._network
        self._check_unchanged(self._described == self._describe_backbone())
        if isinstance(network, TransferNetwork):
            compiled = self._compile_head(network.compiled.input_shape[0])
        else:
            backbone = network.compiled.layer(BACKBONE)
            compiled = self._compile_whole(backbone.to_json(), backbone.output_shape[1])
        self._check_unchanged(compiled.shapes == network.compiled.shapes)
        network.compiled = compiled

    def _describe_backbone(self):
        return {name: getattr(self, name) for name in _DESCRIBE_BACKBONE}

    def _check_trainable(self, extractor):
        """Raise ValueError if the backbone cannot be fine-tuned."""
        if self.trainable_layers == 0:
            return
        if extractor.saved_model is not None:
            raise ValueError(
                f"trainable_layers={self.trainable_layers!r}, but a SavedModel cannot "
                "be fine-tuned; expected 0."
            )
        self._compile_whole(extractor.runner.structure, extractor.n_features)

    # --- pickling -------------------------------------------------------------------

    def __setstate__(self, state):
        if networks_are_separate():
            state = dict(state)
            restore_local_paths(state, ("backbone", "weights"))
            if "_described" in state:
                restore_local_paths(state["_described"], ("backbone", "weights"))
        super().__setstate__(state)

    @staticmethod
    def _restore_network(state):
        kind = TransferNetwork if "saved_model" in state else FittedNetwork
        return kind.from_state(state)
