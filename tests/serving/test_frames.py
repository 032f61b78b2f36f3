"""The WebSocket of frames: its text, its limits, and attacks on it."""

import asyncio
import base64
import io
import json
import signal
import socket
import struct
import time
from contextlib import contextmanager, suppress
from unittest import mock

import numpy as np
import pytest
from forks import COMMAND
from PIL import Image
from signed_frames import RATE, draw_frame, signs_of

from skl_signlang.persistence import save
from skl_signlang.pretrained import load_pretrained
from skl_signlang.serving import _frames, _routes, _served_model, create_app

testclient = pytest.importorskip("starlette.testclient", reason="needs the extra serve")

PLACE = "/v1/spell"
HOST = {"host": "localhost"}


@pytest.fixture(scope="module")
def model():
    return load_pretrained("letters")


@pytest.fixture
def app(model):
    return create_app(model)


@pytest.fixture
def client(app):
    with testclient.TestClient(app, base_url="http://localhost") as client:
        yield client


@pytest.fixture(autouse=True)
def any_rate(monkeypatch):
    """Tests send frames faster than cameras."""
    monkeypatch.setattr(_frames, "MESSAGES_A_SECOND", 1000)


def encode(pixels, format="PNG"):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format)
    return file.getvalue()


def pack(sign, time):
    """A message: the time and the image of a frame."""
    return struct.pack("<d", time) + encode(draw_frame(sign))


def frames_of(word, start=0.0):
    return [pack(sign, start + i / RATE) for i, sign in enumerate(signs_of(word))]


@contextmanager
def connected(app, **options):
    with (
        testclient.TestClient(app, base_url="http://localhost") as client,
        client.websocket_connect(PLACE, **options) as socket,
    ):
        yield socket


def ask(socket, message):
    socket.send_bytes(message)
    return socket.receive_json()


# --- text -----------------------------------------------------------------------------


def test_letters_are_provisional_and_then_settle(client, model):
    with client.websocket_connect(PLACE) as socket:
        hello = socket.receive_json()
        assert hello["model"] == "model"
        assert hello["classes"] == [*model.classes_]
        assert (hello["follows_hand"], hello["has_words"]) == (True, False)
        answers = [ask(socket, frame) for frame in frames_of("LAB")]
    texts = [one["settled"] + one["provisional"] for one in answers]
    assert texts[-1] == "LAB"
    assert [*dict.fromkeys(texts)] == ["", "L", "LA", "LAB"]
    # written within 0.4 s, settled within 0.7 s after the hold begins
    assert answers[6]["provisional"] == "L"
    assert answers[11]["settled"] == "L"
    held = answers[5]
    assert held["letter"] == held["top"][0]["letter"] == "L"
    assert 0.5 < held["probability"] <= 1
    assert np.shape(held["hand"]) == (21, 2)
    assert all(one["n_skipped"] == 0 for one in answers)
    assert answers[3]["time"] == 3 / RATE


def test_the_text_is_edited(client):
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        for frame in frames_of("LA"):
            ask(socket, frame)
        socket.send_json({"action": "delete", "epoch": 1})
        answer = socket.receive_json()
        assert (answer["settled"], answer["n_settled"], answer["epoch"]) == ("L", 1, 1)
        socket.send_json({"action": "end", "epoch": 2})
        assert socket.receive_json()["settled"] == "L"
        socket.send_json({"action": "clear", "epoch": 3})
        answer = socket.receive_json()
        assert (answer["settled"], answer["n_settled"], answer["epoch"]) == ("", 0, 3)
        # any time is good after that
        assert ask(socket, pack("A", 0.0))["epoch"] == 3


def test_words_are_suggested_and_corrected(model):
    app = create_app(model, words=["BALL", "LABEL", "ABLE"])
    with connected(app) as socket:
        assert socket.receive_json()["has_words"]
        answers = [ask(socket, frame) for frame in frames_of("BAL")]
        assert answers[-1]["provisional"] == "BAL"
        assert answers[-1]["settled"] == ""
        assert "BALL" in [word for word, _ in answers[-1]["candidates"]]
        socket.send_json({"action": "end"})
        assert socket.receive_json()["settled"] in ("BALL", "BAL")


def test_connections_have_texts_of_their_own(client):
    with (
        client.websocket_connect(PLACE) as one,
        client.websocket_connect(PLACE) as other,
    ):
        one.receive_json(), other.receive_json()
        for first, second in zip(frames_of("AB"), frames_of("LE"), strict=True):
            answers = ask(one, first), ask(other, second)
        assert [answer["settled"] for answer in answers] == ["AB", "LE"]


@pytest.mark.slow
def test_a_model_of_landmarks_follows_the_hand():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from skl_signlang.datasets import make_fingerspelling
    from skl_signlang.preprocessing import HandLandmarks

    hands = make_fingerspelling(
        12, letters="BL", image_size=96, color=True, random_state=0
    )
    model = make_pipeline(HandLandmarks("own"), LogisticRegression())
    model.fit(hands.images, hands.target)
    with connected(create_app(model)) as socket:
        assert socket.receive_json()["follows_hand"]
        found = []
        for number in range(8):
            wide = np.full((96, 128, 3), 200, np.uint8)
            wide[:, 16:112] = hands.images[0]
            message = struct.pack("<d", number / RATE) + encode(wide, "JPEG")
            found.append(ask(socket, message)["hand"])
    joints = np.array([hand for hand in found if hand is not None])
    assert joints.shape[1:] == (21, 2)
    assert ((joints > -0.5) & (joints < 1.5)).all()


def test_metrics_count_cameras_and_frames(client):
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        ask(socket, pack("A", 0.0))
        assert "skl_signlang_streams_open 1.0" in client.get("/metrics").text
    for _ in range(100):
        if "skl_signlang_streams_open 0.0" in client.get("/metrics").text:
            break
        time.sleep(0.05)
    text = client.get("/metrics").text
    assert "skl_signlang_streams_open 0.0" in text
    assert "skl_signlang_frames_total" in text


# --- attacks before a connection is accepted ------------------------------------------


def refusal(client, headers=(), subprotocols=None, place=PLACE):
    """The status and the reason of a connection that is not accepted."""
    options = {"headers": dict(headers), "subprotocols": subprotocols}
    with (
        pytest.raises(testclient.WebSocketDenialResponse) as error,
        client.websocket_connect(place, **options),
    ):
        pass
    return error.value.status_code, error.value.json()["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "localhost.evil.example"},
        {"host": "localhost@evil.example"},
        {"host": "127.0.0.1.nip.io"},
        {"host": ""},
        {"host": "localhost:99999"},
    ],
)
def test_other_hosts_are_refused(headers, client):
    status, reason = refusal(client, headers)
    assert status == 400
    assert "--allowed-host" in reason


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:81"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://evil.example@localhost"},
        {"origin": "file://"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://localhost", "sec-fetch-site": "same-site"},
    ],
)
def test_pages_of_other_sites_are_refused(headers, client):
    status, reason = refusal(client, HOST | headers)
    assert status == 403
    assert "--cors-origin" in reason


@pytest.mark.parametrize(
    "origin", ["http://localhost", "https://localhost", "https://example.org"]
)
def test_pages_that_are_allowed_are_accepted(origin, model):
    app = create_app(model, cors_origins=["https://example.org"])
    with connected(app, headers=HOST | {"origin": origin}) as socket:
        assert socket.receive_json()["classes"]


def key_of(text):
    return "key." + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_without_the_key_nothing_is_accepted(model):
    app = create_app(model, api_key="open sesame")
    with testclient.TestClient(app, base_url="http://localhost") as client:
        for headers, offered in (
            ({}, None),
            ({"x-api-key": "wrong"}, None),
            ({}, ["skl-signlang", key_of("wrong")]),
            ({}, ["skl-signlang", "key.****"]),
            ({}, ["skl-signlang", "key.__4"]),
            ({}, ["key."]),
            ({"x-api-key": "wrong"}, ["skl-signlang", key_of("open sesame")]),
        ):
            status, reason = refusal(client, headers, offered)
            assert status == 401, (headers, offered)
            assert "open sesame" not in reason
        with client.websocket_connect(
            PLACE, headers={"x-api-key": "open sesame"}
        ) as one:
            assert one.receive_json()["classes"]
        offered = ["skl-signlang", key_of("open sesame")]
        with client.websocket_connect(PLACE, subprotocols=offered) as one:
            assert one.accepted_subprotocol == "skl-signlang"
            assert one.receive_json()["classes"]


@pytest.mark.parametrize("limits", [(2, 8), (8, 2)])
def test_connections_are_counted(limits, model):
    total, each = limits
    app = create_app(model, max_streams=total, max_streams_per_client=each)
    with testclient.TestClient(app, base_url="http://localhost") as client:
        with client.websocket_connect(PLACE), client.websocket_connect(PLACE):
            status, reason = refusal(client)
            assert status == 429
            assert "2 cameras" in reason
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with client.websocket_connect(PLACE) as one:
                    assert one.receive_json()["classes"]
                    break
            except testclient.WebSocketDenialResponse:
                time.sleep(0.05)
        else:
            pytest.fail("the places are not given back")


@pytest.mark.parametrize("whole", [np.int8, np.uint8, np.int16, np.uint64])
def test_limits_are_numbers_of_any_width(whole, model):
    limits = dict.fromkeys(("max_batch", "max_in_flight", "max_streams"), whole(100))
    with connected(create_app(model, **limits, timeout=np.float16(2))) as socket:
        assert socket.receive_json()["classes"]


@pytest.mark.parametrize(
    "place", ["/v1/spell/", "/predict", "/", "/v1/models/x:predict"]
)
def test_there_is_one_place(place, client):
    with pytest.raises(testclient.WebSocketDisconnect):
        client.websocket_connect(place).__enter__()


# --- attacks after that ---------------------------------------------------------------


BAD_FRAMES = {
    "empty": b"",
    "no image": struct.pack("<d", 0.0),
    "short": b"\0" * 5,
    "not a time": struct.pack("<d", float("nan")) + b"x",
    "infinite time": struct.pack("<d", float("inf")) + b"x",
    "huge time": struct.pack("<d", 1e300) + b"x",
    "text": struct.pack("<d", 0.0) + b"no image",
    "HTML": struct.pack("<d", 0.0) + b"<!doctype html><script>",
    "SVG": struct.pack("<d", 0.0) + b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "playlist": struct.pack("<d", 0.0) + b"#EXTM3U\nhttp://127.0.0.1/a",
    "PostScript": struct.pack("<d", 0.0) + b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "damaged": struct.pack("<d", 0.0) + encode(draw_frame("A"))[:60],
    "many pixels": struct.pack("<d", 0.0) + encode(np.zeros((1100, 1100), np.uint8)),
    "path": struct.pack("<d", 0.0) + b"/etc/passwd",
    "data URL": struct.pack("<d", 0.0) + b"data:image/png;base64,AAAA",
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_bad_frames_are_answered_with_an_error(name, client):
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        answer = ask(socket, BAD_FRAMES[name])
        assert answer["status"] in (400, 413)
        assert answer["error"]
        assert "\n" not in answer["error"]
        assert "Traceback" not in answer["error"]
        # and the connection is as good as before
        assert ask(socket, pack("A", 0.0))["time"] == 0


def test_a_frame_that_is_too_large_is_refused(client):
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        content = struct.pack("<d", 0.0) + bytes((1 << 20) + 1)
        assert ask(socket, content)["status"] == 413


def test_time_that_goes_backwards_is_refused(client):
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        ask(socket, pack("A", 5.0))
        answer = ask(socket, pack("A", 4.0))
        assert answer["status"] == 400
        assert "backwards" in answer["error"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "[]",
        "null",
        '{"action": "run"}',
        '{"action": "clear", "epoch": -1}',
        '{"action": "clear", "epoch": 1e99}',
        '{"action": "clear", "epoch": "1"}',
        '{"action": "clear", "path": "/etc/passwd"}',
        '{"action": "clear"' + " " * 300 + "}",
        "[" * 250,
        '{"action": "\\ud800"}',
    ],
)
def test_bad_messages_end_the_connection(text, client):
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        socket.send_text(text)
        end = socket.receive()
        assert end["type"] == "websocket.close"
        assert end["code"] == 1007


@pytest.mark.parametrize("message", [BAD_FRAMES["text"], '{"action": "clear"}'])
def test_a_flood_ends_the_connection(message, client, monkeypatch):
    monkeypatch.setattr(_frames, "MESSAGES_A_SECOND", 10)
    send = "send_text" if isinstance(message, str) else "send_bytes"
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        for _ in range(20):
            getattr(socket, send)(message)
        end = socket.receive()
        while end["type"] == "websocket.send":
            end = socket.receive()
        assert (end["type"], end["code"]) == ("websocket.close", 1008)


def test_a_silent_client_is_disconnected(client, monkeypatch):
    monkeypatch.setattr(_frames, "IDLE_SECONDS", 0.2)
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        end = socket.receive()
        assert (end["type"], end["code"]) == ("websocket.close", 1001)


def test_the_newest_frame_wins(client, monkeypatch):
    from skl_signlang.serving._spelling import Spelling

    process = Spelling.process

    def process_slowly(self, message):
        time.sleep(0.3)
        return process(self, message)

    monkeypatch.setattr(Spelling, "process", process_slowly)
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        for number in range(10):
            socket.send_bytes(pack("A", number / RATE))
        answers = [socket.receive_json()]
        while answers[-1]["time"] < 9 / RATE:
            answers.append(socket.receive_json())
    assert len(answers) < 5
    assert sum(answer["n_skipped"] for answer in answers) == 10 - len(answers)


def test_connections_end_where_the_model_was_replaced(model, tmp_path, monkeypatch):
    for module in (_routes, _served_model):
        monkeypatch.setattr(module, "RELOAD_SECONDS", 0.05)
    path = tmp_path / "signs.signlang"
    save(model, path)
    with connected(create_app(path)) as socket:
        assert socket.receive_json()["version"] == 1
        save(model, path)
        for number in range(600):
            socket.send_bytes(pack("A", float(number)))
            answer = socket.receive()
            if answer["type"] == "websocket.close":
                break
            time.sleep(0.05)
        assert answer["code"] == 1012


def test_a_fault_tells_nothing_of_the_inside(client, monkeypatch):
    from skl_signlang.serving._spelling import Spelling

    def fail(self, message):
        raise KeyError("/secret/path")

    monkeypatch.setattr(Spelling, "process", fail)
    with client.websocket_connect(PLACE) as socket:
        socket.receive_json()
        socket.send_bytes(pack("A", 0.0))
        end = socket.receive()
        assert end["code"] == 1011
        assert "secret" not in end["reason"]


# --- on the wire ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(model, tmp_path_factory, forks):
    """The port of the command."""
    path = tmp_path_factory.mktemp("model") / "signs.signlang"
    save(model, path)
    words = ["serve", path, "--port", "0", "--timeout", "1"]
    with forks.start(COMMAND, *words) as process:
        line = process.stdout.readline().decode()
        assert line.startswith("Serving at ")
        yield int(line.split()[2].rpartition(":")[2])
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(60)
    # clients cannot fill the log
    assert (process.returncode, errors) == (0, b"")


HEAD = (
    "GET /v1/spell HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


def connect(port, head=HEAD):
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(head.encode() + b"\r\n")
    return connection


def read_all(connection):
    """All that a server sends until it closes the connection."""
    content = b""
    try:
        while part := connection.recv(1 << 16):
            content += part
    except ConnectionResetError:
        pass
    return content


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ("Host: localhost", "Host: evil.example", 400),
        ("Upgrade: websocket\r\n", "Upgrade: websocket\r\nOrigin: null\r\n", 403),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 4),
        ("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", "", 400),
        ("AAAAAAAAAAAAAAAAAAAAAA==", "AA==", 400),
        ("GET ", "POST ", 4),
        ("Upgrade: websocket", "Upgrade: h2c", 404),
    ],
)
def test_handshakes_that_are_wrong_are_refused(old, new, status, server):
    with connect(server, HEAD.replace(old, new)) as connection:
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
    # websockets 15 says nothing about other methods
    answer = answer or b"HTTP/1.1 405"
    assert answer.split(b" ")[1].decode().startswith(str(status)), answer


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [
        "Content-Length: 100",
        "Transfer-Encoding: chunked",
        "X: " + "x" * 9000,
        "Sec-WebSocket-Protocol: " + ", ".join(["key.AAAA"] * 2000),
    ],
)
def test_handshakes_that_are_no_websocket_are_not_waited_for(more, server):
    with connect(server, f"{HEAD}{more}\r\n") as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 4")


@pytest.mark.slow
def test_images_of_clients_are_not_logged(server):
    file = io.BytesIO()
    Image.new("L", (28, 28)).save(file, "JPEG", exif=b"Exif\0\0II*\0\xff\xff")
    message = struct.pack("<d", 0) + file.getvalue()
    with connect(server) as connection:
        connection.recv(1 << 16)
        connection.sendall(frame(message))
        assert b"error" not in connection.recv(1 << 16)


def frame(content, opcode=2, is_last=True, is_masked=True, length=None):
    """A frame of the protocol."""
    length = len(content) if length is None else length
    head = bytes([opcode | is_last << 7, is_masked << 7 | 127])
    return head + struct.pack(">Q", length) + bytes(4 * is_masked) + content


WIRE = {
    "not masked": frame(b"x" * 20, is_masked=False),
    "a length of 2^62": frame(b"x", length=1 << 62),
    "more than a frame may have": frame(bytes(2 << 20)),
    "pieces without an end": frame(bytes(1 << 20), is_last=False) * 2,
    "a continuation of nothing": frame(b"x", opcode=0),
    "an unknown opcode": frame(b"x", opcode=7),
    "a long ping": frame(bytes(200), opcode=9),
    "a ping in pieces": frame(b"x", opcode=9, is_last=False),
    "text that is not UTF-8": frame(b"\xff\xfe", opcode=1),
    "a close with a wrong code": frame(b"\0\1", opcode=8),
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50,
    "many pings": frame(b"", opcode=9) * 5000,
    "many pongs": frame(b"", opcode=10) * 5000,
    "many empty pieces": frame(b"x", is_last=False)
    + frame(b"", opcode=0, is_last=False) * 5000,
    "compressed": bytes([0xC2, 0x81]) + bytes(5),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WIRE)
def test_what_is_no_frame_ends_the_connection(name, server):
    with connect(server) as connection:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 101 ")
        with suppress(ConnectionError):  # the server may end before it has read all
            connection.sendall(WIRE[name])
        start = time.monotonic()
        read_all(connection)
        assert time.monotonic() - start < 15  # long before a ping is missed
    with connect(server) as connection:  # others are served
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 101 ")


@pytest.mark.slow
def test_a_connection_outlives_the_timeout_of_requests(server):
    client = pytest.importorskip("websockets.sync.client")
    with client.connect(f"ws://127.0.0.1:{server}{PLACE}") as connection:
        connection.recv()
        for number in range(3):
            time.sleep(0.6)
            connection.send(pack("A", number))
            assert json.loads(connection.recv())["time"] == number


@pytest.mark.parametrize("kind", ["accept", "send", "close", "http.response.start"])
def test_a_client_that_is_gone_ends_its_connection_quietly(model, kind):
    app = create_app(model, api_key="open sesame" if "http" in kind else None)
    messages = iter(
        [
            {"type": "websocket.connect"},
            {"type": "websocket.receive", "text": "no message"},
        ]
    )

    async def receive():
        return next(messages)

    async def send(message):
        if message["type"] == f"websocket.{kind}":
            raise RuntimeError(
                f"Unexpected ASGI message 'websocket.{kind}', after sending "
                "'websocket.close'."
            )

    scope = {
        "type": "websocket",
        "path": PLACE,
        "headers": [(b"host", b"localhost")],
        "query_string": b"",
        "subprotocols": [],
        "client": ("127.0.0.1", 1),
        "extensions": {"websocket.http.response": {}},
    }
    asyncio.run(app(scope, receive, send))


def test_a_client_that_does_not_read_is_disconnected():
    uvicorn = pytest.importorskip("uvicorn")
    from skl_signlang._web import BoundedWebSocket

    async def pause(is_resumed):
        state = uvicorn.server.ServerState()
        config = uvicorn.Config(lambda scope: None, log_config=None, ws="none")
        protocol = BoundedWebSocket(
            config=config, server_state=state, app_state={}, seconds=0.05
        )
        protocol.connection_made(transport := mock.MagicMock())
        protocol.pause_writing()
        if is_resumed:
            protocol.resume_writing()
        await asyncio.sleep(0.2)
        return transport.abort.called

    assert asyncio.run(pause(is_resumed=False))
    assert not asyncio.run(pause(is_resumed=True))
