"""What a page draws: points, features, and the outputs of each neuron."""

import base64

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import log_loss

from skl_signlang._keras import run_by_layer
from skl_signlang._playground._points import (
    SIDE,
    compute_features,
    make_grid,
    make_points,
)

NEURON_STEP = 2
"""A neuron is drawn from every second row and column of the grid."""

_DECIMALS = 4


class Scene:
    """The points of one training, and the grid on which its network is drawn."""

    def __init__(self, message):
        train, test, y_train, y_test = make_points(message)
        self._points, self._targets = (train, test), (y_train, y_test)
        self._features = [
            compute_features(points, message.features)
            for points in (make_grid(), train, test)
        ]
        # one pass through the network for all that is drawn
        self._X = tf.constant(np.vstack(self._features), tf.float32)
        self._ends = np.cumsum([len(part) for part in self._features])[:-1]

    @property
    def training_data(self):
        """The features and classes of the training points."""
        return self._features[1], self._targets[0]

    def describe(self):
        """Return the points and the features, which do not change."""
        points = [
            [*map(float, point.round(_DECIMALS)), int(target), is_train]
            for points, targets, is_train in zip(
                self._points, self._targets, (True, False), strict=True
            )
            for point, target in zip(points, targets, strict=True)
        ]
        grid = self._features[0]
        scaled = grid / np.abs(grid).max(axis=0)
        return {"points": points, "features": [_encode(one) for one in scaled.T]}

    def describe_network(self, model):
        """Return losses, outputs and weights of a network; None if it diverged."""
        with np.errstate(all="ignore"):
            steps = run_by_layer(model, self._X)
        outputs = [
            step.output.numpy()
            for step in steps
            if isinstance(step.layer, keras.layers.Activation)
        ]
        probability = steps[-1].output.numpy()[:, 0]
        layers = [
            layer.get_weights()
            for layer in model.layers
            if isinstance(layer, keras.layers.Dense)
        ]
        arrays = [*outputs, probability, *(array for pair in layers for array in pair)]
        if not all(np.isfinite(array).all() for array in arrays):
            return None
        grid, *parts = np.split(probability, self._ends)
        losses = [
            float(log_loss(target, part, labels=[0, 1]))
            for target, part in zip(self._targets, parts, strict=True)
        ]
        return {
            "train_loss": losses[0],
            "test_loss": losses[1],
            "output": _encode(2 * grid - 1, step=1),
            "neurons": [
                [_encode(one) for one in layer[: len(grid)].T] for layer in outputs
            ],
            "weights": [kernel.round(_DECIMALS).tolist() for kernel, _ in layers],
            "biases": [bias.round(_DECIMALS).tolist() for _, bias in layers],
        }


def _encode(values, step=NEURON_STEP):
    """Return values of the grid, -1 to 1, as base64 of bytes; others are clipped."""
    values = values.reshape(SIDE, SIDE)[::step, ::step].clip(-1, 1)
    content = np.rint(127.5 * (values + 1)).astype(np.uint8).tobytes()
    return base64.b64encode(content).decode()
