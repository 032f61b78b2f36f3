"""A loss that Keras lacks."""

import keras


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
