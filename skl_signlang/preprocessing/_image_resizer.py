"""Resizing of images."""

from functools import lru_cache
from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import Interval

from skl_signlang._docstrings import fill_docstring
from skl_signlang._images import height_and_width
from skl_signlang.preprocessing._image_transformer import ImageTransformer
from skl_signlang.preprocessing._shared_entries import ENTRIES

TIE = 2.0**-20
"""Offset before uint8 values are rounded.

Halves are rounded up at any precision: exported networks compute in float32.
"""


# Images with more values than one of 1024 x 1024 in color are resized in strips
_LARGE_VALUES = 3 << 20
_STRIP_VALUES = 4 << 20


@fill_docstring(ENTRIES)
class ImageResizer(ImageTransformer):
    """Resize images.

    Each output pixel is a weighted mean of the pixels that it covers, so that
    downsampling does not alias, as by Pillow's bilinear filter [1]_. Rows remain rows,
    and images remain images with the same channels.

    This transformer is stateless: `fit` is optional, and stores the shape of images.

    .. versionadded:: 0.1

    Parameters
    ----------
    image_size : int or tuple of int, default=28
        Height and width in pixels to resize images to; an integer is both.
    {image_shape}

    Attributes
    ----------
    {image_shape_}
    {n_features_in_}
    {feature_names_in_}

    See Also
    --------
    ImageReshaper : Reshape rows of pixels to images, and back.
    ColorConverter : Convert images to gray or RGB.

    Notes
    -----
    Along each axis, with the scale :math:`s = n_{in} / n_{out}`, output pixel :math:`i`
    has its center at :math:`c_i = (i + 1/2) s`, and input pixel :math:`j` the weight
    :math:`w_{ij} = max(0, 1 - |j + 1/2 - c_i| / max(s, 1))`, normalized to a sum of 1.
    Pixels of dtype uint8 are rounded, halves up.

    References
    ----------
    .. [1] `Pillow, Image.resize and Resampling.BILINEAR
       <https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import ImageResizer
    >>> images = np.zeros((10, 96, 128, 3), dtype=np.uint8)
    >>> ImageResizer(28).fit_transform(images).shape
    (10, 28, 28, 3)
    >>> ImageResizer((14, 7)).transform(np.zeros((10, 784))).shape
    (10, 98)
    """

    _reads_bytes = True
    _parameter_constraints = {
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "image_shape": [tuple, list, None],
    }

    def __init__(self, image_size=28, image_shape=None):
        self.image_size = image_size
        self.image_shape = image_shape

    def _shape_out(self):
        """Return (height, width, channels) of the output."""
        sides = height_and_width(self.image_size, "image_size")
        return *sides, self.image_shape_[2]

    def _transform_images(self, images, is_bytes):
        """Resize the height, then the width, each by one matrix product."""
        n, height, width, channels = images.shape
        new_height, new_width, _ = self._shape_out()
        # float32 would round ties depending on the order of summation
        dtype = np.dtype(np.float64 if is_bytes else np.float32)
        if new_height != height:
            columns = images.reshape(n, height, width * channels)
            images = _shrink(
                columns, resampling_matrix(height, new_height, dtype=dtype)
            )
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
