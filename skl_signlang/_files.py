"""Atomic writing and bounded reading of files, and locks of folders."""

import errno
import io
import os
import secrets
import stat
import weakref
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}
# Some file systems, such as /proc, report a size of 0
_UNKNOWN_SIZE = 64 << 20


@contextmanager
def write_whole(path):
    """Open a file that gets its name only once it is complete.

    Writes to a hidden file beside `path`, and renames it when the block ends. An error
    or Ctrl-C deletes it and leaves `path` unchanged; a kill leaves the hidden file.
    """
    path = check_output_path(path)
    unfinished = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with errors_named(path, unfinished):
            with unfinished.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


@contextmanager
def errors_named(path, unfinished):
    """Name `path` in errors of writing: a failed write has no file name.

    The name of the hidden file or folder `unfinished` is of no use.
    """
    try:
        yield
    except OSError as error:
        name = error.filename
        is_own = name is None or Path(os.fspath(name)).is_relative_to(unfinished)
        if error.errno is None or not is_own:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


class FolderLock:
    """Lock of a folder, held until it is released or the process ends.

    A second lock, in this process or another, raises an error, unless the file system
    has no locks.
    """

    def __init__(self, path):
        self.release = _nothing
        if fcntl is None:
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise
        except OSError:
            os.close(descriptor)
        else:
            self.release = weakref.finalize(self, os.close, descriptor)


def _nothing():
    """Do nothing."""


@contextmanager
def lock_folder(path, refusal):
    """Lock a folder, or raise ValueError with a message if it is locked already."""
    try:
        lock = FolderLock(path)
    except BlockingIOError:
        raise ValueError(refusal) from None
    try:
        yield
    finally:
        lock.release()


def check_output_path(path):
    """Check that a file can be written, before any work is done."""
    path = check_path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path} cannot be written: there is no folder {path.parent}."
        )
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} cannot be written: it exists and is not a file.")
    return path


def check_path(path):
    """Convert a path-like value to a Path, or raise TypeError."""
    path = _to_path(path, "path")
    if not path.name:
        raise ValueError(f"path must name a file; got {str(path)!r}.")
    return path


def check_folder(path, name):
    """Convert the path of a folder, which may be missing, or raise an error."""
    path = to_folder(path, name)
    if os.path.lexists(path) and not path.is_dir():
        raise ValueError(f"{name}={str(path)!r} is not a folder.")
    return path


def to_folder(path, name):
    """Convert the path of a folder; whoever writes into it finds what it is."""
    if path == "":
        raise ValueError(f"{name} must name a folder; got ''.")
    return _to_path(path, name)


def _to_path(path, name):
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} must be a string or a path; got {path!r}.")
    if "\0" in str(path):
        raise ValueError(f"{name}={str(path)!r} cannot be a name of a file or folder.")
    return Path(path).expanduser()


@contextmanager
def open_regular(path, max_bytes=None, *, expected="a file", name=None):
    """Open a regular file for reading; pipes, sockets and devices raise an error.

    Reading a pipe may block, and reading a device may never end.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {path}.") from None
    except ValueError:  # a null character
        raise ValueError(f"{str(path)!r} cannot be the name of a file.") from None
    name = name or path
    _check_regular(name, status, expected, max_bytes)
    with io.BufferedReader(_RegularFile(path)) as file:
        # the file may have been replaced since
        _check_regular(name, os.fstat(file.fileno()), expected, max_bytes)
        yield file


def read_regular(path, max_bytes, *, expected="a file"):
    """Read a regular file; raise an error if it is too large."""
    with open_regular(path, max_bytes, expected=expected) as file:
        content = read_at_most(file, max_bytes)
    if len(content) > max_bytes:
        raise ValueError(
            f"{path} has more than {max_bytes:,} bytes; the limit is exceeded."
        )
    return content


def read_at_most(file, max_bytes):
    """Read a file, or just enough of it to show that it is too large."""
    # Python allocates all bytes that are requested
    size = os.fstat(file.fileno()).st_size or _UNKNOWN_SIZE
    return file.read(min(size, max_bytes) + 1)


def _check_regular(name, status, expected, max_bytes):
    """Raise an error unless a file is regular and within the size limit."""
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "not a regular file")
        raise ValueError(f"{name} is {kind}; expected {expected}.")
    if max_bytes is not None and status.st_size > max_bytes:
        raise ValueError(
            f"{name} has {status.st_size:,} bytes; at most {max_bytes:,} are read."
        )


class _RegularFile(io.FileIO):
    """File whose errors of reading name it; one that has no data would wait."""

    def __init__(self, path):
        super().__init__(path, opener=_open_without_waiting)

    def readinto(self, buffer):
        return self._named(super().readinto, buffer)

    def readall(self):
        return self._named(super().readall)

    def seek(self, *arguments):
        return self._named(super().seek, *arguments)

    def _named(self, call, *arguments):
        try:
            got = call(*arguments)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.name)) from error
        if got is None:
            raise OSError(errno.EAGAIN, "It has no data yet", str(self.name))
        return got


def _open_without_waiting(path, flags):
    """Open a file without blocking on a pipe that replaced it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
