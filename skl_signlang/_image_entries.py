"""One image in any form: a path, bytes, text, a Pillow image or an array."""

import io
import os
from numbers import Number

import numpy as np
from PIL import Image, ImageOps

from skl_signlang._base64_text import decode_base64, is_data_url
from skl_signlang._errors import quote
from skl_signlang._image_files import (
    MAX_BYTES,
    MAX_PIXELS,
    decode_image,
    read_image_file,
)
from skl_signlang._image_shapes import MAX_CHANNELS

_EXPECTED = (
    "expected a path, the bytes of an image file, base64 text, a data URL, a Pillow "
    "image or an array of uint8"
)
# Pillow images have at most eight bytes per pixel
_MAX_ENCODED = 9 * MAX_PIXELS
_WEB = ("http://", "https://")
_WITH_OPACITY = {"La": "LA", "PA": "RGBA", "RGBa": "RGBA"}
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


def decode_entry(entry, *, color, image_size=None, resize_mode="crop"):
    """Decode one entry of what `ImageDecoder` takes."""
    form = {"color": color, "image_size": image_size, "resize_mode": resize_mode}
    try:
        if isinstance(entry, Image.Image | np.ndarray):
            image, max_bytes = _encode(entry), _MAX_ENCODED
        else:
            image, max_bytes = _image_file(entry), MAX_BYTES
        return decode_image(image, max_bytes=max_bytes, **form)
    except ValueError as error:
        reason = str(_explain(entry, error)).rstrip(".")
        raise ValueError(f"{name_entry(entry)}: {reason}.") from error


def _explain(entry, error):
    """Return the reason, with how a string was interpreted."""
    if not isinstance(entry, str) or is_data_url(entry) or _is_file(entry):
        return error
    if entry[:8].lower().startswith(_WEB):
        return "URLs are not supported; use skl_signlang.datasets.load_json"
    return f"there is no such file, and as base64 text, {error}"


def _image_file(entry):
    """Return the bytes of the image file that an entry is or stands for."""
    if isinstance(entry, str):
        is_text = is_data_url(entry) or not _is_file(entry)
        return decode_base64(entry) if is_text else _read_file(entry)
    if isinstance(entry, bytes | bytearray | memoryview):
        return bytes(entry)
    if isinstance(entry, os.PathLike):
        return _read_file(entry)
    raise ValueError(_EXPECTED)


def _is_file(path):
    """Check whether a path exists."""
    return os.path.exists(os.path.expanduser(path))


def _read_file(path):
    """Read an image file."""
    if not _is_file(path):
        raise ValueError("there is no such file")
    try:
        return read_image_file(os.path.expanduser(path))
    except OSError as error:
        raise ValueError(f"it cannot be read: {error.strerror or error}") from error


def _encode(image):
    """Encode a Pillow image or an array, so that all entries are decoded alike."""
    if isinstance(image, np.ndarray):
        image = _from_array(image)
    if image.width * image.height > MAX_PIXELS:
        raise ValueError(f"the image has more than {MAX_PIXELS:,} pixels")
    file = io.BytesIO()
    try:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith(("I", "F")):
            image.save(file, "TIFF")
        else:
            if image.mode not in _PNG_MODES:
                image = image.convert(_WITH_OPACITY.get(image.mode, "RGB"))
            image.save(file, "PNG", compress_level=0)
    # A Pillow image may be an undecoded, damaged file
    except Exception as error:
        raise ValueError(f"the Pillow image cannot be read: {error}") from error
    return file.getvalue()


def _from_array(image):
    """Convert an array of uint8 to a Pillow image."""
    channels = image.shape[2] if image.ndim == 3 else 1
    fits = image.ndim in (2, 3) and image.size and channels <= MAX_CHANNELS
    if image.dtype != np.uint8 or not fits:
        raise ValueError(
            "expected an array of uint8, shape (height, width) or (height, width, "
            f"channels) with 1 to {MAX_CHANNELS} channels"
            + "; pass one image at a time"
            * (image.ndim == 4)
        )
    gray = image.ndim == 3 and channels == 1
    return Image.fromarray(image[..., 0] if gray else image)


def name_entry(entry):
    """Describe an entry in an error."""
    if isinstance(entry, str | os.PathLike):
        return quote(str(entry))
    if isinstance(entry, np.ndarray):
        return f"an array of {entry.dtype}, shape {entry.shape}"
    if isinstance(entry, bytes | bytearray):
        return f"{len(entry):,} bytes"
    if entry is None or isinstance(entry, Number):
        return f"{type(entry).__name__} {entry}" if entry is not None else "None"
    return f"an object of type {type(entry).__name__}"
