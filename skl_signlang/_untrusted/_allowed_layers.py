"""Weights and output shapes of Keras layers, from arguments and input shapes.

A shape is a tuple that begins with None, the number of images. Weights are a list of
shapes.
"""

import math
from typing import NamedTuple

import numpy as np

from skl_signlang._untrusted._arguments import is_argument

_MAX_REPEATED = 1024
"""Maximum constants that Keras makes of one number in a layer."""


class Kind(NamedTuple):
    """Kind of a layer."""

    arguments: str
    shape: object
    weights: object = lambda arguments, shape: []


def kind_of(entry):
    """Return the kind of a layer or an operation from its configuration."""
    name = entry.get("class_name")
    for home, kinds in _HOMES.items():
        if entry.get("module") == home:
            known = isinstance(name, str) and name in kinds
            registered = entry.get("registered_name") in (None, name)
            return kinds[name] if known and registered else None
    return None


def check_arguments(kind, config):
    """Raise an error for arguments that a kind of layer does not take."""
    known = {"name", "trainable", "dtype", *kind.arguments.split()}
    for name, value in config.items():
        if name not in known and value is None:
            continue
        if name not in known or not is_argument(name, value):
            raise ValueError(
                f"an argument is not allowed: {name[:80]}={repr(value)[:80]}."
            )


def _same(_, shapes):
    return shapes[0]


def _merged(_, shapes):
    return merge(shapes)


def merge(shapes):
    """Return the shape that shapes broadcast to."""
    n = max(map(len, shapes))
    filled = [(1,) * (n - len(shape)) + shape for shape in shapes]
    return tuple(map(_broadcast, zip(*filled, strict=True)))


def _broadcast(sides):
    known = {side for side in sides if side not in (1, None)}
    if len(known) > 1:
        raise ValueError(f"sides of {sorted(known)} do not match.")
    return known.pop() if known else None if None in sides else 1


def _joined(arguments, shapes):
    axis = axis_of(arguments["axis"], shapes[0])
    if any(len(shape) != len(shapes[0]) for shape in shapes) or axis == 0:
        raise ValueError("what it joins does not fit together.")
    joined = [shape[axis] for shape in shapes]
    rest = [(*shape[:axis], 1, *shape[axis + 1 :]) for shape in shapes]
    shape = list(merge(rest))
    shape[axis] = None if None in joined else sum(joined)
    return tuple(shape)


def axis_of(axis, shape):
    """Convert an axis to a nonnegative integer."""
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"it has no axis {axis}.")
    return axis % len(shape)


def axes_of(axes, shape):
    """Convert axes to nonnegative integers."""
    axes = axes if isinstance(axes, list) else [axes]
    return [axis_of(axis, shape) for axis in axes]


def _known(shape, axis=-1):
    """Return a dimension that must be known."""
    if shape[axis] is None:
        raise ValueError("a side that its weights need is not known.")
    return shape[axis]


def _pair(value):
    sides = value if isinstance(value, list) else [value]
    return (sides * 2)[:2]


def _image(shape):
    if len(shape) != 4:
        raise ValueError(f"it takes images; got the shape {shape}.")
    return shape


def _slid(arguments, shape, window):
    """Return height and width after a sliding window."""
    strides = _pair(arguments.get("strides") or window)
    dilation = _pair(arguments.get("dilation_rate") or 1)
    sides = []
    for side, length, step, gap in zip(
        _image(shape)[1:3], window, strides, dilation, strict=True
    ):
        if side is not None and arguments["padding"] == "same":
            side = -(-side // step)
        elif side is not None and arguments["padding"] == "valid":
            side = (side - (length - 1) * gap - 1) // step + 1
        elif side is not None:
            raise ValueError(f"its padding is {arguments['padding']!r}.")
        if side is not None and side < 1:
            raise ValueError("its window is larger than the image.")
        sides.append(side)
    return sides


def _conv(arguments, shapes):
    sides = _slid(arguments, shapes[0], _pair(arguments["kernel_size"]))
    return (None, *sides, arguments["filters"])


def _conv_weights(arguments, shape):
    filters, groups = arguments["filters"], arguments.get("groups", 1)
    depth = _known(_image(shape)) // groups
    kernel = (*_pair(arguments["kernel_size"]), depth, filters)
    return [kernel, *_bias(arguments, filters)]


def _depthwise(arguments, shapes):
    sides = _slid(arguments, shapes[0], _pair(arguments["kernel_size"]))
    return (None, *sides, _known(shapes[0]) * arguments["depth_multiplier"])


def _depthwise_weights(arguments, shape):
    depth, times = _known(_image(shape)), arguments["depth_multiplier"]
    kernel = (*_pair(arguments["kernel_size"]), depth, times)
    return [kernel, *_bias(arguments, depth * times)]


def _separable_weights(arguments, shape):
    kernel = _depthwise_weights({**arguments, "use_bias": False}, shape)[0]
    filters = arguments["filters"]
    between = (1, 1, kernel[2] * kernel[3], filters)
    return [kernel, between, *_bias(arguments, filters)]


def _bias(arguments, n):
    return [(n,)] if arguments.get("use_bias", True) else []


def _dense(arguments, shapes):
    return (*shapes[0][:-1], arguments["units"])


def _dense_weights(arguments, shape):
    units = arguments["units"]
    return [(_known(shape), units), *_bias(arguments, units)]


def _pooled(arguments, shapes):
    sides = _slid(arguments, shapes[0], _pair(arguments["pool_size"]))
    return (None, *sides, shapes[0][3])


def _averaged(arguments, shapes):
    depth = _image(shapes[0])[3]
    return (None, 1, 1, depth) if arguments.get("keepdims") else (None, depth)


def _flat(_, shapes):
    sides = shapes[0][1:]
    return None, None if None in sides else math.prod(sides)


def _reshaped(arguments, shapes):
    return reshape(shapes[0], arguments["target_shape"])


def reshape(shape, wanted):
    """Return a shape with as many values; one dimension may be -1."""
    sides = shape[1:]
    if None in sides or None in wanted or wanted.count(-1) > 1:
        raise ValueError("it reshapes what has no known shape.")
    n_values = math.prod(sides)
    rest = math.prod(side for side in wanted if side != -1)
    wanted = [n_values // rest if side == -1 else side for side in wanted]
    if math.prod(wanted) != n_values:
        raise ValueError(f"{list(sides)} cannot be reshaped to {wanted}.")
    return (None, *wanted)


def _permuted(arguments, shapes):
    dims = arguments["dims"]
    if sorted(dims) != list(range(1, len(shapes[0]))):
        raise ValueError(f"it cannot permute {shapes[0]} by {dims}.")
    return (None, *(shapes[0][axis] for axis in dims))


def _edges(value):
    """Return padding or cropping at each edge: ((top, bottom), (left, right))."""
    return [_pair(side) for side in _pair(value)]


def _padded(arguments, shapes):
    return _moved_edges(shapes, _edges(arguments["padding"]))


def _cropped(arguments, shapes):
    edges = _edges(arguments["cropping"])
    return _moved_edges(shapes, [(-first, -last) for first, last in edges])


def _moved_edges(shapes, edges):
    sides = [
        side and side + first + last
        for side, (first, last) in zip(_image(shapes[0])[1:3], edges, strict=True)
    ]
    if any(side is not None and side < 1 for side in sides):
        raise ValueError("it cuts off the whole image.")
    return (None, *sides, shapes[0][3])


def _enlarged(arguments, shapes):
    times = _pair(arguments["size"])
    sides = [
        side and side * n for side, n in zip(_image(shapes[0])[1:3], times, strict=True)
    ]
    return (None, *sides, shapes[0][3])


def _resized(arguments, shapes):
    return (None, arguments["height"], arguments["width"], _image(shapes[0])[3])


def _batch_norm_weights(arguments, shape):
    n = _known(shape, axis_of(arguments["axis"], shape))
    return [(n,)] * (2 + arguments["center"] + arguments["scale"])


def _layer_norm_weights(arguments, shape):
    sides = tuple(_known(shape, axis) for axis in axes_of(arguments["axis"], shape))
    return [sides] * (arguments["center"] + arguments["scale"])


def _group_norm_weights(arguments, shape):
    n = _known(shape, axis_of(arguments["axis"], shape))
    return [(n,)] * (arguments["center"] + arguments["scale"])


def _normalization_weights(arguments, shape):
    sides = tuple(_known(shape, axis) for axis in axes_of(arguments["axis"], shape))
    if arguments.get("mean") is None:
        return [sides, sides, ()]
    n_features = math.prod(sides)
    for name in ("mean", "variance"):
        n_given = np.size(arguments.get(name))
        if n_features > max(n_given, _MAX_REPEATED):
            raise ValueError(
                f"its {name} has {n_given:,} numbers for {n_features:,} features; at "
                f"most {_MAX_REPEATED:,} are repeated."
            )
    return []


def _scale_weights(arguments, shape):
    return [(arguments["projection_dim"],)]


def _leaky_weights(arguments, shape):
    shared = axes_of(arguments.get("shared_axes") or [], shape)
    sides = range(1, len(shape))
    return [tuple(1 if axis in shared else _known(shape, axis) for axis in sides)]


_NORM = (
    "axis epsilon center scale beta_initializer gamma_initializer beta_regularizer "
    "gamma_regularizer beta_constraint gamma_constraint "
)
_WEIGHTS = (
    "activation use_bias kernel_initializer bias_initializer kernel_regularizer "
    "bias_regularizer activity_regularizer kernel_constraint bias_constraint "
)
_CONV = _WEIGHTS + "kernel_size strides padding data_format dilation_rate "
_DEPTHWISE = _CONV + (
    "depth_multiplier depthwise_initializer depthwise_regularizer depthwise_constraint "
)
_POOL = "pool_size strides padding data_format"
_GLOBAL = "data_format keepdims"

_LAYERS = {
    "Activation": Kind("activation", _same),
    "Add": Kind("", _merged),
    "Average": Kind("", _merged),
    "AveragePooling2D": Kind(_POOL, _pooled),
    "BatchNormalization": Kind(
        _NORM + "momentum moving_mean_initializer moving_variance_initializer "
        "synchronized renorm renorm_clipping renorm_momentum",
        _same,
        _batch_norm_weights,
    ),
    "Concatenate": Kind("axis", _joined),
    "Conv2D": Kind(_CONV + "filters groups", _conv, _conv_weights),
    "Cropping2D": Kind("cropping data_format", _cropped),
    "Dense": Kind(_WEIGHTS + "units quantization_config", _dense, _dense_weights),
    "DepthwiseConv2D": Kind(_DEPTHWISE, _depthwise, _depthwise_weights),
    "Dropout": Kind("rate seed noise_shape", _same),
    "ELU": Kind("alpha", _same),
    "Flatten": Kind("data_format", _flat),
    "GaussianDropout": Kind("rate seed", _same),
    "GaussianNoise": Kind("stddev seed", _same),
    "GlobalAveragePooling2D": Kind(_GLOBAL, _averaged),
    "GlobalMaxPooling2D": Kind(_GLOBAL, _averaged),
    "InputLayer": Kind("batch_shape sparse ragged optional", _same),
    "GroupNormalization": Kind(_NORM + "groups", _same, _group_norm_weights),
    "LayerNormalization": Kind(_NORM + "rms_scaling", _same, _layer_norm_weights),
    "LeakyReLU": Kind("negative_slope", _same),
    "MaxPooling2D": Kind(_POOL, _pooled),
    "Maximum": Kind("", _merged),
    "Minimum": Kind("", _merged),
    "Multiply": Kind("", _merged),
    "Normalization": Kind("axis invert mean variance", _same, _normalization_weights),
    "PReLU": Kind(
        "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
        _same,
        _leaky_weights,
    ),
    "Permute": Kind("dims", _permuted),
    "ReLU": Kind("max_value negative_slope threshold", _same),
    "Rescaling": Kind("scale offset", _same),
    "Reshape": Kind("target_shape", _reshaped),
    "Resizing": Kind(
        "height width interpolation antialias crop_to_aspect_ratio "
        "pad_to_aspect_ratio fill_mode fill_value data_format",
        _resized,
    ),
    "SeparableConv2D": Kind(
        _DEPTHWISE + "filters groups pointwise_initializer pointwise_regularizer "
        "pointwise_constraint",
        _conv,
        _separable_weights,
    ),
    "Softmax": Kind("axis", _same),
    "SpatialDropout2D": Kind("rate seed data_format", _same),
    "Subtract": Kind("", _merged),
    "UpSampling2D": Kind("size data_format interpolation", _enlarged),
    "ZeroPadding2D": Kind("padding data_format", _padded),
}
_CONVNEXT = {
    "LayerScale": Kind("init_values projection_dim", _same, _scale_weights),
    "StochasticDepth": Kind("drop_path_rate", _same),
}
_HOMES = {
    "keras.layers": _LAYERS,
    "keras.src.applications.convnext": _CONVNEXT,
    "keras.src.applications.inception_resnet_v2": {
        "CustomScaleLayer": Kind("scale", _merged)
    },
}
