"""Resizing of images by matrix products."""

from functools import lru_cache

import numpy as np

TIE = 2.0**-20
"""Offset before uint8 values are rounded.

Halves are rounded up at any precision: exported networks compute in float32.
"""


# Images with more values than one of 1024 x 1024 in color are resized in strips
_LARGE_VALUES = 3 << 20
_STRIP_VALUES = 4 << 20


def resize(images, size, is_bytes):
    """Resize images (n, h, w, c): the height, then the width.

    Values that were uint8 are returned as floats, to be rounded.
    """
    n, height, width, channels = images.shape
    new_height, new_width = size
    # float32 would round ties depending on the order of summation
    dtype = np.dtype(np.float64 if is_bytes else np.float32)
    if new_height != height:
        columns = images.reshape(n, height, width * channels)
        images = _shrink(columns, resampling_matrix(height, new_height, dtype=dtype))
    images = images.astype(dtype, copy=False)
    if new_width != width:
        lines = images.reshape(n * new_height, width * channels)
        images = lines @ resampling_matrix(width, new_width, channels, dtype).T
    images = images.reshape(n, new_height, new_width, channels)
    return images + TIE if is_bytes else images


def _shrink(columns, weights):
    """Resize the height; of large images, some columns at a time, as floats."""
    n, height, n_columns = columns.shape
    if height * n_columns <= _LARGE_VALUES:
        return weights @ columns.astype(weights.dtype, copy=False)
    step = max(1, _STRIP_VALUES // height)
    resized = np.empty((n, len(weights), n_columns), weights.dtype)
    for i in range(n):
        for start in range(0, n_columns, step):
            strip = columns[i, :, start : start + step].astype(weights.dtype)
            resized[i, :, start : start + step] = weights @ strip
    return resized


@lru_cache(maxsize=32)
def resampling_matrix(size, new_size, channels=1, dtype=np.float64):
    """Return the weights of input pixels in each output pixel of a line.

    Channels are interleaved and independent. The weights decrease linearly from the
    center of the output pixel to 0 at a distance of one input or output pixel,
    whichever is larger.
    """
    scale = size / new_size
    centres = (np.arange(new_size) + 0.5) * scale
    distances = np.abs(np.arange(size) + 0.5 - centres[:, np.newaxis])
    weights = np.maximum(0, 1 - distances / max(scale, 1))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.kron(weights, np.eye(channels)).astype(dtype)
