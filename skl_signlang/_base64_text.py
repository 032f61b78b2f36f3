"""Strict decoding of base64 text and data URLs."""

import binascii
import re

from skl_signlang._image_files import MAX_BYTES

_ALPHABET = re.compile(r"[A-Za-z0-9+/]*")
_DATA_URL = re.compile(r"data:([^,;]{0,100})((?:;[^,;]{0,100}){0,10}),", re.IGNORECASE)
# pieces, because decoding one blocks other threads
_PIECE = 1 << 20
_HINTS = {
    "-": "; URL-safe base64 is not supported",
    "_": "; URL-safe base64 is not supported",
    "%": "; percent-encoding is not supported",
}


def decode_base64(text, *, max_bytes=MAX_BYTES):
    """Decode base64 text, or a data URL that holds an image as base64.

    Any character outside of the alphabet is an error, line breaks included.
    """
    start = _start_of_data(text) if is_data_url(text) else 0
    if start == len(text):
        raise ValueError("the base64 text is empty")
    n_bytes = (len(text) - start) // 4 * 3
    if n_bytes > max_bytes + 2:
        raise ValueError(
            f"the base64 text encodes {n_bytes:,} bytes; at most {max_bytes:,} are read"
        )
    _check_characters(text, start)
    pieces = range(start, len(text), _PIECE)
    return b"".join(binascii.a2b_base64(text[i : i + _PIECE]) for i in pieces)


def is_data_url(text):
    """Check whether a string is a data URL rather than base64 text."""
    return text[:5].lower() == "data:"


def _start_of_data(text):
    """Check the head of a data URL, and return where its base64 text starts."""
    head = _DATA_URL.match(text)
    if not head:
        raise ValueError(
            f"the data URL starts {text[:40]!r}; expected data:image/...;base64,..."
        )
    kind, options = head[1].lower(), head[2].lower().split(";")
    if options[-1] != "base64":
        raise ValueError(
            f"the data URL {head[0]!r} is not base64; expected data:image/...;base64,"
        )
    if kind not in ("", "application/octet-stream") and not kind.startswith("image/"):
        raise ValueError(f"the data URL holds {kind!r}; expected image/...")
    return head.end()


def _check_characters(text, start):
    """Raise ValueError with the position of the first invalid character."""
    end = piece_end = start
    while end == piece_end < len(text):
        piece_end = min(end + _PIECE, len(text))
        end = _ALPHABET.match(text, end, piece_end).end()
    rest = text[end : end + 3]
    if rest not in ("", "=", "=="):
        end += min(len(rest) - len(rest.lstrip("=")), 2)
        raise ValueError(
            f"character {end + 1:,} of {len(text):,} is {text[end]!r}; expected A-Z, "
            f"a-z, 0-9, + or /, and at most two = at the end{_HINTS.get(text[end], '')}"
        )
    n_characters = len(text) - start
    if n_characters % 4:
        raise ValueError(
            f"the base64 text has {n_characters:,} characters, not a multiple of "
            "four: it is truncated or lacks its = at the end"
        )
