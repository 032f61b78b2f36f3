import hashlib
import io
import os
import shutil
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from skl_signlang import _fetch
from skl_signlang.datasets import fetch_sign_mnist, load_sign_mnist
from skl_signlang.datasets.reading import _fetch_sign_mnist

NAMES = {"train": "sign_mnist_train.csv", "test": "sign_mnist_test.csv"}
HEADER = ",".join(["label", *(f"pixel{i}" for i in range(1, 785))])


def make_file(n, seed):
    pixels = np.random.RandomState(seed).randint(0, 256, (n, 784))
    rows = [",".join(map(str, [seed, *row])) for row in pixels.tolist()]
    return "\n".join([HEADER, *rows, ""]).encode()


CONTENTS = {"train": make_file(5, 1), "test": make_file(3, 2)}


def make_zip(contents, folder=""):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("amer_sign2.png", b"png")
        for part, content in contents.items():
            archive.writestr(f"{folder}{NAMES[part]}", content)
    return file.getvalue()


def spoil(content, start=1000):
    return content[:start] + bytes(9) + content[start + 9 :]


class Server:
    """A server on this machine, its answers, and what it was asked for."""

    def __init__(self):
        self.answers, self.asked = {}, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                server.answers.get(self.path, not_found)(self)

            def log_message(self, *arguments):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.over = threading.Event()
        self.url = f"http://127.0.0.1:{self.http.server_port}"


def not_found(handler):
    handler.send_error(404)


def whole(content):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def half(content):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2])

    return answer


def silent(handler):
    handler.server.over.wait(60)


def to(url):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.end_headers()

    return answer


@pytest.fixture
def server(monkeypatch):
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.01,))
    thread.start()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    sources = [
        dict.fromkeys(NAMES, f"{server.url}/zip"),
        {part: f"{server.url}/csv/{NAMES[part]}" for part in NAMES},
    ]
    monkeypatch.setattr(_fetch_sign_mnist, "_SOURCES", sources)
    monkeypatch.setattr(_fetch, "_TIMEOUT", (10, 1))
    yield server
    server.http.over.set()
    server.http.shutdown()
    server.http.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def hashes(monkeypatch):
    hashes = {part: hashlib.sha256(CONTENTS[part]).hexdigest() for part in CONTENTS}
    monkeypatch.setattr(_fetch_sign_mnist, "_SHA256", hashes)
    return hashes


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def folder(home):
    folder = home / "sign_language_mnist"
    folder.mkdir(parents=True)
    return folder


def list_files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def check(bunch, *parts):
    tables = [CONTENTS[part].decode().split()[1:] for part in parts]
    rows = [row.split(",") for table in tables for row in table]
    np.testing.assert_array_equal(bunch.data, np.array(rows, int)[:, 1:])
    assert bunch.target.tolist() == [" BC"[int(row[0])] for row in rows]
    assert bunch.images.shape == (len(rows), 28, 28)
    assert "near-duplicate" in bunch.DESCR


def test_zip_is_downloaded_once_for_both_files(server, home):
    server.answers["/zip"] = whole(make_zip(CONTENTS, "nested/"))
    check(fetch_sign_mnist(), "train")
    check(fetch_sign_mnist(subset="test"), "test")
    check(fetch_sign_mnist(subset="all", download_if_missing=False), "train", "test")
    assert server.asked == ["/zip"]
    assert list_files(home) == sorted(NAMES.values())


def test_X_and_y(server, home):
    server.answers["/zip"] = whole(make_zip(CONTENTS))
    X, y = fetch_sign_mnist(subset="all", return_X_y=True)
    bunch = fetch_sign_mnist(subset="all")
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)


def test_data_home(server, home, tmp_path):
    server.answers["/zip"] = whole(make_zip(CONTENTS))
    fetch_sign_mnist(data_home=tmp_path / "elsewhere")
    assert list_files(tmp_path / "elsewhere" / "sign_language_mnist")
    assert not home.exists()


def test_redirect_is_followed(server, home):
    server.answers["/zip"] = to("/signed?key=1")
    server.answers["/signed?key=1"] = whole(make_zip(CONTENTS))
    check(fetch_sign_mnist(), "train")


WRONG = {
    "404": (not_found, "404"),
    "half a file": (half(make_zip(CONTENTS)), "IncompleteRead"),
    "silent": (silent, "timed out"),
    "a page": (whole(b"<html>Sign in</html>"), "its SHA-256 is"),
    "another zip": (whole(make_zip({})), "the zip holds no sign_mnist_train.csv"),
    "another file": (whole(make_zip({"train": b"x"})), "its SHA-256 is"),
    "a damaged zip": (whole(spoil(make_zip(CONTENTS))), "cannot be read as a zip"),
    "no server": (to("http://127.0.0.1:9/"), "refused"),
    "round in circles": (to("/zip"), "redirects"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_second_source_where_the_first_is_bad(server, home, wrong):
    server.answers["/zip"] = WRONG[wrong][0]
    server.answers["/csv/sign_mnist_train.csv"] = whole(CONTENTS["train"])
    check(fetch_sign_mnist(), "train")
    assert server.asked[-1] == "/csv/sign_mnist_train.csv"
    assert list_files(home) == ["sign_mnist_train.csv"]


@pytest.mark.parametrize("wrong", WRONG)
def test_error_says_what_each_source_answered(server, home, wrong):
    server.answers["/zip"], reason = WRONG[wrong]
    server.answers["/csv/sign_mnist_train.csv"] = whole(CONTENTS["train"][:-9])
    with pytest.raises(OSError, match="was not downloaded") as error:
        fetch_sign_mnist()
    told = str(error.value)
    assert "Download the zip from https://www.kaggle.com/datasets/datamunge/" in told
    assert f"put it, or the sign_mnist_train.csv that it holds, into {home}" in told
    assert f"{server.url}/zip: " in told
    assert reason in told
    assert f"{server.url}/csv/sign_mnist_train.csv: its SHA-256 is" in told
    assert list_files(home) == []


@pytest.mark.parametrize("damage", ["another file", "wrong bytes"])
def test_damaged_file_that_nobody_asked_for(server, home, damage):
    content = make_zip({**CONTENTS, "test": b"x"})
    if damage == "wrong bytes":
        content = make_zip(CONTENTS)
        content = spoil(content, content.index(b"sign_mnist_test.csv") + 1000)
    server.answers["/zip"] = whole(content)
    check(fetch_sign_mnist(), "train")
    assert list_files(home) == ["sign_mnist_train.csv"]


@pytest.mark.parametrize(
    "limit", [(_fetch_sign_mnist, "_MAX_BYTES", 9), (_fetch, "_MAX_SECONDS", -1)]
)
def test_file_that_does_not_end(server, home, monkeypatch, limit):
    monkeypatch.setattr(*limit)
    server.answers["/zip"] = whole(make_zip(CONTENTS))
    with pytest.raises(OSError, match=r"/zip: it (has|took) more than"):
        fetch_sign_mnist()
    assert list_files(home) == []


def test_bomb(server, home, monkeypatch):
    content = make_zip({"train": bytes(5_000_000)})
    monkeypatch.setattr(_fetch_sign_mnist, "_MAX_BYTES", 1_000_000)
    server.answers["/zip"] = whole(content)
    with pytest.raises(OSError, match="/zip: it has more than 1,000,000 bytes"):
        fetch_sign_mnist()


@pytest.mark.parametrize("block_bytes", [1, 2, 1 << 20])
@pytest.mark.parametrize("nested", ["", "sign_mnist_train/", "a/b/"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_file_that_the_user_put_there(folder, nested, end, block_bytes, monkeypatch):
    monkeypatch.setattr(_fetch_sign_mnist, "_BLOCK_BYTES", block_bytes)
    path = folder / nested / NAMES["train"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENTS["train"].replace(b"\n", end))
    check(fetch_sign_mnist(download_if_missing=False), "train")


def test_zip_that_the_user_put_there(folder):
    (folder / "archive (1).zip").write_bytes(make_zip(CONTENTS))
    (folder / "a.zip").write_bytes(make_zip({"train": b"another"}))
    (folder / "b.zip").write_bytes(b"no zip")
    bunch = fetch_sign_mnist(subset="all", download_if_missing=False)
    check(bunch, "train", "test")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
@pytest.mark.parametrize("name", [NAMES["train"], "a.zip"])
def test_a_pipe_is_not_waited_for(folder, name):
    os.mkfifo(folder / name)
    with pytest.raises(OSError, match=r"sign_mnist_train\.csv is"):
        fetch_sign_mnist(download_if_missing=False)


def test_what_is_packed_as_nothing_packs_is_not_unpacked(folder, monkeypatch):
    monkeypatch.setattr(_fetch_sign_mnist, "_MAX_BYTES", 1_000_000)
    (folder / "a.zip").write_bytes(make_zip({"train": bytes(5_000_000)}))
    with pytest.raises(OSError, match="it has more than 1,000,000 bytes"):
        fetch_sign_mnist(download_if_missing=False)


@pytest.mark.parametrize("download", [False, True])
def test_other_file_in_its_place_is_neither_read_nor_replaced(server, folder, download):
    (folder / NAMES["train"]).write_bytes(CONTENTS["train"][:-9])
    with pytest.raises(OSError, match=r"another or a damaged file\. Move it"):
        fetch_sign_mnist(download_if_missing=download)
    assert (folder / NAMES["train"]).read_bytes() == CONTENTS["train"][:-9]
    assert server.asked == []


def test_no_download(server, folder):
    (folder / "a.zip").write_bytes(make_zip({"train": b"another"}))
    with pytest.raises(OSError, match="download_if_missing=False") as error:
        fetch_sign_mnist(download_if_missing=False)
    assert "a.zip is another file, of SHA-256" in str(error.value)
    assert server.asked == []


@pytest.mark.parametrize(
    "wrong", [{"subset": "valid"}, {"data_home": 3}, {"return_X_y": "yes"}]
)
def test_wrong_parameters(wrong):
    with pytest.raises(ValueError, match=f"The '{next(iter(wrong))}' parameter"):
        fetch_sign_mnist(**wrong)


def test_sources_are_pinned_and_encrypted():
    for source in _fetch_sign_mnist._SOURCES:
        assert source.keys() == NAMES.keys()
        assert all(url.startswith("https://") for url in source.values())


def test_the_real_zip(shared_data, folder, monkeypatch):
    monkeypatch.undo()
    path = shared_data("sign-language-mnist.zip")
    shutil.copy(path, folder)
    home = folder.parent
    bunch = fetch_sign_mnist(subset="test", data_home=home, download_if_missing=False)
    expected = load_sign_mnist(path, subset="test")
    np.testing.assert_array_equal(bunch.data, expected.data)
    np.testing.assert_array_equal(bunch.target, expected.target)
