"""Losses and metrics of several outputs, which lie side by side in one tensor.

The targets hold a class code for each output. A loss or metric of one output gets them
as one-hot columns, unless its name begins with "sparse".
"""

from inspect import isclass, isroutine

import keras
import numpy as np

from skl_signlang._keras import complete_config, identity_of

MAX_CACHED = 32
_OF_CODES = {"acc": "sparse_categorical_accuracy"}
_OF_CODES["accuracy"] = _OF_CODES["acc"]

_cache = {}


@keras.saving.register_keras_serializable("skl_signlang")
class OutputsLoss(keras.losses.Loss):
    """Sum of the losses of the outputs."""

    def __init__(
        self,
        sizes,
        losses,
        reduction="sum_over_batch_size",
        name="outputs_loss",
    ):
        super().__init__(name=name, reduction=reduction)
        self.sizes, self.losses = tuple(sizes), losses

    def call(self, y_true, y_pred):
        """Compute the loss of each sample."""
        return sum(
            getattr(loss, "call", loss)(
                *_one_output(y_true, y_pred, self.sizes, i, loss)
            )
            for i, loss in enumerate(self.losses)
        )

    def get_config(self):
        """Return the configuration."""
        return {**super().get_config(), "sizes": self.sizes, "losses": self.losses}


@keras.saving.register_keras_serializable("skl_signlang")
class OutputsAccuracy(keras.metrics.Mean):
    """Mean accuracy of the outputs."""

    def __init__(self, sizes, name="accuracy", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.sizes = tuple(sizes)

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch."""
        codes = keras.ops.cast(y_true, "int32")
        right = [
            keras.ops.equal(codes[:, i], keras.ops.argmax(part, axis=-1))
            for i, part in enumerate(_parts(y_pred, self.sizes))
        ]
        right = keras.ops.cast(keras.ops.stack(right, axis=-1), self.dtype)
        super().update_state(keras.ops.mean(right, axis=-1), sample_weight)

    def get_config(self):
        """Return the configuration."""
        return {**super().get_config(), "sizes": self.sizes}


class OutputMetric(keras.metrics.Metric):
    """A metric, or a function of (y_true, y_pred), of one output."""

    def __init__(self, metric, sizes, position, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.sizes, self.position = tuple(sizes), position
        self.given = [metric]  # in a list, since Keras shares what it tracks
        is_metric = isinstance(metric, keras.metrics.Metric)
        self.inner = (
            type(metric).from_config(complete_config(metric))
            if is_metric
            else keras.metrics.MeanMetricWrapper(metric, name=name)
        )
        self.code = type(metric) if is_metric else metric

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Count a batch."""
        metric = self.given[0]
        pair = _one_output(y_true, y_pred, self.sizes, self.position, metric)
        self.inner.update_state(*pair, sample_weight)

    def result(self):
        """Return the value."""
        return self.inner.result()

    def reset_state(self):
        """Forget all batches."""
        self.inner.reset_state()

    def get_config(self):
        """Return the configuration."""
        own = {"sizes": self.sizes, "position": self.position}
        metric = self.given[0]
        if isroutine(metric):
            metric = metric.__qualname__
        return {**super().get_config(), **own, "metric": metric}

    def copy(self):
        """Return a metric of the same settings with a state of its own."""
        return OutputMetric(self.given[0], self.sizes, self.position, self.name)


def loss_of_outputs(sizes, losses):
    """Return the sum of losses, one for each output."""
    return _cached(OutputsLoss, sizes, tuple(losses))


def accuracy_of_outputs(sizes):
    """Return the mean accuracy of the outputs."""
    return _cached(OutputsAccuracy, sizes)


def metric_of_output(metric, sizes, position, name):
    """Return a metric of one output, by Keras' name, as a function or an object."""
    return _cached(_output_metric, metric, sizes, position, f"{name}_{position}")


def _output_metric(metric, sizes, position, name):
    if isinstance(metric, str):
        metric = keras.metrics.get(_OF_CODES.get(metric, metric))
        metric = metric() if isclass(metric) else metric
    return OutputMetric(metric, sizes, position, name)


def _cached(kind, *arguments):
    """Return one object for equal arguments: TensorFlow keeps some memory of each."""
    key = kind, identity_of(arguments)
    if key not in _cache:
        if len(_cache) >= MAX_CACHED:
            _cache.clear()
        _cache[key] = kind(*arguments)
    return _cache[key]


def _one_output(y_true, y_pred, sizes, position, compares):
    """Return the targets and the probabilities of an output, as something compares."""
    part = _parts(y_pred, sizes)[position]
    codes = keras.ops.cast(y_true[:, position], "int32")
    name = getattr(compares, "__name__", type(compares).__name__)
    if name.lower().startswith("sparse"):
        return codes, part
    return keras.ops.one_hot(codes, sizes[position], dtype=part.dtype), part


def _parts(outputs, sizes):
    ends = np.cumsum(sizes)
    return [outputs[:, end - size : end] for size, end in zip(sizes, ends, strict=True)]
