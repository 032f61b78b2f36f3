"""Limits on concurrent requests, their size and their duration."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect

from skl_signlang._web import HTTPError
from skl_signlang.serving._throttle import Throttle

FEW_BYTES = 16 << 10
"""Maximum bytes of a body for which a thread costs more than decoding."""

_BODIES_IN_MEMORY = 8
_MAX_THREADS = 4
_PLAIN = {"content-encoding": "identity", "transfer-encoding": "chunked"}


class ConcurrencyLimiter:
    """Limit on concurrent requests; requests above it fail at once.

    Large requests take turns, which leaves time for small ones.
    """

    def __init__(self, limits):
        self.n_in_flight = 0
        self._limits = limits
        self._n_bytes = 0
        self._throttle = Throttle()
        # the other cores are for small requests and the model; each thread needs memory
        n_threads = min(_MAX_THREADS, max(1, (os.cpu_count() or 1) // 2))
        self._threads = ThreadPoolExecutor(n_threads, "images")

    async def process(self, request, work, meter=None):
        """Read the body of a request, and process it within the timeout."""
        given = request.headers
        if any(given.get(key, x).strip().lower() != x for key, x in _PLAIN.items()):
            raise HTTPError(415, "the body is compressed; send it uncompressed")
        if self.n_in_flight >= self._limits.max_in_flight:
            raise _busy_error(f"{self.n_in_flight} requests are being answered")
        self.n_in_flight += 1
        task = None
        state = _RequestState(asyncio.get_running_loop().time() + self._limits.timeout)
        try:
            content = await self._read_body(request, state, meter)
            task = asyncio.ensure_future(
                work(content, lambda function: self._run(function, state))
            )
            # threads cannot be stopped: a late request counts until it ends
            if not (await asyncio.wait([task], timeout=state.seconds_left()))[0]:
                reason = f"no answer within {self._limits.timeout:g} seconds"
                raise HTTPError(503, reason, {"Retry-After": "1"})
            return task.result()
        finally:
            if task is None or task.done():
                self._release(state)
            else:
                task.add_done_callback(lambda task: self._release(state, task))

    async def _run(self, function, state):
        await self._wait_for_turn(state)
        loop = asyncio.get_running_loop()
        start = time.monotonic()
        end = start + state.seconds_left()

        def run_in_time():
            if time.monotonic() > end:
                raise _busy_error("other large requests are being processed")
            return function()

        try:
            return await loop.run_in_executor(self._threads, run_in_time)
        finally:
            self._throttle.record(time.monotonic() - start)

    async def _wait_for_turn(self, state):
        if not await self._throttle.acquire(state.seconds_left()):
            raise _busy_error("other large requests are being processed")

    async def _read_body(self, request, state, meter):
        most = self._limits.max_bytes
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            raise _size_error(most)
        chunks, n_bytes = [], 0
        try:
            async with asyncio.timeout_at(state.deadline):
                async for chunk in request.stream():
                    n_bytes += len(chunk)
                    if n_bytes > most:
                        raise _size_error(most)
                    chunks.append(chunk)
                    if n_bytes > FEW_BYTES:
                        await self._wait_for_turn(state)
                        self._count_chunks(n_bytes, state, chunks, meter)
        except TimeoutError:
            reason = f"the request took more than {self._limits.timeout:g} seconds"
            raise HTTPError(408, reason, {"Connection": "close"}) from None
        except ClientDisconnect:
            raise HTTPError(400, "the client disconnected") from None
        return b"".join(chunks)

    def _count_chunks(self, n_bytes, state, chunks, meter):
        """Count the bytes of a large body that were received since the last call."""
        start = time.monotonic()
        self._n_bytes += n_bytes - state.n_bytes
        state.n_bytes = n_bytes
        if self._n_bytes > self._limits.max_bytes * _BODIES_IN_MEMORY:
            raise _busy_error(f"requests of {self._n_bytes:,} bytes are being answered")
        try:
            while meter is not None and state.n_metered < len(chunks):
                meter.feed(chunks[state.n_metered])
                state.n_metered += 1
        except HTTPError:
            self._throttle.record_refusal()
            raise
        finally:
            self._throttle.record(time.monotonic() - start)

    def _release(self, state, task=None):
        self.n_in_flight -= 1
        self._n_bytes -= state.n_bytes
        if task is not None and not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not warn


class _RequestState:
    """Deadline and received bytes of one request."""

    def __init__(self, deadline):
        self.deadline = deadline
        self.n_bytes = 0
        self.n_metered = 0

    def seconds_left(self):
        return self.deadline - asyncio.get_running_loop().time()


def _busy_error(why):
    return HTTPError(429, f"{why}; try again later", {"Retry-After": "1"})


def _size_error(most):
    return HTTPError(413, f"the request has more than {most:,} bytes")
