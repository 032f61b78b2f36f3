"""What the command's server does with connections that keep to no rule of HTTP."""

import base64
import http.client
import io
import itertools
import json
import socket
import threading
import time

import numpy as np
import pytest
from PIL import Image

from skl_signlang import DenseClassifier
from skl_signlang.cli import _web_server
from skl_signlang.serving import create_app

uvicorn = pytest.importorskip("uvicorn", reason="needs the extra serve")

SECONDS = 30
WAIT = 1.0
FEW_BYTES = 24 << 20
"""More than the buffers of both ends, far less than what is sent without an end."""
HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST
GOOD = HEALTH + CLOSE + b"\r\n"
POST = b"POST /predict HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def place():
    X = np.full((8, 4, 4), 255, np.uint8)
    model = DenseClassifier(hidden_layer_sizes=(2,), epochs=1, random_state=0).fit(
        X, [*"ABABABAB"]
    )
    app = create_app(model, max_bytes=1 << 20, timeout=WAIT)
    server = uvicorn.Server(_web_server.configure(app, WAIT))
    with socket.create_server(("127.0.0.1", 0)) as bound:
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        yield bound.getsockname()
        server.should_exit = True
        thread.join(SECONDS)
        assert not thread.is_alive()


def talk(place, pieces, pause=0):
    """Send until all is sent or the server closes; give what it answers, and how much
    it took. A server that does neither in time is an error."""
    sent, answer, deadline = 0, b"", time.monotonic() + SECONDS
    with socket.create_connection(place, SECONDS) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                sent += len(piece)
                time.sleep(pause)
                assert time.monotonic() < deadline, f"it took {sent:,} bytes"
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while piece := connection.recv(1 << 16):
                answer += piece
        except ConnectionResetError:
            pass
    return answer, sent


def statuses_of(answer):
    """The statuses of answers without bodies that reload_if_changed like them."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def length(value, body=b""):
    return [POST + b"Content-Length: " + value + b"\r\n\r\n" + body]


def endless(start, piece):
    return itertools.chain([start], itertools.repeat(piece * (1 << 16)))


STRANGE = {
    "no request": ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"], 400),
    "HTTP/2": ([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], 400),
    "another version": ([b"GET / HTTP/3.7\r\n" + HOST + b"\r\n"], 400),
    "HTTP/0.9": ([b"GET /\r\n\r\n"], 400),
    "a small method": ([b"get / HTTP/1.1\r\n" + HOST + b"\r\n"], 400),
    "no host": ([b"GET /healthz HTTP/1.1\r\n" + CLOSE + b"\r\n"], 400),
    "no host, HTTP/1.0": ([b"GET /healthz HTTP/1.0\r\n\r\n"], 400),
    "two hosts": ([HEALTH + b"Host: evil.com\r\n" + CLOSE + b"\r\n"], 400),
    "the same host twice": ([HEALTH + HOST + CLOSE + b"\r\n"], 400),
    "another's URL": ([GOOD.replace(b"/healthz", b"http://evil.com/healthz")], 400),
    "a URL that is none": ([GOOD.replace(b"/healthz", b"http://[::1")], 400),
    "a zero in a header": ([HEALTH + b"X: a\0b\r\n\r\n"], 400),
    "a zero in a name": ([HEALTH + b"X\0: a\r\n\r\n"], 400),
    "a zero in the URL": ([GOOD.replace(b"healthz", b"\0")], 400),
    "a space before the colon": ([HEALTH + b"X : a\r\n\r\n"], 400),
    "a header without colon": ([HEALTH + b"X\r\n\r\n"], 400),
    "a length below 0": (length(b"-1"), 400),
    "a length with a sign": (length(b"+1", b"x"), 400),
    "a length in words": (length(b"one"), 400),
    "a length of many digits": (length(b"9" * 40), 400),
    "a large length": (length(b"%d" % (1 << 62)), 413),
    "two lengths": (length(b"1\r\nContent-Length: 2", b"xx"), 400),
    "a list of lengths": (length(b"1, 1", b"x"), 400),
    "length and chunks": (
        length(b"5\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
        400,
    ),
    "chunks, then length": (
        [CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n"],
        400,
    ),
    "another coding": ([CHUNKED.replace(b"chunked", b"gzip")], 400),
    "a coding after chunks": ([CHUNKED.replace(b"chunked", b"chunked, x")], 400),
    "a coding before chunks": (
        [CHUNKED.replace(b"chunked", b"gzip, chunked"), b"0\r\n\r\n"],
        415,
    ),
    "a chunk of no size": ([CHUNKED, b"zz\r\n"], 400),
    "a chunk below 0": ([CHUNKED, b"-1\r\n"], 400),
    "a chunk of many digits": ([CHUNKED, b"f" * 40 + b"\r\n"], 400),
    "a chunk longer than its size": ([CHUNKED, b"1\r\nxx\r\n"], 400),
    "a body in another coding": (
        [POST + b"Content-Encoding: gzip\r\n" + CLOSE + b"Content-Length: 1\r\n\r\nx"],
        415,
    ),
    "too large to go on": (
        [POST + b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"],
        413,
    ),
    "no body": ([POST + CLOSE + b"\r\n"], 400),
    "nothing on": ([POST, b"Content-Length: 9\r\n\r\nx"], 408),
    "half a head": ([HEALTH], 408),
    "a long line": ([b"GET /" + b"a" * (40 << 10)], 431),
    "many headers": ([HEALTH + b"X: 1\r\n" * 200 + b"\r\n"], 431),
    "a long header": ([HEALTH + b"X: " + b"a" * (40 << 10)], 431),
    "a head in chunks": ([CHUNKED, b"1;" + b"a" * (40 << 10)], 431),
    "many trailers": ([CHUNKED, b"1\r\nx\r\n0\r\n" + b"X: 1\r\n" * 200], 431),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_each_strange_request_has_one_status_and_an_end(kind, place):
    pieces, status = STRANGE[kind]
    answer, _ = talk(place, pieces)
    assert statuses_of(answer) == [status], answer
    assert b'{"error":' in answer
    assert statuses_of(talk(place, [GOOD])[0]) == [200]


UNUSUAL = {
    "HTTP/1.0": ([b"GET /healthz HTTP/1.0\r\n" + HOST + b"\r\n"], [200]),
    "a whole URL": (
        [GOOD.replace(b"/healthz", b"http://127.0.0.1/healthz")],
        [200],
    ),
    "empty lines before": ([b"\r\n\r\n" + GOOD], [200]),
    "HEAD with a body": (
        [HEALTH.replace(b"GET", b"HEAD") + b"Content-Length: 3\r\n\r\nabc" + GOOD],
        [200, 200],
    ),
    "an offer of HTTP/2": (
        [HEALTH + b"Connection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n"],
        [200],
    ),
    "chunks in capitals": (
        [CHUNKED.replace(b"chunked", b"CHUNKED"), b"0\r\n\r\n", GOOD],
        [400, 200],
    ),
    "may it go on": (
        [POST + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", b"x", GOOD],
        [100, 415, 200],
    ),
    "a body without its length": ([POST + b'\r\n{"instances": []}'], [400, 400]),
    "a body without its length, in pieces": ([POST + b"\r\n", b"x=", b"1"], [400, 400]),
    "a request, then none": ([HEALTH + b"\r\n" + b"\x16\x03\x01\r\n"], [200, 400]),
    "a request, then a long head": (
        [HEALTH + b"\r\n" + b"GET /" + b"a" * (80 << 10)],
        [200, 431],
    ),
    "three requests, then chunks of no size": (
        [(HEALTH + b"\r\n") * 3 + CHUNKED + b"zz\r\n"],
        [200, 200, 200, 400],
    ),
    "pipelined": ([HEALTH + b"\r\n"] * 3 + [GOOD], [200] * 4),
    "nothing": ([], []),
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_what_http_allows_is_answered(kind, place):
    pieces, statuses = UNUSUAL[kind]
    assert statuses_of(talk(place, pieces)[0]) == statuses


ENDLESS = {
    "a line": lambda: endless(b"GET /", b"a"),
    "headers": lambda: endless(HEALTH, b"X: 1\r\n"),
    "a header": lambda: endless(HEALTH + b"X: ", b"a"),
    "empty lines": lambda: endless(b"", b"\r\n"),
    "chunks": lambda: endless(CHUNKED, b"4\r\nabcd\r\n"),
    "one chunk": lambda: endless(CHUNKED + b"fffffffffffff\r\n", b"a"),
    "a body": lambda: endless(length(b"9" * 15)[0], b"a"),
    "small chunks": lambda: endless(CHUNKED, b"1;abcdefgh\r\na\r\n"),
    "the size of a chunk": lambda: endless(CHUNKED, b"0"),
    "words of a chunk": lambda: endless(CHUNKED + b"1;", b"a"),
    "trailers": lambda: endless(CHUNKED + b"0\r\n", b"X: 1\r\n"),
    "a trailer": lambda: endless(CHUNKED + b"0\r\nX: ", b"a"),
    "requests": lambda: endless(b"", HEALTH + b"\r\n"),
    "a body nobody wants": lambda: endless(
        HEALTH + b"Transfer-Encoding: chunked\r\n\r\n", b"4\r\nabcd\r\n"
    ),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_has_no_end_is_not_read_on(kind, place):
    _, sent = talk(place, ENDLESS[kind]())
    assert sent < FEW_BYTES
    assert statuses_of(talk(place, [GOOD])[0]) == [200]


@pytest.mark.parametrize("start", [b"GET /", HEALTH, HEALTH + b"X: "])
def test_a_head_that_drips_has_its_time(start, place):
    drops = itertools.chain([start], itertools.repeat(b"a"))
    answer, _ = talk(place, drops, WAIT / 10)
    assert statuses_of(answer) in ([408], [])


def test_bodies_that_drip_have_their_time(place):
    for start in (length(b"999999")[0], CHUNKED + b"ffff\r\n"):
        drops = itertools.chain([start], itertools.repeat(b"a"))
        answer, _ = talk(place, drops, WAIT / 10)
        assert statuses_of(answer) in ([408], [])


def test_whoever_leaves_in_the_middle_leaves_nothing(place):
    for start in (HEALTH, *length(b"999", b"x"), CHUNKED + b"ff\r\nx"):
        for _ in range(20):
            with socket.create_connection(place, SECONDS) as connection:
                connection.sendall(start)
    assert statuses_of(talk(place, [GOOD])[0]) == [200]


def hostile_requests():
    """Large bodies: of lists, of a text, and a small file of many pixels."""
    start, end = b'{"instances":[', b"[]]}"
    file = io.BytesIO()
    Image.new("1", (3000, 3000)).save(file, "PNG")
    image = base64.b64encode(file.getvalue())
    text = b'{"instances":[{"b64":"%s"}]}'
    bodies = start + b"[]," * 30_000 + end, text % (b"A" * 1_000_000), text % image
    head = b"POST /v1/models/model:predict HTTP/1.1\r\n" + HOST
    return [head + b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies]


def test_beside_hostile_clients_honest_ones_come_first(place):
    """One honest client gets on while nine send large bodies, over and over."""
    n_honest, n_hostile, is_over = 30, itertools.count(), threading.Event()

    def attack(message):
        while not is_over.is_set():
            with socket.create_connection(place, SECONDS) as connection:
                try:
                    connection.sendall(message)
                    connection.recv(4096)
                except OSError:
                    pass
            next(n_hostile)

    messages = 3 * hostile_requests()
    threads = [threading.Thread(target=attack, args=[one]) for one in messages]
    for thread in threads:
        thread.start()
    connection = http.client.HTTPConnection(*place, timeout=SECONDS)
    body = json.dumps({"instances": [[[0] * 4] * 4]})
    statuses = set()
    try:
        for i in range(n_honest):
            what = ("GET", "/healthz")
            if i % 3:
                what = ("POST", "/v1/models/model:predict", body)
            connection.request(*what)
            answer = connection.getresponse()
            answer.read()
            statuses.add(answer.status)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
        connection.close()
    assert statuses == {200}
    # one after the other, as they come, it would be 9 to 1
    assert next(n_hostile) < 4 * n_honest
