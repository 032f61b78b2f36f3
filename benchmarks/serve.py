"""Requests a second of the server, beside the bare model, and what happens in need.

``python -m benchmarks.serve`` (needs Debian's ``wrk``; about 2 minutes)

The model is `CNNClassifier()` of 24 letters after one pass through a few pictures: what
it reads does not matter here. A request carries one 28x28 PNG as base64, or the pixels
of it. Server and load share the machine's cores, on loopback.
"""

import argparse
import base64
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

from benchmarks._report import print_table, save

CONNECTIONS = (1, 8, 32, 64)
ADDRESS = "/v1/models/letters:predict"
LUA = """
wrk.method = "POST"
wrk.body = [[{body}]]
wrk.headers["Content-Type"] = "application/json"
done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.timeout))
end
"""
ONE_BY_ONE = """
import sys
from skl_signlang.cli import main
from skl_signlang.serving import _micro_batcher
_micro_batcher.MOST_REQUESTS = 1
sys.exit(main(sys.argv[1:]))
"""


def make_model(path):
    """Save a network of the default architecture, as an archive and as ONNX."""
    from skl_signlang import CNNClassifier
    from skl_signlang.datasets import make_fingerspelling
    from skl_signlang.export import export
    from skl_signlang.persistence import save as save_model

    hands = make_fingerspelling(480, random_state=0)
    model = CNNClassifier(epochs=1, random_state=0).fit(hands.images, hands.target)
    save_model(model, path)
    export(model, path.with_suffix(".onnx"), format="onnx")
    return hands.images[0].reshape(28, 28)


def time_bare_model(model, picture, seconds):
    """Call a predictor for one picture file after the other."""
    from skl_signlang.inference import LetterPredictor

    predictor = LetterPredictor(model)
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        predictor.predict(picture)
        times.append(time.perf_counter() - start)
    return summarize(times, sum(times))


def summarize(times, seconds):
    """Give rate and percentiles of some requests."""
    p50, p99 = np.percentile(times, (50, 99)) * 1000
    return {"per_second": len(times) / seconds, "p50_ms": p50, "p99_ms": p99}


class Server:
    """``skl-signlang serve`` in a process of its own, as it is or without batches."""

    def __init__(self, path, *words, program=("-m", "skl_signlang")):
        self.process = subprocess.Popen(
            [sys.executable, *program, "serve", str(path), "--port", "0", *words],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[2]
        self.port = int(self.url.rpartition(":")[2])

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)


def run_wrk(server, script, connections, seconds):
    """Have wrk ask with so many connections for so many seconds."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    run = subprocess.run(
        [*command, "-s", str(script), server.url + ADDRESS],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", run.stdout)
    requests, microseconds, p50, p99, refused, broken = map(int, found.groups())
    return {
        "per_second": requests / microseconds * 1e6,
        "p50_ms": p50 / 1000,
        "p99_ms": p99 / 1000,
        "refused": refused,
        "broken": broken,
    }


def ask(port, body, path=ADDRESS):
    """Send one request; give its status, or None if there was no answer."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(head.encode() + body)
            answer = connection.makefile("rb").read()
        return int(answer.split()[1])
    except ConnectionRefusedError:
        return None
    except (OSError, IndexError):
        return 0


def send_nonsense(port, n):
    """Send bodies that are no requests; count the statuses."""
    random_state = np.random.RandomState(0)
    good = json.dumps({"instances": [[[1, 2], [3, 4]]]}).encode()
    statuses = {}
    for _ in range(n):
        body = bytearray(good if random_state.rand() < 0.5 else random_state.bytes(99))
        body[random_state.randint(len(body))] = random_state.randint(256)
        status = ask(port, bytes(body[: random_state.randint(1, len(body) + 1)]))
        statuses[status] = statuses.get(status, 0) + 1
    return {str(status): n for status, n in sorted(statuses.items())}


def kill_in_mid_load(path, body):
    """Stop a server under load: count requests by what became of them."""
    with Server(path) as server:
        statuses, stop = [], threading.Event()

        def load():
            while not stop.is_set():
                status = ask(server.port, body)
                statuses.append(status)
                if status is None:
                    return

        with ThreadPoolExecutor(16) as pool:
            for _ in range(16):
                pool.submit(load)
            time.sleep(2)
            server.process.send_signal(signal.SIGTERM)
            code = server.process.wait(timeout=60)
            stop.set()
    return {
        "answered": statuses.count(200),
        "connected_and_not_answered": statuses.count(0),
        "refused_after_the_stop": statuses.count(None),
        "exit_status": code,
    }


def hold_slow_clients(port, n):
    """Open connections that send the head of a request and nothing more."""
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(n)]
    for client in clients:
        client.sendall(head)
    return clients


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="of each load")
    seconds = parser.parse_args().seconds
    if not shutil.which("wrk"):
        sys.exit("benchmarks.serve needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        path, script = folder / "letters.signlang", folder / "load.lua"
        pixels = make_model(path)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        text = base64.b64encode(file.getvalue()).decode()
        body = json.dumps({"instances": [{"b64": text}]})
        script.write_text(LUA.replace("{body}", body))
        rows = {}
        for name, served in [("Keras", path), ("ONNX", path.with_suffix(".onnx"))]:
            bare = time_bare_model(served, file.getvalue(), 2)
            rows[f"{name}, bare LetterPredictor"] = bare
            with Server(served) as server:
                run_wrk(server, script, 8, 1)
                for n in CONNECTIONS:
                    found = run_wrk(server, script, n, seconds)
                    rows[f"{name}, {n} connections"] = found
            with Server(served, program=("-c", ONE_BY_ONE)) as server:
                run_wrk(server, script, 8, 1)
                found = run_wrk(server, script, 32, seconds)
                rows[f"{name}, 32 connections, one by one"] = found
        with Server(served) as server:
            nonsense = send_nonsense(server.port, 500)
            slow = hold_slow_clients(server.port, 32)
            found = run_wrk(server, script, 8, seconds)
            rows["ONNX, 8 connections, 32 slow clients"] = found
            for client in slow:
                client.close()
        with Server(served, "--max-in-flight", "32") as server:
            found = run_wrk(server, script, 64, seconds)
            rows["ONNX, 64 connections on 32 places"] = found
        killed = kill_in_mid_load(path, body.encode())
    print_table(
        ["", "requests/s", "p50, ms", "p99, ms", "refused", "broken"],
        [
            [
                name,
                f"{row['per_second']:.0f}",
                f"{row['p50_ms']:.2f}",
                f"{row['p99_ms']:.2f}",
                row.get("refused", ""),
                row.get("broken", ""),
            ]
            for name, row in rows.items()
        ],
    )
    print("malformed bodies, by status:", nonsense)
    print("stop in mid-load:", killed)
    save("serve", {"load": rows, "malformed": nonsense, "stop": killed})


if __name__ == "__main__":
    main()
