"""Endpoints of the server."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

import skl_signlang
from skl_signlang._web import (
    AccessMiddleware,
    ConnectionLimiter,
    HTTPError,
    HTTPMiddleware,
    add_error_handlers,
    add_page,
    json_response,
)
from skl_signlang.serving import _openapi
from skl_signlang.serving._frames import FrameSocket
from skl_signlang.serving._json_meter import JsonMeter, count_numbers
from skl_signlang.serving._limiter import FEW_BYTES, ConcurrencyLimiter
from skl_signlang.serving._metrics import Metrics, MetricsMiddleware
from skl_signlang.serving._request_bodies import read_instances, read_uploads
from skl_signlang.serving._responses import (
    prediction_to_json,
    prediction_to_row,
    to_data_url,
)
from skl_signlang.serving._served_model import RELOAD_SECONDS
from skl_signlang.serving._signature import describe_signature
from skl_signlang.serving._spelling import MAX_MESSAGE_BYTES

_TRUE, _FALSE = ("true", "1", "on", "yes"), ("false", "0", "off", "no")
# Limits of bodies that are decoded in the thread of the model
_FEW_PIXELS, _FEW_IMAGES = 1 << 18, 4
_MODEL = "/v1/models/{name}"
_VERSION = _MODEL + "/versions/{version}"
_PREDICT = ":predict"


def make_routes(served, key, limits, allowed_hosts, cors_origins):
    """Build the FastAPI application of a model."""
    limiter = ConcurrencyLimiter(limits)
    connections = ConnectionLimiter(
        limits.max_streams, limits.max_streams_per_client, "cameras"
    )
    metrics = Metrics(limiter, connections, served)
    threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "frames")
    app = FastAPI(
        title="skl_signlang",
        version=skl_signlang.__version__,
        description="Letters of the American manual alphabet from images. Where the "
        "server has an API key, send X-API-Key: KEY or Authorization: Bearer KEY.",
        lifespan=_lifespan(served),
        # these pages load scripts from other sites
        docs_url=None,
        redoc_url=None,
        # a redirect would contain the Host of the request
        redirect_slashes=False,
    )
    # the last middleware is the outermost
    app.add_middleware(
        AccessMiddleware, allowed_hosts=allowed_hosts, cors_origins=cors_origins
    )
    app.add_middleware(HTTPMiddleware)
    app.add_middleware(MetricsMiddleware, metrics=metrics)
    add_error_handlers(app)
    app.state.max_message_bytes = MAX_MESSAGE_BYTES
    # routes are tried in this order
    _add_predict(app, served, key, limits, limiter, metrics)
    app.add_api_websocket_route(
        "/v1/spell",
        FrameSocket(served, key, limits, connections, metrics, threads).__call__,
    )
    add_page(app, __package__, camera=True)

    async def check_key(request: Request):
        key.check(request)

    _add_state(app, served, metrics, [Depends(check_key)])
    return app


def _lifespan(served):
    async def watch_file():
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            served.reload_if_changed()

    @asynccontextmanager
    async def lifespan(app):
        task = asyncio.ensure_future(watch_file())
        yield
        task.cancel()

    return lifespan


def _add_state(app, served, metrics, with_key):
    @app.get("/healthz", summary="Whether the server is running")
    async def healthz():
        return json_response({"status": "ok"})

    @app.get(
        "/metrics",
        summary="Metrics for Prometheus",
        dependencies=with_key,
        response_class=PlainTextResponse,
        responses=_openapi.error_responses(401),
    )
    async def show_metrics():
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(metrics.render(), headers={"Content-Type": kind})

    about = {
        "dependencies": with_key,
        "responses": _openapi.json_responses({"type": "object"}),
    }

    @app.get(
        _MODEL, summary="State of the model in TensorFlow Serving's format", **about
    )
    @app.get(_VERSION, summary="State of the current version", **about)
    async def model_status(name: str, version: str | None = None):
        check_name(name, version, served)
        status = {
            "version": str(served.version),
            "state": "AVAILABLE",
            "status": {"error_code": "OK", "error_message": ""},
        }
        return json_response({"model_version_status": [status]})

    @app.get(_MODEL + "/metadata", summary="Input and output of the model", **about)
    @app.get(
        _VERSION + "/metadata",
        summary="Input and output of the current version",
        **about,
    )
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
        return json_response({"model_spec": spec, "metadata": metadata})


def _add_predict(app, served, key, limits, limiter, metrics):
    """Add the prediction endpoints, without FastAPI's overhead per request."""
    few = replace(
        limits,
        max_pixels=min(limits.max_pixels, _FEW_PIXELS),
        max_batch=min(limits.max_batch, _FEW_IMAGES),
    )

    async def predict(request, parse, meter, with_crops=False):
        """Decode, crop and predict the images of a request."""
        served.reload_if_changed()
        loaded = served.loaded

        async def process(content, run):
            found = []

            def crop_images(limits):
                images, *form = parse(content, loaded.image_shape, limits)
                crops = [loaded.crop(image.pixels) for image in images]
                urls = [to_data_url(crop) for crop in crops if with_crops]
                # without the pixels, to free memory
                names = [image.name for image in images]
                found.extend([names, urls, *form])
                return crops

            predictions = None
            if len(content) <= FEW_BYTES:
                # on errors it is invalid, or large despite few bytes
                with suppress(HTTPError):
                    _, predictions = await loaded.batcher.predict(
                        lambda: crop_images(few)
                    )
            if predictions is None:
                crops = await run(lambda: crop_images(limits))
                _, predictions = await loaded.batcher.predict(lambda: crops, True)
            metrics.images.inc(len(predictions))
            return predictions, *found

        return loaded, await limiter.process(request, process, meter)

    async def predict_instances(request):
        key.check(request)
        params = request.path_params
        check_name(params["name"], params.get("version"), served)
        n_numbers = count_numbers(served.loaded.image_shape, limits.max_batch)
        meter = JsonMeter(n_numbers, limits.max_batch, b"b64")
        loaded, answer = await predict(request, read_instances, meter)
        predictions, _, _, form = answer
        rows = [prediction_to_row(one, loaded.classes) for one in predictions]
        return json_response({form: rows})

    async def predict_uploads(request):
        key.check(request)
        with_crops = _parse_bool(request.query_params, "crop")
        kind = request.headers.get("content-type", "")
        is_json = kind.partition(";")[0].strip().lower() == "application/json"
        meter = JsonMeter(0, limits.max_batch) if is_json else None

        def parse(content, shape, limits):
            return (read_uploads(content, kind, shape, limits),)

        _, answer = await predict(request, parse, meter, with_crops)
        predictions, names, urls = answer
        results = [
            prediction_to_json(name, prediction)
            for name, prediction in zip(names, predictions, strict=True)
        ]
        for result, url in zip(results, urls, strict=False):
            result["crop"] = url
        return json_response({"model": served.name, "predictions": results})

    for place in (_MODEL, _VERSION):
        app.add_route(place + _PREDICT, predict_instances, methods=["POST"])
    app.add_route("/predict", predict_uploads, methods=["POST"])
    _openapi.describe_predict(app)


def _parse_bool(words, name):
    """Parse a boolean of the query string; False by default."""
    word = words.get(name, "false").lower()
    if word not in _TRUE + _FALSE:
        raise HTTPError(422, f"query.{name}: expected true or false; got {word[:80]!r}")
    return word in _TRUE


def check_name(name, version, served):
    """Raise HTTPError for the name or version of another model."""
    if (version or name).endswith(_PREDICT):
        raise HTTPError(405, "predictions are made by POST", {"Allow": "POST"})
    if name != served.name:
        raise HTTPError(
            404, f"unknown model {name[:80]!r}; this server has {served.name!r}"
        )
    if version not in (None, str(served.version)):
        raise HTTPError(
            404,
            f"unknown version {version[:80]!r} of the model; the current one is "
            f"{served.version}",
        )
