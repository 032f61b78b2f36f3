"""Resizing of images."""

from numbers import Integral

from skl_signlang._docstrings import fill_docstring
from skl_signlang._image_shapes import height_and_width
from skl_signlang._intervals import Interval
from skl_signlang._resizing import resize
from skl_signlang.preprocessing._image_transformer import ImageTransformer
from skl_signlang.preprocessing._transformer_entries import ENTRIES


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
        return resize(images, self._shape_out()[:2], is_bytes)
