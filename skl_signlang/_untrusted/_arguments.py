"""Valid arguments of layers and other Keras objects in files."""

import re

_NAME = re.compile(r"[A-Za-z0-9_.>-][A-Za-z0-9_.>/\\ -]{0,199}")
_MAX_NUMBERS = 10_000
_LARGEST = 1 << 40

POLICIES = (
    *("bfloat16", "float16", "float32", "float64"),
    *("mixed_bfloat16", "mixed_float16"),
)
ACTIVATIONS = frozenset(
    [
        "celu",
        "elu",
        "exponential",
        "gelu",
        "hard_shrink",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "leaky_relu",
        "linear",
        "log_sigmoid",
        "log_softmax",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "soft_shrink",
        "softmax",
        "softplus",
        "softsign",
        "sparse_plus",
        "sparse_sigmoid",
        "sparsemax",
        "squareplus",
        "swish",
        "tanh",
        "tanh_shrink",
        "threshold",
    ]
)
LOSSES = frozenset(
    [
        "binary_crossentropy",
        "binary_focal_crossentropy",
        "categorical_crossentropy",
        "categorical_focal_crossentropy",
        "categorical_hinge",
        "cosine_similarity",
        "dice",
        "hinge",
        "huber",
        "kl_divergence",
        "log_cosh",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_error",
        "mean_squared_logarithmic_error",
        "poisson",
        "sparse_categorical_crossentropy",
        "squared_hinge",
        "tversky",
    ]
)

# Objects whose arguments are numbers, names, and other such objects
_OBJECTS = {
    "keras": "DTypePolicy",
    "keras.initializers": "Constant GlorotNormal GlorotUniform HeNormal HeUniform "
    "Identity LecunNormal LecunUniform Ones Orthogonal RandomNormal RandomUniform "
    "TruncatedNormal VarianceScaling Zeros",
    "keras.losses": "BinaryCrossentropy BinaryFocalCrossentropy "
    "CategoricalCrossentropy CategoricalFocalCrossentropy CategoricalHinge "
    "CosineSimilarity Dice Hinge Huber KLDivergence LogCosh MeanAbsoluteError "
    "MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson "
    "SparseCategoricalCrossentropy SquaredHinge Tversky",
    "keras.optimizers": "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion "
    "LossScaleOptimizer Muon Nadam RMSprop SGD",
    "keras.optimizers.schedules": "CosineDecay CosineDecayRestarts ExponentialDecay "
    "InverseTimeDecay PiecewiseConstantDecay PolynomialDecay",
    "keras.regularizers": "L1 L1L2 L2 OrthogonalRegularizer",
}
OBJECTS = {
    (module, name): module
    for module, names in _OBJECTS.items()
    for name in names.split()
}
_FUNCTIONS = {
    "keras.activations": ACTIVATIONS,
    "keras.losses": LOSSES,
    "keras.initializers": frozenset(),
    "builtins": ACTIVATIONS | LOSSES,
}


_NO_OTHER = {None, "function"}


def is_function(entry):
    """Check whether a configuration is that of a Keras activation or loss."""
    name, registered = entry.get("config"), entry.get("registered_name")
    known = _FUNCTIONS.get(entry.get("module"), ())
    return isinstance(name, str) and name in known and registered in _NO_OTHER | {name}


def is_object(entry):
    """Check whether a configuration is that of an object in `OBJECTS`."""
    key = entry.get("module"), entry.get("class_name")
    return key in OBJECTS and entry.get("registered_name") in (None, key[1])


def is_value(entry):
    """Check whether a configuration is a valid value of a parameter."""
    if entry.get("class_name") == "function":
        return is_function(entry)
    is_layer = entry.get("class_name") in _ACTIVATION_LAYERS
    return is_object(entry) or (is_layer and "build_config" not in entry)


def is_plain(value):
    """Check whether an argument of an object has a type of bounded size."""
    if isinstance(value, list):
        return len(value) <= _MAX_NUMBERS and all(map(_is_number, value))
    return value is None or _is_number(value) or _is_name(value)


def is_argument(name, value):
    """Check whether a layer may have an argument of this name and value."""
    for ending, check in _BY_ENDING.items():
        if name.endswith(ending):
            return check(value)
    return _BY_NAME[name](value)


def _is_name(value):
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_number(value):
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < 1 << 63)


def _is_flag(value):
    return isinstance(value, bool)


def _is_off(value):
    return value is False


def _is_none(value):
    return value is None


def _is_whole(value, least=1):
    return type(value) is int and least <= value <= _LARGEST


def _is_sides(value):
    sides = value if isinstance(value, list) else [value]
    return 1 <= len(sides) <= 2 and all(map(_is_whole, sides))


def _is_numbers(value):
    """Check whether a value is a number or nested lists of numbers."""
    waiting, n_left = [value], _MAX_NUMBERS
    while waiting and n_left >= 0:
        entry = waiting.pop()
        n_left -= 1
        if isinstance(entry, list):
            waiting += entry
        elif not _is_number(entry):
            return False
    return n_left >= 0


def _is_axes(value):
    axes = value if isinstance(value, list) else [value]
    return len(axes) <= 8 and all(type(a) is int and -8 <= a < 8 for a in axes)


def _is_shape(value):
    return (
        isinstance(value, list)
        and len(value) <= 8
        and all(side is None or side == -1 or _is_whole(side) for side in value)
        and not any(isinstance(side, bool) for side in value)
    )


def _is_padding(value):
    if value in ("same", "valid"):
        return True
    sides = value if isinstance(value, list) else [value]
    sides = [s for side in sides for s in (side if isinstance(side, list) else [side])]
    return len(sides) <= 4 and all(_is_whole(side, least=0) for side in sides)


def _is_policy(value):
    if isinstance(value, dict):
        known = value.get("module") == "keras" and is_object(value)
        value = known and value["config"].keys() == {"name"} and value["config"]["name"]
    return value in POLICIES


def _is_activation(value):
    if isinstance(value, dict):
        layer = value.get("class_name") in _ACTIVATION_LAYERS
        return is_function(value) or (layer and value.get("module") == "keras.layers")
    return value is None or (isinstance(value, str) and value in ACTIVATIONS)


def _of_home(home):
    def check(value):
        return value is None or (isinstance(value, dict) and value["module"] == home)

    return check


def _or_none(check):
    return lambda value: value is None or check(value)


_ACTIVATION_LAYERS = ("ELU", "LeakyReLU", "ReLU", "Softmax")

_BY_ENDING = {
    "_initializer": _of_home("keras.initializers"),
    "_regularizer": _of_home("keras.regularizers"),
    "_constraint": _is_none,
}
_BY_NAME = {
    **dict.fromkeys(
        (
            *("units", "filters", "depth_multiplier", "groups"),
            *("projection_dim", "height", "width"),
        ),
        _is_whole,
    ),
    **dict.fromkeys(("kernel_size", "dilation_rate", "pool_size", "size"), _is_sides),
    **dict.fromkeys(
        (
            *("trainable", "use_bias", "center", "rms_scaling", "invert", "keepdims"),
            *("antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio"),
        ),
        _is_flag,
    ),
    **dict.fromkeys(
        ("sparse", "ragged", "optional", "renorm", "synchronized"), _is_off
    ),
    **dict.fromkeys(
        (
            *("momentum", "renorm_momentum", "epsilon", "rate", "negative_slope"),
            *("stddev", "max_value", "threshold", "alpha", "init_values"),
            *("drop_path_rate", "seed", "fill_value"),
        ),
        _or_none(_is_number),
    ),
    **dict.fromkeys(("quantization_config", "renorm_clipping"), _is_none),
    **dict.fromkeys(("mean", "variance", "scale", "offset"), _or_none(_is_numbers)),
    **dict.fromkeys(("axis", "dims"), _is_axes),
    "axes": _or_none(_is_axes),
    "shared_axes": _or_none(_is_axes),
    "noise_shape": _or_none(lambda value: set(value) <= {None, 1}),
    "initial": _is_none,
    "approximate": _is_flag,
    **dict.fromkeys(
        ("batch_shape", "build_input_shape", "target_shape", "newshape"), _is_shape
    ),
    **dict.fromkeys(("padding", "cropping"), _is_padding),
    "strides": _or_none(_is_sides),
    "name": _is_name,
    "dtype": _is_policy,
    "activation": _is_activation,
    "data_format": ("channels_last", None).__contains__,
    "fill_mode": ("constant",).__contains__,
    "interpolation": ("bilinear", "nearest").__contains__,
}
