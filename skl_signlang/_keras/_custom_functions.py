"""Checks of custom functions before a network is built."""

import inspect

import keras
import tensorflow as tf

from skl_signlang._keras._custom import is_custom

_SHAPE_CHANGES = ("glu", keras.activations.glu)


def check_activation(activation, x, parameter):
    """Check that an activation keeps the shape of its input."""
    if isinstance(activation, str) and activation not in _SHAPE_CHANGES:
        return
    shape = tuple(x.shape)
    expected = f"a tensor of floats of the shape {shape}, as it takes one"
    if isinstance(activation, keras.layers.Layer):
        # a copy, because a call builds the layer
        layer = type(activation).from_config(activation.get_config())
        layer(keras.KerasTensor(shape))
        if layer.weights:
            _raise(activation, parameter, expected, "a layer that has weights")
        return
    output = trace(keras.activations.get(activation), (shape,), parameter, expected)
    if output.shape.rank != len(shape) or not output.shape.is_compatible_with(shape):
        _raise(activation, parameter, expected, f"the shape {tuple(output.shape)}")


def apply_layer(layer, x):
    """Call a layer; errors of a custom initializer name it."""
    initializer = layer.kernel_initializer
    if not is_custom(initializer):
        return layer(x)
    try:
        output = layer(x)
        got, expected = layer.kernel.numpy().shape, tuple(layer.kernel.shape)
        if got != expected:
            raise ValueError(f"the shape {got} for {expected}")
    except Exception as error:
        raise ValueError(
            f"kernel_initializer={type(initializer).__name__} must return floats of "
            f"the shape that it is asked for; got {_reason(error)}."
        ) from error
    return output


def trace(function, shapes, parameter, expected):
    """Trace a function on tensors of `shapes`; errors name `parameter`."""
    if inspect.isclass(function):
        _raise(function, parameter, expected, "a class")
    outputs = []

    def run(*tensors):
        outputs.append(function(*tensors))

    try:
        specs = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
        tf.function(run, autograph=False).get_concrete_function(*specs)
    except Exception as error:
        _raise(function, parameter, expected, _reason(error))
    output = outputs[0]
    if not tf.is_tensor(output):
        _raise(function, parameter, expected, f"a {type(output).__name__}")
    if not output.dtype.is_floating:
        _raise(function, parameter, expected, f"a tensor of {output.dtype.name}")
    return output


def _reason(error):
    """Return the first sentence of an error; those of TensorFlow are long."""
    reason = str(error).partition("\n")[0].partition(". ")[0]
    return f"{type(error).__name__}: {reason[:200]}"


def _raise(function, parameter, expected, got):
    name = getattr(function, "__name__", function)
    raise ValueError(
        f"{parameter}={name} must return {expected}; got {got}. Write it with "
        "keras.ops, such as keras.ops.tanh for numpy.tanh."
    ) from None
