"""Functions that build networks, of the kinds that users write."""

import keras
from keras import layers


def sequential(input_shape, n_outputs, units=8, dropout=0.0):
    """Give logits or values."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(units, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(n_outputs),
        ]
    )


def functional(input_shape, n_outputs, meta, units=16):
    """End in the activation that the targets need."""
    inputs = keras.Input(input_shape, name="features")
    x = layers.Dense(units, activation="relu")(inputs)
    end = {"binary": "sigmoid", "multiclass": "softmax"}.get(meta["target_type_"])
    return keras.Model(inputs, layers.Dense(n_outputs, activation=end)(x))


class Subclassed(keras.Model):
    """A model without a graph, with dropout, and arguments for Keras."""

    def __init__(self, n_outputs, units=16, **kwargs):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(units, activation="relu")
        self.dropout = layers.Dropout(0.1)
        self.last = layers.Dense(n_outputs)

    def call(self, inputs, training=False):
        return self.last(self.dropout(self.hidden(inputs), training=training))


class Shift(layers.Layer):
    """A custom layer that is not registered, with its own random weights."""

    def build(self, input_shape):
        self.shift = self.add_weight(
            shape=input_shape[-1:], initializer="random_normal"
        )

    def call(self, inputs):
        return inputs + self.shift


def custom(input_shape, n_outputs, units=16):
    """Custom layer and activation, batch normalization, no input layer."""
    return keras.Sequential(
        [
            Shift(),
            layers.Dense(units, activation=lambda x: keras.ops.maximum(x, 0.1 * x)),
            layers.BatchNormalization(momentum=0.9),
            layers.Dense(n_outputs),
        ]
    )


def recurrent(input_shape, n_outputs, units=16, unroll=False):
    """Rows as sequences of one feature, or sequences as they are."""
    inputs = keras.Input(input_shape)
    x = inputs if len(input_shape) > 1 else layers.Reshape((-1, 1))(inputs)
    x = layers.Concatenate()(
        [layers.LSTM(units, unroll=unroll)(x), layers.Flatten()(inputs)]
    )
    return keras.Model(inputs, layers.Dense(n_outputs)(x))
