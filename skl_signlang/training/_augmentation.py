"""Augmentation of image batches."""

from math import log, pi
from numbers import Real
from typing import NamedTuple

import tensorflow as tf

from skl_signlang._intervals import Interval

ERASED_AREA = 0.02, 0.33
ERASED_SIDES = 0.3, 3.3
"""Bounds of the area of an erased rectangle (fraction of the image) and of its aspect
ratio, from Zhong et al., "Random Erasing Data Augmentation", AAAI 2020, section 4."""


class Augmentation(NamedTuple):
    """Augmentation settings; 0 is off."""

    rotation: float = 0.0
    translation: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    random_erasing: float = 0.0
    horizontal_flip: float = 0.0
    low: float = 0.0
    high: float = 255.0


PARAMETER_CONSTRAINTS = {
    "rotation": [Interval(Real, 0, 180, closed="both")],
    "translation": [Interval(Real, 0, 1, closed="left")],
    "zoom": [Interval(Real, 0, 1, closed="left")],
    "shear": [Interval(Real, 0, 90, closed="left")],
    "brightness": [Interval(Real, 0, 1, closed="both")],
    "contrast": [Interval(Real, 0, 1, closed="both")],
    "random_erasing": [Interval(Real, 0, 1, closed="both")],
    "horizontal_flip": [Interval(Real, 0, 1, closed="both")],
}
"""Constraints of the augmentation parameters."""


def augmentation_of(estimator, value_range):
    """Return the augmentation of an estimator, or None."""
    amounts = [float(getattr(estimator, name)) for name in PARAMETER_CONSTRAINTS]
    return Augmentation(*amounts, *value_range) if any(amounts) else None


def augment(images, settings, seed):
    """Augment a batch of images; the result depends on the seed only.

    `settings` is a tensor, so that one traced graph serves all.
    """
    options = Augmentation(*tf.unstack(settings, len(Augmentation._fields)))
    draw = _Draws(seed, tf.shape(images)[0])
    images = tf.cast(images, tf.float32)
    images = _move(images, options, draw)
    images = _light(images, options, draw)
    return _erase(images, options, draw)


class _Draws:
    """Uniform random numbers, one per image, different at each call."""

    def __init__(self, seed, n):
        self._seed, self._n, self._calls = seed, n, 0

    def __call__(self, low=-1.0, high=1.0):
        self._calls += 1
        seed = tf.random.experimental.stateless_fold_in(self._seed, self._calls)
        return tf.random.stateless_uniform((self._n,), seed, low, high)


def _move(images, options, draw):
    """Rotate, shear, zoom, flip and shift images in one resampling."""
    height, width = images.shape[1:3]
    angle = draw() * options.rotation * _DEGREE
    slant = tf.tan(draw() * options.shear * _DEGREE)
    size = 1 / (1 + draw() * options.zoom)
    side = tf.where(draw(0.0) < options.horizontal_flip, -1.0, 1.0)
    right = draw() * options.translation * width
    down = draw() * options.translation * height
    # from output coordinates to input coordinates
    cos, sin = tf.cos(angle) * size, tf.sin(angle) * size
    a, b = side * cos, side * (cos * slant - sin)
    c, d = sin, sin * slant + cos
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    x, y = middle_x + right, middle_y + down
    zero = tf.zeros_like(a)
    rows = [a, b, middle_x - a * x - b * y, c, d, middle_y - c * x - d * y, zero, zero]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack(rows, axis=1),
        output_shape=[height, width],
        interpolation="BILINEAR",
        fill_mode="NEAREST",
        fill_value=0.0,
    )


def _light(images, options, draw):
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    factor = 1 + _each(draw()) * options.contrast
    summand = _each(draw()) * options.brightness * (options.high - options.low)
    images = (images - mean) * factor + mean + summand
    return tf.clip_by_value(images, options.low, options.high)


def _erase(images, options, draw):
    """Paint a rectangle of one random value over some of the images."""
    height, width = images.shape[1:3]
    area = draw(*ERASED_AREA)
    sides = tf.exp(draw(*map(log, ERASED_SIDES)))
    tall = tf.minimum(tf.sqrt(area * sides), 1.0) * height
    wide = tf.minimum(tf.sqrt(area / sides), 1.0) * width
    top = draw(0.0) * (height - tall)
    left = draw(0.0) * (width - wide)
    rows = tf.range(height, dtype=tf.float32)[tf.newaxis, :, tf.newaxis, tf.newaxis]
    columns = tf.range(width, dtype=tf.float32)[tf.newaxis, tf.newaxis, :, tf.newaxis]
    inside = (
        (rows >= _each(top))
        & (rows < _each(top + tall))
        & (columns >= _each(left))
        & (columns < _each(left + wide))
        & _each(draw(0.0) < options.random_erasing)
    )
    value = options.low + _each(draw(0.0)) * (options.high - options.low)
    return tf.where(inside, value, images)


_DEGREE = pi / 180


def _each(values):
    """Reshape one number per image for broadcasting to pixels."""
    return values[:, tf.newaxis, tf.newaxis, tf.newaxis]
