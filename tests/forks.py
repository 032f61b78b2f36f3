"""Processes that have imported TensorFlow and have not used it, without the wait.

Importing it takes seconds of a processor. One process does so once, and forks a process
for each test that asks: TensorFlow survives a fork before its first use.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUEST = 2**20
"""Bytes, at most."""

COMMAND = "import sys; from skl_signlang.cli import main; sys.exit(main())"
"""The code of the command."""

LIMIT = 300
"""Seconds that a wait for a process takes, at most."""


def trace_faster():
    """Leave out TensorFlow's graph optimizer, if TensorFlow is imported.

    It takes as long as the trace of a small network. Commands that are started as users
    start them have it, as do benchmarks, the examples of the site, and all tests with
    ``SKL_SIGNLANG_NIGHTLY=1``.
    """
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow and "SKL_SIGNLANG_NIGHTLY" not in os.environ:
        options = {"disable_meta_optimizer": True}
        tensorflow.config.optimizer.set_experimental_options(options)


class Forks:
    """The process that has imported TensorFlow; started by the first that needs it."""

    def __init__(self):
        self._socket = self._process = None

    def start(self, code, *words, cwd=None, env=None):
        """Run Python code with `sys.argv` and an environment of its own."""
        if self._process is None:
            self._socket, theirs = socket.socketpair(
                socket.AF_UNIX, socket.SOCK_SEQPACKET
            )
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, __file__, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                )
        request = {
            "code": code,
            "words": [str(word) for word in words],
            "cwd": str(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
        }
        return Forked(self._socket, request)

    def run(self, code, *words, **options):
        """Run code to its end, and give what it printed; an error if it fails."""
        with self.start(code, *words, **options) as process:
            out, err = process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    def close(self):
        """End it."""
        if self._process is not None:
            self._socket.close()
            self._process.wait()


class Forked:
    """A forked process, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, socket_, request):
        self._err = os.fdopen(os.memfd_create("errors"), "w+b")
        out, out_there = os.pipe()
        status, status_there = os.pipe()
        there = [out_there, self._err.fileno(), status_there]
        socket.send_fds(socket_, [json.dumps(request).encode()], there)
        os.close(out_there)
        os.close(status_there)
        self.stdout, self._status = os.fdopen(out, "rb"), os.fdopen(status, "rb")
        self.pid, self.returncode = int(self._status.readline()), None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """End it, and what is known of it."""
        self.kill()
        self.wait()
        for file in (self.stdout, self._status, self._err):
            file.close()

    def poll(self):
        """Return the status where it has ended, else None."""
        if self.returncode is None:
            with contextlib.suppress(ChildProcessError, ProcessLookupError):
                os.kill(self.pid, 0)
                return None
            self.wait()
        return self.returncode

    def wait(self, timeout=LIMIT):
        """Return the status when it has ended."""
        if self.returncode is None:
            if not has_more(self._status, timeout):
                raise subprocess.TimeoutExpired("a forked process", timeout)
            self.returncode = int(self._status.readline())
        return self.returncode

    def communicate(self, timeout=LIMIT):
        """Return what it prints until its end, and what it printed as errors."""
        out = b"".join(pieces_of(self, timeout))
        self.wait()
        self._err.seek(0)
        return out, self._err.read()

    def send_signal(self, number):
        """Send a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def wait_for(process, text, timeout=LIMIT):
    """Wait until a process has printed a text; an error if it ends before that."""
    seen = b""
    for piece in pieces_of(process, timeout):
        seen += piece
        if text in seen:
            return
    raise AssertionError(
        f"ended before it printed {text!r}: {process.communicate(timeout=timeout)[1]}"
    )


def pieces_of(process, timeout):
    """Yield what a process prints until its end, whoever else holds its output open."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        has_ended = process.poll() is not None
        if has_more(process.stdout, 0 if has_ended else 0.1):
            piece = os.read(process.stdout.fileno(), 1 << 16)
            if not piece:
                return
            yield piece
        elif has_ended:
            return
    raise subprocess.TimeoutExpired("a process that prints", timeout)


def has_more(file, timeout):
    """Return whether a pipe can be read within a time, in seconds."""
    return bool(select.select([file.fileno()], [], [], timeout)[0])


def serve(ours):
    """Fork a process for each request; return the request in that process."""
    while content := socket.recv_fds(ours, REQUEST, 3):
        request, files, *_ = content
        if not request:
            sys.exit()
        if os.fork():
            for file in files:
                os.close(file)
            continue
        ours.close()
        out, err, status = files
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        child = os.fork()
        if child:
            tell(child, status, (out, err))
        os.close(status)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        return json.loads(request)


def tell(child, status, others):
    """Tell the number of a process, and its status when it has ended."""
    for file in others:
        os.close(file)
    os.write(status, f"{child}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(status, f"{code}\n".encode())
    os._exit(0)


def main():
    from skl_signlang.cli import train, tune  # noqa: F401  what they import too

    trace_faster()
    ours = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    request = serve(ours)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None
    sys.argv[:] = ["-c", *request["words"]]
    sys.path[0] = ""
    sys.modules["__main__"] = here = types.ModuleType("__main__")
    exec(compile(request["code"], "<forked>", "exec"), vars(here))


if __name__ == "__main__":
    main()
