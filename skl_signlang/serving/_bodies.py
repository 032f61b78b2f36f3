"""Pictures from the bodies of requests that nobody vouches for."""

import json
from typing import NamedTuple
from urllib.parse import parse_qsl

import numpy as np

from skl_signlang._base64_text import decode_base64
from skl_signlang._errors import quote
from skl_signlang._pictures import decode_picture
from skl_signlang.serving._multipart import read_multipart
from skl_signlang.serving._refusal import Refusal

_KINDS = (
    "multipart/form-data (files, or fields that hold data URLs), "
    "application/x-www-form-urlencoded, application/json or text/plain (data URLs)"
)
_SIGNATURE = "serving_default"


class Picture(NamedTuple):
    """A picture that was sent.

    Parameters
    ----------
    name : str
        What the client or the place in the body calls it.
    pixels : ndarray of uint8, shape (height, width) or (height, width, channels)
        0 to 255.
    """

    name: str
    pixels: np.ndarray


def read_instances(content, image_shape, limits):
    """Read the body of a request as TensorFlow Serving's REST API has it.

    Parameters
    ----------
    content : bytes
        JSON, ``{"instances": [...]}``; each is ``{"b64": ...}``, a picture file as
        base64, or nested lists of pixels, 0 to 255.
    image_shape : tuple of int or None
        (height, width, channels) that the model reads, in pixels; None for any, RGB.
    limits : Limits
        Of the server.

    Returns
    -------
    pictures : list of Picture
        One or more.

    Raises
    ------
    Refusal
        If it is anything else, or too much.
    """
    body = _parse_json(content)
    if not isinstance(body, dict) or "instances" not in body:
        columns = isinstance(body, dict) and "inputs" in body
        hint = '; "inputs", the columnar form, is not read' if columns else ""
        raise Refusal(400, f'expected a JSON object with "instances", a list{hint}')
    _check_keys(body)
    instances = body["instances"]
    if not isinstance(instances, list) or not instances:
        raise Refusal(400, '"instances" must be a list of one picture or more')
    _check_batch(len(instances), limits)
    reader = _Reader(image_shape, limits)
    for i, instance in enumerate(instances):
        reader.add_instance(f"instances[{i}]", instance)
    return reader.pictures


def read_uploads(content, content_type, image_shape, limits):
    """Read the body of a request that sends picture files or data URLs.

    Parameters
    ----------
    content : bytes
        A form, JSON or text.
    content_type : str
        What the header says.
    image_shape : tuple of int or None
        (height, width, channels) that the model reads, in pixels; None for any, RGB.
    limits : Limits
        Of the server.

    Returns
    -------
    pictures : list of Picture
        One or more.

    Raises
    ------
    Refusal
        If it is anything else, or too much.
    """
    parts = _take_apart(content, content_type, limits)
    if not parts:
        raise Refusal(400, "the request holds no picture")
    _check_batch(len(parts), limits)
    reader = _Reader(image_shape, limits)
    for name, part in parts:
        if isinstance(part, bytes):
            reader.add_file(name, part)
        else:
            reader.add_text(name, part)
    return reader.pictures


class _Reader:
    """Decodes one picture after the other, and counts their pixels."""

    def __init__(self, image_shape, limits):
        self.pictures = []
        self._image_shape = image_shape
        self._pixels_left = limits.max_pixels

    def add_instance(self, name, instance):
        if isinstance(instance, dict):
            if set(instance) != {"b64"}:
                raise Refusal(
                    400,
                    f'{name} has the keys {quote(", ".join(instance))}; expected "b64" '
                    "alone",
                )
            self.add_text(f"{name}.b64", instance["b64"])
        elif isinstance(instance, list):
            try:
                pixels = _pixels_of_lists(instance, self._image_shape)
            except ValueError as error:
                raise Refusal(400, f"{name}: {error}") from error
            self._add(name, pixels)
        else:
            raise Refusal(
                400,
                f'{name} is {_kind(instance)}; expected {{"b64": ...}} or nested '
                "lists of pixels",
            )

    def add_text(self, name, text):
        if not isinstance(text, str):
            raise Refusal(400, f"{name} is {_kind(text)}; expected text in base64")
        try:
            content = decode_base64(text)
        except ValueError as error:
            raise Refusal(400, f"{name}: {error}") from error
        self.add_file(name, content)

    def add_file(self, name, content):
        try:
            pixels = decode_picture(
                content,
                color=self._image_shape is None or self._image_shape[2] == 3,
                max_pixels=self._pixels_left,
            )
        except ValueError as error:
            raise Refusal(400, f"{name}: {error}") from error
        self._add(name, pixels)

    def _add(self, name, pixels):
        self._pixels_left -= pixels.shape[0] * pixels.shape[1]
        if self._pixels_left < 0:
            raise Refusal(413, f"{name}: the pictures have too many pixels in all")
        self.pictures.append(Picture(name, pixels))


def _take_apart(content, content_type, limits):
    """List the (name, bytes of a file or data URL) of a body."""
    kind = content_type.partition(";")[0].strip().lower()
    if not content:
        raise Refusal(400, "the request is empty, 0 bytes")
    if kind == "multipart/form-data":
        try:
            parts = read_multipart(content, content_type, limits.max_batch)
        except ValueError as error:
            raise Refusal(400, error) from error
        return [
            (name, body if is_file else body.decode("utf-8", "replace"))
            for name, body, is_file in parts
        ]
    if kind == "application/json":
        return _texts("body", _parse_json(content))
    if kind == "application/x-www-form-urlencoded":
        return _fields(content, limits)
    if kind == "text/plain":
        return [("body", content.decode("utf-8", "replace").strip())]
    raise Refusal(415, f"the Content-Type is {quote(kind)}; expected {_KINDS}")


def _texts(name, value):
    """List the texts in a JSON value: one, several, or by name."""
    if isinstance(value, dict):
        return [pair for key in value for pair in _texts(quote(key), value[key])]
    if isinstance(value, list):
        # one level is a list of pictures; what lies deeper is no text, and says so
        return [(f"{name}[{i}]", entry) for i, entry in enumerate(value)]
    return [(name, value)]


def _fields(content, limits):
    text = content.decode("utf-8", "replace")
    try:
        return parse_qsl(text, strict_parsing=True, max_num_fields=limits.max_batch)
    except ValueError as error:
        raise Refusal(400, f"the form cannot be read: {error}") from error


def _parse_json(content):
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except RecursionError:
        raise Refusal(400, "the JSON is nested too deeply") from None
    except ValueError as error:
        raise Refusal(400, f"the body is no JSON: {error}") from error


def _refuse_constant(name):
    raise ValueError(f"{name} is no number of JSON")


def _check_keys(body):
    unknown = sorted(set(body) - {"instances", "signature_name"})
    if unknown:
        raise Refusal(
            400, f'the key {quote(unknown[0])} is not known; expected "instances"'
        )
    signature = body.get("signature_name", _SIGNATURE)
    if signature != _SIGNATURE:
        raise Refusal(
            400, f"the only signature is {_SIGNATURE!r}; got {str(signature)[:80]!r}"
        )


def _check_batch(n_pictures, limits):
    if n_pictures > limits.max_batch:
        raise Refusal(
            413,
            f"the request holds more than {limits.max_batch:,} pictures; send fewer at "
            "a time",
        )


def _pixels_of_lists(instance, image_shape):
    """Turn nested lists into a picture."""
    try:
        pixels = np.asarray(instance)
    except (ValueError, RecursionError):
        raise ValueError("its lists do not form a picture: rows differ") from None
    if pixels.dtype.kind not in "iuf":
        raise ValueError("it holds other things than numbers from 0 to 255")
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
    if pixels.dtype.kind == "f":
        if high <= 1 and (pixels != np.rint(pixels)).any():
            raise ValueError("its values go from 0 to 1; multiply them by 255")
        pixels = np.rint(pixels)
    return pixels.astype(np.uint8)


def _kind(value):
    """Say what a JSON value is."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else kinds.get(type(value), "a number")
