"""Dense networks."""

import keras

from skl_signlang._numbers import python_arguments
from skl_signlang.networks._shared_layers import (
    hidden_layers,
    output_layer,
    standardize_input,
)


@python_arguments
def dense_network(
    input_shape,
    n_outputs,
    *,
    output_activation="softmax",
    hidden_layer_sizes=(256, 128),
    activation="relu",
    l1=0.0,
    l2=0.0,
    dropout=0.0,
    batch_norm=False,
    kernel_initializer="glorot_uniform",
    standardize=True,
):
    """Build a network of dense layers.

    .. versionadded:: 0.1

    Parameters
    ----------
    input_shape : tuple of int
        (n_features,).
    n_outputs : int
        Number of outputs.
    output_activation : str, default="softmax"
        Activation of the last layer: ``"softmax"``, ``"sigmoid"`` or ``"linear"``.
    hidden_layer_sizes : tuple of int, default=(256, 128)
        Units of each hidden layer.
    activation : str or callable, default="relu"
        Activation of the hidden layers.
    l1, l2 : float, default=0.0
        L1 and L2 regularization of the hidden kernels.
    dropout : float, default=0.0
        Dropout rate after each hidden layer.
    batch_norm : bool, default=False
        Whether to use batch normalization before each hidden activation.
    kernel_initializer : str or keras.initializers.Initializer, \
            default="glorot_uniform"
        Initializer of the kernels.
    standardize : bool, default=True
        Whether the first layer standardizes each feature.

    Returns
    -------
    network : keras.Model
        Uncompiled; from (n, n_features) to (n, n_outputs).

    Examples
    --------
    >>> from skl_signlang.networks import dense_network
    >>> dense_network((784,), 24, standardize=False).count_params()
    236952
    """
    inputs = keras.Input(input_shape, name="features")
    x = standardize_input(inputs) if standardize else inputs
    x = hidden_layers(
        x,
        hidden_layer_sizes,
        activation=activation,
        l1=l1,
        l2=l2,
        dropout=dropout,
        batch_norm=batch_norm,
        kernel_initializer=kernel_initializer,
    )
    outputs = output_layer(x, n_outputs, output_activation)
    return keras.Model(inputs, outputs, name="dense_network")
