"""Conversion of invalid pixels to numbers and findings."""

import math
from collections import Counter
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from skl_signlang._errors import quote
from skl_signlang._image_shapes import normalize_image_shape, shape_of_images


class Pixels(NamedTuple):
    """Images with NaN where a value cannot be read."""

    values: np.ndarray  # (n, features), NaN where there is no number
    image_shape: tuple  # (height, width, channels)
    findings: list  # (row, check, value) of "text", "missing" and "shape"


def read_pixels(samples, image_shape=None):
    """Parse images that may have text, missing values or different shapes."""
    if isinstance(samples, pd.DataFrame):
        samples = samples.to_numpy()
    if isinstance(samples, np.ndarray) and samples.dtype.kind in "buif":
        return _read_numbers(samples, image_shape)
    arrays = [_as_array(sample) for sample in samples]
    find_shape = cache(lambda shape: _shape_of_one(shape, image_shape))
    shapes = [find_shape(array.shape) for array in arrays]
    expected = _expected_shape(shapes, image_shape)
    values = np.full((len(arrays), int(np.prod(expected))), np.nan)
    findings = []
    for row, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
        if shape == expected:
            values[row], found = _read_cells(array.ravel())
        elif array.ndim == 0:
            _, found = _read_cells(array.ravel())
            found = found or [("shape", "one number")]
        else:
            found = [("shape", str(array.shape))]
        findings += [(row, *what) for what in found]
    return Pixels(values, expected, findings)


def find_range(values, low, high):
    """Find images with values out of range."""
    if values.dtype == np.uint8 and low <= 0 and high >= 255:
        return []
    below, above = values < low, values > high
    findings = []
    for row in np.flatnonzero((below | above).any(axis=1)):
        found = values[row][below[row] | above[row]].astype(float)
        worst = found[np.maximum(low - found, found - high).argmax()]
        findings.append((int(row), "range", f"{worst:g}"))
    return findings


def find_constant(values):
    """Find images of a single value."""
    # what has no value at some place is never equal
    constant = np.flatnonzero((values == values[:, :1]).all(axis=1))
    return [(int(row), "constant", f"{values[row, 0]:g}") for row in constant]


def to_compact_dtype(values):
    """Convert values to uint8 if lossless, else to float32."""
    if values.dtype == np.uint8:
        return values
    whole = (values >= 0) & (values <= 255) & (values == np.floor(values))
    if whole.all():
        return values.astype(np.uint8)
    with np.errstate(over="ignore"):
        pixels = values.astype(np.float32)
    if np.isinf(pixels).any():
        raise ValueError(
            f"Pixels reach {np.nanmax(np.abs(values)):.3g}, too much for float32; add "
            "'range' to checks."
        )
    return pixels + np.float32(0)  # -0 becomes 0


def _read_numbers(samples, image_shape):
    """Parse an array of numbers with missing values."""
    shape = shape_of_images(samples.shape, image_shape)
    values = samples.reshape(len(samples), int(np.prod(shape)))
    counts = np.isnan(values).sum(axis=1)
    findings = [
        (int(row), "missing", _count_cells(counts[row]))
        for row in np.flatnonzero(counts)
    ]
    return Pixels(values, shape, findings)


def _as_array(sample):
    try:
        array = np.asarray(sample)
    except ValueError:  # lines of different length
        array = np.array(sample, dtype=object)
    # complex numbers and dates would become numbers, silently
    return array.astype(object) if array.dtype.kind in "cmM" else array


def _shape_of_one(shape, image_shape):
    """Return (height, width, channels) of one image, or None if it is not an image."""
    try:
        return shape_of_images((1, *shape), image_shape)
    except ValueError:
        return None


def _expected_shape(shapes, image_shape):
    if image_shape is not None:
        return normalize_image_shape(image_shape)
    counts = Counter(shape for shape in shapes if shape is not None)
    if not counts:
        raise ValueError(
            "No sample has the shape of an image; expected rows of features, (height, "
            "width) or (height, width, channels)."
        )
    return counts.most_common(1)[0][0]


def _read_cells(cells):
    """Return numbers with NaN, and (check, value) of each problem."""
    try:
        numbers = cells.astype(float)
        texts = []
    except (TypeError, ValueError, OverflowError):
        numbers = [_to_number(cell) for cell in cells.tolist()]
        texts = [c for c, n in zip(cells.tolist(), numbers, strict=True) if n is None]
        numbers = np.array(numbers, dtype=float)
    found = []
    if texts:
        more = f" and {_count_cells(len(texts) - 1)} more" if texts[1:] else ""
        found.append(("text", f"{quote(str(texts[0]))}{more}"))
    n_missing = np.isnan(numbers).sum() - len(texts)
    if n_missing:
        found.append(("missing", _count_cells(n_missing)))
    return numbers, found


def _to_number(cell):
    """Return a number, NaN for a missing value and None for text."""
    if cell is None or cell is pd.NA or (isinstance(cell, str) and not cell.strip()):
        return math.nan
    try:
        return float(cell)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return None


def _count_cells(count):
    return f"{count} cell{'' if count == 1 else 's'}"
