"""Ctrl-C and SIGTERM while a result waits to be written."""

import signal
import threading
import time
from contextlib import contextmanager, suppress

from skl_signlang._language import translate
from skl_signlang.cli._output import print_warning

SECONDS = 10.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def single_interrupt(result):
    """Ignore further signals after the first Ctrl-C or SIGTERM in the block.

    Wrappers and users send several, and the second would lose the `result` of the work
    that the first has ended. The block calls `defer` when it begins to write.
    """
    interrupts = _Interrupts(result)
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = {one: signal.signal(one, interrupts.handle) for one in _SIGNALS}
    try:
        yield interrupts
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Interrupts:
    """The signals of a block."""

    def __init__(self, result):
        self._result, self._first = result, None
        self._defers, self._is_told = False, False
        self._deferred = None

    def defer(self):
        """Defer a first signal that comes from now on to `raise_deferred`."""
        self._defers = True

    def raise_deferred(self):
        """Raise KeyboardInterrupt if a first signal has waited."""
        if self._deferred is not None:
            raise self._deferred

    def handle(self, *_):
        """Handle a signal."""
        now = time.monotonic()
        if self._first is None:
            self._first = now
            if not self._defers:
                raise KeyboardInterrupt
            self._deferred = KeyboardInterrupt()
        elif now - self._first > SECONDS:
            raise KeyboardInterrupt
        if not self._is_told:
            self._is_told = True
            # the signal may have come while something was printed
            with suppress(RuntimeError):
                print_warning(
                    translate(
                        "interrupted once; {result} so far is saved first, and Ctrl-C "
                        "is ignored for {n} seconds.",
                        result=translate(self._result),
                        n=round(SECONDS),
                    )
                )
