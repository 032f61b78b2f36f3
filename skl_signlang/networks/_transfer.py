"""Transfer learning networks."""

import keras
from keras import layers

from skl_signlang._keras import leaves


def transfer_network(features, head, *, trainable_layers=0, train_norms=False):
    """Join a backbone and a head, and choose the trainable layers of the backbone.

    .. versionadded:: 0.1

    Parameters
    ----------
    features : keras.Model
        Network of `backbone_network`; it becomes part of the new network.
    head : keras.Model
        Network from features to outputs, such as a `dense_network`; it becomes part of
        the new network.
    trainable_layers : int or "all", default=0
        Number of trainable layers, counted from the end of the backbone, without
        batch normalization and layers without weights.
    train_norms : bool, default=False
        Whether batch normalization among them is trainable too. Otherwise its
        statistics stay fixed, also in training.

    Returns
    -------
    network : keras.Model
        Uncompiled; from images to outputs.

    Raises
    ------
    ValueError
        If the backbone has fewer layers.

    Examples
    --------
    >>> from skl_signlang.networks import (
    ...     backbone_network, dense_network, transfer_network
    ... )
    >>> features = backbone_network(
    ...     (28, 28, 1), backbone="MobileNet", weights=None, image_size=32,
    ...     backbone_layer="conv_pw_3_relu",
    ... )
    >>> head = dense_network(features.output_shape[1:], 24, standardize=False)
    >>> network = transfer_network(features, head, trainable_layers=1)
    >>> [variable.path for variable in network.trainable_variables][:2]
    ['conv_pw_3/kernel', 'hidden_1/kernel']
    """
    _choose_trainable(features, trainable_layers, train_norms)
    inputs = keras.Input(features.input_shape[1:], name="pixels")
    return keras.Model(inputs, head(features(inputs)), name="transfer_network")


def _choose_trainable(features, trainable_layers, train_norms):
    """Set which layers are trainable."""
    found = [layer for layer in leaves(features) if layer.weights]
    countable = [layer for layer in found if not _is_norm(layer)]
    if trainable_layers == "all":
        trainable_layers = len(countable)
    if trainable_layers > len(countable):
        raise ValueError(
            f"trainable_layers={trainable_layers}, but the backbone has only "
            f"{len(countable)} layers with weights, batch normalization not counted."
        )
    first = len(countable) - trainable_layers
    chosen = found[found.index(countable[first]) :] if trainable_layers else []
    for layer in found:
        layer.trainable = layer in chosen and (
            not _is_norm(layer) or (train_norms and (layer.center or layer.scale))
        )


def _is_norm(layer):
    return isinstance(layer, layers.BatchNormalization)
