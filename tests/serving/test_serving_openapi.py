"""What the OpenAPI description promises, asked of the server with random requests."""

import os
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from skl_signlang import DenseClassifier
from skl_signlang.serving import create_app

pytestmark = pytest.mark.slow

testclient = pytest.importorskip("fastapi.testclient", reason="needs the extra serve")
# imported by what uses it: it takes seconds, and each worker collects all tests
if find_spec("schemathesis") is None:
    pytest.skip("needs schemathesis", allow_module_level=True)

N_REQUESTS = int(os.environ.get("SKL_SIGNLANG_FUZZ", 60))
KEPT = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
]
PREDICT = "/v1/models/{name}:predict"
VERSION = "/v1/models/{name}/versions/{version}"
AS_SAID, OTHERWISE = "positive", "negative"
# any text can be the name of a model: there is no request that is none
ASKED = [
    (PREDICT, "POST", AS_SAID),
    (PREDICT, "POST", OTHERWISE),
    (VERSION + ":predict", "POST", AS_SAID),
    ("/predict", "POST", AS_SAID),
    ("/predict", "POST", OTHERWISE),
    ("/v1/models/{name}", "GET", AS_SAID),
    ("/v1/models/{name}/metadata", "GET", AS_SAID),
    (VERSION, "GET", AS_SAID),
    (VERSION + "/metadata", "GET", AS_SAID),
    ("/healthz", "GET", AS_SAID),
    ("/metrics", "GET", AS_SAID),
]


@pytest.fixture(scope="module")
def client():
    X = np.zeros((40, 12, 12), np.uint8)
    X[20:] = 255
    model = DenseClassifier(hidden_layer_sizes=(4,), epochs=2, random_state=0)
    app = create_app(model.fit(X, np.repeat([*"AB"], 20)), max_bytes=100_000)
    with testclient.TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def description(client):
    import schemathesis

    return schemathesis.openapi.from_dict(client.get("/openapi.json").json())


def test_every_endpoint_with_a_body_is_asked(description):
    found = {
        (result.ok().path, result.ok().method.upper())
        for result in description.get_all_operations()
        if result.ok().body
    }
    assert found == {(path, method) for path, method, _ in ASKED if method == "POST"}


@pytest.mark.fuzz
@pytest.mark.parametrize(("path", "method", "mode"), ASKED)
def test_random_requests_are_answered_as_described(
    path, method, mode, client, description
):
    from schemathesis import GenerationMode, checks

    kept = [getattr(checks, name) for name in KEPT]
    operation = description[path][method]
    known = {"path_parameters": {"name": "model"}} if path == PREDICT else {}
    if path.startswith(VERSION):
        known = {"path_parameters": {"name": "model", "version": "1"}}

    @settings(
        max_examples=N_REQUESTS,
        deadline=None,
        suppress_health_check=[*HealthCheck],
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode(mode), **known))
    def ask(case):
        response = send(client, case)
        case.validate_response(response, checks=kept)
        if response.status_code >= 400:
            (reason,) = response.json().values()
            assert reason
            assert "\n" not in reason
            assert "Traceback" not in reason

    ask()


def send(client, case):
    """Send what schemathesis made, as `requests` would write it."""
    from requests import Request  # schemathesis brings it

    words = case.as_transport_kwargs(base_url="http://testserver")
    request = Request(**words).prepare()
    # a client's own header would be sent twice
    headers = {k: v for k, v in request.headers.items() if k != "Content-Length"}
    return client.request(
        request.method, request.url, content=request.body or b"", headers=headers
    )
