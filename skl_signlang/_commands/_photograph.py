"""Any picture file, as a model wants its pictures."""

import warnings

import numpy as np
from PIL import Image, ImageOps

from skl_signlang.preprocessing import ImageResizer


def read_photograph(path, image_shape):
    """Read a picture file, upright, cropped, and as small as the model's pictures.

    Parameters
    ----------
    path : str or path-like
        Of any format that Pillow opens.
    image_shape : tuple of int
        (height, width, channels) of the model's pictures, in pixels; 1 channel is
        grey, 3 are RGB. The largest part of these proportions is kept, around the
        centre.

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
    if image_shape[2] not in (1, 3):
        raise ValueError(f"the model's pictures have {image_shape[2]} channels")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path) as file:
                picture = ImageOps.exif_transpose(file)
                pixels = _to_pixels(picture, "L" if image_shape[2] == 1 else "RGB")
        except Image.UnidentifiedImageError:
            raise ValueError("it is no picture that Pillow can read") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise ValueError("it has too many pixels for a picture of a hand") from None
    pixels = _crop(pixels, *image_shape[:2])
    return ImageResizer(image_shape[:2]).transform(pixels[np.newaxis])


def _to_pixels(picture, mode):
    """Turn a picture grey or RGB."""
    if picture.mode.startswith("I"):  # 16 bits, which convert() would cut off at 255
        values = np.asarray(picture, dtype=np.float64)
        picture = Image.fromarray((values / 257).clip(0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    pixels = np.asarray(picture.convert(mode))
    return pixels.reshape(*pixels.shape[:2], -1)


def _crop(pixels, height, width):
    """Cut out the largest centred part of the proportions of height and width."""
    rows, columns = pixels.shape[:2]
    scale = min(rows / height, columns / width)
    keep_rows = max(1, min(rows, round(height * scale)))
    keep_columns = max(1, min(columns, round(width * scale)))
    top, left = (rows - keep_rows) // 2, (columns - keep_columns) // 2
    return pixels[top : top + keep_rows, left : left + keep_columns]
