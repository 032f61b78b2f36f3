"""Micro-batching: one call of the model for all waiting requests."""

import asyncio
from collections import deque

MOST_REQUESTS = 64
"""Maximum number of small requests per call."""


class MicroBatcher:
    """Queue of requests that are predicted in one batch once the model is free.

    Requests are not delayed: an idle model predicts at once. A call takes at most one
    large request, which bounds the latency of small ones. It belongs to one event loop.
    """

    def __init__(self, read, thread):
        self._predict = read
        self._thread = thread
        self._small, self._large = deque(), deque()
        self._is_busy = False

    async def predict(self, preprocess, is_large=False):
        """Predict the images of a request."""
        future = asyncio.get_running_loop().create_future()
        (self._large if is_large else self._small).append((preprocess, future))
        if not self._is_busy:
            self._start()
        return await future

    def _start(self):
        few = range(min(len(self._small), MOST_REQUESTS))
        taken = [self._small.popleft() for _ in few]
        if self._large:
            taken.append(self._large.popleft())
        self._is_busy = True
        functions = [preprocess for preprocess, _ in taken]
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._thread, self._predict_all, functions)
        call.add_done_callback(lambda call: self._finish(call, taken))

    def _predict_all(self, functions):
        """Return (images, predictions), or the error, of each request."""
        requests = [_call_or_error(preprocess) for preprocess in functions]
        good = [request for request in requests if not isinstance(request, Exception)]
        images = [image for request in good for image in request]
        results = iter(self._predict(images) if images else [])
        return [
            request
            if isinstance(request, Exception)
            else (request, [next(results) for _ in request])
            for request in requests
        ]

    def _finish(self, call, taken):
        self._is_busy = False
        if self._small or self._large:
            self._start()
        error = call.exception()
        outcomes = [error] * len(taken) if error else call.result()
        for (_, future), outcome in zip(taken, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


def _call_or_error(preprocess):
    try:
        return preprocess()
    except Exception as error:
        return error
