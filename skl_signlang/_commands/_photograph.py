"""Any picture file, as a model wants its pictures."""

import numpy as np

from skl_signlang._pictures import decode_picture, read_picture_file
from skl_signlang.preprocessing import ImageResizer


def read_photograph(path, image_shape):
    """Read a picture file, upright, cropped, and as small as the model's pictures.

    Parameters
    ----------
    path : str or path-like
        Of a format that `decode_picture` knows.
    image_shape : tuple of int
        (height, width, channels) of the model's pictures, in pixels; 1 channel is
        grey, 3 are RGB. The largest part of these proportions is kept, around the
        centre. None leaves it whole, in colours.

    Returns
    -------
    picture : ndarray of uint8, shape (1, height, width, channels)
        0 to 255; what is transparent is white.

    Raises
    ------
    OSError
        If there is no such file or it cannot be read.
    ValueError
        If it is no picture, is damaged or too large, or the model's are neither grey
        nor RGB.
    """
    if image_shape is None:
        return decode_picture(read_picture_file(path), color=True)[np.newaxis]
    if image_shape[2] not in (1, 3):
        raise ValueError(f"the model's pictures have {image_shape[2]} channels")
    pixels = decode_picture(read_picture_file(path), color=image_shape[2] == 3)
    pixels = _crop(pixels.reshape(*pixels.shape[:2], -1), *image_shape[:2])
    return ImageResizer(image_shape[:2]).transform(pixels[np.newaxis])


def _crop(pixels, height, width):
    """Cut out the largest centred part of the proportions of height and width."""
    rows, columns = pixels.shape[:2]
    scale = min(rows / height, columns / width)
    keep_rows = max(1, min(rows, round(height * scale)))
    keep_columns = max(1, min(columns, round(width * scale)))
    top, left = (rows - keep_rows) // 2, (columns - keep_columns) // 2
    return pixels[top : top + keep_rows, left : left + keep_columns]
