"""Times of the frames of a video."""

from math import isfinite
from numbers import Real


def check_time(time, last=None):
    """Return a time in seconds as float; it must not be before the last."""
    if not isinstance(time, Real) or isinstance(time, bool):
        raise TypeError(f"time must be a number of seconds; got {time!r}.")
    if not isfinite(time):
        raise ValueError(f"time must be finite; got {time!r}.")
    if last is not None and time < last:
        raise ValueError(f"time must not go backwards; got {time!r} after {last!r}.")
    return float(time)


def check_seconds(seconds, name):
    """Raise an error if a parameter is not a positive number of seconds."""
    is_number = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if not is_number or not isfinite(seconds) or seconds <= 0:
        raise ValueError(
            f"{name} must be a number of seconds above 0; got {seconds!r}."
        )
