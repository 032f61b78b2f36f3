"""How many requests come in at one time, how large, and for how long."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect

from skl_signlang.serving._refusal import Refusal


class Gate:
    """Lets requests in while there is room, and turns the others away at once.

    Parameters
    ----------
    limits : Limits
        Of the server.
    """

    def __init__(self, limits):
        self.n_in_flight = 0
        self._limits = limits
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1, "pictures")

    async def answer(self, request, work):
        """Read a request's body and have it answered in time.

        Parameters
        ----------
        request : starlette.requests.Request
            Whose body nobody has read.
        work : coroutine function
            Takes the body, bytes, and `run`, which calls a function in a thread.

        Returns
        -------
        answer : object
            What `work` returns.

        Raises
        ------
        Refusal
            If the server is busy, the body too large or too slow, or the answer not
            ready in time, and what `work` raises.
        """
        if self.n_in_flight >= self._limits.max_in_flight:
            reason = f"{self.n_in_flight} requests are being answered; try again later"
            raise Refusal(429, reason, {"Retry-After": "1"})
        self.n_in_flight += 1
        task = None
        deadline = asyncio.get_running_loop().time() + self._limits.timeout
        try:
            content = await self._receive(request, deadline)
            task = asyncio.ensure_future(work(content, self._run))
            # a thread cannot be stopped: what is late keeps its place until it ends
            seconds = deadline - asyncio.get_running_loop().time()
            if not (await asyncio.wait([task], timeout=seconds))[0]:
                reason = f"no answer within {self._limits.timeout:g} seconds"
                raise Refusal(503, reason, {"Retry-After": "1"})
            return task.result()
        finally:
            if task is None or task.done():
                self._leave()
            else:
                task.add_done_callback(self._leave)

    def close(self):
        """Let the threads end."""
        self._threads.shutdown(wait=False)

    async def _run(self, function, *args):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function, *args)

    async def _receive(self, request, deadline):
        most = self._limits.max_bytes
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            raise _too_large(most)
        chunks, n_bytes = [], 0
        try:
            async with asyncio.timeout_at(deadline):
                async for chunk in request.stream():
                    n_bytes += len(chunk)
                    if n_bytes > most:
                        raise _too_large(most)
                    chunks.append(chunk)
        except TimeoutError:
            reason = f"the request took more than {self._limits.timeout:g} seconds"
            raise Refusal(408, reason, {"Connection": "close"}) from None
        except ClientDisconnect:
            raise Refusal(400, "the client went away") from None
        return b"".join(chunks)

    def _leave(self, task=None):
        self.n_in_flight -= 1
        if task is not None and not task.cancelled():
            task.exception()  # nobody waits for it any more


def _too_large(most):
    return Refusal(413, f"the request has more than {most:,} bytes")
