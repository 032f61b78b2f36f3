"""The server of a saved model."""

import asyncio
import gc
import ipaddress
import math
import os
import signal
import socket
import ssl
import warnings
from contextlib import contextmanager
from functools import partial

from skl_signlang._language import translate
from skl_signlang.cli._find_model import find_model
from skl_signlang.cli._output import print_progress, print_warning
from skl_signlang.serving import create_app

KEY_VARIABLE = "SKL_SIGNLANG_API_KEY"
TAKE_IN_SECONDS = 0.2


def serve(
    model=None,
    *,
    host="127.0.0.1",
    port=8000,
    api_key=None,
    allowed_hosts=(),
    ssl_certfile=None,
    ssl_keyfile=None,
    **limits,
):
    """Serve a model until SIGTERM or Ctrl-C."""
    uvicorn = _import_uvicorn()
    # about the images of clients, and without a bound
    warnings.filterwarnings("ignore", module=r"PIL\.")
    _check_certificate(ssl_certfile, ssl_keyfile)
    # before the model is loaded, for an early error if the port is in use
    with _bind(host, port) as bound:
        model = find_model(model)
        address = ipaddress.ip_address(bound.getsockname()[0].partition("%")[0])
        if not (address.is_loopback or allowed_hosts):
            raise ValueError(
                translate(
                    "--host {host} is open to other machines, and DNS rebinding "
                    "could lead browsers there: add --allowed-host NAME for each "
                    "name that clients use, such as --allowed-host "
                    "letters.example.org.",
                    host=host,
                )
            )
        key = os.environ.get(KEY_VARIABLE) or None if api_key is None else api_key
        hosts = [*allowed_hosts, *filter(None, [host.partition("%")[0]])]
        app = create_app(model, api_key=key, allowed_hosts=hosts, **limits)
        config = _configure(
            uvicorn,
            app,
            limits.get("timeout", 10),
            ssl_certfile=ssl_certfile,
            ssl_keyfile=ssl_keyfile,
        )
        if not address.is_loopback and key is None:
            print_warning(
                translate(
                    "everyone who can reach {host} can use this server; --api-key KEY "
                    "requires a key.",
                    host=host,
                )
            )
        url = _url(bound, host, ssl_certfile)
        place = translate("{url} with {model}", url=url, model=model)
        server = _make_server(uvicorn, config, place)
        server.run(sockets=[bound])
    return 0


def _import_uvicorn():
    try:
        import httptools  # noqa: F401
        import uvicorn
        import websockets  # noqa: F401
    except ImportError as error:
        raise ImportError(
            translate(
                "serving needs {name}, which is not installed; run pip install "
                '"skl_signlang[serve]".',
                name=error.name,
            )
        ) from error
    return uvicorn


def _configure(uvicorn, app, seconds, **options):
    """Return uvicorn's configuration for an application and its timeout."""
    from skl_signlang.serving._protocol import (
        MAX_FRAME_BYTES,
        BoundedProtocol,
        BoundedWebSocket,
    )

    return uvicorn.Config(
        app,
        http=partial(BoundedProtocol, seconds=seconds),
        ws=partial(BoundedWebSocket, seconds=seconds),
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        # uvicorn warns about every malformed request
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=math.ceil(seconds) + 1,
        **options,
    )


def _make_server(uvicorn, config, place):
    """Return a server that prints its URL and exits with 0 on a signal."""

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


def _bind(host, port):
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


def _url(bound, host, ssl_certfile):
    scheme = "https" if ssl_certfile else "http"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{bound.getsockname()[1]}"


def _check_certificate(certfile, keyfile):
    """Load the certificate before the model, for an early error."""
    if certfile is None and keyfile is None:
        return
    if certfile is None:
        raise ValueError(
            translate("--ssl-keyfile needs --ssl-certfile, the certificate.")
        )
    for path in filter(None, (certfile, keyfile)):
        if not os.path.isfile(path):
            raise FileNotFoundError(translate("There is no file {path}.", path=path))
    try:
        ssl.create_default_context().load_cert_chain(certfile, keyfile)
    except ssl.SSLError as error:
        raise ValueError(
            translate(
                "{certfile} and {keyfile} are not a certificate and its key in PEM "
                "format: {reason}.",
                certfile=certfile,
                keyfile=keyfile or "its key",
                reason=error.reason or error,
            )
        ) from error
