"""Parser of untrusted request bodies into images."""

from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec
import numpy as np

from skl_signlang._base64_text import decode_base64
from skl_signlang._errors import quote
from skl_signlang._image_files import decode_image
from skl_signlang._web import HTTPError
from skl_signlang.serving._multipart import read_multipart
from skl_signlang.serving._signature import INPUT, SIGNATURE

_KINDS = (
    "multipart/form-data (files, or fields that hold data URLs), "
    "application/x-www-form-urlencoded, application/json or text/plain (data URLs)"
)
_MAX_ESCAPES = 1000


class UploadedImage(NamedTuple):
    """Image of a request."""

    name: str
    pixels: np.ndarray


def read_instances(content, image_shape, limits):
    """Parse a body in the format of TensorFlow Serving's REST API."""
    body = _parse_json(content)
    if not isinstance(body, dict) or not {"instances", "inputs"} & set(body):
        raise HTTPError(
            400, 'expected a JSON object with "instances" or "inputs", a list of images'
        )
    form = _find_format(body)
    images, place = body[form], form
    if form == "inputs" and isinstance(images, dict):
        images, place = _only_input(images, form), f"{form}.{INPUT}"
    if not isinstance(images, list) or not images:
        raise HTTPError(400, f'"{place}" must be a list of one image or more')
    _check_batch(len(images), limits)
    parser = _ImageParser(image_shape, limits)
    for i, image in enumerate(images):
        name = f"{place}[{i}]"
        if form == "instances" and isinstance(image, dict) and "b64" not in image:
            image, name = _only_input(image, name), f"{name}.{INPUT}"
        parser.add_instance(name, image)
    return parser.images, {"instances": "predictions", "inputs": "outputs"}[form]


def read_uploads(content, content_type, image_shape, limits):
    """Parse a body of image files or data URLs."""
    parts = _split_body(content, content_type, limits)
    if not parts:
        raise HTTPError(400, "the request contains no image")
    _check_batch(len(parts), limits)
    parser = _ImageParser(image_shape, limits)
    for name, part in parts:
        if isinstance(part, bytes):
            parser.add_file(name, part)
        else:
            parser.add_text(name, part)
    return parser.images


class _ImageParser:
    """Decoder of images with a limit on their pixels."""

    def __init__(self, image_shape, limits):
        self.images = []
        self._image_shape = image_shape
        self._pixels_left = limits.max_pixels

    def add_instance(self, name, instance):
        if isinstance(instance, dict):
            if set(instance) != {"b64"}:
                keys = quote(", ".join(instance))
                raise HTTPError(
                    400, f'{name} has the keys {keys}; expected "b64" alone'
                )
            self.add_text(f"{name}.b64", instance["b64"])
        elif isinstance(instance, list):
            try:
                pixels = _lists_to_pixels(instance, self._image_shape)
            except ValueError as error:
                raise HTTPError(400, f"{name}: {error}") from error
            self._add(name, pixels)
        else:
            raise HTTPError(
                400,
                f'{name} is {_json_type(instance)}; expected {{"b64": ...}} or nested '
                "lists of pixels",
            )

    def add_text(self, name, text):
        if not isinstance(text, str):
            raise HTTPError(400, f"{name} is {_json_type(text)}; expected base64 text")
        try:
            content = decode_base64(text)
        except ValueError as error:
            raise HTTPError(400, f"{name}: {error}") from error
        self.add_file(name, content)

    def add_file(self, name, content):
        try:
            pixels = decode_image(
                content,
                color=self._image_shape is None or self._image_shape[2] == 3,
                max_pixels=self._pixels_left,
            )
        except ValueError as error:
            raise HTTPError(400, f"{name}: {error}") from error
        self._add(name, pixels)

    def _add(self, name, pixels):
        self._pixels_left -= pixels.shape[0] * pixels.shape[1]
        if self._pixels_left < 0:
            raise HTTPError(413, f"{name}: the images have too many pixels in total")
        self.images.append(UploadedImage(name, pixels))


def _split_body(content, content_type, limits):
    """Return the (name, file bytes or data URL) pairs of a body."""
    kind = content_type.partition(";")[0].strip().lower()
    if not content:
        raise HTTPError(400, "the request body is empty")
    if kind == "multipart/form-data":
        try:
            parts = read_multipart(content, content_type, limits.max_batch)
        except ValueError as error:
            raise HTTPError(400, error) from error
        return [
            (name, body if is_file else body.decode("utf-8", "replace"))
            for name, body, is_file in parts
        ]
    if kind == "application/json":
        return _list_values("body", _parse_json(content))
    if kind == "application/x-www-form-urlencoded":
        return _form_fields(content, limits)
    if kind == "text/plain":
        return [("body", content.decode("utf-8", "replace").strip())]
    raise HTTPError(415, f"the Content-Type is {quote(kind)}; expected {_KINDS}")


def _list_values(name, value):
    """List the values of JSON: one, a list, or an object."""
    pairs, waiting = [], [(name, value)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += reversed(value.items())
        elif isinstance(value, list):
            # deeper lists are not strings, which raises an error later
            pairs += [(f"{name}[{i}]", entry) for i, entry in enumerate(value)]
        else:
            pairs.append((name, value))
    return pairs


def _form_fields(content, limits):
    """List the fields of a form, in which base64 text is partly escaped."""
    _check_batch(content.count(b"&") + 1, limits)
    content = content.replace(b"+", b" ")
    for escape in (b"%2B", b"%2b", b"%2F", b"%2f"):
        content = content.replace(escape, unquote_to_bytes(escape))
    fields = [field.partition(b"=") for field in content.split(b"&")]
    if content.count(b"%") > _MAX_ESCAPES or not all(sign for _, sign, _ in fields):
        raise HTTPError(400, "the form is invalid; expected name=data URL")
    return [(_unquote(name), _unquote(value)) for name, _, value in fields]


def _unquote(word):
    return unquote_to_bytes(word).decode("utf-8", "replace")


def _parse_json(content):
    try:
        return msgspec.json.decode(content)
    except RecursionError:
        raise HTTPError(400, "the JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        is_nan = b"NaN" in content or b"Infinity" in content
        hint = "; JSON has neither NaN nor Infinity" if is_nan else ""
        raise HTTPError(400, f"the body is not JSON: {error}{hint}") from error


def _find_format(body):
    """Return which of the two formats a body has."""
    unknown = sorted(set(body) - {"instances", "inputs", "signature_name"})
    if unknown:
        raise HTTPError(
            400,
            f'unknown key {quote(unknown[0])}; expected "instances" or "inputs"',
        )
    if "instances" in body and "inputs" in body:
        raise HTTPError(400, 'expected "instances" or "inputs"; got both')
    signature = body.get("signature_name", SIGNATURE)
    # an empty name is the default's too
    if signature not in (SIGNATURE, ""):
        raise HTTPError(
            400, f"the only signature is {SIGNATURE!r}; got {str(signature)[:80]!r}"
        )
    return "instances" if "instances" in body else "inputs"


def _only_input(inputs, name):
    """Return the only input."""
    if set(inputs) != {INPUT}:
        keys = quote(", ".join(inputs))
        raise HTTPError(
            400,
            f'{name} has the keys {keys}; the only input is "{INPUT}", and "b64" marks '
            "a file",
        )
    return inputs[INPUT]


def _check_batch(n_images, limits):
    if n_images > limits.max_batch:
        raise HTTPError(
            413,
            f"the request contains more than {limits.max_batch:,} images; send fewer",
        )


def _lists_to_pixels(instance, image_shape):
    """Convert nested lists to an image."""
    # dtype object: strings would be padded to the longest
    pixels = np.asarray(instance, object)
    kinds = set(map(type, pixels.ravel()))
    if list in kinds:
        raise ValueError("its lists do not form an image: rows differ")
    if not kinds <= {int, float} or max(map(abs, pixels.ravel()), default=0) > 1e300:
        raise ValueError("it contains values that are not numbers from 0 to 255")
    pixels = pixels.astype(float)
    if pixels.ndim == 1 and image_shape and pixels.size == np.prod(image_shape):
        pixels = pixels.reshape(image_shape)
    if pixels.ndim not in (2, 3) or 0 in pixels.shape:
        raise ValueError(
            f"its lists have shape {pixels.shape}; expected (height, width) or "
            "(height, width, channels)"
        )
    if pixels.ndim == 3 and pixels.shape[2] not in (1, 3):
        raise ValueError(f"it has {pixels.shape[2]} channels; expected 1 or 3, last")
    low, high = pixels.min(), pixels.max()
    if not (low >= 0 and high <= 255):
        raise ValueError(f"its values go from {low:g} to {high:g}; expected 0 to 255")
    if high <= 1 and (pixels != np.rint(pixels)).any():
        raise ValueError("its values go from 0 to 1; multiply them by 255")
    return np.rint(pixels).astype(np.uint8)


def _json_type(value):
    """Return a noun for the type of a JSON value."""
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else kinds.get(type(value), "a number")
