"""Shapes and values of images, from arrays alone.

Images come as rows (n, features), gray (n, height, width) or with channels last
(n, height, width, channels).
"""

from math import isfinite, isqrt
from numbers import Integral, Real

import numpy as np

MAX_CHANNELS = 4
_FEW_ROWS = 1024


def entries_of(value):
    """Return the entries of a tuple, a list or an array, or another value as one."""
    known = isinstance(value, tuple | list) or (
        isinstance(value, np.ndarray) and value.ndim > 0
    )
    return tuple(value) if known else (value,)


def normalize_image_shape(image_shape):
    """Check the parameter ``image_shape``, and append a missing channel."""
    sides = entries_of(image_shape)
    whole = all(isinstance(side, Integral) and side > 0 for side in sides)
    if len(sides) not in (2, 3) or not whole or (sides[2:] or (1,))[0] > MAX_CHANNELS:
        raise ValueError(
            "image_shape must be (height, width) or (height, width, channels) with "
            f"1 to {MAX_CHANNELS} channels; got {image_shape!r}."
        )
    return tuple(int(side) for side in (*sides, 1)[:3])


def height_and_width(size, name, unit="pixels"):
    """Convert a size parameter to height and width."""
    sides = (size, size) if isinstance(size, Integral) else entries_of(size)
    whole = all(isinstance(side, Integral) and side > 0 for side in sides)
    if len(sides) != 2 or not whole:
        raise ValueError(
            f"{name} must be a number of {unit} or (height, width), 1 or more; got "
            f"{size!r}."
        )
    return int(sides[0]), int(sides[1])


def infer_image_shape(n_features):
    """Infer the shape of an image from its number of values."""
    for channels in (1, 3):
        side = isqrt(n_features // channels)
        if side * side * channels == n_features:
            return side, side, channels
    return 1, n_features, 1


def describe_surplus(n_features):
    """Describe whether one column too many makes rows not square."""
    height, width, channels = infer_image_shape(n_features - 1)
    if height != width or n_features < 3:
        return ""
    shape = f"{height} x {width}{' x 3' if channels == 3 else ''}"
    return f" One column fewer makes {shape}: is a label or an index among the pixels?"


def shape_of_images(shape, image_shape=None):
    """Return the (height, width, channels) of the images in an array."""
    if len(shape) == 2:
        found = infer_image_shape(shape[1])
    elif len(shape) in (3, 4):
        found = (*shape[1:], 1)[:3]
        if found[2] > MAX_CHANNELS:
            raise ValueError(
                f"X has shape {shape}: {found[2]} channels. Images have 1 to "
                f"{MAX_CHANNELS} channels, and the channels come last."
            )
    else:
        raise ValueError(
            f"X has {len(shape)} dimensions, shape {shape}; expected rows (n, features)"
            " or images (n, height, width) or (n, height, width, channels)."
        )
    if image_shape is None:
        return found
    expected = normalize_image_shape(image_shape)
    given = expected[: len(image_shape)]
    if len(shape) == 2 and np.prod(expected) == shape[1]:
        return expected
    if len(shape) == 2:
        raise ValueError(
            f"image_shape={given} needs rows of {np.prod(expected)} "
            f"values; X has {shape[1]} features."
        )
    if found != expected:
        raise ValueError(
            f"image_shape={given} is given, but X holds images of shape {found}."
        )
    return expected


def check_range(limits, name):
    """Check a parameter that holds the minimum and maximum pixel value."""
    entries = entries_of(limits)
    right = len(entries) == 2 and all(isinstance(limit, Real) for limit in entries)
    low, high = map(float, entries) if right else (0.0, 0.0)
    if not (isfinite(low) and isfinite(high) and low < high):
        raise ValueError(
            f"{name} must be two finite numbers, the smaller first; got {limits!r}."
        )
    return low, high


def are_bytes(values):
    """Return whether numbers are integers from 0 to 255, whatever their dtype."""
    if values.dtype == np.uint8:
        return True
    if values.dtype.kind not in "buif" or not values.size:
        return False
    # the comparison is false for NaN
    if not (values.min() >= 0 and values.max() <= 255):
        return False
    # by a few rows: memmaps may be larger than memory
    return values.dtype.kind != "f" or not any(
        (values[start : start + _FEW_ROWS] % 1).any()
        for start in range(0, len(values), _FEW_ROWS)
    )


def to_uint8(values, name):
    """Convert integers from 0 to 255 to uint8; `name` is the subject of the error."""
    if are_bytes(values):
        return values.astype(np.uint8, copy=False)
    found = f"dtype {values.dtype}"
    if values.dtype.kind in "buif" and values.size:
        found = f"values from {values.min():.6g} to {values.max():.6g}"
    raise ValueError(f"{name} {found}; expected integers from 0 to 255.")


def is_one_image(shape):
    """Check whether an array looks like one image without the batch axis."""
    return (
        len(shape) == 3
        and shape[2] <= MAX_CHANNELS
        and min(shape[:2]) >= 2 * MAX_CHANNELS
    )
