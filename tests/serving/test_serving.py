import asyncio
import base64
import functools
import io
import json
import os
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from skl_signlang import DenseClassifier, DenseRegressor
from skl_signlang._web import HTTPError, read_page
from skl_signlang.inference import LetterPredictor
from skl_signlang.persistence import load, save
from skl_signlang.pretrained import load_pretrained
from skl_signlang.serving import create_app
from skl_signlang.serving._json_meter import JsonMeter

testclient = pytest.importorskip("fastapi.testclient", reason="needs the extra serve")

LETTERS = "ABCDEFGH"
PREDICT = "/v1/models/letters:predict"


def images_of(letters, seed=0):
    """Images with a bright band that tells the letter, and noise."""
    pixels = np.random.RandomState(seed).randint(0, 60, (len(letters), 28, 28))
    for image, letter in zip(pixels, letters, strict=True):
        start = 3 * LETTERS.index(letter)
        image[start : start + 3] = 255
    return pixels.astype(np.uint8)


def fit(letters=LETTERS):
    y = np.resize([*letters], 160)
    model = DenseClassifier(hidden_layer_sizes=(16,), epochs=15, random_state=0)
    return model.fit(images_of(y), y)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "letters.signlang"
    save(fit(), path)
    return path


@pytest.fixture(scope="module")
def client(path):
    with testclient.TestClient(create_app(path)) as client:
        yield client


def as_file(pixels, format="PNG", **options):
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, format, **options)
    return file.getvalue()


def as_text(content):
    return base64.b64encode(content).decode()


def as_url(content):
    return f"data:image/png;base64,{as_text(content)}"


@pytest.fixture
def image():
    return as_file(images_of("C", seed=9)[0])


def reason_of(response, status):
    """The one sentence of a refusal."""
    assert response.status_code == status, response.text
    assert list(response.json()) == ["error"]
    reason = response.json()["error"]
    assert reason
    assert "\n" not in reason
    assert "Traceback" not in reason
    return reason


def letters_of(response):
    assert response.status_code == 200, response.text
    return [reading["letter"] for reading in response.json()["predictions"]]


# --- as TensorFlow Serving ------------------------------------------------------------


@pytest.mark.slow
def test_rows_are_those_of_predict_proba(client, path):
    model, pixels = load(path), images_of("ACE", seed=3)
    files = [{"b64": as_text(as_file(image))} for image in pixels]
    lists = [pixels[0].tolist(), pixels[1, :, :, None].tolist(), pixels[2].ravel()]
    for instances in (files, [*lists[:2], lists[2].tolist()]):
        response = client.post(PREDICT, json={"instances": instances})
        assert list(response.json()) == ["predictions"]
        np.testing.assert_allclose(
            response.json()["predictions"], model.predict_proba(pixels), atol=1e-6
        )
    metadata = client.get("/v1/models/letters/metadata").json()["metadata"]
    assert metadata["classes"] == [*LETTERS]
    assert metadata["image_shape"] == [28, 28, 1]


def test_state_is_told_as_tensorflow_serving_does(client):
    (status,) = client.get("/v1/models/letters").json()["model_version_status"]
    assert status["state"] == "AVAILABLE"
    assert status["status"] == {"error_code": "OK", "error_message": ""}
    assert status["version"].isdecimal()
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"instances": [[NaN]]}', "JSON has neither NaN"),
        (b"[]", '"instances"'),
        (b'{"inputs": [[1]], "instances": [[1]]}', "got both"),
        (b'{"inputs": {"b64": "QQ=="}}', 'the only input is "pixels"'),
        (b'{"inputs": {"pixels": {"b64": "QQ=="}}}', '"inputs.pixels" must be a list'),
        (b'{"inputs": [{"pixels": [[1]]}]}', 'expected "b64" alone'),
        (b'{"instances": [{"image": [[1]]}]}', 'the only input is "pixels"'),
        (b'{"instances": []}', "one image or more"),
        (b'{"instances": {"b64": "QQ=="}}', "must be a list"),
        (b'{"instances": [[1]], "x": 1}', "unknown key 'x'"),
        (b'{"instances": [[1]], "signature_name": "y"}', "only signature"),
        (b'{"instances": [7]}', "instances[0] is a number"),
        (b'{"instances": [null]}', "instances[0] is null"),
        (b'{"instances": [{"b64": 7}]}', "instances[0].b64 is a number"),
        (b'{"instances": [{"b64": "QQ==", "a": 1}]}', "the keys"),
        (b'{"instances": [{"b64": "?"}]}', "character 1"),
        (b'{"instances": [{"b64": "QQ=="}]}', "is not an image"),
        (b'{"instances": [[[1, 2], [3]]]}', "rows differ"),
        (b'{"instances": [["a"]]}', "not numbers from 0 to 255"),
        (b'{"instances": [[[true]]]}', "not numbers from 0 to 255"),
        (b'{"instances": [[1, 2, 3]]}', "shape (3,)"),
        (b'{"instances": [[[]]]}', "shape (1, 0)"),
        (b'{"instances": [[[[1, 2]]]]}', "2 channels"),
        (b'{"instances": [[[256]]]}', "from 256 to 256"),
        (b'{"instances": [[[1e999]]]}', "out of range"),
        (b'{"instances": [[[1' + b"0" * 100_000 + b"]]]}", "out of range"),
        (b'{"instances": [["' + b"a" * 10_000 + b'"' + b',""' * 99 + b"]]}", "numbers"),
        (b'{"instances": ["\xff"]}', "UTF-8"),
        (b'{"instances": [[[-1]]]}', "expected 0 to 255"),
        (b'{"instances": [[[0.5]]]}', "multiply them by 255"),
        (b'{"instances": [[[1' + b"0" * 400 + b"]]]}", "not numbers from 0 to 255"),
    ],
)
def test_bad_instances_are_refused_with_the_reason(body, words, client):
    assert words in reason_of(client.post(PREDICT, content=body), 400)


def test_another_model_or_address_is_not_found(client):
    for send in (client.get, client.post):
        suffix = ":predict" if send == client.post else ""
        reason = reason_of(send(f"/v1/models/other{suffix}"), 404)
        assert "this server has 'letters'" in reason
    assert "GET /nothing" in reason_of(client.get("/nothing"), 404)
    reason = reason_of(client.get("/predict"), 405)
    assert reason == "GET /predict is not allowed; expected POST"
    for path in (PREDICT, "/v1/models/letters/versions/1:predict"):
        answer = client.get(path)
        assert "POST" in reason_of(answer, 405)
        assert answer.headers["Allow"] == client.put(path).headers["Allow"] == "POST"


def test_every_form_of_a_request_gives_the_same_rows(client):
    pixels = images_of("BG", seed=8)
    lists = pixels.tolist()
    files = [{"b64": as_text(as_file(image))} for image in pixels]
    rows = client.post(PREDICT, json={"instances": lists}).json()["predictions"]
    forms = [
        {"instances": [{"pixels": one} for one in lists]},
        {"instances": [{"pixels": one} for one in files]},
        {"instances": lists, "signature_name": "serving_default"},
        {"instances": lists, "signature_name": ""},
        {"inputs": lists},
        {"inputs": files},
        {"inputs": {"pixels": lists}},
        {"inputs": {"pixels": files}},
    ]
    version = "/v1/models/letters/versions/1"
    for address in (PREDICT, version + ":predict"):
        for form in forms:
            answer = client.post(address, json=form).json()
            (key,) = answer
            assert key == ("predictions" if "instances" in form else "outputs")
            np.testing.assert_allclose(answer[key], rows, atol=1e-6)
    for end in ("", "/metadata"):
        whole = client.get(f"/v1/models/letters{end}").json()
        assert client.get(version + end).json() == whole
        other = client.get(f"/v1/models/letters/versions/7{end}")
        assert "unknown version '7'" in reason_of(other, 404)
    signature = whole["metadata"]["signature_def"]["signature_def"]["serving_default"]
    sizes = signature["inputs"]["pixels"]["tensor_shape"]["dim"]
    assert [int(one["size"]) for one in sizes] == [-1, 28, 28, 1]


def test_head_is_answered_wherever_get_is(client):
    paths = ["/", "/page/page.js", "/healthz", "/metrics", "/openapi.json"]
    version = "/v1/models/letters/versions/1"
    for path in [*paths, "/v1/models/letters", version, version + "/metadata"]:
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Type"] == got.headers["Content-Type"]
        assert int(head.headers["Content-Length"]) > 0
        allowed = client.delete(path).headers["Allow"]
        assert {*allowed.split(", ")} == {"GET", "HEAD"}
    assert client.head("/predict").status_code == 405
    assert client.head("/nothing").status_code == 404


# --- uploads --------------------------------------------------------------------------


def test_images_come_in_every_way(client, image):
    url = as_url(image)
    ways = [
        {"files": {"image": ("hand.png", image)}},
        {"files": {"image": image}},
        {"data": {"image": url}},
        {"files": {"image": (None, url)}},
        {"json": url},
        {"json": [url]},
        {"json": {"image": url}},
        {"json": {"images": [url]}},
        {"content": url, "headers": {"Content-Type": "text/plain; charset=utf-8"}},
    ]
    for way in ways:
        response = client.post("/predict", **way)
        assert letters_of(response) == ["C"]
        (reading,) = response.json()["predictions"]
        assert 0 < reading["probability"] <= 1
        assert reading["top"][0]["letter"] == "C"
        falling = [one["probability"] for one in reading["top"]]
        assert falling == sorted(falling, reverse=True)


def test_several_files_keep_their_order_and_names(client):
    pixels = images_of("HEAD", seed=4)
    files = [("files", (f"{i}.png", as_file(image))) for i, image in enumerate(pixels)]
    response = client.post("/predict", files=files)
    assert letters_of(response) == [*"HEAD"]
    names = [reading["name"] for reading in response.json()["predictions"]]
    assert names == ["0.png", "1.png", "2.png", "3.png"]


def test_an_image_keeps_the_name_of_its_field_or_key(client, image):
    url = as_url(image)
    ways = (
        {"json": {"my 'hand'": url}},
        {"data": {"my 'hand'": url}},
        {"files": {"x": ("my 'hand'", image)}},
    )
    for way in ways:
        (prediction,) = client.post("/predict", **way).json()["predictions"]
        assert prediction["name"] == "my 'hand'"


def test_the_crop_is_what_a_predictor_reads(client, path):
    pixels = np.random.RandomState(0).randint(0, 256, (90, 160, 3)).astype(np.uint8)
    response = client.post("/predict?crop=true", files={"x": as_file(pixels)})
    url = response.json()["predictions"][0]["crop"]
    crop = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    expected = LetterPredictor(path).crop(as_file(pixels))
    np.testing.assert_array_equal(np.asarray(crop), expected[:, :, 0])


def test_a_model_with_a_decoder_sees_what_its_predictor_sees(image):
    reader = load_pretrained()
    wide = Image.open(io.BytesIO(image)).resize((160, 90))
    ways = {}
    with testclient.TestClient(create_app(reader)) as client:
        for kind in ("PNG", "BMP"):
            content = as_file(wide, kind)
            answer = client.post("/predict?crop=true", files={"x": content}).json()
            url = answer["predictions"][0]["crop"]
            crop = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
            ways[kind] = np.asarray(crop)
            instances = [{"b64": as_text(content)}]
            rows = client.post(
                "/v1/models/model:predict", json={"instances": instances}
            ).json()
            expected = reader.predict_proba([content])
            np.testing.assert_allclose(rows["predictions"], expected, atol=1e-5)
    expected = LetterPredictor(reader).crop(as_file(wide))[:, :, 0]
    for pixels in ways.values():
        np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "LA"])
def test_every_mode_of_images_is_read(mode, client):
    gray = Image.fromarray(images_of("E", seed=6)[0]).resize((84, 84))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    else:
        image = gray.convert("RGB").convert(mode)
    kind = "TIFF" if mode == "CMYK" else "PNG"
    response = client.post("/predict", files={"x": as_file(image, kind)})
    assert letters_of(response) == ["E"]


def bad_files():
    noise = np.random.RandomState(0).randint(0, 256, (64, 64), np.uint8)
    whole = as_file(noise)
    frames = [Image.fromarray(noise), Image.fromarray(noise[::-1].copy())]
    more = {"save_all": True, "append_images": frames[1:]}
    return {
        "empty": (b"", "is empty, 0 bytes"),
        "text": (b"an image, really", "is not an image"),
        "page": (b"<html>", "HTML page"),
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not an image"),
        "pickle": (b"\x80\x04\x95.", "is not an image"),
        "truncated": (whole[: len(whole) // 2], "damaged"),
        "animated": (as_file(frames[0], "GIF", **more), "several frames"),
        "animated png": (as_file(frames[0], "PNG", **more), "several frames"),
        "float": (as_file(Image.new("F", (8, 8)), "TIFF"), "floating-point"),
        "bomb": (as_file(Image.new("1", (20_000, 20_000))), "more than"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", bad_files())
def test_bad_files_are_refused_with_the_reason(kind, client, image):
    content, words = bad_files()[kind]
    files = [("x", ("good.png", image)), ("x", ("bad.png", content))]
    reason = reason_of(client.post("/predict", files=files), 400)
    assert words in reason
    assert reason.startswith("bad.png: ")
    if content:
        instances = [{"b64": as_text(content)}]
        reason = reason_of(client.post(PREDICT, json={"instances": instances}), 400)
        assert words in reason


@pytest.mark.parametrize(
    ("kind", "content", "status", "words"),
    [
        (None, b"x", 415, "expected multipart/form-data"),
        ("image/png", b"x", 415, "'image/png'"),
        ("multipart/form-data", b"x", 400, "no boundary"),
        ("multipart/form-data; boundary=" + "x" * 300, b"x", 400, "damaged"),
        ("multipart/form-data; boundary=x", b"x", 400, "damaged"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 400, "no image"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nabc',
            400,
            "truncated",
        ),
        ("application/json", b"[]", 400, "no image"),
        ("application/json", b"{}", 400, "no image"),
        ("application/json", b"7", 400, "body is a number"),
        ("application/json", b"[[[]]]", 400, "body[0] is a list"),
        ("application/json", b'{"a":' * 500 + b"7" + b"}" * 500, 400, "a is a number"),
        ("application/json", b'"http://example.org/hand.png"', 400, "character 5"),
        ("application/json", b'"data:text/html;base64,QQ=="', 400, "'text/html'"),
        ("text/plain", b"data:,hand", 400, "not base64"),
        ("application/x-www-form-urlencoded", b"a", 400, "form is invalid"),
    ],
)
def test_bad_uploads_are_refused_with_the_reason(kind, content, status, words, client):
    headers = {"Content-Type": kind} if kind else {}
    response = client.post("/predict", content=content, headers=headers)
    assert words in reason_of(response, status)


def test_a_query_that_is_none_is_refused(client, image):
    response = client.post("/predict?crop=maybe", files={"x": image})
    assert "crop" in reason_of(response, 422)


def test_a_wall_is_no_letter_where_a_threshold_is_set(path, image):
    client = testclient.TestClient(create_app(path, rejection_threshold=1))
    gray = as_file(np.full((28, 28), 128, np.uint8))
    files = [("x", ("wall", gray)), ("x", ("hand", image))]
    readings = client.post("/predict", files=files).json()["predictions"]
    assert readings[0]["letter"] == "none"
    assert readings[0]["top"][0]["letter"] in LETTERS


# --- limits ---------------------------------------------------------------------------


def test_every_limit_is_kept(path, image):
    limits = {"max_bytes": 5000, "max_batch": 2, "max_pixels": 1500}
    client = testclient.TestClient(create_app(path, **limits))
    assert "5,000 bytes" in reason_of(client.post("/predict", content=b"x" * 5001), 413)

    def chunks():
        for _ in range(100):
            yield b"x" * 100

    # without a Content-Length
    assert "5,000 bytes" in reason_of(client.post("/predict", content=chunks()), 413)
    three = [("x", (f"{i}.png", image)) for i in range(3)]
    assert "2 images" in reason_of(client.post("/predict", files=three), 413)
    body = {"instances": [[[1]]] * 3}
    assert "2 images" in reason_of(client.post(PREDICT, json=body), 413)
    assert letters_of(client.post("/predict", files=three[:1])) == ["C"]
    # two of 784 pixels are more than 1,500
    response = client.post("/predict", files=three[:2])
    assert "1.png: the image has 28 x 28 pixels" in reason_of(response, 400)
    body = {"instances": [np.zeros((28, 28), int).tolist()] * 2}
    assert "too many pixels" in reason_of(client.post(PREDICT, json=body), 413)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "unit"),
    [
        (b"[", b"[],"),
        (b"[", b"{},"),
        (b"[", b"["),
        (b"[", b"1,"),
        (b"[", b'"",'),
        (b"[", b'"\\"",'),
        (b"[{", b'"a":1,'),
        (b"[", b" "),
        (b"[", b"1"),
        (b'["a"', b" "),
    ],
)
@pytest.mark.parametrize("address", [PREDICT, "/predict"])
def test_no_more_json_is_taken_in_than_images_need(start, unit, address, path):
    """What is refused ends the request: the rest is not even asked for."""
    app = create_app(path, max_batch=4)
    most = 4 * 784 * 32 + (64 << 10) if address == PREDICT else 64 << 10
    taken = 0

    def chunks():
        nonlocal taken
        yield start
        while True:
            taken += 8192
            yield (unit * 8192)[:8192]

    # the test client reads a whole body first: as chunks, by hand
    pieces = chunks()

    async def receive():
        return {"type": "http.request", "body": next(pieces), "more_body": True}

    sent = []

    async def send(message):
        sent.append(message)

    kind = (b"content-type", b"application/json")
    headers = [(b"host", b"localhost"), kind, (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": address, "headers": headers}
    scope |= {"query_string": b"", "server": None, "http_version": "1.1"}
    asyncio.run(app(scope | {"scheme": "http"}, receive, send))
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert taken <= most + 16384


def test_json_of_all_images_is_taken(client):
    pixels = np.random.RandomState(0).uniform(0, 255, (64, 28, 28))
    for indent in (None, 1):
        body = json.dumps({"instances": pixels.tolist()}, indent=indent)
        assert len(client.post(PREDICT, content=body).json()["predictions"]) == 64
    noise = np.random.RandomState(0).randint(0, 256, (2000, 2000)).astype(np.uint8)
    body = json.dumps({"instances": [{"b64": as_text(as_file(noise))}]})
    assert len(body) > 64 * 784 * 32 + (64 << 10)
    assert client.post(PREDICT, content=body).status_code == 200


def fits(body, size):
    """Tell whether a meter of 100 numbers takes a body in pieces."""
    meter = JsonMeter(100, 4, b"b64")
    try:
        for start in range(0, len(body), size):
            meter.feed(body[start : start + size])
    except HTTPError as refusal:
        return refusal.status != 413
    return True


@pytest.mark.parametrize("size", [23, 31, 1 << 20])
def test_only_images_may_be_long_texts(size):
    long = "A\\" * 40_000
    image = {"b64": long}
    good = [[image], [{"pixels": image}], [image, image, [1, 2]]]
    bad = [[long], [[1, 2], long], [{"b6": long}], [{"b64": 1, "c": long}], [{long: 1}]]
    bad += [[{"b64": [long]}], [{"pixels": {"b64": "", "b64b64": long}}]]
    for form in (json.dumps, functools.partial(json.dumps, indent=1)):
        assert [fits(form({"instances": x}).encode(), size) for x in good] == [True] * 3
        assert not any(fits(form({"instances": x}).encode(), size) for x in bad)


class Held:
    """A classifier that answers once it may."""

    def __init__(self, model):
        self.may = threading.Event()
        self.busy = threading.Event()
        self._predict_proba = model.predict_proba
        self.batches = []

    def __call__(self, X):
        self.batches.append(len(X))
        self.busy.set()
        assert self.may.wait(30)
        return self._predict_proba(X)


@pytest.fixture
def held(path, monkeypatch):
    """A model in memory whose predictions wait, and which says so."""
    model = load(path)
    held = Held(model)
    held.may.set()
    monkeypatch.setattr(model, "predict_proba", held, raising=False)
    held.model = model
    yield held
    held.may.set()


def test_what_is_too_much_at_one_time_is_told_to_come_again(held, image):
    client = testclient.TestClient(create_app(held.model, max_in_flight=3))
    held.may.clear()
    held.batches.clear()
    answers = []

    def ask():
        answers.append(client.post("/predict", files={"x": image}))

    with client:
        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        while "skl_signlang_requests_in_flight 3.0" not in client.get("/metrics").text:
            time.sleep(0.01)
        response = client.post("/predict", files={"x": image})
        assert "try again" in reason_of(response, 429)
        assert response.headers["Retry-After"] == "1"
        assert client.get("/healthz").status_code == 200
        held.may.set()
        for thread in threads:
            thread.join()
        assert [letters_of(answer) for answer in answers] == [["C"]] * 3
        # what waited while the model was busy went through it together
        assert sum(held.batches) == 3
        assert len(held.batches) <= 3
        assert letters_of(client.post("/predict", files={"x": image})) == ["C"]


def test_what_takes_too_long_is_told_so_and_keeps_its_place(held, image):
    app = create_app(held.model, timeout=0.3, max_in_flight=1)
    with testclient.TestClient(app) as client:
        held.may.clear()
        response = client.post("/predict", files={"x": image})
        assert "0.3 seconds" in reason_of(response, 503)
        reason_of(client.post("/predict", files={"x": image}), 429)
        held.may.set()
        while client.post("/predict", files={"x": image}).status_code == 429:
            time.sleep(0.01)
        assert letters_of(client.post("/predict", files={"x": image})) == ["C"]


def test_nothing_of_a_failure_inside_is_told(held, image, monkeypatch):
    app = create_app(held.model)
    client = testclient.TestClient(app, raise_server_exceptions=False)

    def fail(X):
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(held.model, "predict_proba", fail)
    reason = reason_of(client.post("/predict", files={"x": image}), 500)
    assert reason == "internal error; see the log of the server"


# --- names and other sites' pages -----------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["localhost"], 200),
        (["LOCALHOST:8000"], 200),
        (["localhost."], 200),
        (["127.0.0.1:1"], 200),
        (["[::1]:8000"], 200),
        (["[0:0::1]"], 200),
        (["letters.example.org"], 200),
        (["a.letters.test:443"], 200),
        (["letters.test"], 400),
        (["evil.com"], 400),
        (["localhost.evil.com"], 400),
        (["localhost:80@evil.com"], 400),
        (["localhost:x"], 400),
        (["localhost:99999"], 400),
        (["127.0.0.1.nip.io"], 400),
        (["2130706433"], 400),
        (["::1"], 400),
        (["[::1"], 400),
        (["localhost/evil.com"], 400),
        (["l\u00f6calhost"], 400),
        ([""], 400),
        ([], 400),
        (["localhost", "localhost"], 400),
        (["localhost", "evil.com"], 400),
    ],
)
def test_only_names_of_the_server_are_answered(hosts, status, allowing):
    for path in ("/", "/healthz", "/v1/models/letters", "/nowhere"):
        headers = [(b"host", host.encode("latin-1")) for host in hosts]
        found, _, body = ask(allowing, "GET", path, headers)
        assert found == (404 if status == 200 and path == "/nowhere" else status)
        assert b"<" not in body or status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://localhost:8000"}, 200),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "https://app.example.org", "sec-fetch-site": "cross-site"}, 200),
        ({"origin": "HTTPS://APP.EXAMPLE.ORG"}, 200),
        ({"origin": "http://app.example.org"}, 403),
        ({"origin": "https://app.example.org.evil.com"}, 403),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "http://localhost"}, 403),
        ({"origin": "http://evil.com"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_only_pages_that_may_can_post(headers, status, allowing, image):
    head = [(b"host", b"localhost:8000"), (b"content-type", b"text/plain")]
    head += [(name.encode(), value.encode()) for name, value in headers.items()]
    body = as_url(image).encode()
    found, answered, _ = ask(allowing, "POST", "/predict", head, body)
    assert found == status
    allowed = headers.get("origin", "").lower() == "https://app.example.org"
    assert (b"access-control-allow-origin" in answered) == allowed
    assert answered.get(b"vary") == b"Origin" or status == 403


def test_a_preflight_is_answered_where_it_may(allowing, client):
    asked = {"Access-Control-Request-Method": "POST"}
    page, evil = "https://app.example.org", "https://evil.com"
    answer = allowing.options("/predict", headers={"Origin": page, **asked})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == page
    assert "x-api-key" in answer.headers["Access-Control-Allow-Headers"]
    for one, origin in ((allowing, evil), (client, page)):
        answer = one.options("/predict", headers={"Origin": origin, **asked})
        assert answer.status_code == 405
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_nothing_is_redirected(client):
    for path in ("/healthz/", "/predict/", "/v1/models/letters/"):
        assert client.get(path, follow_redirects=False).status_code == 404


@pytest.fixture(scope="module")
def allowing(path):
    app = create_app(
        path,
        allowed_hosts=["Letters.example.org:8000", "*.letters.test"],
        cors_origins=["https://app.example.org:443"],
    )
    with testclient.TestClient(app) as client:
        yield client


def ask(client, method, path, headers, body=b""):
    """Send exactly these headers; give status, headers and body."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    scope |= {"query_string": b"", "server": ("192.0.2.1", 8000), "http_version": "1.1"}
    client.portal.call(client.app, scope | {"scheme": "http"}, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], dict(sent[0]["headers"]), body


# --- keys, metrics, page --------------------------------------------------------------


def test_a_key_is_asked_for(path, image):
    client = testclient.TestClient(create_app(path, api_key="open sesame"))
    for headers in (
        {},
        {"X-API-Key": "open"},
        {"X-API-Key": ""},
        {"Authorization": "Bearer open"},
        {"Authorization": "Basic open sesame"},
        {"X-API-Key": "öffne".encode()},
    ):
        for address in ("/metrics", "/v1/models/letters", "/v1/models/x/metadata"):
            assert "API key" in reason_of(client.get(address, headers=headers), 401)
        for address in ("/predict", PREDICT):
            response = client.post(address, headers=headers, content=b"x" * 10)
            assert "API key" in reason_of(response, 401)
            assert response.headers["WWW-Authenticate"] == "Bearer"
    for headers in (
        {"X-API-Key": "open sesame"},
        {"Authorization": "bearer open sesame"},
    ):
        response = client.post("/predict", files={"x": image}, headers=headers)
        assert letters_of(response) == ["C"]
    for address in ("/", "/healthz"):
        assert client.get(address).status_code == 200


def test_metrics_count_what_was_answered(path, image):
    client = testclient.TestClient(create_app(path))
    client.post("/predict", files=[("x", ("a", image)), ("x", ("b", image))])
    client.post("/predict")
    client.get("/v1/models/letters")
    client.get("/some/where")
    text = client.get("/metrics").text
    for line in (
        'skl_signlang_requests_total{endpoint="/predict",status="200"} 1.0',
        'skl_signlang_requests_total{endpoint="/predict",status="400"} 1.0',
        'skl_signlang_requests_total{endpoint="/v1/models",status="200"} 1.0',
        'skl_signlang_requests_total{endpoint="other",status="404"} 1.0',
        'skl_signlang_request_seconds_count{endpoint="/predict"} 2.0',
        "skl_signlang_images_total 2.0",
        "skl_signlang_requests_in_flight 0.0",
        "skl_signlang_model_version 1.0",
    ):
        assert line in text


def test_the_description_names_every_endpoint(client):
    description = client.get("/openapi.json").json()
    assert set(description["paths"]) == {
        "/healthz",
        "/metrics",
        "/predict",
        "/v1/models/{name}",
        "/v1/models/{name}/metadata",
        "/v1/models/{name}:predict",
        "/v1/models/{name}/versions/{version}",
        "/v1/models/{name}/versions/{version}/metadata",
        "/v1/models/{name}/versions/{version}:predict",
    }
    assert client.get("/docs").status_code == 404


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "//" not in page.text.replace("<!doctype html>", "")
    for name in read_page("skl_signlang.serving").keys() - {"index.html"}:
        file = client.get(f"/page/{name}")
        assert file.status_code == 200
        assert "http:" not in file.text.replace("http://localhost", "")
        assert file.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("none.js", "..%2f_app.py", "_app.py"):
        assert client.get(f"/page/{name}").status_code == 404


# --- what is served -------------------------------------------------------------------


def test_what_cannot_be_served_is_refused(path, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.signlang"):
        create_app(tmp_path / "none.signlang")
    (tmp_path / "text.signlang").write_text("x")
    with pytest.raises(ValueError, match="cannot be loaded"):
        create_app(tmp_path / "text.signlang")
    X, y = np.arange(784.0 * 4).reshape(4, 784), np.arange(4)
    save(DenseRegressor(epochs=1).fit(X, y), tmp_path / "regressor.signlang")
    with pytest.raises(ValueError, match="expected a classifier"):
        create_app(tmp_path / "regressor.signlang")
    with pytest.raises(ValueError, match="not fitted"):
        create_app(DenseClassifier())
    with pytest.raises(TypeError, match="fitted classifier"):
        create_app(7)


@pytest.mark.parametrize(
    ("parameter", "value", "error", "words"),
    [
        ("max_bytes", 0, ValueError, "1 or more"),
        ("max_bytes", "1", TypeError, "integer"),
        ("max_batch", 1.5, TypeError, "integer"),
        ("max_batch", True, TypeError, "integer"),
        ("max_in_flight", -1, ValueError, "1 or more"),
        ("max_pixels", 10**9, ValueError, "at most 50,000,000"),
        ("timeout", 0, ValueError, "positive"),
        ("timeout", float("nan"), ValueError, "finite"),
        ("timeout", "1", TypeError, "seconds"),
        ("rejection_threshold", 2, ValueError, "from 0 to 1"),
        ("api_key", "", ValueError, "not empty"),
        ("api_key", "ä", ValueError, "ASCII"),
        ("api_key", " a", ValueError, "space"),
        ("api_key", 7, TypeError, "string or None"),
        ("allowed_hosts", "example.org", TypeError, "list of strings"),
        ("allowed_hosts", ["http://example.org"], ValueError, "names such as"),
        ("allowed_hosts", [""], ValueError, "names such as"),
        ("cors_origins", ["example.org"], ValueError, "origins such as"),
        ("cors_origins", ["https://example.org/page"], ValueError, "origins such as"),
        ("cors_origins", ["null"], ValueError, "origins such as"),
    ],
)
def test_bad_parameters_are_refused_before_the_model_is_read(
    parameter, value, error, words
):
    with pytest.raises(error, match=f"{parameter} must .*{words}"):
        create_app("no-such-model.signlang", **{parameter: value})


@pytest.mark.slow
def test_a_new_file_is_taken_up_and_a_bad_one_is_not(tmp_path, image):
    path = tmp_path / "letters.signlang"
    save(fit(), path)
    client = testclient.TestClient(create_app(path))

    def letter():
        return letters_of(client.post("/predict", files={"x": image}))[0]

    def until(text):
        deadline = time.monotonic() + 60
        while text not in client.get("/metrics").text:
            assert letter() in "CG"
            assert time.monotonic() < deadline
            time.sleep(0.05)

    assert letter() == "C"
    path.write_bytes(b"half a file")
    until("model_load_failures 1.0")
    assert letter() == "C"
    path.unlink()
    assert letter() == "C"
    y = np.resize([*"EFGH"], 80)
    other = DenseClassifier(hidden_layer_sizes=(16,), epochs=15, random_state=0)
    save(other.fit(images_of([*"ABCD"] * 20), y), path)
    until("model_version 2.0")
    assert letter() == "G"
    status = client.get("/v1/models/letters").json()["model_version_status"][0]
    assert status["version"] == "2"


# --- bodies that nobody thought of ----------------------------------------------------

N_BODIES = int(os.environ.get("SKL_SIGNLANG_FUZZ", "150"))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["b64", "image", "instances", "x"]), inner)
    ),
    max_leaves=12,
)
KINDS = st.sampled_from(
    [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "",
    ]
)


def never_fails(response):
    assert response.status_code in (200, 400, 413, 415)
    if response.status_code != 200:
        reason_of(response, response.status_code)


# the client and the model live as long as the module
random = settings(
    max_examples=N_BODIES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.slow
@pytest.mark.fuzz
@random
@given(value=JSON_VALUES)
def test_any_json_is_read_or_refused(client, value):
    never_fails(client.post(PREDICT, content=json.dumps({"instances": [value]})))
    body = json.dumps(value)
    never_fails(client.post(PREDICT, content=body))
    headers = {"Content-Type": "application/json"}
    never_fails(client.post("/predict", content=body, headers=headers))


@pytest.mark.slow
@pytest.mark.fuzz
@random
@given(kind=KINDS, content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(client, kind, content):
    headers = {"Content-Type": kind}
    never_fails(client.post("/predict", content=content, headers=headers))
    never_fails(client.post(PREDICT, content=content, headers=headers))
    form = b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n'
    content = form + content + b"\r\n--x--\r\n"
    never_fails(client.post("/predict", content=content, headers=headers))


@pytest.mark.fuzz
@random
@given(data=st.data())
def test_any_damage_to_a_image_is_read_or_refused(client, data):
    formats = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"]))
    content = bytearray(as_file(images_of("A")[0], formats))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    never_fails(client.post("/predict", files={"x": ("x", content)}))
