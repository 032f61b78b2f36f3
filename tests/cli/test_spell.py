"""`skl-signlang spell`: text from videos, folders of images and cameras."""

import io
import json
import os
import signal
import sys
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image
from signed_frames import RATE, SIDE, draw_frame, signs_of

from skl_signlang.cli import _video_model, _video_sources, main
from skl_signlang.inference import LetterStream
from skl_signlang.preprocessing import HandTracker

av = pytest.importorskip("av", reason="needs the extra video")

MODEL = ["--model", "letters"]


def spell_word(word):
    return np.stack([draw_frame(sign) for sign in signs_of(word)])


@pytest.fixture
def video(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with av.open("word.mp4", "w") as file:
        stream = file.add_stream("mpeg4", rate=RATE)
        stream.width = stream.height = SIDE
        stream.pix_fmt = "yuv420p"
        for pixels in spell_word("ABBEL"):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode())
    return "word.mp4"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frames").mkdir()
    for number, pixels in enumerate(spell_word("LAB")):
        Image.fromarray(pixels).save(f"frames/frame{number}.png")
    return "frames"


def error_of(capsys):
    err = capsys.readouterr().err.splitlines()[-1]
    assert err.startswith("skl-signlang: error: ")
    return err.removeprefix("skl-signlang: error: ")


@pytest.mark.slow
def test_text_is_printed_as_it_settles(video, capsys):
    assert main(["spell", video, *MODEL]) == 0
    assert capsys.readouterr().out == "ABBEL\n"
    assert main(["spell", video, *MODEL, "--quiet"]) == 0
    assert capsys.readouterr() == ("ABBEL\n", "")


def test_lines_of_json_have_letters_times_and_probabilities(video, capsys):
    assert main(["spell", video, *MODEL, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    texts = [line["text"] for line in lines]
    assert texts[-1] == "ABBEL"
    assert all(text == "ABBEL"[: len(text)] for text in texts)
    assert len(lines) >= 5
    letters = [letter for line in lines for letter in line["letters"]]
    assert [letter["letter"] for letter in letters] == [*"ABBEL"]
    for number, letter in enumerate(letters):
        assert letter["start"] == pytest.approx(number, abs=0.2)
        assert letter["start"] < letter["end"]
        assert letter["probability"] == max(letter["probabilities"].values())
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    # before the end of the video
    assert times[0] < 1


def test_images_of_a_folder_are_sorted_by_number(folder, capsys):
    assert main(["spell", folder, *MODEL]) == 0
    assert capsys.readouterr().out == "LAB\n"
    # too fast to be held
    assert main(["spell", folder, *MODEL, "--fps", "120"]) == 0
    assert capsys.readouterr().out == "\n"


def test_a_bad_image_of_a_folder_is_named_and_the_others_are_read(folder, capsys):
    with open("frames/frame3.png", "wb") as file:
        file.write(b"no image")
    assert main(["spell", folder, *MODEL]) == 1
    out, err = capsys.readouterr()
    assert out == "LAB\n"
    assert "frames/frame3.png: it is not an image" in err


def test_words_are_corrected(video, tmp_path, capsys):
    (tmp_path / "words.txt").write_text("abbey\nabbel\n")
    words = ["spell", video, *MODEL, "--words", "words.txt", "--json"]
    assert main(words) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["text"] == "ABBEL"
    assert max(last["candidates"], key=last["candidates"].get) == "ABBEL"
    assert len(last["letters"]) == 5


def test_letters_below_the_threshold_are_not_written(video, capsys):
    words = ["spell", video, *MODEL, "--rejection-threshold", "1"]
    assert main(words) == 0
    assert capsys.readouterr().out == "\n"


def test_the_drawn_video_has_the_frames_and_the_text(video, capsys):
    assert main(["spell", video, *MODEL, "--draw", "out.mp4"]) == 0
    with av.open("out.mp4") as drawn:
        frames = [frame.to_ndarray(format="rgb24") for frame in drawn.decode(video=0)]
    originals = list(_video_sources.read_frames(video, None, None))
    assert len(frames) == len(originals)
    height, width = frames[0].shape[:2]
    assert width == SIDE
    assert height > SIDE
    bands = np.array([frame[SIDE + 2 :] for frame in frames], int)
    # white at first, written on in the end
    assert bands[0].min() > 200
    assert bands[-1].min() < 128
    for drawn, (_, pixels) in zip(frames, originals, strict=True):
        assert abs(drawn[:SIDE].astype(int) - pixels).mean() < 10
    assert sorted(os.listdir(".")) == ["out.mp4", "word.mp4"]


def test_a_drawn_video_replaces_nothing_unasked(video, tmp_path, capsys):
    (tmp_path / "out.mp4").write_text("mine")
    for words in (
        ["--draw", "out.mp4"],
        ["--draw", "out.avi"],
        ["--draw", "none/out.mp4"],
    ):
        assert main(["spell", video, *MODEL, *words]) == 2
        assert words[1] in error_of(capsys)
    assert (tmp_path / "out.mp4").read_text() == "mine"
    words = ["spell", video, *MODEL, "--draw", "out.mp4", "--overwrite"]
    assert main(words) == 0
    assert (tmp_path / "out.mp4").stat().st_size > 1000


def interrupt_after(n_frames, error):
    """A source of frames that raises an error."""

    def read_frames(*_):
        for number, pixels in enumerate(spell_word("LAB")):
            if number == n_frames:
                raise error
            yield number / RATE, pixels

    return read_frames


def test_ctrl_c_ends_it_with_what_was_spelled(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    frames = interrupt_after(25, KeyboardInterrupt())
    monkeypatch.setattr("skl_signlang.cli._spell.read_frames", frames)
    assert main(["spell", "0", *MODEL, "--draw", "out.mp4"]) == 130
    out, err = capsys.readouterr()
    assert out == "LA\n"
    assert "interrupted" in err
    with av.open("out.mp4") as drawn:
        assert len(list(drawn.decode(video=0))) == 25


def test_a_second_ctrl_c_loses_neither_text_nor_drawing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def frames(*_):
        for number, pixels in enumerate(spell_word("LAB")):
            if number == 25:
                signal.raise_signal(signal.SIGINT)
            yield number / RATE, pixels

    finish = LetterStream.finish

    def interrupted(stream):
        signal.raise_signal(signal.SIGINT)
        finish(stream)

    monkeypatch.setattr("skl_signlang.cli._spell.read_frames", frames)
    monkeypatch.setattr(LetterStream, "finish", interrupted)
    assert main(["spell", "0", *MODEL, "--draw", "out.mp4"]) == 130
    out, err = capsys.readouterr()
    assert out == "LA\n"
    assert "the text so far is saved first" in err
    with av.open("out.mp4") as drawn:
        assert len(list(drawn.decode(video=0))) == 25


def test_what_was_spelled_before_a_fault_is_printed_and_nothing_is_drawn(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    frames = interrupt_after(25, ValueError("x.mp4 is damaged"))
    monkeypatch.setattr("skl_signlang.cli._spell.read_frames", frames)
    assert main(["spell", "x.mp4", *MODEL, "--draw", "out.mp4"]) == 2
    out, err = capsys.readouterr()
    assert out == "LA\n"
    assert "x.mp4 is damaged" in err
    assert os.listdir(".") == []


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\nhttp://127.0.0.1/", b"text"])
def test_other_files_are_refused_before_a_model_is_loaded(content, tmp_path, capsys):
    path = tmp_path / "hand.mp4"
    path.write_bytes(content)
    assert main(["spell", str(path), "--model", "none.signlang"]) == 2
    assert "hand.mp4 is not a video that can be read" in error_of(capsys)


def test_sources_that_are_none_are_named(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    os.mkfifo("pipe.mp4")
    for words, why in (
        (["none.mp4"], "There is no file none.mp4"),
        (["http://127.0.0.1:9/a.mp4"], "There is no file http:"),
        (["empty"], "empty holds no image"),
        (["texts"], "texts holds no image"),
        (["pipe.mp4"], "pipe.mp4 is a named pipe"),
        (["/dev/zero"], "/dev/zero is a character device"),
        (["none.mp4", "--fps", "10"], "--fps is for folders"),
    ):
        assert main(["spell", *words]) == 2
        assert why in error_of(capsys)


def test_a_camera_that_is_missing_is_named(capsys):
    if sys.platform != "linux" or os.path.exists("/dev/video63"):
        pytest.skip("needs Linux without so many cameras")
    assert main(["spell", "63"]) == 2
    assert "There is no camera 63: /dev/video63" in error_of(capsys)


def test_a_camera_gives_its_newest_frame(monkeypatch):
    """A camera that is faster than its reader, which ends."""
    content = io.BytesIO()
    with av.open(content, "w", format="avi") as file:
        stream = file.add_stream("mpeg4", rate=RATE)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        for number in range(40):
            gray = np.full((32, 32, 3), 6 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(gray, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    content.seek(0)
    monkeypatch.setattr(_video_sources, "_open_camera", lambda av, _: av.open(content))
    times, grays = [], []

    def watch():
        for time, pixels in _video_sources.read_frames("0", None, None):
            times.append(time)
            grays.append(pixels.mean())

    with pytest.raises(ValueError, match="camera 0 sends no more images"):
        watch()
    assert 1 <= len(times) <= 40
    assert times == sorted(times)
    assert grays == sorted(grays)
    # the last frame is never skipped
    assert grays[-1] > 220


def test_the_default_follows_the_hand_with_the_models_that_are_there(
    monkeypatch, capsys
):
    made = []

    class Predictor:
        def __init__(self, classifier=None, *, tracker=None):
            made.append(tracker)

    monkeypatch.setattr(_video_model, "HandPredictor", Predictor)
    for is_there, told in ((True, "of MediaPipe\n"), (False, "[landmarks]")):
        monkeypatch.setattr(_video_model, "has_models", [is_there].pop)
        _video_model.open_predictor()
        assert told in capsys.readouterr().err
    assert made[0] is None
    assert isinstance(made[1], HandTracker)
    assert made[1].model == "own"


def test_a_missing_package_is_named(video, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "av", None)
    for words in ([video], ["0"]):
        assert main(["spell", *words]) == 2
        assert 'pip install "skl_signlang[video]"' in error_of(capsys)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_command(number, folder, start_fork):
    for copy in range(400):
        os.link("frames/frame0.png", f"frames/more{copy}.png")
    process = start_fork("spell", folder, *MODEL)
    first = process.stdout.read(1)
    process.send_signal(number)
    out, err = process.communicate()
    assert first == b"L"
    assert process.returncode in (0, 130)
    assert out.endswith(b"\n")
    assert b"Traceback" not in err
