"""WebSockets: their number, messages to them, and their ends."""

import asyncio
from collections import Counter
from contextlib import contextmanager, suppress

from starlette.websockets import WebSocketDisconnect, WebSocketState

from skl_signlang._web._http_error import HTTPError
from skl_signlang._web._json_response import json_response, to_json

IDLE, INVALID, TOO_MANY, FAILED = 1001, 1007, 1008, 1011
"""Codes with which connections are closed."""

_GONE = 1006


class ConnectionLimiter:
    """Limit on open connections, in all and of each client."""

    def __init__(self, max_open, max_of_client, things):
        self._max_open, self._max_of_client = max_open, max_of_client
        self._things = things
        self._n_of_client = Counter()

    @property
    def n_open(self):
        """Number of open connections."""
        return self._n_of_client.total()

    @contextmanager
    def admit(self, client):
        """Count a connection while it is open, or raise an error."""
        if self.n_open >= self._max_open:
            raise _busy_error(f"{self.n_open} {self._things} are connected")
        if self._n_of_client[client] >= self._max_of_client:
            raise _busy_error(
                f"{self._n_of_client[client]} {self._things} of yours are"
            )
        self._n_of_client[client] += 1
        try:
            yield
        finally:
            self._n_of_client[client] -= 1
            self._n_of_client += Counter()  # forget clients without a connection


@contextmanager
def to_client():
    """Raise WebSocketDisconnect where the client is gone, for which uvicorn differs."""
    try:
        yield
    except RuntimeError as error:
        if "websocket.close" not in str(error):
            raise
        raise WebSocketDisconnect(_GONE) from error


async def admit_socket(websocket, limiter, talk, check=None):
    """Run `talk` on a connection that is checked and admitted, or refuse it."""
    client = websocket.client.host if websocket.client else None
    try:
        if check is not None:
            check(websocket)
        with limiter.admit(client), suppress(WebSocketDisconnect):
            await talk(websocket)
    except HTTPError as error:
        response = json_response({"error": error.reason}, error.status, error.headers)
        with suppress(WebSocketDisconnect), to_client():
            await websocket.send_denial_response(response)


async def send_json(websocket, value, seconds):
    """Send a value as JSON; a client that does not read it in time is disconnected."""
    text = to_json(value)
    try:
        with to_client():
            async with asyncio.timeout(seconds):
                await websocket.send_text(text)
    except TimeoutError:
        raise WebSocketDisconnect(TOO_MANY) from None


async def close_socket(websocket, code, reason, seconds):
    """Close a connection, unless the client has."""
    if websocket.client_state == WebSocketState.CONNECTED:
        with suppress(TimeoutError), to_client():
            async with asyncio.timeout(seconds):
                await websocket.close(code, reason)


def _busy_error(why):
    return HTTPError(429, f"{why}; try again later", {"Retry-After": "5"})
