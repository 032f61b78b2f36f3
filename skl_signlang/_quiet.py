"""Silence for what libraries in C++ announce."""

import os
import sys
from contextlib import contextmanager


@contextmanager
def nothing_on_standard_error():
    """Silence file descriptor 2: what C++ writes does not pass through `sys.stderr`.

    It silences all threads of the process, so only commands may do so.

    Examples
    --------
    >>> import os
    >>> from skl_signlang._quiet import nothing_on_standard_error
    >>> with nothing_on_standard_error():
    ...     n_bytes = os.write(2, b"nobody reads this")
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def start_tensorflow_quietly():
    """Import TensorFlow, which announces on standard error that it found no GPU."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with nothing_on_standard_error():
        import tensorflow  # noqa: F401
