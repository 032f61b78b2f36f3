"""The package's own network of hands, which needs no extra and no download.

`benchmarks.train_hand_network` trains it. Its joints are those of MediaPipe's landmark
model, which taught it.
"""

from pathlib import Path

import numpy as np
from scipy.special import expit, log_softmax

from skl_signlang._letters import LETTERS
from skl_signlang._once import once
from skl_signlang._quiet import start_tensorflow_quietly
from skl_signlang.preprocessing._hand_models import Hand

SIDE = 64
"""Height and width of the images that the network takes, in pixels."""

FILE = Path(__file__).with_name("hand_network.npz")
N_OUTPUTS = {
    "points": 42,  # x and y from the center of the image, in sides
    "joints": 63,  # from the wrist, in palm lengths
    "presence": 1,  # logits
    "right": 1,
    "letters": 96,  # inputs of the last two layers of the letters, see `Letters`
}
NONE = "none"
"""What the network calls a hand that makes no letter, or an image without a hand."""

CLASSES = (*LETTERS, NONE)


def build_hand_network():
    """Build the network: standardized gray images to all outputs in one row."""
    import keras
    from keras import layers

    def convolve(x, n_filters, size=3, stride=1):
        x = layers.Conv2D(n_filters, size, stride, "same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))

    def add(x):
        return layers.Add()([x, convolve(x, x.shape[-1])])

    image = keras.Input((SIDE, SIDE, 1))
    x = convolve(image, 16, size=5, stride=2)
    x = add(convolve(x, 32, stride=2))
    x = add(add(convolve(x, 64, stride=2)))
    x = add(convolve(x, 96, stride=2))
    x = layers.Flatten()(convolve(x, 48, size=1))
    x = layers.Dense(192, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.98)(x))
    outputs = [layers.Dense(n, name=name)(x) for name, n in N_OUTPUTS.items()]
    return keras.Model(image, layers.Concatenate()(outputs))


def standardize(images):
    """Scale gray images (n, 64, 64, 1) to mean 0 and deviation 1, each by itself."""
    centered = images - images.mean(axis=(1, 2, 3), keepdims=True)
    return centered / (centered.std(axis=(1, 2, 3), keepdims=True) + 0.05)


class HandNetwork:
    """The network in the place of a landmark model; thread-safe."""

    side = SIDE

    def __init__(self):
        self._predict, self._letters = _load()

    def __call__(self, image, down):
        """Run the network on an image (64, 64, 3) float32 from 0 to 1.

        `down` is the unit vector down in the whole image, in the axes of this one.
        """
        gray = standardize(image.mean(axis=2, dtype=np.float32)[None, ..., None])
        ends = np.cumsum(list(N_OUTPUTS.values()))[:-1]
        points, joints, presence, right, hidden = np.split(self._predict(gray)[0], ends)
        points = SIDE * (points.reshape(21, 2) + 0.5)
        return Hand(
            np.hstack([points, np.zeros((21, 1), np.float32)]),
            expit(presence.item()),
            expit(right.item()),
            joints.reshape(21, 3),
            self._letters(hidden, down),
        )


class Letters:
    """The last layers of the letters, which learn where down is."""

    def __init__(self, down, weights, bias):
        self._down, self._weights, self._bias = down, weights, bias

    def __call__(self, hidden, down):
        """Return log-probabilities of the letters, and of none."""
        hidden = np.maximum(hidden + np.asarray(down, np.float32) @ self._down, 0)
        return log_softmax(hidden @ self._weights + self._bias)


@once
def _load():
    """Load the network and the last layers of the letters, once a process."""
    start_tensorflow_quietly()
    import tensorflow as tf

    from skl_signlang._keras import Prediction

    with np.load(FILE) as file:
        arrays = [file[name].astype(np.float32) for name in file.files]
    *values, down, weights, bias = arrays
    predict = Prediction(build_hand_network())
    constants = [tf.constant(value) for value in values]
    return lambda images: predict(images, constants), Letters(down, weights, bias)
