"""Backbones: pretrained networks that map images to features."""

import keras
from keras import layers

from skl_signlang._errors import near_names
from skl_signlang._image_files import check_size
from skl_signlang._image_shapes import check_range
from skl_signlang._keras import leaves
from skl_signlang.networks._backbone_names import reset_names
from skl_signlang.networks._load_backbone import load_backbone
from skl_signlang.networks._pixels import prepare_pixels
from skl_signlang.networks._saved_model import choose_output

_POOLING = {
    "avg": layers.GlobalAveragePooling2D,
    "flatten": layers.Flatten,
    "max": layers.GlobalMaxPooling2D,
}


def backbone_network(
    input_shape,
    *,
    backbone="MobileNet",
    weights="imagenet",
    backbone_layer=None,
    pooling="avg",
    image_size=None,
    pixel_range=(0, 255),
    preprocessing="auto",
    backbone_params=None,
):
    """Build a network that extracts features from images with a pretrained backbone.

    Its first layers convert images to the size, channels and values that the backbone
    expects. All layers are frozen.

    .. versionadded:: 0.1

    Parameters
    ----------
    input_shape : tuple of int
        (height, width, channels) of the input images, in pixels.
    backbone : str, path-like or callable, default="MobileNet"
        A name of `keras.applications`, the path of a ``.keras`` file or of a folder
        with a SavedModel, or a function of an input shape (height, width, 3) that
        returns a functional `keras.Model`.
    weights : str, path-like or None, default="imagenet"
        "imagenet", the path of a weights file, or None for random weights. Files,
        folders and functions have their own weights, which "imagenet" keeps.
    backbone_layer : str, default=None
        The layer, or the output of a SavedModel, that gives the features. None uses
        the last one.
    pooling : {"avg", "max", "flatten"}, default="avg"
        Pooling of feature maps.
    image_size : int or tuple of int, default=None
        (height, width) that images are resized to, in pixels. None uses the size that
        a named network was trained with, that a file requires, or that of the images.
    pixel_range : tuple of float, default=(0, 255)
        Values of black and white in the input.
    preprocessing : {"auto", "0-1", "0-255", "caffe", "tf", "torch"}, default="auto"
        The pixel values that the backbone expects.
    backbone_params : dict, default=None
        Additional arguments of the named network or the function.

    Returns
    -------
    network : keras.Model
        Uncompiled; from (n, height, width, channels) to (n, n_features).

    Raises
    ------
    FileNotFoundError
        If a file, a folder or the ImageNet weights are missing.
    ValueError
        If a name is unknown, or a file does not fit or is not safe to load.

    Examples
    --------
    >>> from skl_signlang.networks import backbone_network
    >>> network = backbone_network(
    ...     (28, 28, 1), backbone="MobileNet", weights=None, image_size=32,
    ...     backbone_params={"alpha": 0.25},
    ... )
    >>> network.output_shape
    (None, 256)
    """
    pixel_range = check_range(pixel_range, "pixel_range")
    loaded = load_backbone(
        backbone,
        weights,
        check_size(image_size),
        input_shape[:2],
        backbone_params or {},
    )
    inputs = keras.Input(input_shape, name="pixels")
    x = prepare_pixels(
        inputs,
        image_size=loaded.image_size,
        n_channels=loaded.n_channels,
        pixel_range=pixel_range,
        scale=loaded.scale if preprocessing == "auto" else preprocessing,
    )
    if loaded.path is None:
        x = _cut(loaded.layer, backbone_layer)(x)
    else:
        x = choose_output(loaded.layer(x), backbone_layer, loaded.path)
    network = keras.Model(inputs, _pool(x, pooling), name="backbone_network")
    reset_names(network, inner=False)
    for layer in leaves(network):
        layer.trainable = False
    return network


def _cut(model, name):
    """Remove the layers after a layer."""
    if name is None:
        return model
    names = [layer.name for layer in model.layers]
    if name not in names:
        raise ValueError(
            f"backbone_layer={name!r} is not a layer of the backbone {model.name!r}; "
            f"{near_names(name, names)}"
        )
    return keras.Model(model.input, model.get_layer(name).output, name=model.name)


def _pool(x, pooling):
    """Pool feature maps; features are returned unchanged."""
    shape = tuple(x.shape)
    known = shape[1:] if pooling == "flatten" else shape[-1:]
    if len(shape) not in (2, 4) or None in known:
        raise ValueError(
            f"The backbone has outputs of shape {shape}; expected feature maps (None, "
            "height, width, channels) or features (None, n). Choose another layer with "
            "backbone_layer."
        )
    if len(shape) == 2:
        return x
    return _POOLING[pooling](name="features")(x)
