"""Endpoints of the server."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

import skl_signlang
from skl_signlang.serving import _openapi
from skl_signlang.serving._access import Access
from skl_signlang.serving._answers import (
    as_data_url,
    as_json,
    describe_letter,
    describe_row,
)
from skl_signlang.serving._http import PlainHTTP
from skl_signlang.serving._http_error import HTTPError
from skl_signlang.serving._json_meter import JsonMeter, count_numbers
from skl_signlang.serving._limiter import FEW_BYTES, ConcurrencyLimiter
from skl_signlang.serving._metrics import Measured, Metrics
from skl_signlang.serving._page import HEADERS, INDEX, read_page
from skl_signlang.serving._request_bodies import read_instances, read_uploads
from skl_signlang.serving._served_model import RELOAD_SECONDS
from skl_signlang.serving._signature import describe_signature

_FAILED = "the server failed; its log says why"
_TRUE, _FALSE = ("true", "1", "on", "yes"), ("false", "0", "off", "no")
# Limits of bodies that are decoded in the thread of the model
_FEW_PIXELS, _FEW_IMAGES = 1 << 18, 4
_MODEL = "/v1/models/{name}"
_VERSION = _MODEL + "/versions/{version}"


def make_routes(served, key, limits, allowed_hosts, cors_origins):
    """Build the FastAPI application of a model."""
    limiter = ConcurrencyLimiter(limits)
    metrics = Metrics(limiter, served)
    app = FastAPI(
        title="skl_signlang",
        version=skl_signlang.__version__,
        description="Letters of the American manual alphabet from images. Where the "
        "server has an API key, send X-API-Key: KEY or Authorization: Bearer KEY.",
        lifespan=_lifespan(served, limiter),
        # these pages load scripts from other sites
        docs_url=None,
        redoc_url=None,
        # a redirect would contain the Host of the request
        redirect_slashes=False,
    )
    # the last middleware is the outermost
    app.add_middleware(Access, allowed_hosts=allowed_hosts, cors_origins=cors_origins)
    app.add_middleware(PlainHTTP)
    app.add_middleware(Measured, metrics=metrics)
    _add_errors(app)
    # routes are tried in this order
    _add_predict(app, served, key, limits, limiter, metrics)
    _add_page(app)

    async def check_key(request: Request):
        key.check(request)

    _add_state(app, served, metrics, [Depends(check_key)])
    return app


def _lifespan(served, limiter):
    async def look_at_file():
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            served.reload_if_changed()

    @asynccontextmanager
    async def lifespan(app):
        task = asyncio.ensure_future(look_at_file())
        yield
        task.cancel()
        limiter.close()

    return lifespan


def _add_errors(app):
    """Return all errors in TensorFlow Serving's format."""

    @app.exception_handler(HTTPError)
    async def refuse(request, refusal):
        return as_json({"error": refusal.reason}, refusal.status, refusal.headers)

    @app.exception_handler(HTTPException)
    async def refuse_address(request, error):
        what = f"{request.method} {request.url.path[:200]}"
        reasons = {404: f"there is no {what}", 405: f"{what} is not available"}
        reason = reasons.get(error.status_code, str(error.detail))
        headers = dict(error.headers or {})
        if "GET" in headers.get("Allow", ""):
            headers["Allow"] += ", HEAD"
        return as_json({"error": reason}, error.status_code, headers)

    @app.exception_handler(RequestValidationError)
    async def refuse_words(request, error):
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        return as_json({"error": f"{place}: {first['msg']}"}, 422)

    @app.exception_handler(Exception)
    async def fail(request, error):
        return as_json({"error": _FAILED}, 500)


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
        return as_json({"status": "ok"})

    @app.get(
        "/metrics",
        summary="For Prometheus",
        dependencies=with_key,
        response_class=PlainTextResponse,
        responses=_openapi.error_responses(401),
    )
    async def show_metrics():
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(metrics.page(), headers={"Content-Type": kind})

    about = {
        "dependencies": with_key,
        "responses": _openapi.answers({"type": "object"}),
    }

    @app.get(
        _MODEL, summary="The model's state, as TensorFlow Serving tells it", **about
    )
    @app.get(_VERSION, summary="The state of the version in use", **about)
    async def model_status(name: str, version: str | None = None):
        check_name(name, version, served)
        status = {
            "version": str(served.version),
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
        return as_json({"model_version_status": [status]})

    @app.get(_MODEL + "/metadata", summary="What the model takes and gives", **about)
    @app.get(_VERSION + "/metadata", summary="The same of the version in use", **about)
    async def model_metadata(name: str, version: str | None = None):
        check_name(name, version, served)
        loaded = served.loaded
        spec = {"name": name, "signature_name": "", "version": str(served.version)}
        metadata = {
            "signature_def": describe_signature(
                loaded.image_shape, len(loaded.classes)
            ),
            "classes": loaded.classes,
            "image_shape": loaded.image_shape,
        }
        return as_json({"model_spec": spec, "metadata": metadata})


def _add_predict(app, served, key, limits, limiter, metrics):
    """Add the prediction endpoints, without FastAPI's overhead per request."""
    few = replace(
        limits,
        max_pixels=min(limits.max_pixels, _FEW_PIXELS),
        max_batch=min(limits.max_batch, _FEW_IMAGES),
    )

    async def read(request, parse, meter, with_crops=False):
        """Decode, crop and predict the images of a request."""
        served.reload_if_changed()
        loaded = served.loaded

        async def work(content, run):
            found = []

            def cut(limits):
                images, *form = parse(content, loaded.image_shape, limits)
                crops = [loaded.crop(image.pixels) for image in images]
                urls = [as_data_url(crop) for crop in crops if with_crops]
                # without the pixels, to free memory
                names = [image.name for image in images]
                found.extend([names, urls, *form])
                return crops

            predictions = None
            if len(content) <= FEW_BYTES:
                # on errors it is invalid, or large despite few bytes
                with suppress(HTTPError):
                    _, predictions = await loaded.batches.predict(lambda: cut(few))
            if predictions is None:
                crops = await run(lambda: cut(limits))
                _, predictions = await loaded.batches.predict(lambda: crops, True)
            metrics.images.inc(len(predictions))
            return predictions, *found

        return loaded, await limiter.answer(request, work, meter)

    async def predict_instances(request):
        key.check(request)
        params = request.path_params
        check_name(params["name"], params.get("version"), served)
        n_numbers = count_numbers(served.loaded.image_shape, limits.max_batch)
        meter = JsonMeter(n_numbers, limits.max_batch, b"b64")
        loaded, answer = await read(request, read_instances, meter)
        predictions, _, _, form = answer
        rows = [describe_row(one, loaded.classes) for one in predictions]
        return as_json({form: rows})

    async def predict_uploads(request):
        key.check(request)
        with_crops = _truth(request.query_params, "crop")
        kind = request.headers.get("content-type", "")
        is_json = kind.partition(";")[0].strip().lower() == "application/json"
        meter = JsonMeter(0, limits.max_batch) if is_json else None

        def parse(content, shape, limits):
            return (read_uploads(content, kind, shape, limits),)

        _, answer = await read(request, parse, meter, with_crops)
        predictions, names, urls = answer
        readings = [
            describe_letter(name, prediction)
            for name, prediction in zip(names, predictions, strict=True)
        ]
        for reading, url in zip(readings, urls, strict=False):
            reading["crop"] = url
        return as_json({"predictions": readings})

    for place in (_MODEL, _VERSION):
        app.add_route(place + ":predict", predict_instances, methods=["POST"])
    app.add_route("/predict", predict_uploads, methods=["POST"])
    _openapi.describe_predict(app)


def _truth(words, name):
    """Parse a boolean of the query string; False by default."""
    word = words.get(name, "false").lower()
    if word not in _TRUE + _FALSE:
        raise HTTPError(422, f"query.{name}: expected true or false; got {word[:80]!r}")
    return word in _TRUE


def check_name(name, version, served):
    """Raise HTTPError for the name or version of another model."""
    if name != served.name:
        raise HTTPError(
            404, f"there is no model {name[:80]!r}; the one here is {served.name!r}"
        )
    if version not in (None, str(served.version)):
        raise HTTPError(
            404,
            f"there is no version {version[:80]!r} of the model; the one in use is "
            f"{served.version}",
        )
