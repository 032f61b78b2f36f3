"""Prometheus metrics."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

_PATHS = ("/", "/predict", "/healthz", "/metrics", "/openapi.json")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Metrics of one application."""

    def __init__(self, limiter, connections, served):
        self._registry = CollectorRegistry()
        about = {"registry": self._registry, "namespace": "skl_signlang"}
        self._requests = Counter(
            "requests", "Requests answered", ["endpoint", "status"], **about
        )
        self._seconds = Histogram(
            "request_seconds",
            "Seconds from the head of a request to its response",
            ["endpoint"],
            buckets=_SECONDS,
            **about,
        )
        self.images = Counter("images", "Images predicted", **about)
        self.frames = Counter("frames", "Messages of cameras answered", **about)
        self.skipped_frames = Counter(
            "skipped_frames", "Frames of cameras that a newer one replaced", **about
        )
        streams = Gauge("streams_open", "Cameras connected", **about)
        streams.set_function(lambda: connections.n_open)
        flight = Gauge("requests_in_flight", "Requests in progress", **about)
        flight.set_function(lambda: limiter.n_in_flight)
        version = Gauge(
            "model_version", "Version of the model: 1, plus 1 per reload", **about
        )
        version.set_function(lambda: served.version)
        failures = Gauge("model_load_failures", "Failed reloads", **about)
        failures.set_function(lambda: served.n_failures)

    def observe(self, path, status, seconds):
        """Record a response."""
        endpoint = path if path in _PATHS else "other"
        if path.startswith("/v1/models/"):
            endpoint = "/v1/models"
        self._requests.labels(endpoint, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def render(self):
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class MetricsMiddleware:
    """ASGI middleware that records responses."""

    def __init__(self, app, metrics):
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, start = 500, time.perf_counter()

        async def send_on(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        finally:
            seconds = time.perf_counter() - start
            self._metrics.observe(scope["path"], status, seconds)
