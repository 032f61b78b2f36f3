"""Share of processor time for large requests."""

import asyncio
import time

_SHARE = 0.25
_STEP_SECONDS = 0.002
_MAX_SECONDS = 0.05
_REFUSAL_SECONDS = 0.008
"""What a refused request takes besides its steps: a connection, errors, an answer."""


class Throttle:
    """Throttle of large requests, which leaves time for small ones.

    A step is the receipt of a chunk, or the parsing of a body.
    """

    def __init__(self):
        self._free = 0.0

    async def acquire(self, seconds):
        """Wait until a large request may continue; return whether it may in time."""
        now = time.monotonic()
        start = max(now, self._free)
        if start > now + seconds:
            return False
        self._free = start + _STEP_SECONDS
        await asyncio.sleep(start - now)
        return True

    def record_refusal(self):
        """Record that a large request was refused: its client may send it again."""
        self.record(_REFUSAL_SECONDS)

    def record(self, seconds):
        """Record the time of a step, and delay the next one in proportion."""
        pause = min(seconds, _MAX_SECONDS) * (1 / _SHARE - 1)
        self._free = max(self._free, time.monotonic()) + pause
