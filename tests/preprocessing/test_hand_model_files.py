"""Where the models of hands come from; no model and no network is needed."""

import hashlib
import io
import os
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from skl_signlang.preprocessing import _hand_model_files
from skl_signlang.preprocessing._hand_model_files import (
    FILES,
    LANDMARK_MODELS,
    find_model,
    find_palm_model,
)

SHIPPED = dict(FILES)
CONTENTS = {name: f"TFL3 {name}".encode() * 1000 for name in FILES}


@pytest.fixture(autouse=True)
def hashes(monkeypatch):
    """The models of these tests, and nothing remembered of others."""
    hashes = {name: hashlib.sha256(CONTENTS[name]).hexdigest() for name in CONTENTS}
    files = {
        name: known._replace(sha256=hashes[name]) for name, known in SHIPPED.items()
    }
    monkeypatch.setattr(_hand_model_files, "FILES", files)
    monkeypatch.setattr(_hand_model_files, "_contents", {})
    _hand_model_files._identify.cache_clear()
    yield hashes
    _hand_model_files._identify.cache_clear()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(home):
    folder = home / "hand_landmarks"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def server(monkeypatch):
    """Two sources on this machine: their answers, and what they were asked for."""
    answers, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            content, length = answers.get(self.path, (None, 0))
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    url = f"http://127.0.0.1:{http.server_port}"
    files = {
        name: known._replace(
            sources=tuple(f"{url}/{source}/{known.file}" for source in ("one", "two"))
        )
        for name, known in _hand_model_files.FILES.items()
    }
    monkeypatch.setattr(_hand_model_files, "FILES", files)
    yield answers, asked
    http.shutdown()
    http.server_close()
    thread.join()


def published(name, content):
    """Return what a source sends: the file, or a wheel that holds it."""
    if FILES[name].member is None:
        return content
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(FILES[name].member, content)
    return wheel.getvalue()


def whole(content):
    return content, len(content)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(url, file, *, max_bytes):
        raise OSError("no network")

    monkeypatch.setattr(_hand_model_files, "fetch", refuse)


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", FILES)
def test_a_model_is_downloaded_once(server, home, monkeypatch, name):
    answers, asked = server
    file = FILES[name].file
    answers[f"/one/{file}"] = whole(published(name, CONTENTS[name]))
    for _ in range(2):
        assert find_model(name) == (name, CONTENTS[name])
        monkeypatch.setattr(_hand_model_files, "_contents", {})
    assert asked == [f"/one/{file}"]
    assert files_in(home) == [file]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "404"),
        (whole(b"another file"), "its SHA-256 is"),
        ((CONTENTS["full"][:-9], len(CONTENTS["full"])), "IncompleteRead"),
        (whole(bytes(9 + (1 << 20))), "more than 1,048,576 bytes"),
    ],
    ids=["absent", "another file", "half a file", "too long"],
)
def test_second_source_where_the_first_is_bad(
    server, home, monkeypatch, answer, reason
):
    monkeypatch.setattr(_hand_model_files, "_MAX_BYTES", 1 << 20)
    answers, _ = server
    if answer is not None:
        answers["/one/hand_landmark_full.tflite"] = answer
    with pytest.raises(FileNotFoundError) as error:
        find_model("full")
    told = str(error.value)
    assert f"hand_landmark_full.tflite is not in {home / 'hand_landmarks'}" in told
    assert "npm package @mediapipe/hands@0.4.1675469240" in told
    assert reason in told
    assert files_in(home) == []
    answers["/two/hand_landmark_full.tflite"] = whole(CONTENTS["full"])
    assert find_model("full")[1] == CONTENTS["full"]
    assert files_in(home) == ["hand_landmark_full.tflite"]


def test_offline_the_error_says_which_file_to_put_where(home, hashes, no_network):
    with pytest.raises(FileNotFoundError, match="could not be downloaded") as error:
        find_model("lite")
    told = str(error.value)
    for part in (str(home), "hand_landmark_lite.tflite", hashes["lite"], "no network"):
        assert part in told
    assert "HandLandmarks(model=PATH)" in told


def test_a_file_that_the_user_put_there_needs_no_network(folder, no_network):
    (folder / FILES["full"].file).write_bytes(CONTENTS["full"])
    assert find_model("full") == ("full", CONTENTS["full"])


@pytest.mark.parametrize("as_path", [str, os.fspath, lambda path: path])
@pytest.mark.parametrize("name", FILES)
def test_a_path_tells_which_model_it_is(tmp_path, no_network, as_path, name):
    path = tmp_path / "any name"
    path.write_bytes(CONTENTS[name])
    assert find_model(as_path(path)) == (name, CONTENTS[name])


def test_a_path_whose_file_changes_is_looked_at_again(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(CONTENTS["full"])
    assert find_model(path)[0] == "full"
    path.write_bytes(CONTENTS["lite"])
    os.utime(path, (1, 1))
    assert find_model(path)[0] == "lite"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="is damaged"):
        find_model(path)


DAMAGED = {
    "empty": b"",
    "shortened": CONTENTS["full"][:-1],
    "changed": b"x" + CONTENTS["full"][1:],
    "another model": b"TFL3" + bytes(100),
    "long": bytes((16 << 20) + 1),
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("place", ["path", "data home"])
def test_damaged_and_other_files_are_neither_used_nor_replaced(
    server, folder, place, damage
):
    path = folder / FILES["full"].file
    path.write_bytes(DAMAGED[damage])
    with pytest.raises(ValueError, match=r"its SHA-256 is .* expected") as error:
        find_model("full" if place == "data home" else path)
    assert str(path) in str(error.value)
    assert "or is damaged" in str(error.value)
    assert path.read_bytes() == DAMAGED[damage]
    assert server[1] == []


def test_the_other_model_in_its_place_is_refused(folder):
    (folder / FILES["full"].file).write_bytes(CONTENTS["lite"])
    with pytest.raises(ValueError, match="Move it away"):
        find_model("full")


@pytest.mark.parametrize("model", ["fulll", "/no/such/folder/x.tflite"])
def test_no_such_file(model):
    with pytest.raises(FileNotFoundError, match="model must be 'full', 'lite' or the"):
        find_model(model)


def test_a_folder_is_no_model(tmp_path):
    with pytest.raises(ValueError, match="is a folder; expected a model"):
        find_model(tmp_path)


@pytest.mark.parametrize("name", LANDMARK_MODELS)
def test_sources_are_pinned_and_encrypted(name):
    assert len(SHIPPED[name].sources) > 1
    for source in SHIPPED[name].sources:
        assert source.startswith("https://")
        assert source.endswith(f"/@mediapipe/hands@0.4.1675469240/{SHIPPED[name].file}")


def test_the_palm_model_is_in_one_wheel():
    (source,) = SHIPPED["palm"].sources
    assert source.startswith("https://files.pythonhosted.org/packages/")
    assert "/mediapipe-0.10.9-" in source


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"no wheel", "it is not a wheel with"),
        (published("palm", b"another"), "its SHA-256 is"),
        (published("palm", b"")[:-9], "it is not a wheel with"),
    ],
    ids=["no zip", "another file", "half a wheel"],
)
def test_bad_wheels_are_refused(server, home, answer, reason):
    answers, _ = server
    file = FILES["palm"].file
    answers[f"/one/{file}"] = answers[f"/two/{file}"] = whole(answer)
    with pytest.raises(FileNotFoundError, match=r"wheel mediapipe-0\.10\.9") as error:
        find_model("palm")
    assert reason in str(error.value)
    assert "HandLandmarks(model=PATH)" not in str(error.value)
    assert files_in(home) == []


def test_the_palm_model_may_lie_beside_the_landmark_model(tmp_path, no_network):
    path = tmp_path / FILES["full"].file
    path.write_bytes(CONTENTS["full"])
    with pytest.raises(FileNotFoundError, match=FILES["palm"].file):
        find_palm_model(path)
    (tmp_path / FILES["palm"].file).write_bytes(CONTENTS["palm"])
    assert find_palm_model(path) == ("palm", CONTENTS["palm"])
