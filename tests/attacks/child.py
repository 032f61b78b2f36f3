"""The process that reads the hostile files of one module, and watches itself."""

import contextlib
import importlib
import json
import os
import platform
import re
import socket
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np  # noqa: F401  what hostile files may make it import

WATCHED = re.compile(
    r"os\.(exec|fork|forkpty|kill|link|mkdir|posix_spawn|putenv|remove|rename|rmdir|spawn"
    r"|startfile|symlink|system|truncate|utime|chmod|chown)|subprocess\.Popen|socket\."
    r"(connect|bind|getaddrinfo|sendto)|shutil\.|urllib\.|ftplib\.|http\.|smtplib\."
    r"|webbrowser\.|pty\.spawn|ctypes\.dlopen|pickle\.find_class"
)
MARKER = "executed"


class Watch:
    """An audit hook that notes what a file makes this process do."""

    def __init__(self):
        self.on = False
        self.seen = []
        self.allowed = set()
        roots = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}
        self._roots = tuple(roots | {str(Path(__file__).parents[2])})
        sys.addaudithook(self._hear)

    def _hear(self, event, args):
        if not self.on:
            return
        if event == "open":
            path, mode, flags = args
            path = os.fspath(path) if not isinstance(path, int) else ""
            path = path.decode() if isinstance(path, bytes) else path
            reads = not (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            known = path in self.allowed or path.startswith((*self._roots, "/proc/"))
            if not (reads and known):
                self.seen.append(f"open {path} {mode}")
        elif WATCHED.match(event):
            self.seen.append(f"{event} {str(args)[:100]}")


def set_traps(folder):
    """Fill a folder with what must not be touched; give it and a listening socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setblocking(False)
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "pipe.keras")
    (folder / "evil").mkdir()
    (folder / "evil" / "saved_model.pb").write_bytes(b"\x08\x01")
    os.mkfifo(folder / "evil" / "variables")
    port = listening.getsockname()[1]
    (folder / "address").write_text(f"http://127.0.0.1:{port}/x")
    return listening


def listed(*folders):
    """List folders with all that is in them."""
    return sorted(
        f"{path} {status.st_size} {status.st_mtime_ns}"
        for folder in folders
        for path in Path(folder).rglob("*")
        if (status := path.lstat())
    )


def peak(reset=False):
    """Give the most memory so far in bytes, and begin anew."""
    if reset:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    name = "VmRSS" if reset else "VmHWM"
    return 1024 * int(re.search(rf"{name}:\s+(\d+)", status)[1])


def run(case, folder, traps, watch, listening):
    """Read one file and say what happened."""
    place = Path(tempfile.mkdtemp(dir=folder))
    attack = case.make(place, traps)
    before, start = listed(folder, traps), peak(reset=True)
    watch.allowed = {str(path) for path in place.rglob("*")}
    if case.reads:
        allowed = traps / case.reads
        watch.allowed |= {str(path) for path in (allowed, *allowed.rglob("*"))}
    watch.seen, watch.on = [], True
    # what this process computes: others may keep the machine busy
    began = time.process_time()
    try:
        attack()
        error = "nothing was raised"
    except ValueError as raised:
        message = str(raised)
        found = re.search(case.reason, message, re.DOTALL)
        error = "" if found else f"expected {case.reason!r} in: {message[:300]}"
    except BaseException as raised:
        error = f"{type(raised).__name__}: {str(raised)[:300]}"
    seconds = time.process_time() - began
    watch.on = False
    with contextlib.suppress(BlockingIOError):
        listening.accept()
        watch.seen.append("the socket was called")
    if listed(folder, traps) != before:
        watch.seen.append("files have changed")
    # what was made for this case is not needed any more
    for path in sorted(place.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return {
        "kind": case.kind,
        "name": case.name,
        "error": error,
        "did": watch.seen[:5],
        "seconds": seconds,
        "bytes": max(0, peak() - start),
    }


def run_all(module, folder, watch):
    """Run all cases of a module, and print what happened as JSON."""
    cases = importlib.import_module(f"attacks.{module}")
    folder, traps = folder / "work", folder / "traps"
    folder.mkdir(parents=True)
    traps.mkdir()
    tempfile.tempdir = str(folder)
    os.chdir(folder)
    with set_traps(traps) as listening:
        if hasattr(cases, "prepare"):
            cases.prepare(traps)
        # once in vain: what is imported late may look at the machine
        run(cases.CASES[0], folder, traps, watch, listening)
        for case in cases.CASES:
            result = run(case, folder, traps, watch, listening)
            print("RESULT", json.dumps({"module": module, **result}), flush=True)


def main(folder, *modules):
    """Run all cases of modules."""
    sys.dont_write_bytecode = True
    watch = Watch()
    platform.processor()  # asks another program, once
    for module in modules:
        run_all(module, Path(folder, module), watch)


if __name__ == "__main__":
    main(*sys.argv[1:])
