"""The server as a process: its start, its stop, its model's file, its page."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from forks import LIMIT

from skl_signlang import DenseClassifier
from skl_signlang.cli import _serve, main
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.persistence import save

pytestmark = pytest.mark.slow

pytest.importorskip("uvicorn", reason="needs the extra serve")

SECONDS = 60


def fit(letters):
    """A model of two letters: dark images and bright ones."""
    X = np.zeros((40, 28, 28), np.uint8)
    X[20:] = 255
    model = DenseClassifier(hidden_layer_sizes=(8,), epochs=20, random_state=0)
    return model.fit(X, np.repeat([*letters], 20))


@pytest.fixture(scope="module")
def models():
    """Two models that give the same images other names."""
    return fit("AB"), fit("XY")


@pytest.fixture(scope="module")
def path(models, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "two letters.signlang"
    save(models[0], path)
    return path


class Server:
    """A server in a process of its own."""

    def __init__(self, *words, folder=None):
        command = [sys.executable, "-m", "skl_signlang", "serve"]
        environment = os.environ | {"TF_NUM_INTRAOP_THREADS": "1"}
        self.process = subprocess.Popen(
            [*command, "--port", "0", *map(str, words)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        line = self.process.stdout.readline()
        assert line.startswith("Serving at "), self.process.communicate(timeout=LIMIT)
        self.address = line.split()[2]
        host, _, port = self.address.partition("//")[2].partition(":")
        self.place = host, int(port)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.communicate(timeout=SECONDS)

    def ask(self, path="/predict", body=None, **headers):
        request = urllib.request.Request(self.address + path, body, headers)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)

    def row(self):
        body = json.dumps({"instances": [np.full((28, 28), 255).tolist()]}).encode()
        return self.ask("/v1/models/two%20letters:predict", body)["predictions"][0]


@pytest.fixture(scope="module")
def server(path):
    server = Server(path, "--timeout", "4")
    yield server
    server.stop(signal.SIGKILL)


def test_slow_clients_are_told_so_and_keep_nobody_waiting(server):
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    slow = [socket.create_connection(server.place) for _ in range(2)]
    for connection in slow:
        connection.sendall(head)
    assert len(server.row()) == 2
    for connection in slow:
        connection.settimeout(SECONDS)
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
        connection.close()


def test_a_new_file_loses_no_request(server, models, path):
    stop, rows = threading.Event(), []

    def load():
        while not stop.is_set():
            rows.append(server.row())

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(load) for _ in range(4)]
        save(models[1], path)
        version = "1"
        deadline = time.monotonic() + SECONDS
        while version != "2" and time.monotonic() < deadline:
            status = server.ask("/v1/models/two%20letters")
            version = status["model_version_status"][0]["version"]
            time.sleep(0.1)
        stop.set()
        for client in clients:
            client.result()
    assert version == "2"
    classes = server.ask("/v1/models/two%20letters/metadata")["metadata"]["classes"]
    assert classes == ["X", "Y"]
    assert len(rows) > 4
    assert all(len(row) == 2 and row[1] > row[0] for row in rows)


def test_what_was_accepted_before_a_stop_is_answered(server):
    """The end of the server that the tests above share: it stops well, and quietly."""
    body = json.dumps({"instances": [np.zeros((28, 28), int).tolist()]}).encode()
    with socket.create_connection(server.place, timeout=SECONDS) as connection:
        head = "POST /v1/models/two%20letters:predict HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[:100])
        while b"in_flight 1.0" not in metrics_of(server):
            time.sleep(0.05)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(server.place)
        connection.sendall(body[100:])
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'{"predictions":[[' in answer
    out, err = server.process.communicate(timeout=SECONDS)
    assert (server.process.returncode, out, err) == (0, "", "")


def metrics_of(server):
    with urllib.request.urlopen(f"{server.address}/metrics", timeout=SECONDS) as page:
        return page.read()


def hand_of(letter):
    hands = make_fingerspelling(4, letters=letter, image_size=64, random_state=0)
    return hands.images[0]


def test_a_key_a_certificate_and_ctrl_c_with_the_packages_reader(tmp_path):
    if subprocess.run(["openssl", "version"], capture_output=True).returncode:
        pytest.skip("needs openssl, to make a certificate")
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(["openssl", *words.split(), *files], check=True, capture_output=True)
    server = Server(
        *("--api-key", "open sesame"),
        *("--ssl-certfile", files[3], "--ssl-keyfile", files[1]),
        folder=tmp_path,
    )
    try:
        assert server.address.startswith("https://127.0.0.1:")
        trust = ssl.create_default_context(cafile=files[3])
        trust.check_hostname = False
        request = urllib.request.Request(f"{server.address}/v1/models/letters")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(request, context=trust, timeout=SECONDS)
        request.add_header("X-API-Key", "open sesame")
        with urllib.request.urlopen(request, context=trust, timeout=SECONDS) as answer:
            assert answer.status == 200
        request = urllib.request.Request(
            f"{server.address}/v1/models/letters:predict",
            json.dumps({"instances": [hand_of("B").tolist()]}).encode(),
            {"Authorization": "Bearer open sesame"},
        )
        with urllib.request.urlopen(request, context=trust, timeout=SECONDS) as answer:
            (row,) = json.load(answer)["predictions"]
        assert len(row) == 24
        assert np.argmax(row) == 1
        out, err = server.stop(signal.SIGINT)
        assert (out, err.count("\n")) == ("", 1)
        assert err.startswith("skl-signlang: model: letters")
        assert server.process.returncode == 0
    finally:
        server.stop(signal.SIGKILL)


@pytest.mark.parametrize("runs", [[], ["2026-01-01", "2026-01-02"]])
def test_without_a_name_no_run_is_served(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i, run in enumerate(runs):
        file = tmp_path / "runs" / run / "model.signlang"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
        os.utime(file, (i, i))
    served = []
    monkeypatch.setattr(_serve, "create_app", lambda model, **_: served.append(model))
    monkeypatch.setattr(_serve, "run_server", lambda *_, **__: None)
    assert main(["serve", "--port", "0"]) == 0
    assert str(served[0]).endswith("letters/letters.signlang")
    assert main(["serve", "latest", "--port", "0"]) == (0 if runs else 2)
    assert not runs or str(served[1]) == f"runs/{runs[-1]}/model.signlang"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["none.signlang"], "There is no file none.signlang."),
        (["--host", "256.0.0.1"], "is not available"),
        (["--host", "0.0.0.0"], "--allowed-host NAME"),
        (["--ssl-keyfile", "key.pem"], "needs --ssl-certfile"),
        (["--ssl-certfile", "none.pem"], "There is no file none.pem."),
        (["--ssl-certfile", "text.pem"], "in PEM form"),
        (["--timeout", "-1"], "timeout must be positive"),
        (["--rejection-threshold", "2"], "--rejection-threshold must be"),
        (["--api-key", ""], "not empty"),
    ],
)
def test_what_cannot_be_served_is_told_in_a_line(
    words, reason, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.pem").write_text("not a certificate")
    model = [] if words[0].endswith(".signlang") else ["none.signlang"]
    assert main(["serve", *model, *words, *(["--port", "0"])]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("skl-signlang: error: ")
    assert reason in line


def test_a_port_in_use_is_told(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "none.signlang", "--port", port]) == 2
    assert f"127.0.0.1:{port} is not available" in capsys.readouterr().err
