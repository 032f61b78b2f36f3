"""Limits on concurrent requests, their size and their duration."""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect

from skl_signlang.serving._http_error import HTTPError
from skl_signlang.serving._pace import Pace

FEW_BYTES = 16 << 10
"""Maximum bytes of a body for which a thread costs more than decoding."""

_BODIES_IN_MEMORY = 8
_MOST_THREADS = 4


class ConcurrencyLimiter:
    """Limit on concurrent requests; requests above it fail at once.

    Large requests take turns, which leaves time for small ones.
    """

    def __init__(self, limits):
        self.n_in_flight = 0
        self._limits = limits
        self._n_bytes = 0
        self._pace = Pace()
        # the other cores are for small requests and the model; each thread needs memory
        n_threads = min(_MOST_THREADS, max(1, (os.cpu_count() or 1) // 2))
        self._threads = ThreadPoolExecutor(n_threads, "images")

    async def answer(self, request, work, meter=None):
        """Read the body of a request, and process it within the timeout."""
        encoding = request.headers.get("content-encoding", "identity").lower()
        if encoding != "identity":
            raise HTTPError(415, "the body is compressed; send it without that")
        if self.n_in_flight >= self._limits.max_in_flight:
            raise _busy(f"{self.n_in_flight} requests are being answered")
        self.n_in_flight += 1
        task = None
        visit = _Visit(asyncio.get_running_loop().time() + self._limits.timeout)
        try:
            content = await self._receive(request, visit, meter)
            task = asyncio.ensure_future(
                work(content, lambda function: self._run(function, visit))
            )
            # threads cannot be stopped: a late request counts until it ends
            if not (await asyncio.wait([task], timeout=visit.seconds_left()))[0]:
                reason = f"no answer within {self._limits.timeout:g} seconds"
                raise HTTPError(503, reason, {"Retry-After": "1"})
            return task.result()
        finally:
            if task is None or task.done():
                self._leave(visit)
            else:
                task.add_done_callback(lambda task: self._leave(visit, task))

    def close(self):
        """Shut the threads down."""
        self._threads.shutdown(wait=False)

    async def _run(self, function, visit):
        await self._turn(visit)
        loop = asyncio.get_running_loop()
        start = time.monotonic()
        end = start + visit.seconds_left()

        def run_in_time():
            if time.monotonic() > end:
                raise _busy("other large requests came first")
            return function()

        try:
            return await loop.run_in_executor(self._threads, run_in_time)
        finally:
            self._pace.spend(time.monotonic() - start)

    async def _turn(self, visit):
        if not await self._pace.turn(visit.seconds_left()):
            raise _busy("other large requests come first")

    async def _receive(self, request, visit, meter):
        most = self._limits.max_bytes
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            raise _too_large(most)
        chunks, n_bytes = [], 0
        try:
            async with asyncio.timeout_at(visit.deadline):
                async for chunk in request.stream():
                    n_bytes += len(chunk)
                    if n_bytes > most:
                        raise _too_large(most)
                    chunks.append(chunk)
                    if n_bytes > FEW_BYTES:
                        await self._turn(visit)
                        self._take(n_bytes, visit, chunks, meter)
        except TimeoutError:
            reason = f"the request took more than {self._limits.timeout:g} seconds"
            raise HTTPError(408, reason, {"Connection": "close"}) from None
        except ClientDisconnect:
            raise HTTPError(400, "the client went away") from None
        return b"".join(chunks)

    def _take(self, n_bytes, visit, chunks, meter):
        """Count the bytes of a large body that were received since the last call."""
        start = time.monotonic()
        self._n_bytes += n_bytes - visit.n_bytes
        visit.n_bytes = n_bytes
        if self._n_bytes > self._limits.max_bytes * _BODIES_IN_MEMORY:
            raise _busy(f"requests of {self._n_bytes:,} bytes are being answered")
        try:
            while meter is not None and visit.n_metered < len(chunks):
                meter.feed(chunks[visit.n_metered])
                visit.n_metered += 1
        finally:
            self._pace.spend(time.monotonic() - start)

    def _leave(self, visit, task=None):
        self.n_in_flight -= 1
        self._n_bytes -= visit.n_bytes
        if task is not None and not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not warn


class _Visit:
    """Deadline and received bytes of one request."""

    def __init__(self, deadline):
        self.deadline = deadline
        self.n_bytes = 0
        self.n_metered = 0

    def seconds_left(self):
        return self.deadline - asyncio.get_running_loop().time()


def _busy(why):
    return HTTPError(429, f"{why}; try again later", {"Retry-After": "1"})


def _too_large(most):
    return HTTPError(413, f"the request has more than {most:,} bytes")
