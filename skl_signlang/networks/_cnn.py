"""Convolutional networks."""

import keras
import numpy as np
from keras import layers

from skl_signlang._keras import apply_layer
from skl_signlang._numbers import python_arguments
from skl_signlang.networks._shared_layers import (
    activate,
    hidden_layers,
    output_layer,
    penalty,
    standardize_input,
)


@python_arguments
def cnn_network(
    input_shape,
    n_outputs,
    *,
    output_activation="softmax",
    filters=(32, 64, 64),
    kernel_size=3,
    pool_size=2,
    padding="same",
    hidden_layer_sizes=(128,),
    activation="relu",
    l1=0.0,
    l2=0.0,
    conv_dropout=0.0,
    dropout=0.0,
    batch_norm=False,
    kernel_initializer="glorot_uniform",
    standardize=True,
):
    """Build a convolutional network.

    A block consists of one or more convolutions, pooling, batch normalization (if
    enabled) and activation. Kernels and pools larger than their input are reduced to
    its size, so that small images and strips are accepted.

    .. versionadded:: 0.1

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels), in pixels.
    n_outputs : int
        Number of outputs.
    output_activation : str, default="softmax"
        Activation of the last layer: ``"softmax"``, ``"sigmoid"`` or ``"linear"``.
    filters : tuple of int or of tuple of int, default=(32, 64, 64)
        Number of filters of each block; a nested tuple gives several convolutions
        before the pooling of the block.
    kernel_size : int, default=3
        Height and width of the kernels, in pixels.
    pool_size : int, default=2
        Height and width of the pooling windows, in pixels; 1 disables pooling.
    padding : {"same", "valid"}, default="same"
        Padding of the convolutions.
    hidden_layer_sizes : tuple of int, default=(128,)
        Units of each dense layer after the blocks.
    activation : str or callable, default="relu"
        Activation of convolutions and hidden layers.
    l1, l2 : float, default=0.0
        L1 and L2 regularization of the kernels of convolutions and hidden layers.
    conv_dropout : float, default=0.0
        Dropout rate after each block.
    dropout : float, default=0.0
        Dropout rate after each hidden layer.
    batch_norm : bool or {"conv", "hidden"}, default=False
        Layers with batch normalization before their activation; True means both.
    kernel_initializer : str or keras.initializers.Initializer, \
            default="glorot_uniform"
        Initializer of the kernels.
    standardize : bool, default=True
        Whether the first layer standardizes the pixels.

    Returns
    -------
    network : keras.Model
        Uncompiled; from (n, height, width, channels) to (n, n_outputs).

    Examples
    --------
    >>> from skl_signlang.networks import cnn_network
    >>> course = cnn_network(
    ...     (28, 28, 1), 24, filters=(128,), padding="valid",
    ...     hidden_layer_sizes=(256, 128), standardize=False,
    ... )
    >>> course.count_params()
    5575320
    """
    inputs = keras.Input(input_shape, name="pixels")
    x = standardize_input(inputs) if standardize else inputs
    for i, block in enumerate(filters, start=1):
        widths = np.ravel(block).tolist()
        for j, width in enumerate(widths, start=1):
            name = f"conv_{i}" if len(widths) == 1 else f"conv_{i}_{j}"
            layer = layers.Conv2D(
                width,
                _fitting(kernel_size, x),
                padding=padding,
                kernel_initializer=kernel_initializer,
                kernel_regularizer=penalty(l1, l2),
                name=name,
            )
            x = apply_layer(layer, x)
            if j == len(widths):
                # before the activation, which then has a quarter of the values; for
                # increasing functions such as relu the result is the same
                x = layers.MaxPooling2D(_fitting(pool_size, x), name=f"pool_{i}")(x)
            x = activate(
                x, name, activation=activation, batch_norm=batch_norm in (True, "conv")
            )
        if conv_dropout:
            x = layers.Dropout(conv_dropout, name=f"conv_{i}_dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = hidden_layers(
        x,
        hidden_layer_sizes,
        activation=activation,
        l1=l1,
        l2=l2,
        dropout=dropout,
        batch_norm=batch_norm in (True, "hidden"),
        kernel_initializer=kernel_initializer,
    )
    outputs = output_layer(x, n_outputs, output_activation)
    return keras.Model(inputs, outputs, name="cnn_network")


def _fitting(side, x):
    """Reduce a square window to the height and width of its input."""
    return tuple(min(side, length) for length in x.shape[1:3])
