"""Test runs of exported files in a process of their own, which may crash."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from skl_signlang._untrusted import _trial

_FREE_BYTES = 192 << 20
_MAX_RATIO = 16
_CPU_SECONDS = 4
_BYTES_A_SECOND = 32 << 20
_WAIT_SECONDS = 60


_LITERT = b"TFL3"  # the identifier in the schema of .tflite files, at byte 4
_ONNX = b"\x08"  # the tag of ModelProto's first field, its version, an integer


def runtime_of(beginning):
    """Return the runtime of an exported file by its first 8 bytes, or None."""
    if beginning[4:8] == _LITERT:
        return "litert"
    return "onnx" if beginning[:1] == _ONNX else None


def try_out(file, size, kind):
    """Run an open exported file once in a separate process, in bounded memory and time.

    Damaged or hostile files may crash the runtimes, which are C++, or exhaust memory.
    Does nothing where no Python process can be started.
    """
    if not sys.executable or getattr(sys, "frozen", False):
        return
    seconds = _CPU_SECONDS + size // _BYTES_A_SECOND
    n_bytes = _FREE_BYTES + _MAX_RATIO * size
    command = [sys.executable, "-P", _trial.__file__, kind, str(n_bytes), str(seconds)]
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    try:
        done = subprocess.run(
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_WAIT_SECONDS + seconds,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired:
        raise ValueError(f"running it takes more than {seconds} s.") from None
    if done.returncode in (_trial.OK, _trial.NOT_INSTALLED):
        return
    if done.returncode == -getattr(signal, "SIGXCPU", 0):
        raise ValueError(f"running it takes more than {seconds} s.")
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise ValueError(f"it crashes its runtime ({name}).")
    reason = done.stdout.decode(errors="replace") or f"status {done.returncode}"
    raise ValueError(f"it cannot be run in {n_bytes >> 20} MiB: {reason}")
