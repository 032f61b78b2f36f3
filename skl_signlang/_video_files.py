"""Decoding of video files from untrusted bytes, by FFmpeg.

FFmpeg is given an open file, the format that its first bytes show, and no name: it
opens nothing else, whatever the file says.
"""

from contextlib import contextmanager

import numpy as np

from skl_signlang._errors import quote
from skl_signlang._files import open_regular

MAX_BYTES = 4 << 30
"""Maximum bytes of a video file."""

MAX_SECONDS = 3600
"""Maximum duration of a video, in seconds."""

MAX_PIXELS = 4096 * 2304
"""Maximum height times width of a frame."""

MAX_STREAMS = 32
"""Maximum number of streams of a file: video, sound, subtitles."""

MAX_RATE = 30
"""Maximum number of frames that are read of a second; others are skipped."""

MOST_SIDE = 1280
"""Maximum height and width of the frames that are read; larger ones are resized."""

_MAX_FRAMES = 240 * MAX_SECONDS
_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_CODECS = (
    *("av1", "libdav1d", "h263", "h264", "hevc", "mjpeg", "mpeg1video", "mpeg2video"),
    *("mpeg4", "msmpeg4", "msmpeg4v2", "prores", "rawvideo", "theora", "vp8", "vp9"),
)
_OF_STREAMS = {"max_pixels": str(MAX_PIXELS)}
_OF_FILES = {
    "codec_whitelist": ",".join(_CODECS),
    "enable_drefs": "0",
    "max_streams": str(MAX_STREAMS + 1),
    "protocol_whitelist": "none",
}


def import_av():
    """Import late: PyAV is optional."""
    try:
        import av
    except ImportError as error:
        raise ImportError(
            "videos and cameras need PyAV, which is not installed; run pip install "
            '"skl_signlang[video]".'
        ) from error
    return av


def read_video(path):
    """Yield the time of each frame in seconds, from 0 on, and its RGB pixels.

    What is not a video, too large or damaged raises an error that names the file.
    """
    av = import_av()
    with open_regular(path, MAX_BYTES, expected="a video file") as file:
        format = _detect_format(file, path)
        with av_errors(path), _open(av, file, format, path) as container:
            stream = _choose_stream(container, path)
            yield from _read_frames(container.decode(stream), path)


class Nameless:
    """An open file, to `read` or `write`, that does not tell its name."""

    def __init__(self, file, mode):
        setattr(self, mode, getattr(file, mode))
        self.seek, self.tell = file.seek, file.tell


@contextmanager
def av_errors(name):
    """Name the video in the errors of FFmpeg."""
    from av.error import FFmpegError

    try:
        yield
    except FFmpegError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(
            f"{name} is not a video that can be read, or is damaged: {reason}."
        ) from error


def to_pixels(frame):
    """Return the upright RGB pixels (h, w, 3) of a frame, resized if it is large."""
    scale = min(1, MOST_SIDE / max(frame.width, frame.height))
    width, height = (
        max(1, round(scale * side)) for side in (frame.width, frame.height)
    )
    pixels = frame.to_ndarray(format="rgb24", width=width, height=height)
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))


def _detect_format(file, name):
    """Return the name that FFmpeg has for the format of a file."""
    start = file.read(16)
    file.seek(0)
    if start[4:8] in _ATOMS:
        return "mov"
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if start.startswith(b"RIFF") and start[8:11] == b"AVI":
        return "avi"
    if start.startswith(b"OggS"):
        return "ogg"
    what = f"it starts {start[:12]!r}" if start else "it is empty, 0 bytes"
    raise ValueError(
        f"{name} is not a video that can be read (MP4, MOV, Matroska, WebM, AVI or "
        f"Ogg); {what}."
    )


def _open(av, file, format, name):
    try:
        return av.open(
            Nameless(file, "read"),
            "r",
            format=format,
            options=_OF_STREAMS,
            container_options=_OF_FILES,
            metadata_errors="replace",
            io_open=_open_nothing,
        )
    except MemoryError as error:
        # what FFmpeg says of a stream too many
        raise ValueError(
            f"{name} has more than {MAX_STREAMS} streams, or needs too much memory."
        ) from error


def _open_nothing(url, flags, options):
    raise ValueError(f"the file names another, {quote(url)}, which is not opened")


def _choose_stream(container, name):
    """Return the first video stream of a file, whose size and duration are checked."""
    if len(container.streams) > MAX_STREAMS:
        raise ValueError(
            f"{name} has more than {MAX_STREAMS} streams; expected a video."
        )
    if not container.streams.video:
        raise ValueError(f"{name} has no images; expected a video.")
    if (container.duration or 0) / 1e6 > MAX_SECONDS:
        raise _too_long(name)
    stream = container.streams.video[0]
    decoder = stream.codec_context
    if decoder is None or decoder.name not in _CODECS:
        codec = "an unknown codec" if decoder is None else f"the codec {decoder.name}"
        raise ValueError(f"{name} has {codec}, which is not read; convert it to H.264.")
    if stream.width * stream.height > MAX_PIXELS:
        raise ValueError(
            f"{name} has frames of {stream.width} x {stream.height} pixels; at most "
            f"{MAX_PIXELS:,} are read."
        )
    decoder.options = _OF_STREAMS
    return stream


def _read_frames(frames, name):
    """Yield times and pixels, at most so many a second."""
    first = last = None
    for number, frame in enumerate(frames):
        time = frame.time if frame.time is not None else number / MAX_RATE
        first = time if first is None else first
        time -= first
        if time > MAX_SECONDS or number >= _MAX_FRAMES:
            raise _too_long(name)
        # times are as exact as the time base of the file
        if last is None or time - last > 0.75 / MAX_RATE:
            last = time
            yield time, to_pixels(frame)


def _too_long(name):
    return ValueError(
        f"{name} is longer than {MAX_SECONDS // 60} minutes; cut it into parts."
    )
