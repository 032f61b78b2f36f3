"""Base of the classifiers."""

import keras
import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import _check_partial_fit_first_call

from skl_signlang._calls import names_class
from skl_signlang.estimators._base import NetworkEstimator
from skl_signlang.estimators._fit_arguments import explains_arguments
from skl_signlang.estimators._targets import check_labels, encode_labels
from skl_signlang.training import FitInputs, SmoothedCrossentropy


class BaseNetworkClassifier(ClassifierMixin, NetworkEstimator):
    """Base of the classifiers: one output for two classes, else one per class."""

    _history_metrics = ("accuracy",)

    @explains_arguments
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one more epoch; the first call initializes the network.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples.
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
            _check_partial_fit_first_call(self, classes)
        self._refuse_in_pieces()
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
            Rows sum to 1; columns follow ``classes_``.
        """
        outputs = self._predict_raw(X)
        return np.hstack([1 - outputs, outputs]) if len(self.classes_) == 2 else outputs

    @names_class
    def predict(self, X):
        """Predict classes.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, channels)
            Samples on the scale of the training data.

        Returns
        -------
        labels : ndarray, shape (n,)
            Entries of ``classes_``.
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _check_y(self, y, *, reset, classes=None):
        name = type(self).__name__
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
        if len(self.classes_) == 2:
            return codes.astype(np.float32)[:, np.newaxis]
        return codes

    def _target_weights(self, y, sample_weight, of=None):
        if self.class_weight is None:
            return 1.0
        codes = y.astype(int).ravel()
        by_class = compute_class_weight(
            self.class_weight,
            classes=self.classes_,
            y=self.classes_[codes],
            sample_weight=sample_weight,
        )
        return by_class[codes if of is None else of.astype(int).ravel()]

    def _default_loss(self):
        if len(self.classes_) == 2:
            return keras.losses.BinaryCrossentropy
        if self.label_smoothing:
            return SmoothedCrossentropy
        return keras.losses.SparseCategoricalCrossentropy

    def _loss_params(self):
        if not self.label_smoothing:
            return {}
        return {"loss__label_smoothing": float(self.label_smoothing)}

    def _output(self):
        if len(self.classes_) == 2:
            return {"n_outputs": 1, "output_activation": "sigmoid"}
        return {"n_outputs": len(self.classes_), "output_activation": "softmax"}

    def _target_type(self):
        return "binary" if len(self.classes_) == 2 else "multiclass"
