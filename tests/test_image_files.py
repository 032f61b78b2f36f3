import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from skl_signlang import _image_files as _images
from skl_signlang._image_files import decode_image

RAMP = np.arange(240, dtype=np.uint8).reshape(12, 20)


def encode(image, kind="PNG", **more):
    file = io.BytesIO()
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    image.save(file, kind, **more)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "PPM", "TIFF", "GIF"])
def test_lossless_formats_keep_every_value(kind):
    np.testing.assert_array_equal(decode_image(encode(RAMP, kind)), RAMP)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_lossy_formats_keep_values_about(kind):
    found = decode_image(encode(Image.fromarray(RAMP).convert("RGB"), kind))
    assert np.abs(found.astype(int) - RAMP).mean() < 5


def test_gray_becomes_rgb():
    found = decode_image(encode(RAMP), color=True)
    np.testing.assert_array_equal(found, np.repeat(RAMP[..., np.newaxis], 3, axis=2))


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_are_scaled_not_cut_off(kind):
    content = encode(RAMP.astype(np.uint16) * 257, kind)
    np.testing.assert_array_equal(decode_image(content), RAMP)


def test_palette_and_one_bit():
    image = Image.fromarray(RAMP)
    np.testing.assert_array_equal(decode_image(encode(image.convert("P"))), RAMP)
    assert set(decode_image(encode(image.convert("1"))).ravel()) == {0, 255}


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_white(mode):
    assert decode_image(encode(Image.new(mode, (3, 3), 0))).min() == 255


def test_cmyk():
    content = encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")
    red = decode_image(content, color=True)[4, 4]
    assert red[0] > 240
    assert red[1:].max() < 15


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, -1), (8, 1)])
def test_exif_orientation(orientation, turns):
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decode_image(encode(RAMP, exif=exif))
    np.testing.assert_array_equal(found, np.rot90(RAMP, turns))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_image_size_is_height_and_width(kind):
    content = encode(np.full((300, 500), 77, np.uint8), kind)
    found = decode_image(content, image_size=(6, 9))
    assert found.shape == (6, 9)
    assert set(found.ravel()) == {77}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated(kind, share):
    noise = np.random.RandomState(0).randint(0, 256, (40, 40), np.uint8)
    content = encode(noise, kind)
    with pytest.raises(ValueError, match=r"the image is damaged|it is not an image"):
        decode_image(content[: int(len(content) * share)])


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animation(kind):
    frames = [Image.fromarray(RAMP), Image.fromarray(255 - RAMP)]
    content = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match=f"the {kind} file has several frames"):
        decode_image(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty, 0 bytes"),
        (b"hello", "not an image that can be read .*starts b'hello'"),
        (b" <!DOCTYPE html><p>", "an HTML page, not an image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not an image that can be read"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "an AVIF image, .* save it as JPEG"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "not an image that can be read"),
    ],
)
def test_no_image(content, message):
    with pytest.raises(ValueError, match=message):
        decode_image(content)


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_photographs_of_phones_need_an_extra(brand, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ValueError, match=r"HEIC image; .*\[heic\].* save it as JPEG"):
        decode_image(b"\0\0\0\x18ftyp" + brand + bytes(4))


def test_damaged_photographs_of_phones_are_named():
    pytest.importorskip("pillow_heif", reason="needs the extra heic")
    with pytest.raises(ValueError, match=r"damaged: .* a HEIC image: save it as JPEG"):
        decode_image(b"\0\0\0\x18ftypheic" + bytes(100))


def test_photographs_of_phones_are_upright_and_bounded():
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra heic")
    pixels = np.repeat(np.repeat(np.arange(0, 240, 20, dtype=np.uint8), 8), 3)
    photo = pillow_heif.from_bytes("RGB", (32, 3), pixels.tobytes())
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.info["exif"] = exif.tobytes()
    file = io.BytesIO()
    photo.save(file, quality=-1)
    assert decode_image(file.getvalue()).shape == (32, 3)
    with pytest.raises(ValueError, match="3 x 32 pixels, more than 50"):
        decode_image(file.getvalue(), max_pixels=50)


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
    with pytest.raises(ValueError, match=r"the image has .*more than 50,000,000"):
        decode_image(png_header(side, side))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("image_size", [None, (5, 7)])
def test_large_images_are_what_they_are_in_one_piece(
    mode, color, image_size, monkeypatch
):
    image = Image.fromarray(RAMP)
    if mode == "I;16":
        image = Image.fromarray(RAMP.astype(np.uint16) * 250)
    elif mode == "P":
        image = image.convert("RGB").quantize(9)
        image.info["transparency"] = 3
    else:
        image = image.convert(mode)
    content = encode(image, "TIFF" if mode == "CMYK" else "PNG")
    options = {"color": color, "image_size": image_size}
    whole = decode_image(content, **options)
    monkeypatch.setattr(_images, "_STRIP_PIXELS", 100)
    np.testing.assert_array_equal(decode_image(content, **options), whole)


def progressive(n_more, before=b"", after=b""):
    """Give a progressive JPEG file, and how many scans; the last one is repeated."""
    content = io.BytesIO()
    image = Image.fromarray(RAMP).convert("RGB")
    image.save(content, "JPEG", progressive=True)
    jpeg = content.getvalue()
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:2] + before + jpeg[2:-2] + last * n_more + jpeg[-2:] + after


def test_scans_of_a_jpeg_file_are_counted():
    assert decode_image(progressive(50)).shape == decode_image(progressive(0)).shape
    with pytest.raises(ValueError, match="the JPEG file has more than 100 scans"):
        decode_image(progressive(100))


def test_what_only_looks_like_scans_is_not_counted():
    many = b"\xff\xda\0\2" * 200
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(many)) + many
    expected = decode_image(progressive(0))
    for content in (progressive(0, comment), progressive(0, after=many)):
        np.testing.assert_array_equal(decode_image(content), expected)


def test_limits(monkeypatch):
    content = encode(RAMP)
    with pytest.raises(ValueError, match=f"{len(content)} bytes; at most 10 are read"):
        decode_image(content, max_bytes=10)
    monkeypatch.setattr(_images, "MAX_PIXELS", 239)
    with pytest.raises(ValueError, match="20 x 12 pixels, more than 239"):
        decode_image(content)


def outcome(content):
    try:
        return "fine", decode_image(content)
    except ValueError as error:
        return str(error), np.empty((0, 0), np.uint8)


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM"])
def test_flipped_bytes_give_a_image_or_a_clear_error(kind, monkeypatch):
    monkeypatch.setattr(_images, "MAX_PIXELS", 10**6)
    content = encode(RAMP, kind)
    rng = np.random.RandomState(0)
    for _ in range(100):
        damaged = np.frombuffer(content, np.uint8).copy()
        damaged[rng.randint(len(damaged), size=3)] = rng.randint(0, 256, 3)
        reason, found = outcome(damaged.tobytes())
        assert reason.startswith(("the ", "it is not an image", "its pixels", "fine"))
        assert found.dtype == np.uint8
