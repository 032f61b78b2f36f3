"""Base of the classifiers."""

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import _check_partial_fit_first_call

from skl_signlang._calls import names_class
from skl_signlang.estimators._base import NetworkEstimator
from skl_signlang.estimators._class_losses import ClassLossesMixin
from skl_signlang.estimators._fit_arguments import (
    explains_arguments,
    refuse_several_epochs,
)
from skl_signlang.estimators._targets import check_labels, encode_labels, is_indicator
from skl_signlang.training import FitInputs


class BaseNetworkClassifier(ClassifierMixin, ClassLossesMixin, NetworkEstimator):
    """Base of the classifiers: one output for two classes, else one per class."""

    _is_multilabel = False

    @explains_arguments
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, classes=None, sample_weight=None):
        """Train for one more epoch; the first call initializes the network.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples, or a data set as in `fit`.
        y : array-like of shape (n,)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All classes in the target vectors. Required in the first call.
        sample_weight : array-like of shape (n,), default=None
            Sample weights, not negative.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            As `fit`, and if `classes` is missing in the first call or differs later.
        """
        resume = self.__sklearn_is_fitted__()
        if not resume or classes is not None:
            self._check_classes(classes)
        refuse_several_epochs(self)
        return self._fit(
            FitInputs(X, y, sample_weight), epochs=1, resume=resume, classes=classes
        )

    @names_class
    def predict_proba(self, X):
        """Predict class probabilities.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples on the scale of the training data.

        Returns
        -------
        probabilities : ndarray of float32, shape (n, n_classes)
            Rows sum to 1; columns follow ``classes_``. For multilabel `y`, the
            probability of each label.
        """
        outputs = self._predict_raw(X)
        return np.hstack([1 - outputs, outputs]) if self._is_binary else outputs

    @names_class
    def decision_function(self, X):
        """Predict logits, the values before the last activation.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples on the scale of the training data.

        Returns
        -------
        logits : ndarray of float32, shape (n,) or (n, n_classes)
            For two classes, positive values are ``classes_[1]``; else the class of the
            largest is predicted. For multilabel `y`, positive values are labels.
        """
        logits = self._predict_raw(X, logits=True)
        return logits.ravel() if self._is_binary else logits

    @names_class
    def predict(self, X):
        """Predict classes.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples on the scale of the training data.

        Returns
        -------
        labels : ndarray, shape (n,) or (n, n_labels)
            Entries of ``classes_``; for multilabel `y`, 0 and 1 for each label.
        """
        probabilities = self.predict_proba(X)
        if not self._is_multilabel:
            return self.classes_[probabilities.argmax(axis=1)]
        if self._output()["output_activation"] == "softmax":
            return np.eye(len(self.classes_), dtype=int)[probabilities.argmax(axis=1)]
        return (probabilities > 0.5).astype(int)

    @property
    def _is_binary(self):
        return len(self.classes_) == 2 and not self._is_multilabel

    def _check_classes(self, classes):
        _check_partial_fit_first_call(self, classes)

    def _check_y(self, y, *, reset, classes=None):
        name = type(self).__name__
        is_multilabel = is_indicator(y)
        if reset:
            self._is_multilabel = is_multilabel
        elif is_multilabel != self._is_multilabel:
            kinds = ["one label for each sample", "columns of 0 and 1"]
            raise ValueError(
                f"y holds {kinds[is_multilabel]}, but {name} was fitted on "
                f"{kinds[self._is_multilabel]}."
            )
        if is_multilabel:
            return self._check_indicator(y, reset)
        y = check_labels(y, estimator_name=name)
        if reset:
            known = y if classes is None else check_labels(classes, estimator_name=name)
            self.classes_ = np.unique(known)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{name} needs samples of at least 2 classes; y holds "
                f"only one class: {self.classes_.tolist()}."
            )
        codes = encode_labels(y, self.classes_)
        if self._is_binary:
            return codes.astype(np.float32)[:, np.newaxis]
        return codes

    def _check_indicator(self, y, reset):
        """Return an indicator matrix of labels; `classes_` are its columns."""
        y = (y.toarray() if hasattr(y, "toarray") else np.asarray(y)).astype(np.float32)
        if reset:
            self.classes_ = np.arange(y.shape[1])
        if y.shape[1] != len(self.classes_):
            raise ValueError(
                f"y has {y.shape[1]} columns, but {type(self).__name__} was fitted on "
                f"{len(self.classes_)}."
            )
        if self.class_weight is not None:
            raise ValueError(
                f"class_weight={self.class_weight!r} is for samples of one class, but "
                "y is multilabel: pass sample_weight to fit, or class_weight=None."
            )
        if self.output_activation == "softmax" and (y.sum(axis=1) != 1).any():
            raise ValueError(
                "output_activation='softmax' takes one-hot y; a row of y sums to "
                f"{y.sum(axis=1)[y.sum(axis=1) != 1][0]:g}. Use 'sigmoid' for labels."
            )
        return y

    def _target_weights(self, y, sample_weight, of=None):
        if self.class_weight is None:
            return 1.0
        codes = self._codes(y)
        by_class = compute_class_weight(
            self.class_weight,
            classes=self.classes_,
            y=self.classes_[codes],
            sample_weight=sample_weight,
        )
        return by_class[codes if of is None else self._codes(of)]

    def _target_type(self):
        if self._is_multilabel:
            return "multilabel-indicator"
        return "binary" if len(self.classes_) == 2 else "multiclass"

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
