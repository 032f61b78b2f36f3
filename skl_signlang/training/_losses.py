"""Losses that Keras lacks."""

import keras


@keras.saving.register_keras_serializable("skl_signlang")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of probabilities with codes of classes, which are not believed.

    A share of each target is spread over all classes evenly [1]_. Keras has that for
    one-hot targets only.
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
        """Describe it."""
        return {**super().get_config(), "label_smoothing": self.label_smoothing}
