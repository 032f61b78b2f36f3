"""Archives: bounded decompression, and errors that name the damaged file."""

import errno
import os
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager, nullcontext

from skl_signlang._files import open_regular
from skl_signlang._untrusted import open_bounded

MAX_BYTES = 8 << 30
"""Maximum bytes of a data set, compressed or not."""

# Others unpack without a limit, and LZMA may allocate gigabytes
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_RATIO = 100
_MAX_LIST_BYTES = 64 << 20  # of about half a million images
_FREE_BYTES = 256 << 20
_BLOCK_BYTES = 1 << 17
_SYSTEM_FILES = ("thumbs.db", "desktop.ini")


@contextmanager
def open_zip(file, name=None):
    """Open a zip file for reading."""
    is_path = isinstance(file, str | os.PathLike)
    opened = open_regular(file, expected="a zip file") if is_path else nullcontext(file)
    try:
        with opened as stream, _open_bounded(stream, name or file) as archive:
            yield archive
    # zipfile raises RuntimeError for passwords and unknown features; struct,
    # overflow and Unicode errors and EINVAL for damaged offsets, lengths and names
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError),
        *(struct.error, OverflowError, UnicodeDecodeError, OSError),
    ) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise ValueError(
            f"{name or file} cannot be read as a zip file: {error}."
        ) from error


def _open_bounded(stream, name):
    try:
        return open_bounded(stream, _MAX_LIST_BYTES)
    except UnicodeDecodeError:
        raise
    except ValueError as error:
        raise ValueError(f"{name} cannot be read as a zip file: {error}") from error


def list_files(archive):
    """List the members of a zip that are not folders."""
    # ZipInfo.is_dir fails for an empty name
    return [m for m in archive.infolist() if not m.filename.endswith("/")]


def is_plain_file(path):
    """Return whether a path is a file that is not a zip."""
    return path.is_file() and not zipfile.is_zipfile(path)


def is_system_file(parts):
    """Return whether the operating system, not the user, created a file."""
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    return hidden or "__MACOSX" in parts or parts[-1].lower() in _SYSTEM_FILES


def check_member(member, name):
    """Raise ValueError for links, devices and unbounded compression methods."""
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ValueError(f"{name} is a link, a pipe or a device; expected a file.")
    if member.compress_type not in _COMPRESSIONS:
        raise ValueError(
            f"{name} is compressed by method {member.compress_type}; expected a stored "
            "or a deflated file."
        )


@contextmanager
def open_member(archive, member, path):
    """Open a file in a zip for reading."""
    name = f"{path}/{member.filename}"
    check_member(member, name)
    n_bytes = path.stat().st_size
    with archive.open(member) as file, Unpacked(file, name, n_bytes) as stream:
        yield stream, name


class Unpacked:
    """Decompressing stream with a limit on the bytes that come out.

    After a ValueError in the block it reads on to the checksum: if the data are
    damaged, that is the error to raise.
    """

    def __init__(self, stream, name, packed_bytes):
        self.stream, self.name = stream, name
        self.left = min(MAX_BYTES, max(_FREE_BYTES, _MAX_RATIO * packed_bytes))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        while isinstance(error, ValueError) and self.read(_BLOCK_BYTES):
            pass

    def read(self, size):
        """Read at most `size` bytes."""
        return self._count(self.stream.read(size))

    def readline(self, size):
        """Read to the end of the line, at most `size` bytes."""
        return self._count(self.stream.readline(size))

    def _count(self, content):
        self.left -= len(content)
        if self.left < 0:
            raise ValueError(
                f"{self.name} unpacks to more than {_MAX_RATIO} times its size, which "
                f"images do not, or to more than {MAX_BYTES:,} bytes; unpack and "
                "inspect it first."
            )
        return content
