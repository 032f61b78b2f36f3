"""The endpoints of a server."""

import asyncio
import json
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

import skl_signlang
from skl_signlang.serving import _openapi
from skl_signlang.serving._answers import as_data_url, describe_letter, describe_row
from skl_signlang.serving._bodies import read_instances, read_uploads
from skl_signlang.serving._gate import Gate
from skl_signlang.serving._metrics import Measured, Metrics
from skl_signlang.serving._page import HEADERS, INDEX, read_page
from skl_signlang.serving._refusal import Refusal
from skl_signlang.serving._served_model import LOOK_SECONDS

_FAILED = "the server failed; its log says why"
_TRUE, _FALSE = ("true", "1", "on", "yes"), ("false", "0", "off", "no")
# A body so small is decoded sooner than it is handed to another thread
_FEW_BYTES = 16 << 10


def make_routes(served, key, limits):
    """Build the application of a model.

    Parameters
    ----------
    served : ServedModel
        The model.
    key : ApiKey
        Who may use it.
    limits : Limits
        How much.

    Returns
    -------
    app : fastapi.FastAPI
        ASGI.
    """
    gate = Gate(limits)
    metrics = Metrics(gate, served)
    app = FastAPI(
        title="skl_signlang",
        version=skl_signlang.__version__,
        description="Letters of the American manual alphabet from pictures. Where the "
        "server has an API key, send X-API-Key: KEY or Authorization: Bearer KEY.",
        lifespan=_lifespan(served, gate),
        # their pages load scripts from elsewhere
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Measured, metrics=metrics)
    _add_errors(app)
    # routes are tried in this order
    _add_predict(app, served, key, limits, gate, metrics)
    _add_page(app)

    async def check_key(request: Request):
        key.check(request)

    _add_state(app, served, metrics, [Depends(check_key)])
    return app


def _lifespan(served, gate):
    async def look_at_file():
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            served.look()

    @asynccontextmanager
    async def lifespan(app):
        task = asyncio.ensure_future(look_at_file())
        yield
        task.cancel()
        gate.close()

    return lifespan


def _add_errors(app):
    """Answer every error in one form, TensorFlow Serving's, and with one sentence."""

    @app.exception_handler(Refusal)
    async def refuse(request, refusal):
        return _json({"error": refusal.reason}, refusal.status, refusal.headers)

    @app.exception_handler(HTTPException)
    async def refuse_address(request, error):
        what = f"{request.method} {request.url.path[:200]}"
        reasons = {404: f"there is no {what}", 405: f"{what} is not to be had"}
        reason = reasons.get(error.status_code, str(error.detail))
        return _json({"error": reason}, error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def refuse_words(request, error):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return _json({"error": f"{place}: {first['msg']}"}, 422)

    @app.exception_handler(Exception)
    async def fail(request, error):
        return _json({"error": _FAILED}, 500)


def _add_page(app):
    page = read_page()

    def send(name):
        content, kind = page[name]
        return Response(content, media_type=kind, headers=HEADERS)

    @app.get("/", include_in_schema=False)
    async def index():
        return send(INDEX)

    @app.get("/page/{name}", include_in_schema=False)
    async def file(name: str):
        if name not in page:
            raise HTTPException(404)
        return send(name)


def _add_state(app, served, metrics, with_key):
    @app.get("/healthz", summary="Whether the server is there")
    async def healthz():
        return _json({"status": "ok"})

    @app.get(
        "/metrics",
        summary="For Prometheus",
        dependencies=with_key,
        response_class=PlainTextResponse,
        responses=_openapi.refusals(401),
    )
    async def show_metrics():
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(metrics.page(), headers={"Content-Type": kind})

    @app.get(
        "/v1/models/{name}",
        summary="The model's state, as TensorFlow Serving tells it",
        dependencies=with_key,
        responses=_openapi.answers({"type": "object"}),
    )
    async def model_status(name: str):
        check_name(name, served)
        status = {
            "version": str(served.version),
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
        return _json({"model_version_status": [status]})

    @app.get(
        "/v1/models/{name}/metadata",
        summary="What the model takes and gives",
        dependencies=with_key,
        responses=_openapi.answers({"type": "object"}),
    )
    async def model_metadata(name: str):
        check_name(name, served)
        spec = {"name": name, "signature_name": "", "version": str(served.version)}
        metadata = {
            "classes": served.reader.classes,
            "image_shape": served.reader.image_shape,
        }
        return _json({"model_spec": spec, "metadata": metadata})


def _add_predict(app, served, key, limits, gate, metrics):
    """Add what is asked for often, without what FastAPI does for each request."""

    async def read(request, parse):
        """Have the pictures of a request decoded, cut to the model's, and read."""
        served.look()
        reader = served.reader

        async def work(content, run):
            pictures = []

            def cut():
                pictures.extend(parse(content, reader.image_shape))
                return [reader.crop(picture.pixels) for picture in pictures]

            if len(content) > _FEW_BYTES:
                crops = await run(cut)
                crops, predictions = await reader.batches.predict(lambda: crops)
            else:
                crops, predictions = await reader.batches.predict(cut)
            metrics.pictures.inc(len(crops))
            return pictures, crops, predictions

        return reader.classes, *await gate.answer(request, work)

    async def predict_instances(request):
        key.check(request)
        check_name(request.path_params["name"], served)

        def parse(content, shape):
            return read_instances(content, shape, limits)

        classes, _, _, predictions = await read(request, parse)
        rows = [describe_row(prediction, classes) for prediction in predictions]
        return _json({"predictions": rows})

    async def predict_uploads(request):
        key.check(request)
        with_crops = _truth(request.query_params, "crop")
        kind = request.headers.get("content-type", "")

        def parse(content, shape):
            return read_uploads(content, kind, shape, limits)

        _, pictures, crops, predictions = await read(request, parse)
        readings = [
            describe_letter(picture.name, prediction)
            for picture, prediction in zip(pictures, predictions, strict=True)
        ]
        if with_crops:
            for reading, pixels in zip(readings, crops, strict=True):
                reading["crop"] = as_data_url(pixels)
        return _json({"predictions": readings})

    app.add_route("/v1/models/{name}:predict", predict_instances, methods=["POST"])
    app.add_route("/predict", predict_uploads, methods=["POST"])
    _openapi.describe_predict(app)


def _truth(words, name):
    """Read whether a word of the address says yes; without it, no."""
    word = words.get(name, "false").lower()
    if word not in _TRUE + _FALSE:
        raise Refusal(422, f"query.{name}: expected true or false; got {word[:80]!r}")
    return word in _TRUE


def check_name(name, served):
    """Refuse the name of another model.

    Parameters
    ----------
    name : str
        In the address.
    served : ServedModel
        The model that there is.

    Raises
    ------
    Refusal
        If it is not this one's.
    """
    if name != served.name:
        raise Refusal(
            404, f"there is no model {name[:80]!r}; the one here is {served.name!r}"
        )


def _json(value, status=200, headers=None):
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(
        content.encode("utf-8", "backslashreplace"),
        status,
        headers,
        "application/json",
    )
