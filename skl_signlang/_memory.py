"""Freed memory that the C library keeps instead of returning it after each step."""

import ctypes
from contextlib import suppress

_TOP_PAD = -2  # the number of this option in glibc's malloc.h
_KEPT_BYTES = 64 * 2**20


def retain_freed_memory():
    """Keep up to 64 MiB of freed memory in this process, with glibc.

    TensorFlow allocates and frees the values between layers in each step. glibc hands
    them back to the kernel every time, which clears each page anew: for a small CNN
    that is half of the processor time of training.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(_TOP_PAD, _KEPT_BYTES)


def release_freed_memory():
    """Return freed memory to the kernel, with glibc."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
