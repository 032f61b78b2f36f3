"""Layers of nested models."""

import keras


def leaves(model):
    """List the layers of a model and of the models in it, from first to last."""
    found = []
    for layer in model.layers:
        found += leaves(layer) if isinstance(layer, keras.Model) else [layer]
    return found
