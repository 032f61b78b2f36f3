import base64
import io
import json
import os
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from skl_signlang import _download
from skl_signlang._download import DownloadError, download
from skl_signlang.datasets import load_json
from skl_signlang.datasets.reading import _json, _labeled_images

N_EXAMPLES = int(os.environ.get("SKL_SIGNLANG_FUZZ", "100"))
SILENCE = 20  # seconds, of a server that does not answer

# For localhost, until 2126; made by openssl for this test and worth nothing elsewhere
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZmANEXNwMKEFC8M9
vTrUxgjkPv1Z/HFIO2GNJVd6ldGhRANCAARsP3SZ6N1z0iVpYeUOjWdlVVDPsnd/
NFaSfsRJk5ryn7JRbLy1w/G8fA7vDPb+tXOhkz/5NuDhtNPu7z/JHYzF
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUEGJMAj4UNi6fmCBnaEVvoG8T3s8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA2NDUwMVoYDzIxMjYxMDI4
MDY0NTAxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARsP3SZ6N1z0iVpYeUOjWdlVVDPsnd/NFaSfsRJk5ryn7JRbLy1w/G8
fA7vDPb+tXOhkz/5NuDhtNPu7z/JHYzFo28wbTAdBgNVHQ4EFgQU11DLSqWkgtAA
exivut4LxBdF34YwHwYDVR0jBBgwFoAU11DLSqWkgtAAexivut4LxBdF34YwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIhAIGaFdMi8kbgDiKEKGDN5NdmPP3RozYjGJp12GD4M94uAiBp
SIjtJ1TQXW4t6fUiD8ieqrjA3JDluyslU//Tk7C7qg==
-----END CERTIFICATE-----
"""


def image_file(value=7, size=(5, 4)):
    file = io.BytesIO()
    Image.new("L", size[::-1], value).save(file, "PNG")
    return file.getvalue()


IMAGE = image_file()


class Handler(BaseHTTPRequestHandler):
    """A server with manners of every kind, one for each path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        manner, _, rest = self.path[1:].partition("/")
        with self.server.lock:
            self.server.requests.append(self.path)
        getattr(self, manner)(rest)

    def log_message(self, *args):
        pass

    def answer(self, content, status=200, **headers):
        self.send_response(status)
        headers = {"Content_Length": str(len(content)), **headers}
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def good(self, value):
        self.answer(image_file(int(value.partition("?")[0] or 7)))

    def no_length(self, _):
        self.answer(IMAGE, Content_Length=None)

    def chunked(self, _):
        body = b"".join(b"1\r\n%c\r\n" % byte for byte in IMAGE) + b"0\r\n\r\n"
        self.answer(body, Content_Length=None, Transfer_Encoding="chunked")

    def half_chunked(self, _):
        body = b"%x\r\n" % len(IMAGE) + IMAGE[:30]
        self.answer(body, Content_Length=None, Transfer_Encoding="chunked")

    def negative_chunk(self, size):
        body = b"-%d\r\n" % int(size) + bytes(10**6)
        self.answer(body, Content_Length=None, Transfer_Encoding="chunked")

    def html(self, _):
        self.answer(b"<!doctype html><title>Sign in</title>", Content_Type="image/png")

    def empty(self, _):
        self.answer(b"")

    def half(self, _):
        self.answer(IMAGE[:40], Content_Length=str(len(IMAGE)))

    def packed(self, _):
        self.answer(IMAGE, Content_Encoding="gzip")

    def status(self, status):
        self.answer(b"sorry", status=int(status))

    def busy_once(self, status):
        times = self.server.requests.count(self.path)
        self.answer(IMAGE, status=int(status) if times == 1 else 200)

    def breaks_once(self, _):
        if self.server.requests.count(self.path) > 1:
            self.answer(IMAGE)

    def stall(self, _):
        self.server.over.wait(SILENCE)

    def stall_inside(self, _):
        self.answer(IMAGE[:40], Content_Length=str(len(IMAGE)))
        self.wfile.flush()
        self.server.over.wait(SILENCE)

    def _drip(self, content):
        while not self.server.over.wait(0.02):
            self.wfile.write(content)

    def drip(self, _):
        self.answer(b"", Content_Length="100000")
        self._drip(b"x")

    def drip_header(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._drip(b"x")

    def drip_continue(self, _):
        self._drip(b"HTTP/1.1 100 Continue\r\n\r\n")

    def endless(self, _):
        self.answer(b"", Content_Length=None)
        while not self.server.over.is_set():
            self.wfile.write(bytes(1 << 16))

    def large(self, size):
        self.answer(b"", Content_Length=size)

    def endless_chunk(self, _):
        self.answer(b"-1\r\n", Content_Length=None, Transfer_Encoding="chunked")
        while not self.server.over.is_set():
            self.wfile.write(bytes(1 << 16))

    def junk(self, _):
        self.wfile.write(b"\x16\x03\x01 what?\r\n\r\n")

    def closed(self, _):
        pass

    def to(self, location):
        self.answer(b"", 302, Location=location)

    def back(self, _):
        self.answer(b"", 301, Location="/forth")

    def forth(self, _):
        self.answer(b"", 307, Location="back")

    def on(self, number):
        self.answer(b"", 308, Location=f"/on/{int(number) + 1}")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock, self.over, self.requests = threading.Lock(), threading.Event(), []
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.server_port}"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        serving = {"poll_interval": 0.02}
        self.thread = threading.Thread(target=self.serve_forever, kwargs=serving)
        self.thread.start()

    def handle_error(self, request, client_address):
        """Say nothing where a client has gone."""

    def end(self):
        self.over.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.end()


@pytest.fixture
def write(tmp_path):
    """A function: JSON lines of these contents, labelled A, B, C..."""

    def write(*contents, name="urls.jsonl"):
        path = tmp_path / name
        rows = [
            json.dumps({"content": content, "label": chr(ord("A") + number)})
            for number, content in enumerate(contents)
        ]
        path.write_text("\n".join(rows))
        return path

    return write


@pytest.fixture
def no_network(monkeypatch):
    def refuse(url, **more):
        raise DownloadError("no network in this test")

    monkeypatch.setattr(_json, "download", refuse)


def reasons(bunch):
    return bunch.rejected.reason.tolist()


# Addresses


def test_images_come_in_their_order(server, write):
    path = write(*(f"{server.url}/good/{value}" for value in range(20)))
    bunch = load_json(path, n_jobs=5)
    assert bunch.images[:, 0, 0].tolist() == list(range(20))
    assert bunch.images.shape == (20, 5, 4)
    assert bunch.images.dtype == np.uint8
    assert bunch.target.tolist() == list("ABCDEFGHIJKLMNOPQRST")
    assert bunch.groups is None
    assert "urls.jsonl" in bunch.DESCR


def test_a_repeated_url_is_requested_once(server, write):
    bunch = load_json(write(*[f"{server.url}/good/9"] * 5))
    assert len(bunch.images) == 5
    assert server.requests == ["/good/9"]


@pytest.mark.parametrize(
    "path",
    [
        "good",
        "no_length",
        "chunked",
        "to//good/7",
        "to/good/7?a=b#c",
        "good/7?x= y\xe9",
    ],
)
def test_ways_to_send_a_image(server, path):
    path = path.replace("to/good", "to//good")
    assert download(f"{server.url}/{path}") == IMAGE


@pytest.mark.parametrize(
    "path", ["busy_once/500", "busy_once/503", "busy_once/429", "breaks_once"]
)
def test_what_passes_is_tried_again(server, path):
    assert download(f"{server.url}/{path}", retries=1) == IMAGE
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("path", "reason", "n_requests"),
    [
        ("status/404", "the server answers 404 Not Found$", 1),
        ("status/403", "403 Forbidden", 1),
        ("status/204", "204 No Content", 1),
        ("status/302", "302 Found", 1),
        ("status/799", "799", 2),
        ("status/500", r"answers 500 Internal Server Error \(2 tries\)", 2),
        ("half", r"announced \d+ bytes and sent 40 \(2 tries\)", 2),
        ("half_chunked", "connection was lost, IncompleteRead", 2),
        ("negative_chunk/5", "connection was lost", 2),
        ("negative_chunk/1", "connection was lost|does not end|more than", None),
        ("endless_chunk", "response does not end", 1),
        ("junk", "connection was lost, BadStatusLine", 2),
        ("closed", "connection was lost, RemoteDisconnected", 2),
        ("packed", "sends it as 'gzip'", 1),
        ("endless", "more than 5,000 bytes", 1),
        ("large/5001", "has 5,001 bytes; at most 5,000 are read", 1),
        ("large/" + "9" * 5000, "announced '9999", 2),
        ("large/-5", "announced '-5' bytes", 2),
        ("large/5,7", "announced '5,7' bytes", 2),
        ("back", "redirects form a cycle, back to 'http://.*/back'", 2),
        ("to//to//to//status/404", "404", 4),
        ("on/0", "more than 10 redirects", 11),
        ("to/file:///etc/passwd", "'file:///etc/passwd' is neither http nor https", 1),
        ("to/ftp://127.0.0.1/x", "neither http nor https", 1),
        ("to/data:image/png;base64,AAAA", "neither http nor https", 1),
        ("to/http://[", "redirects to .*Invalid IPv6", 1),
        ("to/http://127.0.0.1:x/", "not a URL", 1),
    ],
)
def test_answers_without_an_image(server, path, reason, n_requests):
    with pytest.raises(DownloadError, match=reason):
        download(f"{server.url}/{path}", timeout=5, retries=1, max_bytes=5000)
    assert n_requests in (None, len(server.requests))


@pytest.mark.parametrize("path", ["stall", "stall_inside"])
def test_silence_ends(server, path):
    start = time.monotonic()
    with pytest.raises(DownloadError, match=r"silent for 0\.5 s"):
        download(f"{server.url}/{path}", timeout=0.5, retries=0)
    assert time.monotonic() - start < SILENCE / 2


@pytest.mark.parametrize("path", ["drip", "drip_header", "drip_continue"])
def test_drops_end(server, path):
    start = time.monotonic()
    with pytest.raises(DownloadError, match=r"more than 1 s, which is 2 \* timeout"):
        download(f"{server.url}/{path}", timeout=0.5, retries=0)
    assert 1 <= time.monotonic() - start < SILENCE / 2


def test_no_wait_beyond_the_time(server, monkeypatch):
    monkeypatch.setattr(_download, "_FIRST_WAIT", 100)
    monkeypatch.setattr(_download, "_LONGEST_WAIT", 100)
    with pytest.raises(DownloadError, match="answers 500"):
        download(f"{server.url}/status/500", timeout=5, retries=5)
    assert len(server.requests) == 1


def test_redirects_share_the_time(server, monkeypatch):
    monkeypatch.setattr(_download, "_MAX_REDIRECTS", 10**6)
    with pytest.raises(DownloadError, match="more than 1 s"):
        download(f"{server.url}/on/0", timeout=0.5, retries=0)


def test_look_up_ends(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: over.wait(SILENCE))
    with pytest.raises(DownloadError, match=r"'a\.example' was not found in time"):
        download("http://a.example/", timeout=0.1, retries=0)
    over.set()


@pytest.mark.parametrize(
    ("number", "n_times"), [(socket.EAI_NONAME, 1), (socket.EAI_AGAIN, 2)]
)
def test_unknown_host(monkeypatch, number, n_times):
    asked = []

    def fail(*args, **more):
        asked.append(args)
        raise socket.gaierror(number, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(DownloadError, match=r"'a\.example' is not found: no such name"):
        download("http://a.example/", timeout=5, retries=1)
    assert len(asked) == n_times


def test_connection_refused():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(DownloadError, match="ConnectionRefusedError"):
            download(url, timeout=5, retries=0)


def test_stop_ends_the_wait(server):
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    start = time.monotonic()
    with pytest.raises(DownloadError, match="stopped"):
        download(f"{server.url}/drip", timeout=60, stop=stop)
    assert time.monotonic() - start < SILENCE


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://", "has no host"),
        ("http:///x", "has no host"),
        ("http://me:secret@127.0.0.1/", "user's name"),
        ("http://127.0.0.1:99999/", "not a URL: Port out of range"),
        ("http://[::1/", "not a URL: Invalid IPv6"),
        ("http://a..b/", "not a URL"),
        (f"http://{'a' * 64}.b/", "not a URL"),
        ("http://127.0.0.1/\n", "cannot be printed"),
        ("http://127.0.0.1/\ud800", "cannot be printed"),
        ("http://127.0.0.1/" + "a" * 9000, "9,017 characters"),
        ("ftp://127.0.0.1/", "neither http nor https"),
    ],
)
def test_invalid_url(url, reason):
    with pytest.raises(DownloadError, match=reason):
        download(url, timeout=1)


@pytest.fixture
def tls_server(tmp_path):
    path = tmp_path / "certificate.pem"
    path.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = Server(context)
    yield server, path
    server.end()


def test_certificates_are_checked(tls_server, monkeypatch):
    server, path = tls_server
    with pytest.raises(DownloadError, match=r"certificate is not valid: self.signed"):
        download(f"{server.url}/good", timeout=5)
    trusting = ssl.create_default_context(cafile=path)
    monkeypatch.setattr(_download, "_tls", lambda: trusting)
    assert download(f"{server.url}/good", timeout=5) == IMAGE


def test_https_from_a_server_that_has_none(server):
    url = server.url.replace("http", "https")
    with pytest.raises(DownloadError, match="connection was lost, SSLError"):
        download(f"{url}/good", timeout=5, retries=0)


def test_proxies_of_the_environment_are_not_asked(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert download(f"{server.url}/good", timeout=5) == IMAGE


# Records of addresses


def test_bad_images_are_reported_in_order(server, write):
    manners = ["html", "good/1", "status/404", "half", "empty", "good/2"]
    path = write(*(f"{server.url}/{manner}" for manner in manners))
    with path.open("a") as file:
        file.write("\n{")
    bunch = load_json(path, retries=0, on_error="report")
    assert bunch.target.tolist() == ["B", "F"]
    assert bunch.rejected.position.tolist() == [f"line {n}" for n in (1, 3, 4, 5, 7)]
    assert set(bunch.rejected.file) == {str(path)}
    expected = ["HTML page", "404", "announced", "0 bytes", "not JSON"]
    for word, reason in zip(expected, reasons(bunch), strict=True):
        assert word in reason
    assert f"{server.url}/status/404" in reasons(bunch)[1]


def test_first_bad_image_is_an_error_and_ends_the_others(server, write):
    drips = [f"{server.url}/drip/{number}" for number in range(40)]
    path = write(f"{server.url}/status/404", *drips)
    start = time.monotonic()
    with pytest.raises(ValueError, match=r"urls.jsonl, line 1: 'http.*404 Not Found\."):
        load_json(path, n_jobs=4)
    assert time.monotonic() - start < SILENCE


def test_not_one_image(server, write):
    path = write(*[f"{server.url}/status/404"] * 3)
    with pytest.raises(ValueError, match=r"none of 3 records.*line 1: .*404"):
        load_json(path, on_error="report")


def test_max_bytes_holds_for_files_and_data_too(server, write, tmp_path):
    (tmp_path / "hand.png").write_bytes(IMAGE)
    data = "data:image/png;base64," + base64.b64encode(IMAGE).decode()
    path = write(f"{server.url}/good", "hand.png", data, f"{server.url}/good/8")
    with pytest.raises(ValueError, match="none of 4 records"):
        load_json(path, max_bytes=20, on_error="report")
    assert len(load_json(path, max_bytes=len(IMAGE)).images) == 4


def test_progress(server, write, capsys):
    path = write(*(f"{server.url}/good/{value}" for value in range(3)))
    load_json(path, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "load_json: 3 of 3\n"
    load_json(path)
    assert capsys.readouterr() == ("", "")


# The cache


def test_cache_keeps_images(server, write, tmp_path):
    path = write(*(f"{server.url}/good/{value}" for value in range(3)))
    first = load_json(path, cache=tmp_path / "a" / "b")
    server.requests.clear()
    second = load_json(path, cache=str(tmp_path / "a" / "b"))
    np.testing.assert_array_equal(first.images, second.images)
    assert server.requests == []
    names = [file.name for file in (tmp_path / "a" / "b").iterdir()]
    assert len(names) == 3
    assert all(len(name) == 64 for name in names)


def test_cache_keeps_nothing_but_images(server, write, tmp_path):
    manners = ["html", "half", "endless", "status/404", "empty"]
    path = write(*(f"{server.url}/{manner}" for manner in manners))
    with pytest.raises(ValueError, match="none of 5"):
        load_json(
            path, cache=tmp_path / "c", retries=0, max_bytes=9999, on_error="report"
        )
    assert list((tmp_path / "c").iterdir()) == []


def test_cached_file_that_went_bad_is_fetched_again(server, write, tmp_path):
    path = write(f"{server.url}/good/3")
    load_json(path, cache=tmp_path / "c")
    [file] = (tmp_path / "c").iterdir()
    good = file.read_bytes()
    file.write_bytes(good[:40])
    assert load_json(path, cache=tmp_path / "c").images[0, 0, 0] == 3
    assert len(server.requests) == 2
    assert file.read_bytes() == good


def test_default_folder_of_the_cache(server, write, tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    path = write(f"{server.url}/good/3")
    load_json(path)
    load_json(path, cache=False)
    assert not (tmp_path / "home").exists()
    load_json(path, cache=True)
    assert len(list((tmp_path / "home" / "skl_signlang" / "images").iterdir())) == 1


def test_cache_must_be_a_folder(write, tmp_path):
    with pytest.raises(ValueError, match=r"cache=.*urls.* is not a folder"):
        load_json(write("a.png"), cache=write("a.png"))


# Files


@pytest.fixture
def files(tmp_path):
    """A folder with an image, and what is outside of it."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(image_file(99))
    (tmp_path / "in" / "a.png").write_bytes(image_file(1))
    (tmp_path / "in" / "deep" / "\xe9 b.png").write_bytes(image_file(2))
    (tmp_path / "in" / "no.png").write_bytes(b"no image")
    (tmp_path / "in" / "link.png").symlink_to("a.png")
    (tmp_path / "in" / "out.png").symlink_to("../secret.png")
    (tmp_path / "in" / "up").symlink_to("..")
    (tmp_path / "in" / "circle.png").symlink_to("circle.png")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    return tmp_path / "in"


@pytest.mark.usefixtures("no_network")
def test_files_below_the_root(write, files):
    contents = [
        "a.png",
        "./deep/../a.png",
        "deep/\xe9 b.png",
        "link.png",
        str(files / "a.png"),
        (files / "deep" / "\xe9 b.png").as_uri(),
        f"file://localhost{files}/a.png",
        "up/in/a.png",
    ]
    path = write(*contents)
    bunch = load_json(path, root=files)
    assert bunch.images[:, 0, 0].tolist() == [1, 1, 2, 1, 1, 2, 1, 1]


@pytest.mark.usefixtures("no_network")
def test_root_is_the_folder_of_the_file(write, files):
    assert load_json(write("in/a.png", "secret.png")).images[:, 0, 0].tolist() == [
        1,
        99,
    ]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("../secret.png", "is outside of the folder .*in; see root"),
        ("deep/../../secret.png", "is outside of the folder"),
        ("/etc/passwd", "is outside of the folder"),
        ("//etc/passwd", "is outside of the folder"),
        ("out.png", "is outside of the folder"),
        ("up/secret.png", "is outside of the folder"),
        ("file:///etc/passwd", "is outside of the folder"),
        ("file:../secret.png", "is outside of the folder"),
        ("file:%2e%2e/secret.png", "is outside of the folder"),
        ("FILE:///etc/passwd", "is outside of the folder"),
        ("file://elsewhere/a.png", "on the host 'elsewhere'"),
        ("absent.png", "no such file"),
        ("~/a.png", "no such file"),
        ("deep", "it is a folder; expected an image file"),
        (".", "it is a folder; expected an image file"),
        ("pipe.png", "it is a named pipe"),
        ("circle.png", "no such file|cannot be read"),
        ("a" * 5000, "no such file|cannot be read"),
        ("a\0.png", "null"),
        ("\ud800.png", ""),
        ("no.png", "not an image that can be read"),
        ("ftp://127.0.0.1/a.png", "ftp: is not read; expected http, https, file"),
        ("gopher:a", "gopher: is not read"),
        ("javascript:alert(1)", "not read"),
        ("data:image/png;base64,A", "not a multiple of four"),
        ("data:text/plain,hello", "not base64"),
        ("http://127.0.0.1/a.png", "no network in this test"),
        ("HTTPS://127.0.0.1/a.png", "no network in this test"),
        ("", "the content is ''; expected a URL or a path"),
        (None, "the content is null"),
        (7, "the content is 7"),
        (["a.png"], "the content is a list"),
    ],
)
def test_what_is_not_read(write, files, content, reason):
    path = write("a.png", content)
    with pytest.raises(ValueError, match=f"urls.jsonl, line 2: .*{reason}"):
        load_json(path, root=files)
    bunch = load_json(path, root=files, on_error="report")
    assert bunch.target.tolist() == ["A"]
    assert bunch.rejected.position.tolist() == ["line 2"]


@pytest.mark.usefixtures("no_network")
def test_list_with_labels_of_any_kind(tmp_path, files):
    path = tmp_path / "list.json"
    rows = [{"label": 3, "content": "in/a.png", "id": 1}]
    path.write_text(json.dumps(rows * 2, indent=1))
    assert load_json(path).target.tolist() == [3, 3]
    path.write_text(json.dumps([*rows, {**rows[0], "label": "3"}]))
    assert load_json(path).target.tolist() == ["3", "3"]
    for row, reason in [
        ({"content": "in/a.png"}, "no 'label'; expected 'content' and 'label'"),
        ({"content": "in/a.png", "label": 1.5}, "the label is 1.5"),
        ("in/a.png", "got 'in/a.png'; expected an object with 'content'"),
    ]:
        path.write_text(json.dumps([*rows, row]))
        with pytest.raises(ValueError, match=f"list.json, item 2: .*{reason}"):
            load_json(path)


@pytest.mark.usefixtures("no_network")
def test_sizes_that_differ(write, files):
    (files / "large.png").write_bytes(image_file(5, (20, 30)))
    path = write("a.png", "link.png", "large.png")
    message = "line 1 has 5 x 4 pixels and line 3 20 x 30 .*pass image_size"
    with pytest.raises(ValueError, match=message):
        load_json(path, root=files)
    assert load_json(path, root=files, image_size=6).images.shape == (3, 6, 6)
    color = load_json(path, root=files, image_size=(6, 7), color=True)
    assert color.images.shape == (3, 6, 7, 3)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("names", [["a.png"] * 3, ["a.png", "link.png", "up/in/a.png"]])
def test_images_that_need_too_much_memory(write, files, monkeypatch, names):
    monkeypatch.setattr(_labeled_images, "MAX_PIXEL_BYTES", 50)
    with pytest.raises(ValueError, match="images need more than 50 bytes; pass a sma"):
        load_json(write(*names), root=files, on_error="report")


@pytest.mark.usefixtures("no_network")
def test_return_X_y(write, files):
    X, y = load_json(write("a.png", "a.png"), root=files, return_X_y=True)
    assert X.shape == (2, 20)
    assert y.tolist() == ["A", "B"]
    with pytest.raises(ValueError, match="exclude each other"):
        load_json(write("a.png"), root=files, return_X_y=True, on_error="report")


@pytest.mark.usefixtures("no_network")
def test_file_of_the_course(shared_data):
    path = shared_data("formats/urls.jsonl")
    with pytest.raises(ValueError, match=r"none of 9.*line 1: .*29_B\.jpg"):
        load_json(path, on_error="report")


def test_no_file_and_no_root(write, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        load_json(tmp_path / "absent.jsonl")
    with pytest.raises(ValueError, match=r"root must be a folder; got .*absent"):
        load_json(write("a.png"), root=tmp_path / "absent")


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_jobs": 0},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"retries": -1},
        {"max_bytes": 0},
        {"cache": 3},
        {"root": 3},
        {"progress": "yes"},
    ],
    ids=str,
)
def test_parameters(write, wrong):
    with pytest.raises(ValueError, match=f"The '{next(iter(wrong))}' parameter"):
        load_json(write("a.png"), **wrong)


# Malformed input of any kind


data_url = "data:image/png;base64," + base64.b64encode(IMAGE).decode()
content = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["a.png", "no.png", "..", "circle.png", data_url, data_url[:50]]),
    st.builds(
        "{}:{}{}".format,
        st.sampled_from(["http", "https", "file", "data", "x-y", "F"]),
        st.sampled_from(["", "/", "//", "///"]),
        st.text("aA./%[]:@\0\ud800\xe9 ", max_size=8),
    ),
)
row = st.one_of(
    st.fixed_dictionaries({"content": content, "label": st.integers(0, 9)}),
    st.dictionaries(st.sampled_from(["content", "label", "x"]), content | st.none()),
    content,
    st.lists(content, max_size=2),
)


@st.composite
def damaged_files(draw):
    rows = draw(st.lists(row, max_size=4))
    as_lines = "\n".join(map(json.dumps, rows))
    text = (as_lines if draw(st.booleans()) else json.dumps(rows)).encode()
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(st.binary(max_size=2)) + text[place:]


@settings(max_examples=N_EXAMPLES)
@pytest.mark.fuzz
@given(text=damaged_files())
def test_any_file_is_read_or_a_value_error(tmp_path_factory, text):
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    (folder / "a.png").write_bytes(IMAGE)
    (folder / "no.png").write_bytes(b"no")
    (folder / "fuzz.json").write_bytes(text)
    try:
        bunch = load_json(
            folder / "fuzz.json", n_jobs=2, retries=0, timeout=0.2, on_error="report"
        )
    except ValueError:
        return
    assert len(bunch.images) == len(bunch.target) > 0


@settings(max_examples=N_EXAMPLES)
@pytest.mark.fuzz
@given(answer=st.binary(max_size=80), rest=st.binary(max_size=20))
def test_any_answer_is_read_or_a_download_error(answer, rest):
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for content in (answer, start[: len(answer)] + rest, start + answer):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(content)
            theirs.shutdown(socket.SHUT_WR)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(_download, "_open", lambda *_, sock=ours: sock)
                try:
                    assert isinstance(download("http://a.example/", retries=0), bytes)
                except DownloadError:
                    continue
