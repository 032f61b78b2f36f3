"""The command of the playground: this machine only, and one line in the log."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from skl_signlang.cli import main

pytest.importorskip("uvicorn", reason="needs the extra serve")

SECONDS = 120
SMALL = json.dumps({"action": "start", "hidden_layer_sizes": [2]})
TRAIN = json.dumps({"action": "train", "epochs": 100})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_hosts_that_are_not_this_machine_are_refused(host, capsys):
    assert main(["playground", "--host", host, "--port", "0"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "is open to other machines" in err or "is not available" in err


def test_the_missing_extra_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["playground", "--port", "0"]) == 2
    assert 'pip install "skl_signlang[serve]"' in capsys.readouterr().err


@pytest.mark.slow
def test_clients_of_all_kinds_leave_one_line_in_the_log():
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    command = [sys.executable, "-m", "skl_signlang", "playground", "--port", "0"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TF_NUM_INTRAOP_THREADS": "1"},
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("Serving at http://127.0.0.1:"), process.communicate()
        address = line.split()[2]
        with urllib.request.urlopen(address, timeout=SECONDS) as page:
            assert b"playground.js" in page.read()
        place = address.replace("http", "ws") + "/v1/train"
        # one that trains, and one that leaves in the middle of it
        with connect(place) as client:
            client.send(SMALL)
            assert json.loads(client.recv(SECONDS))["epoch"] == 0
            client.send(TRAIN)
        with connect(place) as client:
            client.send(SMALL)
            client.socket.shutdown(socket.SHUT_RDWR)
        # nonsense, much of it, and too much of it at once
        with connect(place) as client:
            for message in ("x", b"\0", "[" * 2000):
                client.send(message)
                assert json.loads(client.recv(SECONDS))["status"] == 400
            client.send("x" * 10_000)
            with pytest.raises(ConnectionClosed) as end:
                client.recv(SECONDS)
            assert end.value.rcvd.code == 1009
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), SECONDS) as raw:
            raw.sendall(b"GET /v1/train HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400 ")
        with connect(place) as client:
            client.send(SMALL)
            assert json.loads(client.recv(SECONDS))["epoch"] == 0
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=SECONDS)
        assert (out, err) == ("", "")
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
