"""Preprocessing layers for backbones."""

import warnings

import numpy as np
from keras import layers, ops

# ImageNet's means and standard deviations as in keras.applications.imagenet_utils:
# for values from 0 to 1 in RGB, and from 0 to 255 in BGR
_TORCH_MEAN, _TORCH_STD = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
_CAFFE_MEAN = np.array([103.939, 116.779, 123.68])

SCALES = {
    "0-1": (1.0, 0.0),
    "0-255": (255.0, 0.0),
    "caffe": (255.0, -_CAFFE_MEAN),
    "tf": (2.0, -1.0),
    "torch": (1 / _TORCH_STD, -_TORCH_MEAN / _TORCH_STD),
}
"""Scale and offset of values from 0 to 1, by Keras' names where it has some.

"caffe" uses the channel order blue, green, red.
"""


def scale_of(preprocess_input):
    """Return the scale of a family's `preprocess_input`."""
    colors = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.float32)
    wanted = preprocess_input(colors.copy().reshape(1, 1, 4, 3)).reshape(4, 3)
    for name, (factor, summand) in SCALES.items():
        ordered = colors[:, ::-1] if name == "caffe" else colors
        if np.allclose(ordered / 255 * factor + summand, wanted, atol=1e-3):
            return name
    raise ValueError(f"{preprocess_input} uses an unknown scale.")


def prepare_pixels(x, *, image_size, n_channels, pixel_range, scale):
    """Convert images to the size, channels and values of a backbone.

    Resizing is bilinear, after average pooling against aliasing; alpha is dropped.
    """
    if x.shape[-1] in (2, 4):
        x = x[..., :-1]
    x = _resize(x, image_size)
    if x.shape[-1] > n_channels:
        raise ValueError(
            "X holds images in color, but the backbone takes gray ones: convert them "
            "with preprocessing.ColorConverter."
        )
    if n_channels == 1 and scale in ("caffe", "torch"):
        raise ValueError(
            f"preprocessing={scale!r} is for colors, but the backbone takes gray "
            'images; expected "0-1", "0-255" or "tf".'
        )
    if x.shape[-1] < n_channels:
        x = layers.Concatenate(name="gray_to_rgb")([x] * 3)
    if scale == "caffe":
        x = ops.flip(x, axis=-1)
    return _rescale(x, pixel_range, scale)


def warn_of_other_range(X, pixel_range):
    """Warn if the values of images clearly contradict `pixel_range`."""
    low, high = pixel_range
    margin = (high - low) / 10
    smallest, largest = float(X.min()), float(X.max())
    shares = smallest >= 0 and largest <= 1 and bool((X % 1).any())
    beyond = smallest < low - margin or largest > high + margin
    if beyond or (shares and high - low > 16):
        warnings.warn(
            f"X holds values from {smallest:.3g} to {largest:.3g}, but "
            f"pixel_range=({low:g}, {high:g}) are the values of black and white. Set "
            "it to the range of X, for example (0, 1).",
            stacklevel=2,
        )


def _resize(x, image_size):
    """Pool by integer factors, then interpolate."""
    factors = tuple(
        max(1, side // wanted)
        for side, wanted in zip(x.shape[1:3], image_size, strict=True)
    )
    if factors != (1, 1):
        x = layers.AveragePooling2D(factors, name="shrink")(x)
    if x.shape[1:3] != tuple(image_size):
        x = layers.Resizing(*image_size, name="resize")(x)
    return x


def _rescale(x, pixel_range, scale):
    """Map `pixel_range` linearly to the scale."""
    low, high = pixel_range
    factor, summand = SCALES[scale]
    summand = summand - factor * low / (high - low)
    factor = factor / (high - low)
    if np.all(factor == 1) and np.all(summand == 0):
        return x
    factor, summand = (np.asarray(part).tolist() for part in (factor, summand))
    return layers.Rescaling(factor, summand, name="scale")(x)
