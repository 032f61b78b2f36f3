"""Frames that a word of the command names: a video, a camera, a folder of images."""

import re
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from skl_signlang._errors import print_error
from skl_signlang._image_files import IMAGE_EXTENSIONS, decode_image, read_image_file
from skl_signlang._language import translate
from skl_signlang._video_files import (
    MAX_PIXELS,
    MAX_SECONDS,
    av_errors,
    import_av,
    read_video,
    to_pixels,
)

RATE = 15
"""Frames a second of a folder of images."""

_MAX_CAMERAS = 64


def is_camera(word):
    """Return whether a word is the number of a camera."""
    return word.isascii() and word.isdecimal() and int(word) < _MAX_CAMERAS


def read_frames(word, rate, on_error):
    """Yield times in seconds, and RGB pixels; `on_error` is called with bad images."""
    if is_camera(word):
        return read_camera(int(word))
    path = Path(word).expanduser()
    if path.is_dir():
        return _read_folder(path, rate or RATE, on_error)
    if rate is not None:
        raise ValueError(
            translate(
                "--fps is for folders of images; {word} is not a folder.", word=word
            )
        )
    return read_video(path)


def _read_folder(folder, rate, on_error):
    """Yield the images of a folder in the order of their numbers."""
    paths = [
        path
        for path in sorted(folder.iterdir(), key=_natural_key)
        if path.suffix.lower() in IMAGE_EXTENSIONS and path.is_file()
    ]
    if not paths:
        raise ValueError(translate("{folder} holds no image.", folder=folder))
    if len(paths) > rate * MAX_SECONDS:
        raise ValueError(
            translate(
                "{folder} holds {n:,} images; at most {minutes} minutes are read, "
                "{most:,} at {rate} a second.",
                folder=folder,
                n=len(paths),
                minutes=MAX_SECONDS // 60,
                most=rate * MAX_SECONDS,
                rate=rate,
            )
        )
    for number, path in enumerate(paths):
        try:
            content = read_image_file(path)
            pixels = decode_image(content, color=True, max_pixels=MAX_PIXELS)
        except (OSError, ValueError, MemoryError) as error:
            print_error(error, str(path))
            on_error(path)
            continue
        yield number / rate, pixels


def _natural_key(path):
    """Return the key that sorts 2.png before 10.png."""
    parts = re.split(r"(\d+)", path.name)
    return [int(part) if part.isdecimal() else part for part in parts]


def read_camera(number):
    """Yield the newest frame of a camera whenever one is wanted, without an end."""
    av = import_av()
    with (
        av_errors(f"camera {number}"),
        _open_camera(av, number) as container,
        closing(_LatestItem(container.decode(video=0))) as frames,
    ):
        start = time.monotonic()
        while (frame := frames.take()) is not None:
            yield time.monotonic() - start, to_pixels(frame)
    raise ValueError(translate("camera {number} sends no more images.", number=number))


def _open_camera(av, number):
    if sys.platform == "linux":
        device = f"/dev/video{number}"
        if not Path(device).is_char_device():
            raise FileNotFoundError(
                translate(
                    "There is no camera {number}: {device} does not exist.",
                    number=number,
                    device=device,
                )
            )
        return av.open(device, "r", format="v4l2")
    if sys.platform == "darwin":
        return av.open(str(number), "r", format="avfoundation")
    raise ValueError(
        translate(
            "cameras are read by number on Linux and macOS; on other systems record"
            " a video, or open the page of skl-signlang serve."
        )
    )


class _LatestItem:
    """The newest item of an iterator, which a thread reads."""

    def __init__(self, items):
        self._changed = threading.Condition()
        self._item, self._error, self._ended = None, None, False
        self._thread = threading.Thread(target=self._read, args=(items,), daemon=True)
        self._thread.start()

    def take(self):
        """Wait for an item that was not taken yet; None at the end."""
        with self._changed:
            while self._item is None and not self._ended:
                self._changed.wait(0.1)  # Ctrl-C is heard in between
            item, self._item = self._item, None
        if item is None and self._error is not None:
            raise self._error
        return item

    def close(self):
        """End the thread, which waits for one more item."""
        self._ended = True
        self._thread.join()

    def _read(self, items):
        try:
            for item in items:
                if self._ended:
                    return
                with self._changed:
                    self._item = item
                    self._changed.notify()
        except Exception as error:
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify()
