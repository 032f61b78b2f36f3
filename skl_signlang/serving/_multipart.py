"""Parser of multipart bodies in memory."""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

_MAX_HEADER_BYTES = 4096
_PARAMETER = re.compile(
    rb';\s*([^\s;="]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)', re.DOTALL
)
_ESCAPED = re.compile(rb'\\(["\\])')
_DISPOSITION = re.compile(rb"\r\ncontent-disposition:([^\r\n]*)", re.IGNORECASE)


class Part(NamedTuple):
    """Part of a form."""

    name: str
    content: bytes
    is_file: bool


def read_multipart(content, content_type, most):
    """Parse a multipart body."""
    boundary = _parameters(content_type.encode("latin-1")).get(b"boundary")
    if not boundary:
        raise ValueError("the Content-Type of the multipart body has no boundary")
    pieces = (b"\r\n" + content).split(b"\r\n--" + boundary, most + 1)
    if len(pieces) == 1:
        raise ValueError("the multipart body is damaged: its boundary is not in it")
    parts = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            return parts
        parts.append(_read_part(piece))
        if len(parts) > most:
            return parts
    raise ValueError("the multipart body is truncated: its last boundary is missing")


def _read_part(piece):
    end = piece.find(b"\r\n\r\n", 0, _MAX_HEADER_BYTES)
    if end < 0 or piece[: piece.index(b"\r\n")].strip():
        raise ValueError(
            "the multipart body is damaged: a part's headers do not end, or are longer "
            f"than {_MAX_HEADER_BYTES:,} bytes"
        )
    found = _DISPOSITION.search(piece, 0, end)
    options = _parameters(found[1]) if found else {}
    name = options.get(b"filename", options.get(b"name", b""))
    content = piece[end + 4 :]
    return Part(name.decode("utf-8", "replace"), content, b"filename" in options)


def _parameters(header):
    """Parse the parameters of a header."""
    found = {}
    for name, value in _PARAMETER.findall(header):
        if value.startswith(b'"'):
            value = _ESCAPED.sub(rb"\1", value[1:-1])
        if name.endswith(b"*"):
            # filename*=UTF-8''%C3%A4.png
            name, value = name[:-1], unquote_to_bytes(value.rpartition(b"'")[2])
        found[name.lower()] = value
    return found
