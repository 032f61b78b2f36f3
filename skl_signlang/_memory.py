"""Memory that the C library keeps instead of giving it back after every step."""

import ctypes
from contextlib import suppress

_TOP_PAD = -2  # the number of this option in glibc's malloc.h
_KEPT_BYTES = 64 * 2**20


def keep_freed_memory():
    """Let this process keep up to 64 MiB of freed memory, where glibc allocates it.

    TensorFlow allocates and frees the values between layers in each step. glibc hands
    them back to the kernel every time, which clears each page anew: for a small CNN
    that is half of the processor time of training.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(_TOP_PAD, _KEPT_BYTES)


def give_back_freed_memory():
    """Hand freed memory back to the kernel, where glibc allocates it."""
    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
