"""Layers that all networks share."""

from keras import layers, regularizers

from skl_signlang._keras import apply_layer, check_activation
from skl_signlang._numbers import plain_number

STANDARDIZATION = "standardization"
OUTPUT = "output"


def standardize_input(x):
    """Standardize inputs by a mean and variance that `fit` sets, 0 and 1 until then.

    A frozen batch normalization, because Keras, ONNX and LiteRT all support it.
    """
    return layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-30, trainable=False, name=STANDARDIZATION
    )(x)


def penalty(l1, l2):
    """Return the regularizer of a kernel, None without penalty."""
    return regularizers.L1L2(l1=l1, l2=l2) if l1 or l2 else None


def activate(x, name, *, activation, batch_norm):
    """Apply batch normalization if asked for, then the activation."""
    if batch_norm:
        # Keras' momentum of .99 is too slow for a training of some 60 steps
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    check_activation(activation, x, "activation")
    return layers.Activation(activation, name=f"{name}_activation")(x)


def output_layer(x, n_outputs, activation):
    """Add the output layer of a network."""
    x_out = layers.Dense(n_outputs, activation=activation, name=OUTPUT)(x)
    check_activation(activation, x_out, "output_activation")
    return x_out


def hidden_layers(
    x, sizes, *, activation, l1, l2, dropout, batch_norm, kernel_initializer
):
    """Stack dense layers, each with its activation and dropout."""
    for i, units in enumerate(sizes, start=1):
        layer = layers.Dense(
            plain_number(units),
            kernel_initializer=kernel_initializer,
            kernel_regularizer=penalty(l1, l2),
            name=f"hidden_{i}",
        )
        x = apply_layer(layer, x)
        x = activate(x, f"hidden_{i}", activation=activation, batch_norm=batch_norm)
        if dropout:
            x = layers.Dropout(dropout, name=f"hidden_{i}_dropout")(x)
    return x
