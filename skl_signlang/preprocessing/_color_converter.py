"""Conversion between gray and RGB images."""

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skl_signlang._docstrings import fill_docstring
from skl_signlang.preprocessing._image_transformer import ImageTransformer
from skl_signlang.preprocessing._transformer_entries import ENTRIES

# Pillow's integers for .299, .587, .114: exact in float32 for uint8 pixels
LUMA = np.array([19595, 38470, 7471], np.float32) / np.float32(65536)
"""Weights of red, green and blue in gray."""


@fill_docstring(ENTRIES)
class ColorConverter(ImageTransformer):
    """Convert images to gray or RGB.

    Gray is the luma of ITU-R BT.601 [1]_, Y = 0.299 R + 0.587 G + 0.114 B, as in
    Pillow's ``convert("L")``, to the last bit for uint8. RGB repeats the gray in each
    channel. A second or fourth channel is dropped as alpha.

    Rows remain rows and images remain images. A gray image keeps its channel axis if
    the input has one, (n, h, w, 1); RGB always has it.

    This transformer is stateless: `fit` is optional, and stores the shape of images.

    .. versionadded:: 0.1

    Parameters
    ----------
    mode : {"gray", "rgb"}, default="gray"
        Colors of the output.
    {image_shape}

    Attributes
    ----------
    {image_shape_}
    {n_features_in_}
    {feature_names_in_}

    See Also
    --------
    ImageResizer : Resize images.
    skimage.color.rgb2gray : The same in scikit-image, with the luma of BT.709.

    References
    ----------
    .. [1] `Recommendation ITU-R BT.601-7, section 2.5.1
       <https://www.itu.int/rec/R-REC-BT.601>`_.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import ColorConverter
    >>> red = np.zeros((1, 28, 28, 3), dtype=np.uint8)
    >>> red[..., 0] = 255
    >>> gray = ColorConverter("gray").fit_transform(red)
    >>> gray.shape, int(gray[0, 0, 0, 0])
    ((1, 28, 28, 1), 76)
    >>> ColorConverter("rgb").transform(gray).shape
    (1, 28, 28, 3)
    """

    _parameter_constraints = {
        "mode": [StrOptions({"gray", "rgb"})],
        "image_shape": [tuple, list, None],
    }

    def __init__(self, mode="gray", image_shape=None):
        self.mode = mode
        self.image_shape = image_shape

    def _shape_out(self):
        """Return (height, width, channels) of the output."""
        return *self.image_shape_[:2], 1 if self.mode == "gray" else 3

    def _transform_images(self, images, is_bytes):
        """Convert images to another number of channels."""
        colors = images[..., : 3 if images.shape[3] > 2 else 1]
        if self.mode == "rgb":
            return np.broadcast_to(colors, (*colors.shape[:3], 3))
        if colors.shape[3] == 1:
            return colors
        return (colors @ LUMA)[..., np.newaxis]
