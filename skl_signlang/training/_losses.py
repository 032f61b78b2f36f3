"""Losses and metrics that Keras lacks."""

from functools import lru_cache

import keras
import numpy as np


@keras.saving.register_keras_serializable("skl_signlang")
class SmoothedCrossentropy(keras.losses.Loss):
    """Sparse categorical cross-entropy with label smoothing.

    As in Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, section 7.
    Keras smooths one-hot targets only.
    """

    def __init__(
        self,
        label_smoothing=0.0,
        reduction="sum_over_batch_size",
        name="smoothed_crossentropy",
    ):
        super().__init__(name=name, reduction=reduction)
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        """Compute the loss of each sample."""
        codes = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        return keras.losses.categorical_crossentropy(
            keras.ops.one_hot(codes, y_pred.shape[-1], dtype=y_pred.dtype),
            y_pred,
            label_smoothing=self.label_smoothing,
        )

    def get_config(self):
        """Return the configuration."""
        return {**super().get_config(), "label_smoothing": self.label_smoothing}


@keras.saving.register_keras_serializable("skl_signlang")
class OutputsCrossentropy(keras.losses.Loss):
    """Sum of the cross-entropies of outputs that lie side by side in one tensor.

    The targets hold a class code for each output.
    """

    def __init__(
        self,
        sizes,
        label_smoothing=0.0,
        reduction="sum_over_batch_size",
        name="outputs_crossentropy",
    ):
        super().__init__(name=name, reduction=reduction)
        self.sizes = tuple(sizes)
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        """Compute the loss of each sample."""
        codes = keras.ops.cast(y_true, "int32")
        return sum(
            keras.losses.categorical_crossentropy(
                keras.ops.one_hot(codes[:, i], part.shape[-1], dtype=part.dtype),
                part,
                label_smoothing=self.label_smoothing,
            )
            for i, part in enumerate(_parts(y_pred, self.sizes))
        )

    def get_config(self):
        """Return the configuration."""
        own = {"sizes": self.sizes, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("skl_signlang")
class OutputsAccuracy(keras.metrics.Mean):
    """Mean accuracy of outputs that lie side by side in one tensor."""

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


def _parts(outputs, sizes):
    ends = np.cumsum(sizes)
    return [outputs[:, end - size : end] for size, end in zip(sizes, ends, strict=True)]


# one object for each structure: TensorFlow never frees some memory of each
@lru_cache(maxsize=32)
def cross_entropy_of_outputs(sizes, label_smoothing):
    """Return the loss of a network with several outputs."""
    return OutputsCrossentropy(sizes, label_smoothing)


@lru_cache(maxsize=32)
def accuracy_of_outputs(sizes):
    """Return the metric of a network with several outputs."""
    return OutputsAccuracy(sizes)
