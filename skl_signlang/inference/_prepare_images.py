"""Conversion of one image in any form to the input of a model."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from skl_signlang._base64_text import is_data_url
from skl_signlang._image_entries import decode_entry
from skl_signlang._image_files import MAX_PIXELS, fit_image
from skl_signlang._image_shapes import to_uint8


def read_image(image, image_shape, resize_mode="crop"):
    """Read one image in any form, and convert it to the input of a model."""
    color = image_shape is None or image_shape[2] == 3
    size = None if image_shape is None else image_shape[:2]
    if isinstance(image, np.ndarray):
        image = _as_bytes(image, image_shape)
        if _is_plain(image):
            return _fit(_to_channels(image, color), size, resize_mode)
    else:
        _check_file(image)
    pixels = decode_entry(image, color=color, image_size=size, resize_mode=resize_mode)
    return pixels.reshape(*pixels.shape[:2], -1)


def _fit(pixels, size, resize_mode):
    """Resize pixels (h, w, c) to the size that a model takes, as files are."""
    if size in (None, pixels.shape[:2]):
        return pixels
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    fitted = fit_image(image, size, resize_mode)
    return fitted.reshape(*fitted.shape[:2], -1)


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
