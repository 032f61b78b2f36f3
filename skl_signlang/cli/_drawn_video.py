"""A video of the hands and the letters that were found."""

from contextlib import contextmanager, suppress
from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from skl_signlang._files import write_whole
from skl_signlang._language import translate
from skl_signlang._video_files import Nameless, av_errors, import_av
from skl_signlang.cli._new_file import check_new
from skl_signlang.preprocessing import draw_hands

_TICKS = 1000  # a second
_ENCODERS = ("libx264", "mpeg4")
_BAND = 0.12  # of the height, for the text
_SETTLED, _PROVISIONAL = "black", "gray"


def check_drawing(path, overwrite):
    """Check the name of a video to write, before any work is done."""
    if path is None:
        return
    import_av()
    if check_new(path, overwrite).suffix.lower() != ".mp4":
        raise ValueError(
            translate("--draw writes MP4; {path} does not end in .mp4.", path=path)
        )


@contextmanager
def open_drawing(path):
    """Open a video that gets its name once it is complete; None draws nothing."""
    if path is None:
        yield _NoDrawing()
        return
    with write_whole(path) as file, av_errors(path):
        drawing = _Drawing(file)
        try:
            yield drawing
        except BaseException:
            with suppress(Exception):  # an unfinished file is of no use
                drawing.close()
            raise
        drawing.close()


class _NoDrawing:
    def add(self, time, pixels, hand, stream):
        """Draw nothing."""


class _Drawing:
    """Frames with the joints of the hand, and the text below."""

    def __init__(self, file):
        self._av = import_av()
        self._container = self._av.open(Nameless(file, "write"), "w", format="mp4")
        self._stream = self._time = None

    def add(self, time, pixels, hand, stream):
        """Draw the frame of a time in seconds."""
        time = round(time * _TICKS)
        if self._time is not None and time <= self._time:
            return
        self._time = time
        drawn = _draw(pixels, hand, stream)
        if self._stream is None:
            self._stream = self._add_stream(drawn.size)
        drawn = drawn.resize((self._stream.width, self._stream.height))
        frame = self._av.VideoFrame.from_ndarray(np.asarray(drawn), format="rgb24")
        frame.pts, frame.time_base = time, Fraction(1, _TICKS)
        self._container.mux(self._stream.encode(frame))

    def close(self):
        """Write what the encoder still holds."""
        if self._stream is not None:
            self._container.mux(self._stream.encode())
        self._container.close()

    def _add_stream(self, size):
        known = self._av.codecs_available
        encoder = next(name for name in _ENCODERS if name in known)
        stream = self._container.add_stream(encoder, rate=30)
        stream.width, stream.height = (side + side % 2 for side in size)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        return stream


def _draw(pixels, hand, stream):
    """Return a Pillow image of a frame, the hand and the last of the text."""
    drawn = Image.fromarray(draw_hands(pixels, [] if hand is None else [hand]))
    width, height = drawn.size
    band = max(12, round(_BAND * height))
    image = Image.new("RGB", (width, height + band), "white")
    image.paste(drawn)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(0.7 * band)
    settled = stream.settled
    parts = [(settled, _SETTLED), (stream.text[len(settled) :], _PROVISIONAL)]
    length = sum(pen.textlength(text, font) for text, _ in parts)
    x = min(band / 4, width - length - band / 4)  # the end of a long text is shown
    for text, color in parts:
        pen.text((x, height), text, color, font)
        x += pen.textlength(text, font)
    return image
