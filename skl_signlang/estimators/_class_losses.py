"""Losses and metrics of classifiers, and the targets that these compare."""

import keras
import numpy as np

from skl_signlang.training import (
    SmoothedCrossentropy,
    first_metric,
    loss_class,
    metric_name,
)

_OF_CODES = ("acc", "accuracy")


class ClassLossesMixin:
    """Mixin with the parameters `loss`, `metrics` and `output_activation`."""

    @property
    def _history_metrics(self):
        # Keras takes columns of 0 and 1 for one-hot classes
        end = self._output()["output_activation"]
        labels = self._is_multilabel and end == "sigmoid"
        return first_metric("binary_accuracy" if labels else "accuracy", self.metrics)

    def _as_targets(self, y):
        if not self._is_one_hot:
            return y
        return np.eye(len(self.classes_), dtype=np.float32)[y]

    @property
    def _is_one_hot(self):
        """Whether class codes become columns for the loss and the metrics."""
        if len(self.classes_) < 3 or self._is_multilabel:
            return False
        names = map(str.lower, self._names_compared())
        return any(name not in _OF_CODES and name[:6] != "sparse" for name in names)

    def _names_compared(self):
        """Return the names of the metrics and of the loss, unless it is "auto"."""
        names = [metric_name(metric) for metric in self.metrics or ()]
        if self.loss == "auto":
            return names
        loss = loss_class(self.loss)
        return [*names, getattr(loss, "__name__", type(loss).__name__)]

    def _check_compared(self):
        """Raise ValueError for a loss or a metric of other outputs than those of y."""
        if self._is_binary:
            wrong, right = ("categorical", "sparse"), "one output, a sigmoid"
        elif self._is_multilabel:
            wrong, right = ("sparse",), "an output for each column"
        else:
            return
        for name in self._names_compared():
            if name.lower().startswith(wrong):
                raise ValueError(
                    f"{name} does not fit y, for which the network has {right}: leave "
                    "loss at 'auto', or use 'binary_crossentropy' and its like."
                )

    def _codes(self, y):
        """Return the class of each sample as a number; None for multilabel y."""
        if self._is_multilabel:
            return None
        is_one_hot = self._is_one_hot and y.ndim == 2
        return y.argmax(axis=1) if is_one_hot else y.astype(int).ravel()

    def _default_loss(self):
        self._check_compared()
        if self.loss == "auto":
            return self._cross_entropy()
        self._refuse_logits(self.loss)
        return self.loss

    def _refuse_logits(self, loss):
        """Raise ValueError for a loss that compares logits."""
        is_object = isinstance(loss, keras.losses.Loss)
        given = is_object and loss.get_config().get("from_logits")
        if given or self._routed_params.get("loss__from_logits"):
            raise ValueError(
                f"loss={loss!r} has from_logits=True, but it compares probabilities: "
                "the softmax or sigmoid is part of the network. Leave from_logits out."
            )

    def _cross_entropy(self):
        if self._output()["output_activation"] == "sigmoid":
            return keras.losses.BinaryCrossentropy
        if self._is_multilabel or self._is_one_hot:
            return keras.losses.CategoricalCrossentropy
        if self.label_smoothing:
            return SmoothedCrossentropy
        return keras.losses.SparseCategoricalCrossentropy

    def _loss_params(self):
        if not self.label_smoothing:
            return {}
        return {"loss__label_smoothing": float(self.label_smoothing)}

    def _output(self):
        expected = "sigmoid" if self._is_binary or self._is_multilabel else "softmax"
        n_outputs = 1 if self._is_binary else len(self.classes_)
        if self._is_multilabel and self.output_activation == "softmax":
            expected = "softmax"
        if self.output_activation not in ("auto", expected):
            raise ValueError(
                f"output_activation={self.output_activation!r} does not fit y, which "
                f"needs a {expected}: leave it at 'auto'."
            )
        return {"n_outputs": n_outputs, "output_activation": expected}
