"""Inference models: without dropout, with batch normalization folded.

On one image the number of operations decides on the latency, not their size.
"""

import keras
import numpy as np
from keras import layers, ops

from skl_signlang._keras import same_random_state


class ScaleAndShift(layers.Layer):
    """Multiply each channel by a factor and add a constant; never saved."""

    def build(self, input_shape):
        """Create one factor and one summand per channel."""
        self.factor = self.add_weight(shape=input_shape[-1:], name="factor")
        self.summand = self.add_weight(shape=input_shape[-1:], name="summand")

    def call(self, inputs, mask=None):
        """Scale and shift the inputs."""
        return ops.cast(inputs, self.compute_dtype) * self.factor + self.summand


def inference_model(model):
    """Return a model with the same predictions and fewer operations."""
    with same_random_state():
        return keras.models.clone_model(model, clone_function=_simplify)


def inference_values(model, inference, values):
    """Compute the variables of the inference model from those of the trained model."""
    known = dict(zip(map(id, model.variables), values, strict=True))
    computed = {}
    for layer in model.layers:
        if not layer.variables:
            continue
        twin = inference.get_layer(layer.name)
        if _is_scale_and_shift(layer):
            factor, summand = _factor_and_summand(layer, known)
            computed[id(twin.factor)] = factor.astype(np.float32)
            computed[id(twin.summand)] = summand.astype(np.float32)
        else:
            for own, other in zip(twin.variables, layer.variables, strict=False):
                computed[id(own)] = known[id(other)]
    return [computed[id(variable)] for variable in inference.variables]


def _simplify(layer):
    if _is_scale_and_shift(layer):
        return ScaleAndShift(name=layer.name)
    if isinstance(layer, layers.Dropout):
        return layers.Identity(name=layer.name)
    if isinstance(layer, layers.Activation):
        return layers.Activation(layer.activation, name=layer.name)
    config = layer.get_config()
    # objects are kept: Keras serializes custom functions by name only
    for name in config:
        if name.endswith(("_initializer", "_regularizer")):
            config[name] = getattr(layer, name, config[name])
    return type(layer).from_config(config)


def _is_scale_and_shift(layer):
    return isinstance(layer, layers.BatchNormalization) and layer.axis == -1


def _factor_and_summand(layer, known):
    """Fold batch normalization into one factor and one summand per channel."""
    mean, variance = (
        known[id(variable)].astype(np.float64)
        for variable in (layer.moving_mean, layer.moving_variance)
    )
    factor = 1 / np.sqrt(variance + layer.epsilon)
    if layer.scale:
        factor = factor * known[id(layer.gamma)]
    summand = -mean * factor
    if layer.center:
        summand = summand + known[id(layer.beta)]
    return factor, summand
