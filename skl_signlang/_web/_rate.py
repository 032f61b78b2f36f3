"""Count of events, at most so many a second."""

import time


class Rate:
    """Allowance of events that grows with time, up to that of a second."""

    def __init__(self, n_a_second):
        self._n_a_second = n_a_second
        self._left, self._time = float(n_a_second), time.monotonic()

    def take(self):
        """Return whether another event is allowed now."""
        now = time.monotonic()
        gained = (now - self._time) * self._n_a_second
        self._left = min(self._left + gained, self._n_a_second) - 1
        self._time = now
        return self._left >= 0
