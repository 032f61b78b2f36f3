"""Base of the regressors."""

import warnings

import keras
import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array

from skl_signlang._calls import names_class
from skl_signlang._docstrings import Entry
from skl_signlang.estimators._base import NetworkEstimator
from skl_signlang.estimators._fit_arguments import (
    explains_arguments,
    refuse_several_epochs,
)
from skl_signlang.training import (
    FitInputs,
    bias_of_output,
    check_own_loss,
    check_target,
    degree_of,
    degree_of_metric,
    first_metric,
    has_risen,
    metric_name,
    output_activation_of,
    scale_values,
    scaling_of_target,
    undo_scaling,
)

LEAST = 2.0**-20
"""Targets below this or above its inverse are scaled, to suit usual learning rates."""

LARGEST_UNIT = 900
"""Largest power of two of a loss; further ones would be infinite, or all be 0."""

LARGEST_ERROR = 2.0**480
"""Largest prediction, in units of the largest target, that R2 distinguishes."""


OF_REGRESSORS = {
    "loss": Entry(
        "str, class, callable or keras.losses.Loss",
        "Loss. A name or a class takes parameters set as ``loss__NAME``.",
    ),
    "output_activation": Entry(
        "str or callable",
        'Activation of the last layer, by its Keras name. "auto" fits the loss: '
        '"exponential" for "poisson" and "msle", "sigmoid" for '
        '"binary_crossentropy", "binary_focal_crossentropy", "dice" and "tversky", '
        '"softmax" over the columns of `y` for "kl_divergence", '
        '"categorical_crossentropy" and its variants, and "linear" for all others and '
        "for a cross-entropy ``from_logits``.",
    ),
    "validation_fraction": Entry(
        "float",
        "Fraction of the samples in the validation split of `early_stopping` and of "
        "callbacks that monitor validation. The split does not divide groups that "
        "`fit` is given. With ``X_val`` and ``y_val`` nothing is held out.",
    ),
}
"""Entries of the docstrings of regressors."""


class BaseNetworkRegressor(RegressorMixin, NetworkEstimator):
    """Base of the regressors of one or several targets."""

    _target_scaling = None

    # "loss" and "output_activation" are parameters of every regressor
    _parameter_constraints: dict = {
        "loss": [str, type, callable, keras.losses.Loss],
        "output_activation": [str, callable],
    }

    @property
    def _history_metrics(self):
        return first_metric("mean_absolute_error", self.metrics)

    @explains_arguments
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, sample_weight=None):
        """Train for one more epoch; the first call initializes the network.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples, or a data set as in `fit`.
        y : array-like of shape (n,) or (n, n_outputs)
            Numbers.
        sample_weight : array-like of shape (n,), default=None
            Sample weights, not negative.

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
        refuse_several_epochs(self)
        return self._fit(FitInputs(X, y, sample_weight), epochs=1, resume=resume)

    @names_class
    def predict(self, X):
        """Predict targets.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
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

    @names_class
    def score(self, X, y, sample_weight=None):
        """Compute the coefficient of determination, R2, for targets of any size.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples on the scale of the training data.
        y : array-like of shape (n,) or (n, n_outputs)
            True targets.
        sample_weight : array-like of shape (n,), default=None
            Sample weights.

        Returns
        -------
        score : float
            R2 as :func:`sklearn.metrics.r2_score` computes it, the mean over the
            targets. Both are divided by a power of two first, which leaves R2 as it
            is: float64 cannot represent squares of numbers above 1e154 or below 1e-162.
        """
        predicted = self.predict(X)
        y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        y, predicted = (v.reshape(len(v), -1) for v in (y, predicted))
        exponent = np.frexp(np.abs(y).max(axis=0))[1]
        exponent = exponent if y.shape == predicted.shape else 0
        with np.errstate(over="ignore"):
            predicted = np.ldexp(predicted, -exponent)
        predicted = np.clip(predicted, -LARGEST_ERROR, LARGEST_ERROR)
        return r2_score(np.ldexp(y, -exponent), predicted, sample_weight=sample_weight)

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
        fixed = self._fixes_scale(X)
        if fixed is None:
            self._target_scaling = scaling
        elif not LEAST < np.abs(y).max() < 1 / LEAST:
            warnings.warn(
                f"y holds values up to {np.abs(y).max():.3g}, and "
                f"{type(self).__name__} does not scale them with {fixed}. Wrap it in "
                "TransformedTargetRegressor with a scaler.",
                stacklevel=4,
            )

    def _fixes_scale(self, X):
        """Return the parameter by which targets cannot be scaled, or None."""
        if not degree_of(self.loss):
            return f"loss={self.loss!r}"
        if not self._is_linear(X):
            return f"output_activation={self.output_activation!r}"
        others = [m for m in self.metrics or () if degree_of_metric(m) is None]
        return f"{others[0]!r} among metrics" if others else None

    def _is_linear(self, X):
        """Return whether the outputs may be of any size."""
        return self._output_activation() == "linear"

    def _has_penalties(self):
        return bool(self.l1 or self.l2)

    def _check_losses(self, losses, loss, samples):
        """Warn of losses that rose far above that of the mean."""
        unit = self._units().get("loss", 1.0)
        of_mean = has_risen(losses, loss, samples.y, samples.weights, unit)
        if of_mean is None or self._has_penalties():  # they count in the loss
            return
        warnings.warn(
            f"The training failed: its last loss is {losses[-1]:.6g}, and the mean of "
            f"y alone has {of_mean:.6g}. Large steps have led {type(self).__name__} to "
            "where it learns no more: lower learning_rate, or scale X and y.",
            ConvergenceWarning,
            stacklevel=2,
        )

    def _as_targets(self, y):
        return scale_values(y, self._target_scaling, "y")

    def _units(self):
        if self._target_scaling is None:
            return {}
        exponent = int(self._target_scaling[1].max())
        degrees = {"loss": degree_of(self.loss), "mean_absolute_error": 1}
        for metric in self.metrics or ():
            degrees[metric_name(metric)] = degree_of_metric(metric)
        return {
            name: 2.0 ** min(LARGEST_UNIT, max(-LARGEST_UNIT, degree * exponent))
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

    def _target_type(self):
        return "continuous" if self._flat_target else "continuous-multioutput"

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
