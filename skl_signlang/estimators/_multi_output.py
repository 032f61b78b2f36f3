"""Targets of several columns, each with classes of its own."""

from inspect import isclass

import keras
import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from skl_signlang.estimators._targets import check_labels, encode_labels, is_indicator
from skl_signlang.training import (
    accuracy_of_outputs,
    loss_class,
    loss_of_outputs,
    metric_name,
    metric_of_output,
)

_EACH = {"class_weight": "a dict", "loss": "a loss", "metrics": "a list of metrics"}


class MultiOutputMixin:
    """Mixin for classifiers whose network has an output for each column of `y`.

    Inside, the outputs are one tensor, side by side.
    """

    _is_multi_output = False

    def predict_proba(self, X):
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples on the scale of the training data.

        Returns
        -------
        probabilities : ndarray of float32, shape (n, n_classes), or list of ndarray
            Rows sum to 1; columns follow ``classes_``. For multilabel `y`, the
            probability of each label; for `y` of several columns, an array for each.
        """
        found = super().predict_proba(X)
        return self._by_output(found) if self._is_multi_output else found

    def decision_function(self, X):
        """Predict logits, the values before the last activation.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples on the scale of the training data.

        Returns
        -------
        logits : ndarray of float32, shape (n,) or (n, n_classes), or list of ndarray
            For two classes, positive values are ``classes_[1]``; else the class of the
            largest is predicted. For multilabel `y`, positive values are labels; for
            `y` of several columns, an array for each.
        """
        found = super().decision_function(X)
        return self._by_output(found) if self._is_multi_output else found

    def predict(self, X):
        """Predict classes.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples on the scale of the training data.

        Returns
        -------
        labels : ndarray, shape (n,) or (n, n_columns)
            Entries of ``classes_``; for multilabel `y`, 0 and 1 for each label; for `y`
            of several columns, an entry of each output's classes.
        """
        if not self._is_multi_output:
            return super().predict(X)
        columns = [
            classes[found.argmax(axis=1)]
            for classes, found in zip(self.classes_, self.predict_proba(X), strict=True)
        ]
        kinds = {column.dtype.kind for column in columns}
        if len(kinds) > 1:
            columns = [column.astype(object) for column in columns]
        return np.stack(columns, axis=1)

    def score(self, X, y, sample_weight=None):
        """Compute the accuracy: of `y` with several columns, that all are right.

        Parameters
        ----------
        X : array-like of shape (n, ...)
            Samples.
        y : array-like of shape (n,) or (n, n_columns)
            True classes.
        sample_weight : array-like of shape (n,), default=None
            Sample weights.

        Returns
        -------
        score : float
            Mean accuracy.
        """
        if not self._is_multi_output:
            return super().score(X, y, sample_weight)
        right = (np.asarray(y) == self.predict(X)).all(axis=1)
        return float(np.average(right, weights=sample_weight))

    def _sizes(self):
        return tuple(len(classes) for classes in self.classes_)

    def _by_output(self, found):
        return np.split(found, np.cumsum(self._sizes())[:-1], axis=1)

    def _check_classes(self, classes):
        if not _are_several(classes):
            super()._check_classes(classes)
        elif self.__sklearn_is_fitted__():
            same = self._is_multi_output and len(classes) == len(self.classes_)
            if not same or not all(map(np.array_equal, classes, self.classes_)):
                raise ValueError(
                    f"classes={classes!r} is not the same as in the last call of "
                    f"partial_fit, {self.classes_!r}."
                )

    def _check_y(self, y, *, reset, classes=None):
        if reset:
            self._is_multi_output = _are_several(classes) or _has_columns(y)
        if not self._is_multi_output:
            self._check_for_outputs(1)
            return super()._check_y(y, reset=reset, classes=classes)
        name, columns = type(self).__name__, _columns(y)
        self._check_for_outputs(len(columns))
        known = columns if classes is None else classes
        if reset:
            found = [check_labels(one, estimator_name=name) for one in known]
            self.classes_ = [np.unique(one) for one in found]
        if len(columns) != len(self.classes_):
            raise ValueError(
                f"y has {len(columns)} columns, but {name} was fitted on "
                f"{len(self.classes_)}."
            )
        lone = [i for i, kinds in enumerate(self.classes_) if len(kinds) < 2]
        if lone:
            raise ValueError(
                f"{name} needs at least 2 classes in each column of y; column {lone[0]}"
                f" holds only {self.classes_[lone[0]].tolist()}."
            )
        codes = [
            encode_labels(check_labels(one, estimator_name=name), kinds)
            for one, kinds in zip(columns, self.classes_, strict=True)
        ]
        return np.stack(codes, axis=1)

    def _check_for_outputs(self, n_outputs):
        """Raise ValueError for parameters that are for another number of outputs."""
        for name, each in _EACH.items():
            value = getattr(self, name)
            if value in ("auto", "balanced", None) or (name == "metrics" and not value):
                continue
            first = value[0] if name == "metrics" else value
            is_list = isinstance(first, list | tuple)
            if n_outputs == 1 and is_list:
                raise ValueError(
                    f"{name}={value!r} is for several outputs, but y has no columns of "
                    "classes: pass what is in it for the one output."
                )
            if n_outputs > 1 and (not is_list or len(value) != n_outputs):
                raise ValueError(
                    f"{name}={value!r} does not fit y, which has {n_outputs} columns "
                    f"of classes: pass a list with {each} for each."
                )

    def _target_weights(self, y, sample_weight, of=None):
        if not self._is_multi_output:
            return super()._target_weights(y, sample_weight, of)
        weights = np.ones(len(y if of is None else of))
        if self.class_weight is None:
            return weights
        settings = self.class_weight
        if isinstance(settings, str):
            settings = [settings] * len(self.classes_)
        for i, (setting, classes) in enumerate(
            zip(settings, self.classes_, strict=True)
        ):
            by_class = compute_class_weight(
                setting,
                classes=classes,
                y=classes[y[:, i]],
                sample_weight=sample_weight,
            )
            weights *= by_class[(y if of is None else of)[:, i]]
        return weights

    @property
    def _history_metrics(self):
        if not self._is_multi_output:
            return super()._history_metrics
        sizes = self._sizes()
        return (
            accuracy_of_outputs(sizes),
            *(
                metric_of_output(metric, sizes, position, metric_name(metric))
                for position, metrics in enumerate(self.metrics or ())
                for metric in metrics
            ),
        )

    @property
    def _is_binary(self):
        return not self._is_multi_output and super()._is_binary

    @property
    def _is_one_hot(self):
        return not self._is_multi_output and super()._is_one_hot

    def _codes(self, y):
        return None if self._is_multi_output else super()._codes(y)

    def _default_loss(self):
        if not self._is_multi_output:
            return super()._default_loss()
        losses = self.loss
        if isinstance(losses, str):
            losses = [losses] * len(self._sizes())
        return loss_of_outputs(self._sizes(), list(map(self._loss_of_output, losses)))

    def _loss_of_output(self, loss):
        if loss == "auto":
            smoothing = float(self.label_smoothing)
            return keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
        loss = loss_class(loss)
        loss = loss() if isclass(loss) else loss
        self._refuse_logits(loss)
        return loss

    def _loss_params(self):
        return {} if self._is_multi_output else super()._loss_params()

    def _output(self):
        if not self._is_multi_output:
            return super()._output()
        return {"n_outputs": self._sizes(), "output_activation": "softmax"}

    def _target_type(self):
        if self._is_multi_output:
            return "multiclass-multioutput"
        return super()._target_type()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _are_several(classes):
    """Return whether classes are those of several outputs, a list of arrays."""
    is_list = isinstance(classes, list | tuple) and len(classes) > 1
    return is_list and all(np.ndim(one) == 1 for one in classes)


def _has_columns(y):
    """Return whether y has columns of classes, rather than labels of 0 and 1."""
    shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
    return len(shape) == 2 and shape[1] > 1 and not is_indicator(y)


def _columns(y):
    """Return the columns of y, each with a dtype of its own."""
    if hasattr(y, "iloc"):
        columns = [y.iloc[:, i].to_numpy() for i in range(y.shape[1])]
    else:
        y = np.asarray(y)
        columns = list(y.reshape(len(y), -1).T)
    return [np.asarray(c.tolist()) if c.dtype == object else c for c in columns]
