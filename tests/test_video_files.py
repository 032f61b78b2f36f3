"""Videos from untrusted files: what is read, and what is refused."""

import io
import os
import socket
import threading
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest

from skl_signlang import _video_files
from skl_signlang._video_files import MAX_STREAMS, read_video

av = pytest.importorskip("av", reason="needs the extra video")

RATE = 15
SIZE = 64, 48


def write_video(
    n_frames=8,
    format="mp4",
    codec="mpeg4",
    size=SIZE,
    rate=RATE,
    n_streams=1,
    **options,
):
    """Return the bytes of a video that grows brighter, with equal streams."""
    file = io.BytesIO()
    with av.open(file, "w", format=format) as video:
        streams = [video.add_stream(codec, rate=rate) for _ in range(n_streams)]
        for stream in streams:
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
        for number in range(n_frames):
            gray = np.full((size[1], size[0], 3), 20 * number % 256, np.uint8)
            frame = av.VideoFrame.from_ndarray(gray, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            for stream in streams:
                video.mux(stream.encode(frame))
        for stream in streams:
            video.mux(stream.encode())
    return file.getvalue()


@pytest.fixture
def save(tmp_path):
    """A function: write bytes to a file, and return its path."""

    def save(content, name="video.mp4"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return save


@pytest.mark.parametrize(
    ("format", "codec"),
    [
        ("mp4", "mpeg4"),
        ("mov", "mpeg4"),
        ("matroska", "mpeg4"),
        ("webm", "libvpx"),
        ("avi", "mpeg4"),
    ],
)
def test_frames_come_with_their_times_whatever_the_name(format, codec, save):
    path = save(write_video(format=format, codec=codec), "video.txt")
    frames = list(read_video(path))
    times = [time for time, _ in frames]
    np.testing.assert_allclose(times, np.arange(8) / RATE, atol=0.002)
    for number, (_, pixels) in enumerate(frames):
        assert pixels.shape == (SIZE[1], SIZE[0], 3)
        assert pixels.dtype == np.uint8
        assert abs(pixels.mean() - 20 * number) < 8


def test_large_frames_are_resized_and_fast_ones_skipped(save, monkeypatch):
    monkeypatch.setattr(_video_files, "MOST_SIDE", 32)
    frames = list(read_video(save(write_video(24, rate=60))))
    assert frames[0][1].shape == (24, 32, 3)
    steps = np.diff([time for time, _ in frames])
    np.testing.assert_allclose(steps, 1 / 30, atol=0.002)


def test_sound_and_subtitles_are_passed_over(save):
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as video:
        sound = video.add_stream("pcm_s16le", rate=8000)
        stream = video.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        silence = np.zeros((1, 800), np.int16)
        one = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
        one.sample_rate, one.pts = 8000, 0
        video.mux(sound.encode(one))
        gray = np.zeros((32, 32, 3), np.uint8)
        video.mux(stream.encode(av.VideoFrame.from_ndarray(gray, format="rgb24")))
        video.mux(stream.encode())
    assert len(list(read_video(save(file.getvalue())))) == 1


# --- hostile files --------------------------------------------------------------------


@pytest.fixture
def listening():
    """The port of a server that must not be asked, and the requests that it got."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        requests = []

        def accept():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                requests.append(connection.recv(100))
                connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], requests


PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}/a.ts\n",
    "ffconcat": "ffconcat version 1.0\nfile {url}/a.mp4\n",
    "concat": "file '{path}'\n",
    "sdp": "v=0\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n",
    "dash": "<?xml version='1.0'?><MPD><BaseURL>{url}/</BaseURL></MPD>",
    "asx": "<asx><entry><ref href='{url}'/></entry></asx>",
    "subtitles": "1\n00:00:00,000 --> 00:00:02,000\n{url}\n",
    "rtsp": "RTSPtext\nrtsp://127.0.0.1:{port}/\n",
    "html": "<!doctype html><video src='{url}/a.mp4'></video>",
    "text": "a text",
    "script": "#!/bin/sh\ntouch {path}\n",
    "svg": "<svg xmlns:xlink='x'><image xlink:href='{url}'/></svg>",
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_files_that_name_others_are_refused_and_nothing_is_asked(
    name, save, listening, tmp_path
):
    port, requests = listening
    other = tmp_path / "other"
    url = f"http://127.0.0.1:{port}"
    path = save(PLAYLISTS[name].format(url=url, port=port, path=other).encode())
    with pytest.raises(ValueError, match=r"video\.mp4 is not a video that can be read"):
        list(read_video(path))
    assert requests == []
    assert not other.exists()


@pytest.mark.parametrize("start", [b"\0\0\0\x18ftypmp42", b"\x1a\x45\xdf\xa3", b"OggS"])
def test_the_first_bytes_of_a_video_before_a_playlist_change_nothing(
    start, save, listening
):
    port, requests = listening
    text = PLAYLISTS["m3u8"].format(url=f"http://127.0.0.1:{port}").encode()
    with pytest.raises(ValueError, match=r"video\.mp4"):
        list(read_video(save(start + text)))
    assert requests == []


def test_a_movie_whose_data_are_elsewhere_is_not_followed(save, listening):
    port, requests = listening
    content = write_video()
    # the reference to data in the file itself becomes a URL
    own = b"\0\0\0\x0curl \0\0\0\1"
    assert own in content
    url = b"http://127.0.0.1:%d/a\0" % port
    place = (12 + len(url)).to_bytes(4, "big") + b"url \0\0\0\0" + url
    with pytest.raises(ValueError, match=r"video\.mp4"):
        list(read_video(save(content.replace(own, place))))
    assert requests == []


DAMAGED = {
    "empty": b"",
    "short": b"\0\0\0\x18ft",
    "zeros": b"\0\0\0\x18ftypmp42" + bytes(1 << 16),
    "nested": b"\0\0\0\x18ftypmp42" + b"\xff\xff\xff\xffmoov" * 10_000,
    "avi": b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrl" + b"strh" * 1000,
    "ogg": b"OggS" * 5000,
    "ebml": b"\x1a\x45\xdf\xa3" + b"\x01" + b"\xff" * 7 + b"\x18\x53\x80\x67" * 999,
    "truncated": None,
    "overwritten": None,
}


def damage(name):
    if name == "truncated":
        whole = write_video(60)
        return whole[: len(whole) // 2]
    if name == "overwritten":
        whole = write_video(60, "matroska", "libx264")
        middle = len(whole) // 2
        return whole[:middle] + b"\7" * 600 + whole[middle + 600 :]
    return DAMAGED[name]


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_errors_that_name_them(name, save):
    with pytest.raises(ValueError, match=r"video\.mp4") as error:
        list(read_video(save(damage(name))))
    assert "\n" not in str(error.value)
    assert "Errno" not in str(error.value)


@pytest.mark.parametrize(("format", "n"), [("mp4", 33), ("matroska", 33), ("avi", 60)])
def test_many_streams_are_refused(format, n, save):
    path = save(write_video(1, format, size=(16, 16), n_streams=n))
    with pytest.raises(ValueError, match=f"more than {MAX_STREAMS} streams"):
        list(read_video(path))


def test_a_thousand_streams_are_refused(save):
    # the header of one stream of a Matroska file, a thousand times
    content = write_video(1, "matroska", size=(16, 16))
    start = content.index(b"\x16\x54\xae\x6b")  # Tracks
    size_at = start + 4
    n_bytes = 9 - content[size_at].bit_length()
    size = int.from_bytes(content[size_at : size_at + n_bytes]) & (
        (1 << 7 * n_bytes) - 1
    )
    body = content[size_at + n_bytes :][:size]
    body = body[body.index(b"\xae") :]
    many = body * 1000
    tracks = b"\x16\x54\xae\x6b\x01" + len(many).to_bytes(7, "big") + many
    end = size_at + n_bytes + size
    with pytest.raises(ValueError, match=r"video\.mp4"):
        list(read_video(save(content[:start] + tracks + content[end:])))


@pytest.mark.parametrize("format", ["mp4", "avi"])
def test_huge_frames_are_refused_before_they_are_decoded(format, save):
    content = write_video(1, format)
    order = "big" if format == "mp4" else "little"
    # in the headers of the file, and not in the images
    size = SIZE[0].to_bytes(2, order) + SIZE[1].to_bytes(2, order)
    if format == "avi":
        size = SIZE[0].to_bytes(4, order) + SIZE[1].to_bytes(4, order)
    assert size in content
    huge = (60_000).to_bytes(len(size) // 2, order) * 2
    path = save(content.replace(size, huge))
    shapes = set()
    with suppress(ValueError):  # or in the size of the images
        shapes |= {pixels.shape for _, pixels in read_video(path)}
    assert shapes <= {(SIZE[1], SIZE[0], 3)}


@pytest.mark.parametrize(
    ("limit", "value", "why"),
    [
        ("MAX_BYTES", 500, "at most 500 are read"),
        ("MAX_SECONDS", 0.2, "is longer than"),
        ("MAX_PIXELS", 1000, "64 x 48 pixels"),
        ("_MAX_FRAMES", 3, "is longer than"),
        ("_CODECS", ("vp8",), "the codec mpeg4"),
    ],
)
def test_limits_are_named(limit, value, why, save, monkeypatch):
    monkeypatch.setattr(_video_files, limit, value)
    with pytest.raises(ValueError, match=why) as error:
        list(read_video(save(write_video())))
    assert "video.mp4" in str(error.value)


def test_frames_that_grow_beyond_the_limit_are_refused(save, monkeypatch):
    # the decoder counts too, whatever the header of the file says
    monkeypatch.setitem(_video_files._OF_STREAMS, "max_pixels", "1000")
    with pytest.raises(ValueError, match=r"video\.mp4"):
        list(read_video(save(write_video())))


def test_a_file_of_sound_has_no_images(save):
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as video:
        sound = video.add_stream("pcm_s16le", rate=8000)
        silence = np.zeros((1, 800), np.int16)
        one = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
        one.sample_rate = 8000
        video.mux(sound.encode(one))
    with pytest.raises(ValueError, match=r"video\.mp4 has no images"):
        list(read_video(save(file.getvalue())))


def test_pipes_and_devices_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    for path, what in (
        (tmp_path / "pipe.mp4", "a named pipe"),
        ("/dev/zero", "a character device"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(ValueError, match=what):
            list(read_video(path))
    for path in (tmp_path / "none.mp4", "http://127.0.0.1:9/a.mp4", "concat:a|b"):
        with pytest.raises(FileNotFoundError, match="There is no file"):
            list(read_video(path))
