"""Limits on one request, and on all at once."""

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real

from skl_signlang._image_files import MAX_PIXELS


@dataclass(frozen=True)
class Limits:
    """Validated limits of a server."""

    max_bytes: int
    max_pixels: int
    max_batch: int
    max_in_flight: int
    timeout: float
    max_streams: int
    max_streams_per_client: int

    def __post_init__(self):
        for name in (field.name for field in fields(self) if field.type is int):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral):
                raise TypeError(f"{name} must be an integer; got {value!r}.")
            if value < 1:
                raise ValueError(f"{name} must be 1 or more; got {value!r}.")
        if self.max_pixels > MAX_PIXELS:
            raise ValueError(
                f"max_pixels must be at most {MAX_PIXELS:,}, the limit of image "
                f"files; got {self.max_pixels!r}."
            )
        if isinstance(self.timeout, bool) or not isinstance(self.timeout, Real):
            raise TypeError(
                f"timeout must be a number of seconds; got {self.timeout!r}."
            )
        if not 0 < self.timeout < math.inf:
            raise ValueError(
                f"timeout must be positive and finite; got {self.timeout!r} seconds."
            )
