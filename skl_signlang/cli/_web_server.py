"""uvicorn for the commands that serve."""

import asyncio
import gc
import ipaddress
import math
import signal
import socket
from contextlib import contextmanager
from functools import partial

from skl_signlang._language import translate
from skl_signlang._web import require_web_libraries
from skl_signlang.cli._output import print_progress

TAKE_IN_SECONDS = 0.2


def check_server():
    """Raise ImportError if a library of the server is not installed."""
    require_web_libraries("httptools", "uvicorn", "websockets")


def bind(host, port):
    """Bind a port without listening on it yet."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OSError(
            translate(
                "{host}:{port} is not available: {reason}.",
                host=host,
                port=port,
                reason=reason,
            )
        ) from error
    return bound


def is_loopback(bound):
    """Return whether other machines cannot reach a socket."""
    address = bound.getsockname()[0].partition("%")[0]
    return ipaddress.ip_address(address).is_loopback


def run_server(app, bound, host, describe, *, seconds, **options):
    """Serve an application on a socket until SIGTERM or Ctrl-C.

    `describe` returns what is printed about a URL.
    """
    scheme = "https" if options.get("ssl_certfile") else "http"
    name = f"[{host}]" if ":" in host else host
    url = f"{scheme}://{name}:{bound.getsockname()[1]}"
    server = _make_server(configure(app, seconds, **options), describe(url))
    server.run(sockets=[bound])


def configure(app, seconds, **options):
    """Return uvicorn's configuration for an application and its timeout."""
    import uvicorn

    from skl_signlang._web import BoundedProtocol, BoundedWebSocket

    return uvicorn.Config(
        app,
        http=partial(BoundedProtocol, seconds=seconds),
        ws=partial(BoundedWebSocket, seconds=seconds),
        ws_max_size=app.state.max_message_bytes,
        ws_per_message_deflate=False,
        # uvicorn warns about every malformed request
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=math.ceil(seconds) + 1,
        **options,
    )


def _make_server(config, place):
    """Return a server that prints its URL and exits with 0 on a signal."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            # a full garbage collection over the libraries takes 0.1 s
            gc.collect()
            gc.freeze()
            if self.started:
                print_progress(
                    translate("Serving at {place} (press Ctrl-C to stop)", place=place)
                )

        async def shutdown(self, sockets=None):
            # idle connections will be closed: first read what has been received
            for listening in self.servers:
                listening.close()
            await asyncio.sleep(TAKE_IN_SECONDS)
            await super().shutdown(sockets)

        @contextmanager
        def capture_signals(self):
            signals = (signal.SIGINT, signal.SIGTERM)
            before = {one: signal.signal(one, self.handle_exit) for one in signals}
            try:
                yield
            finally:
                for one, handler in before.items():
                    signal.signal(one, handler)

    return Server(config)
