"""The WebSocket of frames: text while a hand spells.

The newest frame wins: what comes while a frame is processed replaces what waits.
"""

import asyncio
import base64
import binascii
import logging
from collections import deque
from contextlib import suppress

from starlette.websockets import WebSocket

from skl_signlang._web import (
    FAILED,
    IDLE,
    INVALID,
    TOO_MANY,
    HTTPError,
    Rate,
    admit_socket,
    close_socket,
    send_json,
    to_client,
)
from skl_signlang.serving._spelling import Spelling, parse_edit

PROTOCOL = "skl-signlang"
"""The subprotocol; browsers send the API key as another, see `_WithKey`."""

IDLE_SECONDS = 30.0
"""Seconds without a message after which a connection is closed."""

MESSAGES_A_SECOND = 40
"""Maximum number of messages a second, on average over a second."""

_KEY = "key."
_MAX_EDITS = 16
_REPLACED = 1012

_log = logging.getLogger("skl_signlang.serving")


class FrameSocket:
    """Endpoint that reads the frames of a camera."""

    def __init__(self, served, key, limits, limiter, metrics, threads):
        self._served, self._key, self._limits = served, key, limits
        self._limiter, self._metrics, self._threads = limiter, metrics, threads

    async def __call__(self, websocket: WebSocket):
        """Check a connection before it is accepted, and answer its frames."""

        def check(websocket):
            self._key.check(_WithKey(websocket))

        await admit_socket(websocket, self._limiter, self._accept, check)

    async def _accept(self, websocket):
        offered = websocket.scope["subprotocols"]
        with to_client():
            await websocket.accept(PROTOCOL if PROTOCOL in offered else None)
        loaded = self._served.loaded
        spelling = Spelling(await self._run(loaded.open_stream), self._limits)
        await self._send(
            websocket,
            {
                "model": self._served.name,
                "version": self._served.version,
                "classes": loaded.classes,
                "follows_hand": loaded.follows_hand,
                "has_words": loaded.has_words,
            },
        )
        inbox = _Inbox()
        reader = asyncio.ensure_future(_receive(websocket, inbox))
        try:
            await self._answer(websocket, spelling, inbox, loaded)
        finally:
            reader.cancel()
        if inbox.end:
            await close_socket(websocket, *inbox.end, self._limits.timeout)

    async def _answer(self, websocket, spelling, inbox, loaded):
        while (message := await inbox.take()) is not None:
            if self._served.loaded is not loaded:
                inbox.close(_REPLACED, "the model was replaced; connect again")
                return
            try:
                answer = await self._run(spelling.process, message)
            except HTTPError as error:
                answer = {"error": error.reason, "status": error.status}
            except Exception:
                _log.exception("a frame could not be processed")
                inbox.close(FAILED, "internal error")
                return
            self._metrics.frames.inc()
            self._metrics.skipped_frames.inc(inbox.n_skipped)
            await self._send(websocket, answer | {"n_skipped": inbox.count_skipped()})

    async def _send(self, websocket, answer):
        await send_json(websocket, answer, self._limits.timeout)

    async def _run(self, function, *arguments):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function, *arguments)


class _Inbox:
    """Messages that wait: edits in their order, and the newest frame."""

    def __init__(self):
        self.end = None
        self.n_skipped = 0
        self._edits, self._frame = deque(), None
        self._changed = asyncio.Event()

    async def take(self):
        """Wait for the next message; None at the end."""
        await self._changed.wait()
        if self.end is not None:
            return None
        if self._edits:
            message = self._edits.popleft()
        else:
            message, self._frame = self._frame, None
        if not self._edits and self._frame is None:
            self._changed.clear()
        return message

    def put_frame(self, frame):
        self.n_skipped += self._frame is not None
        self._frame = frame
        self._changed.set()

    def put_edit(self, edit):
        if len(self._edits) >= _MAX_EDITS:
            self.close(TOO_MANY, "too many messages")
            return
        self._edits.append(edit)
        self._changed.set()

    def close(self, code=None, reason=""):
        """End the connection, by a close message if there is a code."""
        if self.end is None:
            self.end = (code, reason) if code else ()
        self._changed.set()

    def count_skipped(self):
        """Return the number of frames skipped since the last call."""
        n, self.n_skipped = self.n_skipped, 0
        return n


async def _receive(websocket, inbox):
    """Move messages to the inbox until the connection ends."""
    rate = Rate(MESSAGES_A_SECOND)
    while inbox.end is None:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                message = await websocket.receive()
        except TimeoutError:
            inbox.close(IDLE, f"no frame for {IDLE_SECONDS:g} seconds")
            return
        if message["type"] == "websocket.disconnect":
            inbox.close()
        elif not rate.take():
            inbox.close(TOO_MANY, f"more than {MESSAGES_A_SECOND} messages a second")
        elif message.get("bytes") is not None:
            inbox.put_frame(message["bytes"])
        else:
            try:
                inbox.put_edit(parse_edit(message["text"]))
            except HTTPError as error:
                inbox.close(INVALID, error.reason[:100])


class _WithKey:
    """The headers of a connection, with the API key that a browser sent.

    A page cannot set headers of a WebSocket, only subprotocols: "key." and the key in
    base64url.
    """

    def __init__(self, websocket):
        self.headers = dict(websocket.headers)
        for offered in websocket.scope["subprotocols"]:
            if offered.startswith(_KEY) and "x-api-key" not in self.headers:
                text = offered.removeprefix(_KEY)
                with suppress(binascii.Error, ValueError):
                    key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
                    self.headers["x-api-key"] = key.decode()
