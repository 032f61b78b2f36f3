"""Dense layers that predict numbers."""

import warnings

import keras
import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils.validation import check_array

from skl_signlang._calls import names_class
from skl_signlang.estimators._base import NetworkEstimator
from skl_signlang.estimators._fit_arguments import explains_arguments
from skl_signlang.estimators._shared_parameters import shared_parameters
from skl_signlang.training._dense_inputs import DenseInputsMixin
from skl_signlang.training._regression_losses import (
    bias_of_output,
    check_own_loss,
    check_target,
    degree_of,
    output_activation_of,
)
from skl_signlang.training._scaling import scale_values, scaling_of_target, undo_scaling
from skl_signlang.training._training_data import Data

LEAST = 2.0**-20
"""Targets beyond this and one over it are out of reach of the usual steps."""


@shared_parameters(hidden_layer_sizes=(64, 64))
class DenseRegressor(DenseInputsMixin, RegressorMixin, NetworkEstimator):
    """Predict one number or several from rows with a network of dense layers.

    The target is taken as it is, but for one beyond 1024, or that varies by less than
    1/1024: with a linear output and the mean squared or absolute error the network is
    trained on that target centered and divided by a power of two, and what it predicts
    is brought back.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int, default=(64, 64)
        Units of each hidden layer; ``()`` is linear regression.
    loss : str, class, callable or keras.losses.Loss, default="mse"
        What is minimised. A name or a class takes parameters set as ``loss__NAME``.
    output_activation : str or callable, default="auto"
        Activation of the last layer, by its Keras name. "auto" fits the loss:
        "exponential" for "poisson" and "msle", "sigmoid" for "binary_crossentropy",
        "binary_focal_crossentropy", "dice" and "tversky", "softmax" over the columns
        of `y` for "kl_divergence", "categorical_crossentropy" and its variants, and
        "linear" for all others and for a cross-entropy ``from_logits``.
    {activation}
    {dropout}
    {batch_norm}
    {l1}
    {l2}
    {kernel_initializer}
    {standardize}
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
    validation_fraction : float, default=0.1
        Share of the samples that is set aside for that, or for callbacks that watch a
        validation: groups undivided if `fit` is given some. Nothing is set aside if
        `fit` is given ``X_val`` and ``y_val``.
    {patience}
    {min_delta}
    {callbacks}
    {checkpoint_dir}
    {warm_start}
    {random_state}
    {verbose}

    Attributes
    ----------
    model_ : keras.Model
        The inference network.
    n_features_in_ : int
        Values in a sample.
    feature_names_in_ : ndarray of str, shape (`n_features_in_`,)
        Column names, if `X` was a DataFrame with names of strings.
    n_outputs_ : int
        Numbers predicted for a sample.
    callbacks_ : list of (str, keras.callbacks.Callback)
        Those that the last fit used; a pickle does not hold them.
    n_iter_ : int
        Epochs trained.
    history_ : dict of str to list of float
        "loss" and "mean_absolute_error" of each epoch, on the training data, both also
        as ``val_...`` where there is validation, and "learning_rate" where it changes.

    See Also
    --------
    DenseClassifier : The same for labels.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang import DenseRegressor
    >>> X = np.random.RandomState(0).normal(size=(1000, 3))
    >>> y = X[:, 0] * X[:, 1]
    >>> model = DenseRegressor(epochs=40, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.8)
    True
    """

    _target_scaling = None
    _history_metrics = ("mean_absolute_error",)

    _parameter_constraints: dict = {
        **NetworkEstimator._parameter_constraints,
        "loss": [str, type, callable, keras.losses.Loss],
        "output_activation": [str, callable],
    }

    def __init__(
        self,
        *,
        hidden_layer_sizes=(64, 64),
        loss="mse",
        output_activation="auto",
        activation="relu",
        dropout=0.0,
        batch_norm=False,
        l1=0.0,
        l2=0.0,
        kernel_initializer="glorot_uniform",
        standardize=True,
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
        warm_start=False,
        random_state=None,
        verbose=0,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.loss = loss
        self.output_activation = output_activation
        self.activation = activation
        self.dropout = dropout
        self.batch_norm = batch_norm
        self.l1 = l1
        self.l2 = l2
        self.kernel_initializer = kernel_initializer
        self.standardize = standardize
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
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @explains_arguments
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch more; the first call draws a new network.

        Parameters
        ----------
        X : array-like of shape (n, features)
            Samples.
        y : array-like of shape (n,) or (n, n_outputs)
            Numbers.
        sample_weight : array-like of shape (n,), default=None
            Weight of each sample, not negative.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            As `fit`.
        """
        resume = self.__sklearn_is_fitted__()
        self._refuse_in_pieces()
        return self._fit(Data(X, y, sample_weight), epochs=1, resume=resume)

    @names_class
    def predict(self, X):
        """Predict numbers.

        Parameters
        ----------
        X : array-like of shape (n, features)
            Samples on the scale of the training data.

        Returns
        -------
        y : ndarray of float64, shape (n,) or (n, n_outputs)
            In the form of the target in fit.
        """
        outputs = self._predict_raw(X).astype(np.float64)
        if self._target_scaling is not None:
            outputs = undo_scaling(outputs, self._target_scaling)
        return outputs.ravel() if self._flat_target else outputs

    def _check_y(self, y, *, reset, classes=None):
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is "
                "None"
            )
        y = check_array(
            y, ensure_2d=False, dtype=np.float64, input_name="y", estimator=self
        )
        if reset:
            self._flat_target = y.ndim == 1
            self.n_outputs_ = 1 if y.ndim == 1 else y.shape[1]
        y = y.reshape(len(y), -1)
        if y.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y has {y.shape[1]} columns, but {type(self).__name__} was fitted on "
                f"{self.n_outputs_}."
            )
        check_target(y, self.loss)
        check_own_loss(self.loss, self.n_outputs_)
        return y

    def _find_scaling(self, X, y, weights):
        super()._find_scaling(X, y, weights)
        self._target_scaling = None
        scaling = scaling_of_target(y, weights)
        if scaling is None:
            return
        if degree_of(self.loss) and self._output_activation() == "linear":
            self._target_scaling = scaling
        elif not LEAST < np.abs(y).max() < 1 / LEAST:
            warnings.warn(
                f"y holds values up to {np.abs(y).max():.3g}, and "
                f"{type(self).__name__} takes them as they are with loss="
                f"{self.loss!r}. Wrap it in TransformedTargetRegressor with a scaler.",
                stacklevel=4,
            )

    def _as_targets(self, y):
        return scale_values(y, self._target_scaling, "y")

    def _units(self):
        if self._target_scaling is None:
            return {}
        exponent = int(self._target_scaling[1].max())
        degrees = {"loss": degree_of(self.loss), "mean_absolute_error": 1}
        return {
            name: 2.0 ** min(1023, degree * exponent)
            for name, degree in degrees.items()
        }

    def _output_activation(self):
        if self.output_activation != "auto":
            return self.output_activation
        return output_activation_of(self.loss, self._routed_params)

    def _output_bias(self, samples):
        means = np.average(samples.y, axis=0, weights=samples.weights)
        return bias_of_output(self._output_activation(), means)

    def _default_loss(self):
        return self.loss

    def _output(self):
        return {
            "n_outputs": self.n_outputs_,
            "output_activation": self._output_activation(),
        }

    def _defaults(self):
        # all networks that were kept before there was this parameter
        return {**super()._defaults(), "output_activation": "linear"}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
