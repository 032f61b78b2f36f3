"""One call of the model for all pictures that wait."""

import asyncio


class Batches:
    """Gives the model all pictures that wait as soon as it is free.

    Nothing waits for company: a picture that comes while the model is idle is read at
    once. It belongs to one event loop.

    Parameters
    ----------
    read : callable
        Takes a list of pictures and gives a list of what they show.
    thread : concurrent.futures.Executor
        Where it is called.
    most : int
        Pictures beyond which those of further requests wait for the next call.
    """

    def __init__(self, read, thread, most):
        self._read = read
        self._thread = thread
        self._most = most
        self._waiting = []
        self._is_busy = False

    async def predict(self, pictures):
        """Read pictures.

        Parameters
        ----------
        pictures : list of ndarray
            Of one request.

        Returns
        -------
        readings : list
            In the same order.
        """
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((pictures, answer))
        if not self._is_busy:
            self._start()
        return await answer

    def _start(self):
        taken = [self._waiting.pop(0)]
        pictures = list(taken[0][0])
        while self._waiting and len(pictures) + len(self._waiting[0][0]) <= self._most:
            taken.append(self._waiting.pop(0))
            pictures += taken[-1][0]
        self._is_busy = True
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._thread, self._read, pictures)
        call.add_done_callback(lambda call: self._finish(call, taken))

    def _finish(self, call, taken):
        self._is_busy = False
        if self._waiting:
            self._start()
        error = call.exception()
        start = 0
        for pictures, answer in taken:
            end = start + len(pictures)
            if error is None and not answer.done():
                answer.set_result(call.result()[start:end])
            elif not answer.done():
                answer.set_exception(error)
            start = end
