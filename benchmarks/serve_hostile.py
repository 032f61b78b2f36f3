"""What honest clients of the server lose to hostile ones.

``python -m benchmarks.serve_hostile`` (about 3 minutes)

Eight honest clients send one 28x28 PNG as base64 after the other, alone and then
beside 16 clients that send the largest bodies that the server takes, over and over;
another asks for ``/healthz``. Server and clients share the cores, so the first
row is what a process takes that computes and sends nothing.
"""

import argparse
import base64
import http.client
import io
import json
import multiprocessing
import os
import socket
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from PIL import Image

from benchmarks._report import print_table, save
from benchmarks.serve import ADDRESS, Server, make_model

HONEST = 8
HOSTILE = 16
NOTHING = "none: a process that computes"
LIMIT = 64 * 784 * 32 + (64 << 10)
"""Bytes of JSON that 64 pictures of 28x28 may have."""


def fill(start, unit, end, size=LIMIT):
    """Repeat a unit until a body has its size."""
    n = (size - len(start) - len(end)) // len(unit)
    return start + unit * n + end


def make_png(side):
    """Write a black picture, which is small as a file and large in memory."""
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    return base64.b64encode(file.getvalue())


def hostile_bodies():
    """Give bodies by what is wrong with them."""
    start, end = b'{"instances":[', b"[]]}"
    number = b"%.28f," % 0.5
    pixels = json.dumps([[[0.5 + i / 7 for i in range(28)]] * 28] * 64)
    text = b'{"instances":[{"b64":"'
    return {
        "lists": fill(start, b"[],", end),
        "objects": fill(start, b"{},", b"{}]}"),
        "nesting": fill(start, b"[", end),
        "numbers": fill(start + b"[", number, b"1]]}"),
        "digits": fill(start, b"7", b"]}"),
        "huge numbers": fill(start + b"[", b"1e999,", b"1]]}"),
        "spaces": fill(start, b" ", b"]}"),
        "keys": fill(b'{"instances":[{', b'"a":1,', b'"b":1}]}'),
        "a text": fill(text, b"A", b'"}]}', 16 << 20),
        "texts": fill(start + b"[", b'"",', b'""]]}'),
        "escapes": fill(text, b"\\u0041", b'"}]}', 16 << 20),
        "invalid UTF-8": fill(text, b"\xff", b'"}]}', 16 << 20),
        "16 MB of lists": fill(start, b"[],", end, 16 << 20),
        "64 good pictures": b'{"instances":' + pixels.encode() + b"}",
        "small, 7000 x 7000 pixels": text + make_png(7000) + b'"}]}',
        "small, 64 pictures": b'{"instances":['
        + b",".join([b'{"b64":"%s"}' % make_png(28)] * 64)
        + b"]}",
    }


def request(body):
    """Write a request."""
    head = f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def ask_honestly(port, body, seconds, answered):
    """Ask from a process of its own, with several connections that stay."""
    end = time.monotonic() + seconds

    def ask():
        n = 0
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            connection.request("POST", ADDRESS, body)
            answer = connection.getresponse()
            answer.read()
            n += answer.status == 200
        connection.close()
        counts.append(n)

    counts = []
    threads = [threading.Thread(target=ask) for _ in range(HONEST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered.put(sum(counts) / seconds)


def attack(port, body, n, seconds, statuses):
    """Send a body over and over, from a process of its own."""
    message, end = request(body), time.monotonic() + seconds
    seen = {}

    def send():
        while time.monotonic() < end:
            status = "none"
            try:
                with socket.create_connection(("127.0.0.1", port), 30) as connection:
                    try:
                        connection.sendall(message)
                    finally:
                        status = connection.recv(4096)[9:12].decode() or "none"
            except OSError:
                pass
            seen[status] = seen.get(status, 0) + 1

    threads = [threading.Thread(target=send) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses.put(seen)


def compute(port, body, n, seconds, statuses):
    """Keep a core busy, and leave the server alone."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    statuses.put({})


def ask_for_health(port, seconds):
    """Give the longest time in which ``/healthz`` answered, in milliseconds."""
    worst, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        worst = max(worst, time.monotonic() - start)
        time.sleep(0.02)
    return worst * 1000


def memory_of(process, field="VmHWM"):
    """Give the most memory that a process had, in megabytes."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith(f"{field}:"))
    return int(found.split()[1]) * 1024 / 1e6


def measure(server, honest, hostile, n, seconds):
    """Run honest clients beside n hostile ones."""
    queue, statuses = multiprocessing.Queue(), multiprocessing.Queue()
    words = (server.port, honest, seconds, queue)
    children = [multiprocessing.Process(target=ask_honestly, args=words)]
    if n:
        words = (server.port, hostile, n, seconds + 1, statuses)
        target = attack if hostile else compute
        children.append(multiprocessing.Process(target=target, args=words))
        children[1].start()
        time.sleep(0.5)
    children[0].start()
    health = ask_for_health(server.port, seconds)
    found = {"per_second": queue.get(timeout=120), "healthz_ms": health}
    if n:
        found["answers"] = statuses.get(timeout=120)
    for child in children:
        child.join()
    return found | {"peak_mb": memory_of(server.process)}


def send_without_end(port, seconds=20):
    """Count the bytes that one chunked request without an end gets rid of."""
    chunk = b"10000\r\n" + b"0" * 65536 + b"\r\n"
    sent, end = 0, time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        head = f"POST {ADDRESS} HTTP/1.1\r\nHost: localhost\r\n"
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            while time.monotonic() < end:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
    return sent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each load")
    parser.add_argument("--only", nargs="*", help="kinds of hostile bodies")
    words = parser.parse_args()
    bodies = {NOTHING: b"", **hostile_bodies()}
    kinds = [NOTHING, *words.only] if words.only else bodies
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "letters.signlang"
        pixels = make_model(path)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        text = base64.b64encode(file.getvalue()).decode()
        honest = json.dumps({"instances": [{"b64": text}]}).encode()
        with Server(path) as server:
            measure(server, honest, b"", 0, 1)
            for kind in kinds:
                alone = measure(server, honest, b"", 0, words.seconds)
                row = measure(server, honest, bodies[kind], HOSTILE, words.seconds)
                row["alone_per_second"] = alone["per_second"]
                row["share"] = row["per_second"] / alone["per_second"]
                rows[kind if kind == NOTHING else f"{HOSTILE}: {kind}"] = row
                print(kind, json.dumps(row), flush=True)
        for kind in ("objects", "a text"):
            with Server(path) as server:
                before = memory_of(server.process)
                row = measure(server, honest, bodies[kind], 100, words.seconds)
                row["grew_mb"] = row["peak_mb"] - before
                row["share"] = row["per_second"] / alone["per_second"]
                rows[f"100: {kind}"] = row
                print(kind, json.dumps(row), flush=True)
        with Server(path) as server:
            sent = send_without_end(server.port)
    print_table(
        ["hostile clients", "honest requests/s", "share", "healthz, ms", "peak, MB"],
        [
            [
                name,
                f"{row['per_second']:.0f}",
                f"{row['share']:.2f}",
                f"{row['healthz_ms']:.0f}",
                f"{row['peak_mb']:.0f}",
            ]
            for name, row in rows.items()
        ],
    )
    print(f"a chunked request without an end got rid of {sent / 1e6:.1f} MB")
    save("serve_hostile", {"load": rows, "sent_without_end": sent})


if __name__ == "__main__":
    main()
