"""One image in any form, as a model wants its images."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from skl_signlang._base64_text import is_data_url
from skl_signlang._image_files import MAX_PIXELS
from skl_signlang.preprocessing import ImageResizer, decode_entry


def read_image(image, image_shape, fit="crop"):
    """Read one image in any form, and bring it to the form of a model's."""
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
    """Crop an image, and bring it to the size of a model's."""
    if image_shape is None or pixels.shape == image_shape:
        return pixels
    pixels = _crop(pixels, *image_shape[:2])
    return ImageResizer(image_shape[:2]).transform(pixels[np.newaxis])[0]


def _check_file(image):
    """Say that a file is missing of what can only be meant as one."""
    # base64 text has no dots
    is_name = isinstance(image, str) and not is_data_url(image) and "." in image[:4096]
    if not isinstance(image, os.PathLike) and not (is_name and "://" not in image[:16]):
        return
    if not os.path.exists(os.path.expanduser(image)):
        raise FileNotFoundError(f"There is no file {Path(image)}.")


def _as_bytes(image, image_shape):
    """Give a row its shape, and integers from 0 to 255 the dtype of bytes."""
    if image.ndim == 1 and image_shape and image.size == np.prod(image_shape):
        image = image.reshape(image_shape)
    if image.dtype != np.uint8 and image.dtype.kind in "iu" and image.size:
        low, high = image.min(), image.max()
        if low < 0 or high > 255:
            raise ValueError(
                f"The image holds integers from {low} to {high}; expected "
                "pixels from 0 to 255."
            )
        image = image.astype(np.uint8)
    if image.dtype.kind == "f":
        raise ValueError(
            f"The image is an array of {image.dtype}, shape {image.shape}; expected "
            "pixels from 0 to 255 as uint8: image.astype('uint8'), or where 1 is "
            "white, (255 * image).round().astype('uint8')."
        )
    return image


def _is_plain(image):
    """Tell whether an array is grey or RGB bytes, and needs no decoder."""
    return (
        image.dtype == np.uint8
        and image.ndim in (2, 3)
        and image.shape[2:] in ((), (1,), (3,))
        and 0 < image.size <= 3 * MAX_PIXELS
    )


def _to_channels(image, color):
    """Turn grey or RGB bytes into grey or RGB ones."""
    is_color = image.shape[2:] == (3,)
    if is_color and not color:
        image = np.asarray(Image.fromarray(image).convert("L"))
    pixels = image.reshape(*image.shape[:2], -1)
    return np.repeat(pixels, 3, axis=2) if color and not is_color else pixels


def _crop(pixels, height, width):
    """Cut out the largest centered part of the proportions of height and width."""
    rows, columns = pixels.shape[:2]
    scale = min(rows / height, columns / width)
    keep_rows = max(1, min(rows, round(height * scale)))
    keep_columns = max(1, min(columns, round(width * scale)))
    top, left = (rows - keep_rows) // 2, (columns - keep_columns) // 2
    return pixels[top : top + keep_rows, left : left + keep_columns]
