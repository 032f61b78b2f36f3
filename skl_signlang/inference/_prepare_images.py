"""Conversion of one image in any form to the input of a model."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from skl_signlang._base64_text import is_data_url
from skl_signlang._image_entries import decode_entry
from skl_signlang._image_files import MAX_PIXELS
from skl_signlang._image_shapes import to_uint8
from skl_signlang._resizing import resize_bytes


def read_image(image, image_shape, fit="crop"):
    """Read one image in any form, and convert it to the input of a model."""
    color = image_shape is None or image_shape[2] == 3
    sizes = {}
    if fit != "crop":
        sizes = {"image_size": image_shape[:2], "pad": fit == "pad"}
    if isinstance(image, np.ndarray):
        image = _as_bytes(image, image_shape)
        if _is_plain(image) and (not sizes or image.shape[:2] == image_shape[:2]):
            return _fit(_to_channels(image, color), image_shape)
    else:
        _check_file(image)
    pixels = decode_entry(image, color=color, **sizes)
    return _fit(pixels.reshape(*pixels.shape[:2], -1), image_shape)


def _fit(pixels, image_shape):
    """Crop and resize an image to the size that a model takes."""
    if image_shape is None or pixels.shape == image_shape:
        return pixels
    pixels = _crop(pixels, *image_shape[:2])
    return resize_bytes(pixels, image_shape[:2])


def _check_file(image):
    """Raise FileNotFoundError for a string that can only be the path of a file."""
    # base64 text has no dots
    is_name = isinstance(image, str) and not is_data_url(image) and "." in image[:4096]
    if not isinstance(image, os.PathLike) and not (is_name and "://" not in image[:16]):
        return
    if not os.path.exists(os.path.expanduser(image)):
        raise FileNotFoundError(f"There is no file {Path(image)}.")


def _as_bytes(image, image_shape):
    """Reshape a row, and convert integers from 0 to 255 to uint8."""
    if image.ndim == 1 and image_shape and image.size == np.prod(image_shape):
        image = image.reshape(image_shape)
    if image.dtype.kind in "iu" and image.size:
        return to_uint8(image, "The image has")
    if image.dtype.kind == "f":
        raise ValueError(
            f"The image is an array of {image.dtype}, shape {image.shape}; expected "
            "pixels from 0 to 255 as uint8: image.astype('uint8'), or where 1 is "
            "white, (255 * image).round().astype('uint8')."
        )
    return image


def _is_plain(image):
    """Check whether an array is gray or RGB uint8, which needs no decoder."""
    return (
        image.dtype == np.uint8
        and image.ndim in (2, 3)
        and image.shape[2:] in ((), (1,), (3,))
        and 0 < image.size <= 3 * MAX_PIXELS
    )


def _to_channels(image, color):
    """Convert uint8 images between gray and RGB."""
    is_color = image.shape[2:] == (3,)
    if is_color and not color:
        image = np.asarray(Image.fromarray(image).convert("L"))
    pixels = image.reshape(*image.shape[:2], -1)
    return np.repeat(pixels, 3, axis=2) if color and not is_color else pixels


def _crop(pixels, height, width):
    """Crop the largest centered part with the proportions of height and width."""
    rows, columns = pixels.shape[:2]
    scale = min(rows / height, columns / width)
    keep_rows = max(1, min(rows, round(height * scale)))
    keep_columns = max(1, min(columns, round(width * scale)))
    top, left = (rows - keep_rows) // 2, (columns - keep_columns) // 2
    return pixels[top : top + keep_rows, left : left + keep_columns]
