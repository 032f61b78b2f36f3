"""What is made once a process, whatever threads ask for it."""

from functools import cache, wraps
from threading import RLock


def once(function):
    """Call a function without arguments once a process, also when threads race.

    ``functools.cache`` lets two threads call it at the same time. Beside the double
    work, two threads that read NumPy files fail now and then before Python 3.11.9
    (python/cpython#106905).
    """
    cached, lock = cache(function), RLock()

    @wraps(function)
    def call():
        with lock:
            return cached()

    call.cache_clear = cached.cache_clear
    return call
