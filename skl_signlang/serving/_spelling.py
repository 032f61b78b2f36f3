"""Text that the frames of one connection spell."""

import math
import struct
from typing import Annotated, Literal

import msgspec

from skl_signlang._image_files import decode_image
from skl_signlang._web import HTTPError
from skl_signlang.serving._responses import N_TOP

MAX_FRAME_BYTES = 1 << 20
"""Maximum bytes of a frame."""

MAX_MESSAGE_BYTES = MAX_FRAME_BYTES + 64
"""Maximum bytes of a message of a WebSocket: a frame and its time."""

MAX_EDIT_BYTES = 256
"""Maximum bytes of a message that edits the text."""

_MAX_PIXELS = 1 << 20
_HEAD = struct.Struct("<d")
_MAX_TIME = 1e9
_N_LAST = 64
_DECIMALS = 4


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    """A change of the text, and the number that the answers from then on have."""

    action: Literal["clear", "delete", "end"]
    epoch: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0


def parse_edit(text):
    """Parse a message that edits the text."""
    if len(text) > MAX_EDIT_BYTES:
        raise HTTPError(413, f"a message has more than {MAX_EDIT_BYTES} characters")
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogatepass"), type=Edit)
    except (msgspec.DecodeError, RecursionError) as error:
        raise HTTPError(400, f"the message is not valid: {error}") from None


class Spelling:
    """The text of one connection; it belongs to one thread at a time."""

    def __init__(self, stream, limits):
        self._stream = stream
        self._max_bytes = min(MAX_FRAME_BYTES, limits.max_bytes)
        self._max_pixels = min(_MAX_PIXELS, limits.max_pixels)
        self._epoch = 0

    def process(self, message):
        """Process a frame or an edit, and return the answer."""
        if isinstance(message, Edit):
            self._edit(message)
            return self._describe()
        time, pixels = self._decode(message)
        try:
            self._stream.push(pixels, time)
        except ValueError as error:
            raise HTTPError(400, str(error)) from None
        return {"time": time, **self._describe(), **self._describe_frame(pixels)}

    def _decode(self, frame):
        """Return the time and the pixels of a frame."""
        if len(frame) > self._max_bytes + _HEAD.size:
            raise HTTPError(413, f"a frame has more than {self._max_bytes:,} bytes")
        if len(frame) <= _HEAD.size:
            raise HTTPError(
                400, "a frame is its time, a float of 8 bytes, and an image file"
            )
        (time,) = _HEAD.unpack_from(frame)
        if not (math.isfinite(time) and abs(time) <= _MAX_TIME):
            raise HTTPError(400, f"the time of a frame must be in seconds; got {time}")
        try:
            pixels = decode_image(
                frame[_HEAD.size :], color=True, max_pixels=self._max_pixels
            )
        except ValueError as error:
            raise HTTPError(400, str(error)) from None
        return time, pixels

    def _edit(self, edit):
        actions = {
            "clear": self._stream.clear,
            "delete": self._stream.delete,
            "end": self._stream.finish,
        }
        actions[edit.action]()
        self._epoch = edit.epoch

    def _describe(self):
        stream = self._stream
        settled = stream.settled
        return {
            "epoch": self._epoch,
            "settled": settled[-_N_LAST:],
            "n_settled": len(settled),
            "provisional": stream.text[len(settled) :],
            "candidates": [[word, share] for word, share in stream.candidates],
        }

    def _describe_frame(self, pixels):
        stream, top = self._stream, []
        if stream.frame.presence > 0:
            shares = stream.frame.probabilities.items()
            top = sorted(shares, key=lambda share: -share[1])[:N_TOP]
        return {
            "letter": stream.letter,
            "probability": stream.probability,
            "top": [{"letter": letter, "probability": share} for letter, share in top],
            "hand": self._describe_hand(pixels),
        }

    def _describe_hand(self, pixels):
        """Return the joints as fractions of width and height, or None."""
        hand = getattr(self._stream.predictor, "hand", None)
        if hand is None:
            return None
        return (hand.points / pixels.shape[1::-1]).round(_DECIMALS).tolist()
