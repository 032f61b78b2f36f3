import functools
import http.server
import io
import json
import resource
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from skl_signlang.cli import main

pytest.importorskip("onnxruntime", reason="needs the extra export")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The pretrained classifier as an ONNX file, which opens fast."""
    path = str(tmp_path_factory.mktemp("model") / "letters.onnx")
    assert main(["export", path, "--quiet"]) == 0
    return path


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A folder `photos` with three images in two folders, and a text."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.RandomState(0)
    for name in ("a.png", "b/c.JPG", "b/d.bmp"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.randint(0, 256, (40, 30), np.uint8)
        Image.fromarray(pixels).save(f"photos/{name}")
    (tmp_path / "photos" / "notes.txt").write_text("no image")
    return tmp_path / "photos"


def names_of(capsys):
    return [line.split()[0] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["photos"], ["photos/a.png", "photos/b/c.JPG", "photos/b/d.bmp"]),
        (["photos/b/*.bmp"], ["photos/b/d.bmp"]),
        (["photos/**/*.[Jb]*"], ["photos/b/c.JPG", "photos/b/d.bmp"]),
        (["photos/b", "photos/a.png"], ["photos/b/c.JPG", "photos/b/d.bmp"] * 1),
    ],
)
def test_folders_and_patterns_name_their_images(words, names, model, photos, capsys):
    assert main(["predict", *words, "--model", model]) == 0
    expected = names + [word for word in words[1:] if word.endswith(".png")]
    assert names_of(capsys) == expected


def test_a_file_whose_name_looks_like_a_pattern_is_the_file(model, photos, capsys):
    (photos / "a.png").rename("[a].png")
    assert main(["predict", "[a].png", "--model", model]) == 0
    assert names_of(capsys) == ["[a].png"]


@pytest.mark.parametrize(
    ("word", "reason"),
    [("empty", "the folder holds no image"), ("*.tif", "no file has such a name")],
)
def test_what_names_no_image_is_an_error(word, reason, model, photos, capsys):
    (photos.parent / "empty").mkdir()
    assert main(["predict", word, "photos/a.png", "--model", model]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("photos/a.png")
    assert err == f"skl-signlang: error: {word}: {reason}\n"


def test_each_image_is_a_line_of_json(model, photos, capsys):
    assert main(["predict", "photos", "none.png", "--model", model, "--json"]) == 1
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert len(rows) == 3
    for row in rows:
        assert set(row) == {"image", "letter", "probability", "top"}
        assert max(row["top"], key=row["top"].get) == row["letter"]
    assert "none.png" in err


def test_one_image_comes_through_a_pipe_without_tensorflow(model, photos):
    code = (
        "import sys; from skl_signlang.cli import main;"
        f"status = main(['predict', '-', '--model', {model!r}]);"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'scipy', 'pandas'};"
        "sys.exit(status or str(heavy & set(sys.modules)).replace('set()', '') or 0)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=(photos / "a.png").read_bytes(),
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"-  ")
    # less than TensorFlow alone needs to be imported
    assert after.ru_utime - before.ru_utime < 3


@pytest.fixture
def url(photos):
    handler = functools.partial(
        http.server.SimpleHTTPRequestHandler, directory=str(photos)
    )
    handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_urls_are_read_where_they_are_allowed(url, model, capsys):
    words = ["predict", f"{url}/a.png", f"{url}/none.png", "--model", model]
    assert main(words) == 2
    assert "--allow-url" in capsys.readouterr().err
    assert main([*words, "--allow-url"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{url}/a.png  ")
    assert err.startswith(f"skl-signlang: error: {url}/none.png: ")
    assert "404" in err


def heic(photos, **options):
    pillow_heif = pytest.importorskip("pillow_heif", reason="needs the extra heic")
    file = io.BytesIO()
    with Image.open(photos / "a.png") as image:
        pillow_heif.from_pillow(image.convert("RGB")).save(file, **options)
    return file.getvalue()


def test_photographs_of_phones_are_read(model, photos, capsys):
    (photos / "a.heic").write_bytes(heic(photos, quality=-1))
    words = ["predict", "photos/a.png", "photos/a.heic", "--json", "--model", model]
    assert main(words) == 0
    png, photo = map(json.loads, capsys.readouterr().out.splitlines())
    assert photo["letter"] == png["letter"]
    assert photo["probability"] == pytest.approx(png["probability"], abs=0.05)


def test_a_damaged_photograph_is_an_error_of_one_line(model, photos, capsys):
    content = heic(photos)
    for n_bytes in (30, len(content) // 2, len(content) - 9):
        (photos / "a.heic").write_bytes(content[:n_bytes])
        assert main(["predict", "photos/a.heic", "--model", model]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_the_extra_the_error_names_it(model, photos, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (photos / "a.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
    assert main(["predict", "photos/a.heic", "--model", model]) == 1
    assert 'pip install "skl_signlang[heic]"' in capsys.readouterr().err
