"""The one base that makes a Keras network a real scikit-learn estimator.

SciKeras' good part, the routing of parameters to optimizer and loss, is delegated to a
wrapper made for that; tags, cloning, seeds, memory, speed and pickling, which it gets
wrong, are ours. Nothing else in this package knows of SciKeras.
"""

import warnings
from contextlib import contextmanager
from numbers import Integral, Real

import keras
import numpy as np
from keras.optimizers import Optimizer
from scikeras.wrappers import BaseWrapper
from sklearn.base import BaseEstimator, _fit_context, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight

from skl_signlang._memory import keep_freed_memory
from skl_signlang.estimators._averaging import WeightAverage
from skl_signlang.estimators._graph import graph_from_recipe
from skl_signlang.estimators._keras_objects import from_plain, to_plain
from skl_signlang.estimators._network import Network, networks_are_apart
from skl_signlang.estimators._schedules import SCHEDULES, set_rates

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"skl_signlang needs Keras on TensorFlow, but Keras runs on "
        f"{keras.backend.backend()}: set KERAS_BACKEND=tensorflow before the import."
    )

keep_freed_memory()

BYTES, UNIT = "0-255", "0-1"
_RANGES = {BYTES: (0.0, 255.0), UNIT: (0.0, 1.0)}
_PIECE_ROWS, _PIECE_VALUES = 1024, 1 << 20


class NetworkEstimator(BaseEstimator):
    """Base of all estimators here: a Keras network with scikit-learn's manners.

    A subclass names its architecture (`_architecture`), checks its input (`_check_X`)
    and its target (`_check_y`) and says what is minimised (`_default_loss`).
    """

    _routing_prefixes = ("optimizer", "loss")
    _history_metrics = ()

    _parameter_constraints: dict = {
        "activation": [str, callable],
        "average": ["boolean"],
        "batch_norm": ["boolean"],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "hidden_layer_sizes": [tuple, list],
        "kernel_initializer": [str, keras.initializers.Initializer],
        "l1": [Interval(Real, 0, None, closed="left")],
        "l2": [Interval(Real, 0, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "lr_schedule": [StrOptions(set(SCHEDULES))],
        "optimizer": [str, type, Optimizer],
        "random_state": ["random_state"],
        "standardize": ["boolean"],
        "verbose": [StrOptions({"auto"}), Interval(Integral, 0, 2, closed="both")],
        "warm_start": ["boolean"],
    }

    # --- parameters -----------------------------------------------------------------

    def get_params(self, deep=True):
        """Get the parameters, with `deep` also those routed to optimizer and loss.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include parameters such as ``optimizer__beta_1``.

        Returns
        -------
        params : dict
            Names and values.
        """
        params = super().get_params(deep=deep)
        return {**params, **self._routed_params} if deep else params

    def set_params(self, **params):
        """Set parameters, including ``optimizer__...`` and ``loss__...``.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : estimator instance
            This estimator.

        Raises
        ------
        ValueError
            For a name that is no parameter.
        """
        routed = {
            name: value
            for name, value in params.items()
            if name.partition("__")[0] in self._routing_prefixes and "__" in name
        }
        own = {name: value for name, value in params.items() if name not in routed}
        super().set_params(**own)
        if routed:
            self._routed = {**self._routed_params, **routed}
        return self

    @property
    def _routed_params(self):
        return self.__dict__.get("_routed", {})

    def __sklearn_clone__(self):
        copy = super().__sklearn_clone__()
        return copy.set_params(**clone(self._routed_params, safe=False))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.three_d_array = True
        return tags

    # --- fitting --------------------------------------------------------------------

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples, uint8 or float; a memory map is read batch by batch.
        y : array-like of shape (n,) or (n, n_outputs)
            Targets.
        sample_weight : array-like of shape (n,), default=None
            Weight of each sample, not negative; only ratios count. Samples of weight
            zero are left out.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            For a bad parameter or input, or if the training diverged.
        """
        resume = self.warm_start and self.__sklearn_is_fitted__()
        epochs = self._planned_epochs(resume)
        return self._fit(X, y, sample_weight, epochs=epochs, resume=resume)

    def _planned_epochs(self, resume):
        """Tell how many epochs a call of `fit` trains."""
        return self.epochs

    def _fit(self, X, y, sample_weight, *, epochs, resume, classes=None):
        with _unchanged_on_error(self):
            X, y, weights = self._start(X, y, sample_weight, resume, classes)
            self._train(X, y, weights, epochs)
        return self

    def __sklearn_is_fitted__(self):
        return "_network" in vars(self)

    def _start(self, X, y, sample_weight, resume, classes=None):
        """Check the data and, unless resuming, draw a new network."""
        X = self._check_X(X, reset=not resume)
        y = self._check_y(y, reset=not resume, classes=classes)
        check_consistent_length(X, y)
        weights = self._check_weights(X, y, sample_weight)
        if resume:
            self._resume_network(X)
            return X, y, weights
        self._seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self._network = self._new_network(X, weights)
        self._scale = _scale(X)
        self.n_iter_ = 0
        self.history_ = {}
        return X, y, weights

    def _graph(self, X):
        build, hyperparameters = self._architecture()
        return graph_from_recipe(build, input_shape=X.shape[1:], **hyperparameters)

    def _new_network(self, X, weights):
        """Draw a network by the seed."""
        graph = self._graph(X)
        moments = self._moments(X, weights) if self.standardize else None
        return Network(graph, graph.initial_values(self._seed, moments))

    def _resume_network(self, X):
        """Let the fitted network go on with what the parameters say now."""
        graph = self._graph(X)
        self._check_unchanged(graph.shapes == self._network.graph.shapes)
        self._network.graph = graph

    def _check_unchanged(self, same):
        if not same:
            raise ValueError(
                f"{type(self).__name__} cannot train on: its parameters now describe "
                "another network than the fitted one. Set warm_start=False and call "
                "fit, or set the parameters back."
            )

    def _check_weights(self, X, y, sample_weight):
        """Give weights with a mean of 1 over the samples that count."""
        weights = _check_sample_weight(
            sample_weight, X, dtype=np.float64, ensure_non_negative=True
        )
        weights = weights * self._target_weights(y, weights)
        if not weights.any():
            raise ValueError("All samples have weight zero: there is nothing to learn.")
        return (weights / weights[weights > 0].mean()).astype(np.float32)

    def _target_weights(self, y, sample_weight):
        return 1.0

    def _train(self, X, y, weights, epochs):
        network = self._network
        optimizer, learning_rate, loss = self._compile_arguments()
        trainer = network.graph.borrow_trainer(optimizer, loss, self._history_metrics)
        callbacks = self._set_rates(learning_rate, epochs)
        average = WeightAverage(network.values)
        if self.average:
            callbacks.append(average)
        values, optimizer_values, history = trainer.train(
            network.values_to_train,
            network.optimizer_values,
            X,
            y,
            weights,
            learning_rate=learning_rate,
            batch_size=self.batch_size,
            epochs=epochs,
            initial_epoch=self.n_iter_,
            seed=self._seed,
            augmentation=self._augmentation(X),
            callbacks=callbacks,
            verbose=self.verbose,
        )
        network.graph.give_back(trainer)
        if not all(np.isfinite(value).all() for value in values):
            raise ValueError(
                f"The training diverged: loss {history['loss'][-1]} after "
                f"{epochs} epochs. Lower learning_rate, or scale X and y."
            )
        self._network = Network(
            network.graph,
            average.values if self.average else values,
            optimizer_values,
            last_values=values,
        )
        self.history_ = {
            name: self.history_.get(name, []) + run for name, run in history.items()
        }
        self.n_iter_ += epochs

    def _augmentation(self, X):
        """Tell how pictures are changed while training; tables are left alone."""
        return None

    def _value_range(self, X):
        """Tell the least and the greatest value that there can be."""
        return _RANGES.get(self._scale) or (float(X.min()), float(X.max()))

    def _set_rates(self, learning_rate, epochs):
        """List the callback that changes the learning rate, if it changes."""
        if self.lr_schedule == "constant":
            return []
        if learning_rate is None:
            raise ValueError(
                f"lr_schedule={self.lr_schedule!r} needs a learning_rate that is a "
                f"number; got it from optimizer={self.optimizer!r}. Pass the optimizer "
                "by name or class, or leave lr_schedule='constant'."
            )
        return [set_rates(learning_rate, self.lr_schedule, self.n_iter_, epochs)]

    # --- what SciKeras routes -------------------------------------------------------

    def _compile_arguments(self):
        """Make the optimizer, the learning rate to set (if a number), and the loss."""
        params = self._routed_params
        optimizer, loss = self.optimizer, _loss_class(self._default_loss())
        rate = None
        if isinstance(optimizer, Optimizer):
            _refuse_routed(params, "optimizer", optimizer)
            optimizer = type(optimizer).from_config(optimizer.get_config())
        else:
            params = {"optimizer__learning_rate": self.learning_rate, **params}
            rate = params["optimizer__learning_rate"]
        if not isinstance(loss, type):
            _refuse_routed(params, "loss", loss)
        try:
            made = BaseWrapper(
                optimizer=optimizer, loss=loss, **params
            )._get_compile_kwargs()
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"optimizer={self.optimizer!r} and loss={loss!r} cannot be made with "
                f"the parameters {params}: {error}"
            ) from error
        return made["optimizer"], rate if isinstance(rate, Real) else None, made["loss"]

    # --- predicting -----------------------------------------------------------------

    def _predict_raw(self, X):
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(
                f"This {type(self).__name__} instance is not fitted yet. Call 'fit' "
                "with appropriate arguments before using this estimator."
            )
        X = self._check_X(X, reset=False)
        self._warn_of_other_scale(X)
        return self._network.predict(X)

    def _warn_of_other_scale(self, X):
        if self._scale == BYTES:
            # whole numbers up to 1 are a black picture, not one of another scale
            other = X.dtype != np.uint8 and _scale(X) == UNIT and (X % 1).any()
        else:
            # single values far above 1 are outliers of a table scaled to 0-1
            other = self._scale == UNIT and _scale(X) == BYTES and X.mean() > 1
        if other:
            warnings.warn(
                f"X lies in {_scale(X)}, but this {type(self).__name__} was fitted on "
                f"values in {self._scale}. Values are taken as they are: bring X to "
                "the scale of the training data.",
                stacklevel=4,
            )

    @property
    def model_(self):
        """The inference network, a `keras.Model` of this estimator's own.

        It is built when first asked for; no later fit changes it.
        """
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(
                f"This {type(self).__name__} has no model_ before fit."
            )
        return self._network.model

    # --- keeping --------------------------------------------------------------------

    def __getstate__(self):
        state = dict(super().__getstate__())
        if "_network" in state:
            state["_network"] = state["_network"].to_state()
        if networks_are_apart():
            state = to_plain(state)
        return state

    def __setstate__(self, state):
        state = from_plain(state) if networks_are_apart() else dict(state)
        if "_network" in state:
            state["_network"] = self._restore_network(state["_network"])
        super().__setstate__(state)

    _restore_network = staticmethod(Network.from_state)


@contextmanager
def _unchanged_on_error(estimator):
    """Put an estimator back as it was if fitting fails or is interrupted."""
    before = dict(vars(estimator))
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


def moments_by_feature(X, weights):
    """Compute the weighted mean and variance of each value of a sample.

    Parameters
    ----------
    X : ndarray of uint8 or float32, shape (n, ...)
        Samples; a memory map is read in pieces.
    weights : ndarray of float32, shape (n,)
        Weight of each sample.

    Returns
    -------
    mean, variance : ndarray of float64, shape (n_features,)
        Of each feature.
    """
    total = np.zeros(X[0].size)
    squares = np.zeros(X[0].size)
    shift = np.asarray(X[0], dtype=np.float64).ravel()  # keeps the squares small
    step = max(1, min(_PIECE_ROWS, _PIECE_VALUES // shift.size))
    for start in range(0, len(X), step):
        rows = X[start : start + step].reshape(-1, shift.size) - shift
        weight = weights[start : start + step].astype(np.float64)
        total += weight @ rows
        squares += weight @ rows**2
    mean = total / weights.sum(dtype=np.float64)
    variance = squares / weights.sum(dtype=np.float64) - mean**2
    return mean + shift, np.maximum(variance, 0)


def without_zeros(variance):
    """Replace the variance of what never varies by 1, as StandardScaler does."""
    return np.where(variance > 1e-30, variance, 1.0)


def _scale(X):
    """Tell whether values look like bytes, like shares of one, or like neither."""
    low, high = X.min(), X.max()
    if low < 0 or high > 255:
        return None
    if high > 16:
        return BYTES
    return UNIT if high <= 1 else None


def _loss_class(loss):
    """Find the class of a loss that is given by name: only classes take parameters."""
    if not isinstance(loss, str):
        return loss
    loss = keras.losses.get(loss)
    name = getattr(loss, "__name__", type(loss).__name__)
    return getattr(keras.losses, name.title().replace("_", ""), loss)


def _refuse_routed(params, prefix, instance):
    routed = [name for name in params if name.startswith(f"{prefix}__")]
    if routed:
        raise ValueError(
            f"{routed[0]} cannot reach {instance!r}: parameters are routed to a name "
            f"or a class only. Pass {prefix} as one of these."
        )
