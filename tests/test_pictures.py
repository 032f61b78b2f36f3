import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from skl_signlang import _image_files as _pictures
from skl_signlang._image_files import decode_picture

RAMP = np.arange(240, dtype=np.uint8).reshape(12, 20)


def encode(picture, kind="PNG", **more):
    file = io.BytesIO()
    if not isinstance(picture, Image.Image):
        picture = Image.fromarray(picture)
    picture.save(file, kind, **more)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "PPM", "TIFF", "GIF"])
def test_lossless_formats_keep_every_value(kind):
    np.testing.assert_array_equal(decode_picture(encode(RAMP, kind)), RAMP)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy_formats_keep_values_about(kind):
    found = decode_picture(encode(Image.fromarray(RAMP).convert("RGB"), kind))
    assert np.abs(found.astype(int) - RAMP).mean() < 5


def test_grey_becomes_rgb():
    found = decode_picture(encode(RAMP), color=True)
    np.testing.assert_array_equal(found, np.repeat(RAMP[..., np.newaxis], 3, axis=2))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_are_scaled_not_cut_off(kind):
    content = encode(RAMP.astype(np.uint16) * 257, kind)
    np.testing.assert_array_equal(decode_picture(content), RAMP)


def test_palette_and_one_bit():
    picture = Image.fromarray(RAMP)
    np.testing.assert_array_equal(decode_picture(encode(picture.convert("P"))), RAMP)
    assert set(decode_picture(encode(picture.convert("1"))).ravel()) == {0, 255}


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_white(mode):
    assert decode_picture(encode(Image.new(mode, (3, 3), 0))).min() == 255


def test_cmyk():
    content = encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")
    red = decode_picture(content, color=True)[4, 4]
    assert red[0] > 240
    assert red[1:].max() < 15


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, -1), (8, 1)])
def test_exif_orientation(orientation, turns):
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decode_picture(encode(RAMP, exif=exif))
    np.testing.assert_array_equal(found, np.rot90(RAMP, turns))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_image_size_is_height_and_width(kind):
    content = encode(np.full((300, 500), 77, np.uint8), kind)
    found = decode_picture(content, image_size=(6, 9))
    assert found.shape == (6, 9)
    assert set(found.ravel()) == {77}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated(kind, share):
    noise = np.random.RandomState(0).randint(0, 256, (40, 40), np.uint8)
    content = encode(noise, kind)
    with pytest.raises(ValueError, match=r"the picture is damaged|it is no picture"):
        decode_picture(content[: int(len(content) * share)])


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animation(kind):
    frames = [Image.fromarray(RAMP), Image.fromarray(255 - RAMP)]
    content = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match=f"the {kind} file has several frames"):
        decode_picture(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty, 0 bytes"),
        (b"hello", "no picture that can be read .*starts b'hello'"),
        (b" <!DOCTYPE html><p>", "an HTML page, not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "no picture that can be read"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC image, .* save it as JPEG"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "a HEIC image, .* save it as JPEG"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF image, .* save it as JPEG"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "no picture that can be read"),
    ],
)
def test_no_picture(content, message):
    with pytest.raises(ValueError, match=message):
        decode_picture(content)


def png_header(width, height):
    """A PNG that says how large it is and holds next to nothing."""

    def chunk(name, body):
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8000, 40_000])
def test_bombs_are_not_decoded(side):
    with pytest.raises(ValueError, match=r"the picture has .*more than 50,000,000"):
        decode_picture(png_header(side, side))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
@pytest.mark.parametrize("color", [False, True])
def test_large_pictures_are_what_they_are_in_one_piece(mode, color, monkeypatch):
    picture = Image.fromarray(RAMP)
    if mode == "I;16":
        picture = Image.fromarray(RAMP.astype(np.uint16) * 250)
    elif mode == "P":
        picture = picture.convert("RGB").quantize(9)
        picture.info["transparency"] = 3
    else:
        picture = picture.convert(mode)
    content = encode(picture, "TIFF" if mode == "CMYK" else "PNG")
    whole = decode_picture(content, color=color)
    monkeypatch.setattr(_pictures, "_STRIP_PIXELS", 100)
    np.testing.assert_array_equal(decode_picture(content, color=color), whole)


def test_limits(monkeypatch):
    content = encode(RAMP)
    with pytest.raises(ValueError, match=f"{len(content)} bytes; at most 10 are read"):
        decode_picture(content, max_bytes=10)
    monkeypatch.setattr(_pictures, "MAX_PIXELS", 239)
    with pytest.raises(ValueError, match="20 x 12 pixels, more than 239"):
        decode_picture(content)


def outcome(content):
    try:
        return "fine", decode_picture(content)
    except ValueError as error:
        return str(error), np.empty((0, 0), np.uint8)


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM"])
def test_flipped_bytes_give_a_picture_or_a_clear_error(kind, monkeypatch):
    monkeypatch.setattr(_pictures, "MAX_PIXELS", 10**6)
    content = encode(RAMP, kind)
    rng = np.random.RandomState(0)
    for _ in range(100):
        damaged = np.frombuffer(content, np.uint8).copy()
        damaged[rng.randint(len(damaged), size=3)] = rng.randint(0, 256, 3)
        reason, found = outcome(damaged.tobytes())
        assert reason.startswith(("the ", "it is no picture", "its pixels", "fine"))
        assert found.dtype == np.uint8
