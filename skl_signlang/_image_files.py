"""Decoding of image files from untrusted bytes."""

import io
import re

import numpy as np
from PIL import Image, ImageOps

from skl_signlang._files import open_regular, read_at_most
from skl_signlang._hand_detector import square_of_hand
from skl_signlang._image_shapes import height_and_width

MAX_BYTES = 64 << 20
"""Maximum bytes of an image file."""

MAX_PIXELS = 50_000_000
"""Maximum height times width of an image."""

RESIZE_MODES = ("crop", "pad", "stretch", "hand")
"""Treatment of images of other proportions; see `fit_image`."""

IMAGE_EXTENSIONS = (
    *(".bmp", ".dib", ".gif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png"),
    *(".pnm", ".ppm", ".tif", ".tiff", ".webp"),
    # HEIC needs an extra, and AVIF is not read; errors say so
    *(".avif", ".heic", ".heif"),
)
"""File extensions of images, lower-case."""

# Decoders that start no other program, as EPS does with Ghostscript
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
_FRAMES = ("GIF", "PNG", "TIFF", "WEBP")
_WHITE_16 = 65535
_STRIP_PIXELS = 1 << 20
_JPEG = ("JPEG", "MPO")
# libtiff's limit for JPEG; each scan goes through all pixels, cameras write 1 to 10
_MAX_SCANS = 100
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
_START, _END, _SCAN, _EMPTY = b"\xd8", b"\xd9", b"\xda", b"\x01"
_AVIF, _HEIC = "an AVIF image", "a HEIC image"
_HEIF_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), _AVIF),
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), _HEIC
    ),
}


def decode_image(
    content,
    *,
    color=False,
    image_size=None,
    resize_mode="crop",
    max_bytes=MAX_BYTES,
    max_pixels=None,
):
    """Decode an image file to upright gray or RGB uint8, transparency on white.

    Bytes and pixels are counted before decoding. Thread-safe.
    """
    if len(content) > max_bytes:
        raise ValueError(
            f"the image has {len(content):,} bytes; at most {max_bytes:,} are read"
        )
    if not content:
        raise ValueError("the image is empty, 0 bytes")
    try:
        with _open(content, MAX_PIXELS if max_pixels is None else max_pixels) as file:
            ImageOps.exif_transpose(file, in_place=True)
            mode = "RGB" if color else "L"
            if image_size is None:
                return _to_array(file, mode)
            return fit_image(_convert(file, mode), image_size, resize_mode)
    except Image.UnidentifiedImageError:
        raise ValueError(_no_image(content)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(f"the image has more than {MAX_PIXELS:,} pixels") from None
    except _ImageFileError:
        raise
    # Pillow raises errors of many types for damaged files
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        kind = name_of_heif(content)
        hint = f"; it is {kind}: save it as JPEG" if kind else ""
        raise ValueError(f"the image is damaged: {reason}{hint}") from error


def fit_image(image, image_size, resize_mode):
    """Resize a Pillow image to (height, width), and return it as an array.

    With other proportions, it is cropped around the center, padded or stretched; or it
    is cropped to the hand, and padded as a whole where none is found.
    """
    if resize_mode == "crop":
        fitted = ImageOps.fit(image, image_size[::-1], Image.Resampling.BILINEAR)
        return np.array(fitted)
    if resize_mode == "stretch":
        return np.array(image.resize(image_size[::-1], Image.Resampling.BILINEAR))
    left, top, right, bottom = box = _box_of_hand(image, image_size, resize_mode)
    size = _inner_size((right - left, bottom - top), image_size)
    image = image.resize(size[::-1], Image.Resampling.BILINEAR, box)
    return _surround(np.array(image), image_size)


def _box_of_hand(image, image_size, resize_mode):
    """Return the box to keep: of the hand, where it is looked for and found."""
    whole = (0, 0, *image.size)
    # what is not larger has no pixels to gain, and may be such a crop already
    if resize_mode != "hand" or max(image.size) <= max(image_size):
        return whole
    return square_of_hand(image) or whole


def name_resize_mode(pad_to_aspect_ratio, find_hand):
    """Return the name of what parameters of `ImageDecoder` choose."""
    if find_hand:
        return "hand"
    return "pad" if pad_to_aspect_ratio else "stretch"


def read_image_file(path, max_bytes=MAX_BYTES):
    """Read an image file, or just enough of it to show that it is too large."""
    with open_regular(path, expected="an image file", name="it") as file:
        return read_at_most(file, max_bytes)


def describe_sizes(name, shape, other, other_shape):
    """Describe two different image sizes, and what to do."""
    (height, width), (other_height, other_width) = shape[:2], other_shape[:2]
    return (
        f"the images differ in size: {name} has {height} x {width} pixels and {other} "
        f"{other_height} x {other_width} (height x width); pass image_size to resize "
        "them"
    )


def check_size(image_size):
    """Convert the parameter ``image_size`` to (height, width)."""
    if image_size is None:
        return None
    height, width = height_and_width(image_size, "image_size")
    if height * width > MAX_PIXELS:
        raise ValueError(
            "image_size must be a number of pixels or (height, width), at most "
            f"{MAX_PIXELS:,} in total; got {image_size!r}."
        )
    return height, width


class _ImageFileError(ValueError):
    """Error of an image file that is valid but not supported."""


def _open(content, max_pixels):
    """Open an image file; HEIC is decoded, other formats are not yet."""
    if name_of_heif(content) == _HEIC:
        file = _open_heic(content)
        _check_size(file, max_pixels)
        return file.to_pillow()
    file = Image.open(io.BytesIO(content), formats=_FORMATS)
    _check_frame(file, max_pixels)
    if file.format in _JPEG:
        _check_scans(content)
    return file


def _check_scans(content):
    """Raise an error for a JPEG file of more scans than any camera writes."""
    n_scans, at = 0, 0
    while (marker := _MARKER.search(content, at)) and marker[1] != _END:
        at = marker.end()
        if marker[1] not in (_START, _EMPTY):
            at += int.from_bytes(content[at : at + 2])
        n_scans += marker[1] == _SCAN
        if n_scans > _MAX_SCANS:
            raise _ImageFileError(f"the JPEG file has more than {_MAX_SCANS} scans")


def _open_heic(content):
    try:
        import pillow_heif
    except ImportError:
        raise _ImageFileError(
            'it is a HEIC image; pip install "skl_signlang[heic]" lets such files be '
            "read, or save it as JPEG"
        ) from None
    return pillow_heif.open_heif(io.BytesIO(content))


def _check_size(file, max_pixels):
    """Raise an error for images that are too large."""
    width, height = file.size
    if width * height > max_pixels:
        raise _ImageFileError(
            f"the image has {width} x {height} pixels, more than {max_pixels:,}"
        )


def _check_frame(file, max_pixels):
    """Raise an error for images that are too large or animated."""
    _check_size(file, max_pixels)
    # An MPO file of a camera is an image and its previews
    if file.format in _FRAMES and getattr(file, "is_animated", False):
        raise _ImageFileError(
            f"the {file.format} file has several frames; expected one"
        )


def _convert(image, mode):
    """Convert an image to gray or RGB as an image, in strips if large."""
    is_small = image.width * image.height <= _STRIP_PIXELS
    if is_small or (image.mode == mode and not image.has_transparency_data):
        return _to_mode(image, mode)
    return Image.fromarray(_to_array(image, mode))


def _to_array(image, mode):
    """Convert an image to gray or RGB, in strips if large, which bounds memory."""
    width, height = image.size
    n_rows = max(1, _STRIP_PIXELS // width)
    if n_rows >= height:
        return np.array(_to_mode(image, mode))
    pixels = np.empty((height, width, 3)[: 3 if mode == "RGB" else 2], np.uint8)
    for top in range(0, height, n_rows):
        end = min(height, top + n_rows)
        strip = _to_mode(image.crop((0, top, width, end)), mode)
        pixels[top:end] = np.asarray(strip)
    return pixels


def _to_mode(image, mode):
    """Convert an image to gray ("L") or "RGB" without clipping or losing values."""
    if image.mode == "F":
        raise _ImageFileError("its pixels are floating-point numbers of unknown range")
    if image.mode.startswith("I"):
        image = _from_16_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == mode else image.convert(mode)


def _from_16_bits(image):
    """Scale 0-65535 to 0-255; Pillow's convert() would clip at 255."""
    values = np.asarray(image)
    if values.size and (values.min() < 0 or values.max() > _WHITE_16):
        raise _ImageFileError("its pixels are integers of more than 16 bits")
    # Half of 257, so that the division rounds
    return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))


def _inner_size(size, image_size):
    """Return the largest (height, width) of equal proportions within `image_size`."""
    width, height = size
    scale = min(image_size[0] / height, image_size[1] / width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _surround(pixels, image_size):
    """Pad an image to a size by repeating its edges, centered."""
    missing = [
        full - side for full, side in zip(image_size, pixels.shape, strict=False)
    ]
    if not any(missing):
        return pixels
    around = [(n // 2, n - n // 2) for n in missing]
    return np.pad(pixels, around + [(0, 0)] * (pixels.ndim - 2), mode="edge")


def name_of_heif(content):
    """Return the name of a smartphone format that Pillow does not decode, or None."""
    if content[4:8] != b"ftyp":
        return None
    return _HEIF_BRANDS.get(bytes(content[8:12]))


def _no_image(content):
    """Describe bytes that are not an image."""
    start = bytes(content[:512]).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "it is an HTML page, not an image"
    if kind := name_of_heif(content):
        return f"it is {kind}, which is not supported; save it as JPEG"
    kinds = "BMP, GIF, JPEG, PNG, PPM, TIFF or WebP"
    return f"it is not an image that can be read ({kinds}); it starts {content[:12]!r}"
