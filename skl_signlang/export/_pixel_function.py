"""A fitted classifier as one TensorFlow function from uint8 to probabilities."""

import copy

import keras
import numpy as np
import tensorflow as tf

from skl_signlang._pipelines import image_shape, list_steps, only_decodes
from skl_signlang._resizing import TIE, resampling_matrix
from skl_signlang.preprocessing import (
    LUMA,
    ColorConverter,
    ImageReshaper,
    ImageResizer,
    ImageScaler,
)

INPUT, OUTPUT = "pixels", "probabilities"
"""Names of input and output."""

# uint8 times a multiple of 1 / this number is exact in float32
_PARTS = 4096


def pixel_function(estimator):
    """Build the TensorFlow function of a Pipeline."""
    *transformers, last = list_steps(estimator)
    shape = image_shape(estimator)
    if transformers and only_decodes(transformers[0]):
        transformers = transformers[1:]
    for step in transformers:
        if type(step) not in _STEPS:
            raise ValueError(
                f"{type(step).__name__} cannot be exported, only "
                f"{', '.join(sorted(kind.__name__ for kind in _STEPS))} before a "
                "network of skl_signlang."
            )
    run_network = network_function(last)

    def run(pixels):
        x, is_bytes = tf.cast(pixels, tf.float32), True
        for step in transformers:
            # rows are reshaped to the image shape of the step
            if hasattr(step, "image_shape_"):
                x = tf.reshape(x, (-1, *step.image_shape_))
            x, is_bytes = _STEPS[type(step)](step, x, is_bytes)
        return {OUTPUT: run_network(x)}

    signature = [tf.TensorSpec((None, *shape), tf.uint8, name=INPUT)]
    return tf.function(run, input_signature=signature, autograph=False)


def network_function(network):
    """Build the function of the network alone, with constant weights."""
    # of a copy, because an estimator predicts more slowly once `model_` is built
    model = copy.copy(network._network).model
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.TFSMLayer):
            raise ValueError(
                f"The backbone {network.backbone} is a SavedModel, which cannot be "
                "exported with a head; a backbone of Keras can."
            )
    trained = [variable.numpy() for variable in model.trainable_variables]
    others = [variable.numpy() for variable in model.non_trainable_variables]

    def run(x):
        outputs, _ = model.stateless_call(
            [tf.constant(value) for value in trained],
            [tf.constant(value) for value in others],
            tf.reshape(x, (-1, *model.input_shape[1:])),
            training=False,
        )
        is_binary = hasattr(network, "classes_") and outputs.shape[1] == 1
        return tf.concat([1 - outputs, outputs], axis=1) if is_binary else outputs

    return run


def _reshape(step, x, is_bytes):
    return x, is_bytes


def _scale(step, x, is_bytes):
    (low, high), (new_low, new_high) = step.pixel_range, step.feature_range
    return (x - low) / (high - low) * (new_high - new_low) + new_low, False


def _convert(step, x, is_bytes):
    channels = 1 if step.mode == "gray" else 3
    if x.shape[3] == channels:
        return x, is_bytes
    x = x[..., : 3 if x.shape[3] > 2 else 1]
    if x.shape[3] == 3 > channels:
        x = _multiply(x, LUMA[:, np.newaxis])
        x = tf.floor(x + 0.5) if is_bytes else x
    return (tf.concat([x] * 3, axis=3) if channels == 3 > x.shape[3] else x), is_bytes


def _resize(step, x, is_bytes):
    """Resize as `ImageResizer` does; uint8 stays uint8."""
    new_height, new_width, _ = step._shape_out()
    height, width, channels = x.shape[1:]
    parts = [x]
    if new_height != height:
        matrix = resampling_matrix(height, new_height)
        lines = [tf.transpose(part, (0, 2, 3, 1)) for part in parts]
        lines = _resample(lines, matrix, is_bytes)
        parts = [tf.transpose(line, (0, 3, 1, 2)) for line in lines]
    if new_width != width:
        matrix = resampling_matrix(width, new_width, channels)
        lines = [tf.reshape(part, (-1, new_height, width * channels)) for part in parts]
        lines = _resample(lines, matrix, is_bytes)
        parts = [tf.reshape(y, (-1, new_height, new_width, channels)) for y in lines]
    if len(parts) == 1:
        return parts[0], is_bytes
    whole, rest = parts
    return whole + tf.floor(rest + (0.5 + TIE)), is_bytes


def _resample(parts, matrix, is_bytes):
    """Multiply lines by weights; of uint8, integer and fraction separately.

    A float32 sum of uint8 may round to another integer than the float64 sum of
    `ImageResizer`. So the leading digits of a weight are multiplied exactly, and the
    rest separately.
    """
    if not is_bytes:
        return [_multiply(parts[0], matrix.T)]
    first = np.floor(matrix * _PARTS) / _PARTS
    exact = _multiply(parts[0], first.T)
    rest = _multiply(parts[0], (matrix - first).T)
    for part in parts[1:]:
        rest += _multiply(part, matrix.T)
    whole = tf.floor(exact)
    return [whole, exact - whole + rest]


def _multiply(x, matrix):
    """Multiply the last axis by a matrix."""
    rows = tf.reshape(x, (-1, matrix.shape[0]))
    rows = tf.matmul(rows, tf.constant(matrix.astype(np.float32)))
    return tf.reshape(rows, (-1, *x.shape[1:-1], matrix.shape[1]))


_STEPS = {
    ColorConverter: _convert,
    ImageReshaper: _reshape,
    ImageResizer: _resize,
    ImageScaler: _scale,
}
