"""Output shapes of Keras operations, such as the sum of two layers."""

import math

from skl_signlang._untrusted._allowed_layers import axes_of, axis_of, merge, reshape
from skl_signlang._untrusted._arguments import is_argument

_MAX_NUMBERS = 10_000
_DTYPES = frozenset(
    f"{kind}{bits}" for kind in ("float", "int", "uint") for bits in (8, 16, 32, 64)
) | {"bool"}


def operation_of(entry):
    """Return the shape function of an operation."""
    name = entry.get("class_name")
    if entry.get("registered_name") not in (None, name) or not isinstance(name, str):
        return None
    known = _HOMES.get(entry.get("module"), {}).get(name)
    if known is None:
        return None
    shape_of, arguments = known
    config = entry["config"]
    for key, value in config.items():
        if key not in ("name", *arguments) or not is_argument(key, value):
            raise ValueError(
                f"an argument of {name} is refused: {key[:80]}={repr(value)[:80]}."
            )
    return lambda shapes, given: shape_of(config, shapes, given)


def is_constant(entry):
    """Check whether a value is a small constant: a slice, an ellipsis or numbers."""
    name, config = entry["class_name"], entry.get("config")
    if entry.keys() != {"class_name", "config"}:
        return False
    if name == "__ellipsis__":
        return config == {}
    if name == "__slice__":
        known = config.keys() == {"start", "stop", "step"}
        return known and all(v is None or type(v) is int for v in config.values())
    return name == "__numpy__" and _shape_of_numbers(config) is not None


def _shape_of_numbers(config):
    """Return the shape of an array of numbers, None for others or large ones."""
    if config.keys() != {"value", "dtype"} or config["dtype"] not in _DTYPES:
        return None
    shape, level = [], [config["value"]]
    while isinstance(level[0], list):
        lengths = {len(e) if isinstance(e, list) else -1 for e in level}
        if len(lengths) > 1 or lengths & {-1, 0} or len(shape) > 8:
            return None
        shape.append(lengths.pop())
        level = [number for entry in level for number in entry]
        if len(level) > _MAX_NUMBERS:
            return None
    is_number = all(isinstance(number, int | float) for number in level)
    return tuple(shape) if is_number else None


def _alone(shape_of):
    """Decorate an operation that takes one tensor and no other argument."""

    def run(config, shapes, given):
        if given is not None or len(shapes) != 1:
            raise ValueError("it takes one tensor and nothing else.")
        return shape_of(config, shapes[0])

    return run


def _same(config, shape):
    return shape


def _elementwise(config, shapes, given):
    constants = []
    if given is not None:
        args, kwargs = given
        constants = [arg for arg in args if not isinstance(arg, _Tensor)]
        if kwargs:
            raise ValueError("it takes no named arguments.")
    for constant in constants:
        if isinstance(constant, dict) and is_constant(constant):
            shapes = [*shapes, _shape_of_numbers(constant["config"])]
        elif not isinstance(constant, int | float):
            raise ValueError("it takes tensors and numbers.")
    if len(shapes) + sum(not isinstance(c, dict) for c in constants) != 2:
        raise ValueError("it takes two values.")
    return merge(shapes)


class _Tensor:
    """Placeholder of a tensor among the arguments of a call."""


TENSOR = _Tensor()


def _item(config, shapes, given):
    args, kwargs = given or ((), {})
    if len(shapes) != 1 or len(args) != 2 or args[0] is not TENSOR or kwargs:
        raise ValueError("it takes a tensor and what to take of it.")
    keys = args[1] if isinstance(args[1], list) else [args[1]]
    (shape,) = shapes
    names = [k["class_name"] if isinstance(k, dict) else k for k in keys]
    if names.count("__ellipsis__") > 1 or len(keys) - 1 > len(shape):
        raise ValueError("it takes more than there is.")
    if "__ellipsis__" not in names:
        names, keys = [*names, "__ellipsis__"], [*keys, None]
    first = names.index("__ellipsis__")
    last = len(names) - first - 1
    kept = shape[first : len(shape) - last]
    sides = [*zip(keys[:first], shape[:first], strict=True)]
    sides += [(_WHOLE, side) for side in kept]
    sides += zip(keys[first + 1 :], shape[len(shape) - last :], strict=True)
    return tuple(_cut(key, side) for key, side in sides if type(key) is not int)


_WHOLE = {"class_name": "__slice__", "config": dict.fromkeys(("start", "stop", "step"))}


def _cut(key, side):
    if not isinstance(key, dict) or key["class_name"] != "__slice__":
        raise ValueError("it takes slices and numbers.")
    config = key["config"]
    bounds = config["start"], config["stop"], config["step"]
    if side is None:
        if bounds != (None, None, None):
            raise ValueError("it cuts what has no known side.")
        return None
    return len(range(*slice(*bounds).indices(side)))


def _turned(config, shape):
    axes = config["axes"]
    axes = [*reversed(range(len(shape)))] if axes is None else axes_of(axes, shape)
    if sorted(axes) != list(range(len(shape))) or axes[0] != 0:
        raise ValueError("it turns what it cannot.")
    return tuple(shape[axis] for axis in axes)


def _reduced(config, shape):
    if config["axis"] is None:
        raise ValueError("it mixes images.")
    axes = axes_of(config["axis"], shape)
    if 0 in axes:
        raise ValueError("it mixes images.")
    if config.get("keepdims"):
        return tuple(1 if i in axes else side for i, side in enumerate(shape))
    return tuple(side for i, side in enumerate(shape) if i not in axes)


def _flipped(config, shape):
    axis_of(config["axis"], shape)
    return shape


def _reshaped(config, shape):
    first, *wanted = config["newshape"]
    if first not in (None, -1) or math.prod(s or 1 for s in wanted) < 1:
        raise ValueError("it mixes images.")
    return reshape(shape, wanted)


_PLAIN = "Relu Relu6 Sigmoid Silu HardSigmoid HardSilu Selu Softplus Softsign"
_HOMES = {
    "keras.src.ops.nn": {
        **{name: (_alone(_same), ()) for name in _PLAIN.split()},
        "Elu": (_alone(_same), ("alpha",)),
        "Gelu": (_alone(_same), ("approximate",)),
        "LeakyRelu": (_alone(_same), ("negative_slope",)),
        "Softmax": (_alone(_same), ("axis",)),
    },
    "keras.src.ops.numpy": {
        **dict.fromkeys(
            [
                "Add",
                "Divide",
                "Maximum",
                "Minimum",
                "Multiply",
                "Subtract",
                "TrueDivide",
            ],
            (_elementwise, ()),
        ),
        **{
            name: (_alone(_reduced), ("axis", "keepdims", "initial"))
            for name in ("Max", "Mean", "Min", "Sum")
        },
        **{
            name: (_alone(_same), ())
            for name in ["Absolute", "Exp", "Negative", "Sqrt", "Square", "Tanh"]
        },
        "Flip": (_alone(_flipped), ("axis",)),
        "GetItem": (_item, ()),
        "Reshape": (_alone(_reshaped), ("newshape",)),
        "Transpose": (_alone(_turned), ("axes",)),
    },
}
