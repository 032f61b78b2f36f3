"""Base of all estimators.

Hooks that a subclass may override, with what each returns:

========================  ===========================================================
`_architecture`           (function, hyperparameters) that build the network
`_as_inputs`              samples as the network takes them
`_as_targets`             targets as the network is trained on them
`_augmentation`           `Augmentation` of the images, or None
`_build`                  function of `skl_signlang.networks` that builds the network
`_check_X`, `_check_y`    checked samples; encoded targets
`_check_losses`           nothing; warns of a training that failed
`_codes`                  classes that a validation split is stratified by, or None
`_compile_arguments`      optimizer, learning rate and loss
`_default_loss`           loss: a name, class, function or `keras.losses.Loss`
`_defaults`               default parameters, for pickles that lack newer ones
`_describe_architecture`  structure as plain data, for checkpoints
`_find_scaling`           nothing; sets the scaling of extreme inputs and targets
`_history_metrics`        an attribute: the metrics of each epoch
`_loss_params`            dict of routed parameters of the loss
`_moments`                mean and variance of the standardization layer
`_new_network`            `FittedNetwork` with initial weights
`_output`                 number of outputs and output activation, for the network
`_output_bias`            initial bias of the outputs, or None
`_phases`                 epochs of each phase, which has an optimizer of its own
`_planned_epochs`         epochs of a call of `fit`
`_restore_network`        `FittedNetwork` from its pickled state
`_resume_network`         nothing; prepares the network for further training
`_start`                  what a training needs; checks the data, makes the network
`_target_weights`         class weights, one per sample
`_train`                  whether all epochs were trained; trains the network
`_units`                  factor of each metric from scaled to unscaled targets
`_value_range`            minimum and maximum possible value of the samples
========================  ===========================================================
"""

import warnings
from contextlib import contextmanager

import keras
import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import _check_sample_weight, _num_samples

from skl_signlang._forks import check_process
from skl_signlang._image_shapes import are_bytes
from skl_signlang._images import refuse_one_image
from skl_signlang._memory import retain_freed_memory
from skl_signlang._numbers import python_numbers
from skl_signlang.estimators._fit_arguments import explains_arguments, refuse_streams
from skl_signlang.estimators._other_names import check_other_names
from skl_signlang.estimators._pickled_state import PickledStateMixin
from skl_signlang.training import (
    BYTES,
    RANGES,
    UNIT,
    CallbackSupportMixin,
    FitContext,
    FitInputs,
    FittedNetwork,
    RoutingMixin,
    TrainingData,
    build_callbacks,
    check_groups,
    check_keras_names,
    check_monitors,
    check_rates,
    get_compiled_model,
    hold_out_validation,
    hyperparameters_of,
    locked,
    metric_name,
    normalize_weights,
    open_checkpoint,
    release,
    report_of,
    scale_of,
    scale_values,
    train,
    write_runs,
    write_summaries,
)

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"skl_signlang needs Keras on TensorFlow, but Keras runs on "
        f"{keras.backend.backend()}: set KERAS_BACKEND=tensorflow before the import."
    )

retain_freed_memory()


class NetworkEstimator(
    PickledStateMixin, RoutingMixin, CallbackSupportMixin, BaseEstimator
):
    """A Keras network as a scikit-learn estimator; see the module for its hooks."""

    # as in scikit-learn's splitters: groups are requested where they are given
    __metadata_request__fit = {"groups": True}

    _history_metrics = ()
    _scaling = None

    _parameter_constraints: dict = {}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.three_d_array = True
        return tags

    def _check_known(self, names):
        check_other_names(self, names)

    @explains_arguments
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X, y=None, sample_weight=None, *, groups=None, X_val=None, y_val=None
    ):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples, uint8 or float; a memory map is read batch by batch. Or a
            `tf.data.Dataset` or `keras.utils.PyDataset` of (X, y, sample_weight).
        y : array-like of shape (n,) or (n, n_outputs)
            Targets; None with a data set.
        sample_weight : array-like of shape (n,), default=None
            Sample weights, not negative, of which zero ignores; only ratios matter.
        groups : array-like of shape (n,), default=None
            Group labels, such as signers or photographs, that a validation split does
            not divide; otherwise ignored.
        X_val : array-like of shape (m, ...), default=None
            Validation samples, instead of a part of `X`; or a data set of (X, y).
        y_val : array-like of shape (m,) or (m, n_outputs), default=None
            Targets of `X_val`.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the input is invalid, or the training diverged.
        """
        resume = self.warm_start and self.__sklearn_is_fitted__()
        data = FitInputs(X, y, sample_weight, groups, X_val, y_val)
        return self._fit(data, resume=resume, whole=True)

    def _phases(self, epochs):
        """Return the epochs of each phase, which has an optimizer of its own."""
        return (epochs,)

    def _planned_epochs(self, resume):
        """Return the number of epochs of a call of `fit`."""
        return self.epochs

    @python_numbers
    def _fit(self, data, *, epochs=None, resume, classes=None, whole=False):
        """Train; a `whole` fit has checkpoints and scikit-learn's callbacks."""
        epochs = self._planned_epochs(resume) if epochs is None else epochs
        check_process()
        report = report_of(self, data, epochs) if whole else None
        with (
            _unchanged_on_error(self),
            locked(self.checkpoint_dir if whole else None),
        ):
            samples, context = self._start(data, resume, classes, whole)
            check_rates(self, self._phases(epochs))
            context = context._replace(report=report)
            with write_runs(self, context.callbacks if whole else ()) as runs:
                self._train(samples, context, epochs)
                write_summaries(self, runs, context.validation or samples)
            release(context.callbacks)
            self.callbacks_ = context.callbacks
        if report is not None:
            report.end()
        return self

    def __sklearn_is_fitted__(self):
        return "_network" in vars(self)

    def _start(self, data, resume=False, classes=None, whole=False):
        """Check the data and, unless resuming, initialize a network."""
        check_keras_names(self)
        callbacks = build_callbacks(self.callbacks)
        X = self._check_X(data.X, reset=not resume)
        # what is wrong with the labels may only be that some are missing
        if isinstance(data.y, list | tuple) or getattr(data.y, "ndim", 0):
            if len(X) != _num_samples(data.y) and getattr(data.X, "ndim", 0) == 3:
                refuse_one_image(data.X.shape)
            check_consistent_length(X, data.y)
        y = self._check_y(data.y, reset=not resume, classes=classes)
        check_consistent_length(X, y)
        weights = self._check_weights(X, y, data.sample_weight)
        if not resume:
            self._scale, self._of_bytes = scale_of(X), are_bytes(X)
            self._find_scaling(X, y, weights)
        samples = TrainingData(self._as_inputs(X), self._as_targets(y), weights)
        validation = self._check_validation(data, samples)
        measured = ["loss", *map(metric_name, self._history_metrics)]
        wanted = check_monitors(callbacks, measured)
        groups = None if data.groups is None else check_groups(data.groups, X)
        checkpoint = None
        if whole and self.checkpoint_dir is not None:
            started = self._network.values_to_train if resume else None
            checkpoint = open_checkpoint(self, samples, groups, validation, started)
        seed = self._seed if resume else self._draw_seed()
        if checkpoint is not None and checkpoint.seed is not None:
            seed = checkpoint.seed
        if validation is None and (wanted or self.early_stopping):
            samples, validation = hold_out_validation(
                samples,
                self.validation_fraction,
                groups=groups,
                codes=self._codes(samples.y),
                classes=getattr(self, "classes_", None),
                seed=seed,
            )
        context = FitContext(validation, callbacks, checkpoint)
        if resume:
            self._resume_network(samples.X)
            return samples, context
        self._seed = seed
        self._network = self._new_network(samples)
        self.n_iter_ = 0
        self.history_ = {}
        return samples, context

    def _draw_seed(self):
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _check_validation(self, data, samples):
        """Return the checked ``X_val`` and ``y_val``, or None."""
        if data.X_val is None and data.y_val is None:
            return None
        if data.X_val is None or data.y_val is None:
            given, missing = ("X_val", "y_val")[:: -1 if data.X_val is None else 1]
            raise ValueError(
                f"{given} needs {missing}; got None. Pass both or neither."
            )
        try:
            X = self._check_X(data.X_val, reset=False)
            y = self._check_y(data.y_val, reset=False)
            check_consistent_length(X, y)
        except ValueError as error:
            raise ValueError(f"X_val and y_val: {error}") from error
        trained = _check_sample_weight(data.sample_weight, samples.X, dtype=np.float64)
        weights = np.ones(len(X)) * self._target_weights(samples.y, trained, of=y)
        if not weights.any():
            raise ValueError("X_val and y_val: class_weight gives all samples zero.")
        X, y = self._as_inputs(X), self._as_targets(y)
        return TrainingData(X, y, normalize_weights(weights))

    def _codes(self, y):
        """Return the classes by which a validation split is stratified, or None."""
        return None

    def _units(self):
        """Return the factor of each metric from scaled to unscaled targets."""
        return {}

    def _check_losses(self, losses, loss, samples):
        """Warn of a training that has finite losses and failed."""

    def _find_scaling(self, X, y, weights):
        """Set the scaling of inputs and targets of extreme size."""

    def _as_inputs(self, X):
        """Return checked samples as the network takes them."""
        return scale_values(X, self._scaling)

    def _as_targets(self, y):
        """Return checked targets as the network is trained on them."""
        return y

    def _architecture(self):
        return self._build, {**hyperparameters_of(self, self._build), **self._output()}

    def _compiled_model(self, X):
        build, hyperparameters = self._architecture()
        return get_compiled_model(build, input_shape=X.shape[1:], **hyperparameters)

    def _describe_architecture(self, X):
        """Return the structure of the network as plain data."""
        return [list(shape) for shape in self._compiled_model(X).shapes]

    def _new_network(self, samples):
        """Return a network with initial weights."""
        compiled = self._compiled_model(samples.X)
        moments = None
        if self.standardize:
            moments = self._moments(samples.X, samples.weights)
        bias = self._output_bias(samples)
        values = compiled.initial_values(self._seed, moments, bias)
        return FittedNetwork(compiled, values)

    def _output_bias(self, samples):
        """Return the initial output bias, or None for zero."""
        return None

    def _resume_network(self, X):
        """Prepare the fitted network for further training."""
        compiled = self._compiled_model(X)
        self._check_unchanged(compiled.shapes == self._network.compiled.shapes)
        self._network.compiled = compiled

    def _check_unchanged(self, same):
        if not same:
            raise ValueError(
                f"{type(self).__name__} cannot train on: its parameters now describe "
                "another network than the fitted one. Set warm_start=False and call "
                "fit, or set the parameters back."
            )

    def _check_weights(self, X, y, sample_weight):
        """Return sample weights with a mean of 1 over positive ones."""
        weights = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        weights = weights * self._target_weights(y, weights)
        if not weights.any():
            raise ValueError("All samples have weight zero: there is nothing to fit.")
        return normalize_weights(weights)

    def _target_weights(self, y, sample_weight, of=None):
        """Return class weights of targets, or of the targets `of` other samples."""
        return 1.0

    def _train(self, samples, context, epochs):
        return train(self, samples, context, epochs)

    def _augmentation(self, X):
        """Return the augmentation of images; None for tables."""
        return None

    def _value_range(self, X):
        """Return the minimum and maximum possible value."""
        known = RANGES.get(self._scale) if self._scaling is None else None
        return known or (float(X.min()), float(X.max()))

    def _predict_raw(self, X, **options):
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' "
                "with appropriate arguments before using this estimator."
            )
        refuse_streams(self, "predict", X)
        check_process()
        X = self._check_X(X, reset=False)
        self._warn_of_other_scale(X)
        return self._network.predict(self._as_inputs(X), **options)

    def _warn_of_other_scale(self, X):
        if not isinstance(X, np.ndarray):  # sparse
            return
        if self._scale == BYTES:
            # integers up to 1 are a black image, not one of another scale
            other = X.dtype != np.uint8 and scale_of(X) == UNIT and (X % 1).any()
        else:
            # single values far above 1 are outliers of a table scaled to 0-1
            other = self._scale == UNIT and scale_of(X) == BYTES and X.mean() > 1
        if other:
            warnings.warn(
                f"X lies in {scale_of(X)}, but this {type(self).__name__} was fitted "
                f"on values in {self._scale}. Values are not rescaled: convert X to "
                "the scale of the training data.",
                stacklevel=5,
            )

    @property
    def model_(self):
        """The inference network, a `keras.Model` of this estimator's own.

        It is built on first access; later fits do not change it.
        """
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(
                f"This {type(self).__name__} has no model_ before fit."
            )
        check_process()
        return self._network.model


@contextmanager
def _unchanged_on_error(estimator):
    """Restore an estimator if fitting fails or is interrupted."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
