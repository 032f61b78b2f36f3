"""Suppression of messages from C++ libraries."""

import os
import sys
from contextlib import contextmanager, nullcontext

VERBOSE = "SKL_SIGNLANG_VERBOSE"
LEVEL = "TF_CPP_MIN_LOG_LEVEL"


def is_verbose():
    """Check whether the user wants the messages of TensorFlow."""
    return os.environ.get(VERBOSE, "0") not in ("", "0")


def quiet_level():
    """Set ``TF_CPP_MIN_LOG_LEVEL`` to 3, unless the user has set it or is verbose.

    TensorFlow reads it before it starts; child processes inherit it.
    """
    if not is_verbose():
        os.environ.setdefault(LEVEL, "3")


@contextmanager
def nothing_on_standard_error():
    """Silence file descriptor 2: what C++ writes does not pass through `sys.stderr`.

    It silences all threads of the process.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a process without standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def start_tensorflow_quietly():
    """Import TensorFlow, which announces what it finds before it reads a log level.

    A level set by the user, or ``SKL_SIGNLANG_VERBOSE=1``, shows the messages.
    """
    if "tensorflow" in sys.modules:
        return
    chosen = os.environ.get(LEVEL, "3") != "3"
    with nullcontext() if chosen or is_verbose() else nothing_on_standard_error():
        import tensorflow  # noqa: F401
