"""The WebSocket of the playground: its states, its limits, and bad messages."""

import base64
import contextlib
import json
import threading
import time

import numpy as np
import pytest

testclient = pytest.importorskip("starlette.testclient", reason="needs the extra serve")

from skl_signlang._playground import (  # noqa: E402
    _live_training,
    _playground_app,
    _points,
    _training_socket,
    create_playground,
)

PLACE = "/v1/train"
SECONDS = 60
SMALL = {"action": "start", "hidden_layer_sizes": [2]}
TRAIN = {"action": "train"}
STOP = {"action": "stop"}


@pytest.fixture
def client():
    app = create_playground()
    with testclient.TestClient(app, base_url="http://localhost") as client:
        yield client


@pytest.fixture
def socket(client):
    with client.websocket_connect(PLACE) as socket:
        yield socket


def ask(socket, message):
    socket.send_text(message if isinstance(message, str) else json.dumps(message))
    return socket.receive_json()


def receive_all(socket):
    while True:
        socket.receive_json()


def decode(text):
    return np.frombuffer(base64.b64decode(text), np.uint8)


def trainings():
    """The threads that train."""
    return [one for one in threading.enumerate() if one.name == "playground"]


@pytest.fixture(autouse=True)
def no_training_is_left():
    yield
    deadline = time.monotonic() + SECONDS
    while trainings():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- states ---------------------------------------------------------------------------


def test_a_start_describes_points_features_and_the_untrained_network(socket):
    wishes = {"features": ["x1", "x1*x2", "sin(x2)"], "hidden_layer_sizes": [3, 2]}
    state = ask(socket, {**SMALL, **wishes, "train_fraction": 0.2})
    points = np.array(state["points"], float)
    assert points.shape == (_points.N_POINTS, 4)
    assert points[:, 3].mean() == pytest.approx(0.2)
    assert set(points[:, 2]) == {0, 1}
    assert state["epoch"] == 0
    assert [np.shape(kernel) for kernel in state["weights"]] == [(3, 3), (3, 2), (2, 1)]
    assert [np.shape(bias) for bias in state["biases"]] == [(3,), (2,), (1,)]
    assert [len(layer) for layer in state["neurons"]] == [3, 2]
    assert len(decode(state["output"])) == _points.SIDE**2
    small = {len(decode(one)) for one in [*state["features"], *state["neurons"][0]]}
    assert small == {(_points.SIDE // 2) ** 2}
    assert 0.3 < state["test_loss"] < 1.5


def test_features_are_drawn_from_the_top_left(socket):
    state = ask(socket, {**SMALL, "features": ["x1", "x2", "x1^2"]})
    side = _points.SIDE // 2
    x1, x2, squared = (decode(one).reshape(side, side) for one in state["features"])
    assert (np.diff(x1.astype(int), axis=1) > 0).all()
    assert (np.diff(x2.astype(int), axis=0) < 0).all()
    assert squared.min() >= 127


def test_training_lowers_the_loss_and_moves_the_boundary(socket):
    before = ask(socket, {**SMALL, "data": "gaussian"})
    state = before
    while state["epoch"] < 30:
        state = ask(socket, {**TRAIN, "epochs": 10, "learning_rate": 0.1})
    assert state["train_loss"] < 0.3 * before["train_loss"]
    assert state["test_loss"] < 0.1
    assert state["weights"] != before["weights"]
    # blue, the class 1, is at the top right
    output = decode(state["output"]).reshape(_points.SIDE, _points.SIDE)
    assert output[5, -5] > 200
    assert output[-5, 5] < 55


def test_the_output_is_that_of_the_weights(socket):
    state = ask(socket, {**SMALL, "activation": "linear", "features": ["x1"]})
    for _ in range(3):
        state = ask(socket, TRAIN)
    middle = decode(state["output"]).reshape(_points.SIDE, _points.SIDE)
    (first,), (second,) = state["weights"][0], np.transpose(state["weights"][1])
    slope = np.dot(first, second)
    assert np.sign(np.diff(middle[0].astype(int)).sum()) == np.sign(slope)
    # the second coordinate is not a feature
    assert (middle == middle[0]).all()


def test_a_step_is_one_epoch(socket):
    ask(socket, SMALL)
    assert [ask(socket, TRAIN)["epoch"] for _ in range(3)] == [1, 2, 3]


def test_an_answer_does_not_wait_for_all_epochs(socket, monkeypatch):
    monkeypatch.setattr(_live_training, "ANSWER_SECONDS", 0.0)
    ask(socket, SMALL)
    assert ask(socket, {**TRAIN, "epochs": 100})["epoch"] == 1


def test_equal_seeds_give_equal_trainings(client):
    states = []
    for seeds in ({}, {}, {"network_seed": 1}, {"data_seed": 1}):
        with client.websocket_connect(PLACE) as socket:
            points = ask(socket, {**SMALL, **seeds})["points"]
            states.append((points, ask(socket, TRAIN)["weights"]))
    assert states[0] == states[1]
    assert states[2][0] == states[0][0]
    assert states[2][1] != states[0][1]
    assert states[3][0] != states[0][0]


def test_the_learning_rate_changes_during_a_training(socket):
    ask(socket, SMALL)
    before = np.array(ask(socket, TRAIN)["weights"][0])
    still = np.array(ask(socket, {**TRAIN, "learning_rate": 1e-9})["weights"][0])
    after = np.array(ask(socket, {**TRAIN, "learning_rate": 0.3})["weights"][0])
    assert np.abs(still - before).max() < 1e-3
    assert np.abs(after - still).max() > 1e-3


def test_penalties_shrink_weights(client):
    sizes = []
    for penalty in ({}, {"l1": 0.1}, {"l2": 1.0}):
        with client.websocket_connect(PLACE) as socket:
            ask(socket, {**SMALL, **penalty})
            for _ in range(20):
                state = ask(socket, {**TRAIN, "learning_rate": 0.1})
            sizes.append(np.abs(state["weights"][0]).sum())
    assert max(sizes[1:]) < 0.5 * sizes[0]


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "linear"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("sizes", [[], [8] * 6])
def test_every_network_of_the_page_trains(socket, activation, optimizer, sizes):
    wishes = {"activation": activation, "optimizer": optimizer}
    state = ask(socket, {**SMALL, **wishes, "hidden_layer_sizes": sizes})
    assert [len(layer) for layer in state["neurons"]] == sizes
    assert ask(socket, TRAIN)["epoch"] == 1


# --- one training a connection --------------------------------------------------------


def test_a_second_training_is_refused_and_the_first_continues(socket):
    ask(socket, SMALL)
    answer = ask(socket, SMALL)
    assert answer["status"] == 409
    assert '{"action": "stop"}' in answer["error"]
    assert ask(socket, TRAIN)["epoch"] == 1
    assert ask(socket, STOP) == {"stopped": True}
    assert ask(socket, SMALL)["epoch"] == 0


@pytest.mark.parametrize("message", [TRAIN, STOP])
def test_without_a_training_there_is_nothing_to_train_or_stop(socket, message):
    answer = ask(socket, message)
    assert answer["status"] == 409
    assert '{"action": "start"}' in answer["error"]


def test_a_training_ends_with_its_connection(client):
    with client.websocket_connect(PLACE) as socket:
        ask(socket, SMALL)
        assert len(trainings()) == 1
    # the fixture waits for the end of the thread


def test_a_client_that_leaves_during_a_message_ends_its_training(client, monkeypatch):
    monkeypatch.setattr(_live_training, "ANSWER_SECONDS", 0.5)
    with client.websocket_connect(PLACE) as socket:
        ask(socket, SMALL)
        socket.send_json({**TRAIN, "epochs": 100})


def test_connections_are_limited(client, monkeypatch):
    monkeypatch.setattr(_playground_app, "_MAX_TRAININGS", 2)
    app = create_playground()
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(
            testclient.TestClient(app, base_url="http://localhost")
        )
        for _ in range(2):
            stack.enter_context(client.websocket_connect(PLACE))
        with pytest.raises(testclient.WebSocketDenialResponse) as refusal:
            stack.enter_context(client.websocket_connect(PLACE))
        assert refusal.value.status_code == 429
        assert "2 playgrounds are connected" in refusal.value.text


# --- bad messages ---------------------------------------------------------------------

BAD = {
    "no JSON": ("x", "JSON is malformed"),
    "no object": ("[]", "Expected `object`, got `array`"),
    "deep": ("[" * 1000, "not valid"),
    "action": ('{"action": "leave"}', "Invalid value 'leave'"),
    "no action": ("{}", "missing required field `action`"),
    "name": ('{"action": "start", "moons": 1}', "unknown field `moons`"),
    "data": ('{"action": "start", "data": "moons"}', "`$.data`"),
    "activation": ('{"action": "start", "activation": "x"}', "`$.activation`"),
    "NaN": ('{"action": "start", "noise": NaN}', "JSON is malformed"),
    "infinite": ('{"action": "start", "l1": 1e999}', "`$.l1`"),
    "negative": ('{"action": "start", "l2": -1}', "`float` >= 0"),
    "noise": ('{"action": "start", "noise": 0.6}', "`float` <= 0.5"),
    "fraction": ('{"action": "start", "train_fraction": 1}', "`float` <= 0.9"),
    "text": ('{"action": "start", "noise": "0.1"}', "Expected `float`, got `str`"),
    "batch": ('{"action": "start", "batch_size": 0}', "`int` >= 1"),
    "layers": (json.dumps({**SMALL, "hidden_layer_sizes": [1] * 7}), "length <= 6"),
    "neurons": (json.dumps({**SMALL, "hidden_layer_sizes": [9]}), "`int` <= 8"),
    "no neuron": (json.dumps({**SMALL, "hidden_layer_sizes": [0]}), "`int` >= 1"),
    "no feature": (json.dumps({**SMALL, "features": []}), "length >= 1"),
    "feature": (json.dumps({**SMALL, "features": ["x3"]}), "'x3'"),
    "features": (json.dumps({**SMALL, "features": ["x1"] * 2}), "are repeated"),
    "epochs": ('{"action": "train", "epochs": 101}', "`int` <= 100"),
    "rate": ('{"action": "train", "learning_rate": 0}', "`float` > 0.0"),
    "seed": ('{"action": "start", "data_seed": 2147483648}', "`int` <= 2147483647"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_messages_are_refused_and_the_connection_remains(socket, name, capfd):
    message, reason = BAD[name]
    answer = ask(socket, message)
    assert answer["status"] == 400
    assert reason in answer["error"]
    assert answer["error"].startswith("the message is not valid: ")
    assert ask(socket, STOP)["status"] == 409
    assert capfd.readouterr() == ("", "")


def test_long_messages_and_bytes_are_refused(socket):
    long = json.dumps({**SMALL, "data": "x" * 3000})
    assert ask(socket, long)["status"] == 413
    socket.send_bytes(b"{}")
    assert socket.receive_json() == {
        "error": "a message is JSON text; got bytes",
        "status": 400,
    }


def test_text_that_is_not_unicode_is_refused(socket):
    assert ask(socket, '{"action": "\ud800"}')["status"] == 400


def test_many_messages_end_the_connection(socket, monkeypatch):
    monkeypatch.setattr(_training_socket, "MESSAGES_A_SECOND", 2)
    for _ in range(50):
        socket.send_json(STOP)
    with pytest.raises(testclient.WebSocketDisconnect) as end:
        receive_all(socket)
    assert end.value.code == 1008


def test_silent_connections_end(client, monkeypatch):
    monkeypatch.setattr(_training_socket, "IDLE_SECONDS", 0.1)
    with client.websocket_connect(PLACE) as socket:
        with pytest.raises(testclient.WebSocketDisconnect) as end:
            socket.receive_json()
        assert end.value.code == 1001


# --- ends of a training ---------------------------------------------------------------


def test_a_training_that_diverges_ends_with_an_error(socket, capfd):
    wishes = {"activation": "relu", "hidden_layer_sizes": [8, 8]}
    state = ask(socket, {**SMALL, **wishes, "features": ["x1", "x1^2"], "l2": 10.0})
    deadline = time.monotonic() + SECONDS
    while "error" not in state:
        assert time.monotonic() < deadline
        state = ask(socket, {**TRAIN, "epochs": 100, "learning_rate": 10.0})
    assert state["status"] == 422
    assert "lower learning rate" in state["error"]
    assert ask(socket, TRAIN) == state
    assert ask(socket, STOP) == {"stopped": True}
    assert ask(socket, SMALL)["epoch"] == 0
    assert capfd.readouterr() == ("", "")


def test_epochs_and_seconds_of_a_training_are_limited(client, monkeypatch):
    monkeypatch.setattr(_live_training, "MAX_EPOCHS", 2)
    with client.websocket_connect(PLACE) as socket:
        ask(socket, SMALL)
        ask(socket, TRAIN), ask(socket, TRAIN)
        answer = ask(socket, TRAIN)
        assert answer["status"] == 429
        assert "has reached 2 epochs" in answer["error"]
    monkeypatch.setattr(_live_training, "MAX_SECONDS", 0.0)
    with client.websocket_connect(PLACE) as socket:
        ask(socket, SMALL)
        answer = ask(socket, TRAIN)
        assert answer["status"] == 429
        assert "has taken its 0 seconds" in answer["error"]


def test_an_error_of_ours_is_logged_and_not_shown(socket, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(_live_training.DenseClassifier, "fit", fail)
    answer = ask(socket, SMALL)
    assert answer == {
        "error": "internal error; see the log of the server",
        "status": 500,
    }
    assert "secret" in caplog.text


# --- the page and its headers ---------------------------------------------------------


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "camera=()" in page.headers["Permissions-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "//" not in page.text.replace("<!doctype html>", "")
    for name in ("playground.js", "languages.js", "base.css"):
        assert client.get(f"/page/{name}").status_code == 200
    for name in ("page.js", "_points.py", "..%2f_points.py"):
        assert client.get(f"/page/{name}").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "example.org"}, 400),
        ({"origin": "https://example.org"}, 403),
        ({"host": "localhost", "origin": "http://localhost"}, None),
    ],
)
def test_pages_of_other_sites_train_nothing(client, headers, status):
    if status is None:
        with client.websocket_connect(PLACE, headers=headers) as socket:
            assert ask(socket, STOP)["status"] == 409
        return
    with (
        pytest.raises(testclient.WebSocketDenialResponse) as refusal,
        client.websocket_connect(PLACE, headers=headers),
    ):
        pass
    assert refusal.value.status_code == status


@pytest.mark.parametrize("path", ["/predict", "/v1/spell", "/openapi.json", "/metrics"])
def test_the_playground_serves_nothing_else(client, path):
    assert client.get(path).status_code == 404
