"""The WebSocket of the playground: one training a connection."""

import asyncio
import logging

from starlette.websockets import WebSocket

from skl_signlang._playground._live_training import LiveTraining
from skl_signlang._playground._messages import Start, Stop, parse_message
from skl_signlang._web import (
    FAILED,
    IDLE,
    TOO_MANY,
    HTTPError,
    Rate,
    admit_socket,
    close_socket,
    send_json,
    to_client,
)

TIMEOUT = 10.0
"""Seconds in which a client must read an answer."""

IDLE_SECONDS = 900.0
"""Seconds without a message after which a connection is closed."""

MESSAGES_A_SECOND = 40
"""Maximum number of messages a second, on average over a second."""

_log = logging.getLogger("skl_signlang.playground")


class TrainingSocket:
    """Endpoint that answers each message with the state of a training."""

    def __init__(self, limiter):
        self._limiter = limiter

    async def __call__(self, websocket: WebSocket):
        """Answer messages in their order until the client leaves."""
        await admit_socket(websocket, self._limiter, self._talk)

    async def _talk(self, websocket):
        with to_client():
            await websocket.accept()
        desk, rate = _Desk(), Rate(MESSAGES_A_SECOND)
        try:
            end = None
            while end is None:
                end = await _answer_next(websocket, desk, rate)
        finally:
            desk.stop()
        await close_socket(websocket, *end, TIMEOUT)


async def _answer_next(websocket, desk, rate):
    """Answer the next message, or return the code and reason of the end."""
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            message = await websocket.receive()
    except TimeoutError:
        return IDLE, f"no message for {IDLE_SECONDS:g} seconds"
    if message["type"] == "websocket.disconnect":
        return IDLE, ""
    if not rate.take():
        return TOO_MANY, f"more than {MESSAGES_A_SECOND} messages a second"
    try:
        answer = await desk.answer(parse_message(message.get("text")))
    except HTTPError as error:
        answer = {"error": error.reason, "status": error.status}
    except Exception:
        _log.exception("a message could not be answered")
        return FAILED, "internal error"
    await send_json(websocket, answer, TIMEOUT)
    return None


class _Desk:
    """The training of one connection."""

    def __init__(self):
        self._training = None

    async def answer(self, message):
        if isinstance(message, Start):
            return await self._start(message)
        if self._training is None:
            raise HTTPError(409, 'no training is open; send {"action": "start"} first')
        if isinstance(message, Stop):
            self.stop()
            return {"stopped": True}
        return await asyncio.wrap_future(self._training.ask(message))

    async def _start(self, message):
        if self._training is not None:
            raise HTTPError(
                409,
                "a training is open on this connection; send "
                '{"action": "stop"} before another',
            )
        self._training = LiveTraining(message)
        try:
            state = await asyncio.wrap_future(self._training.start())
        except HTTPError:
            self.stop()
            raise
        return {**self._training.describe(), **state}

    def stop(self):
        if self._training is not None:
            self._training.stop()
            self._training = None
