"""Checks of untrusted zip files before anything is unpacked."""

import io
import os
import re
import stat
import struct
import zipfile
from contextlib import contextmanager

# Files of formats with higher ratios are stored uncompressed
_FREE_BYTES = 16 << 20
_MAX_DIRECTORY_BYTES = 4 << 20
_MAX_RATIO = 100
_ENCRYPTED = 1
_LOCAL_HEADER = struct.Struct("<26x2H")  # the lengths of name and extra field
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def max_bytes_unzipped(n_bytes):
    """Return the maximum unpacked size of a zip file."""
    return _FREE_BYTES + _MAX_RATIO * n_bytes


@contextmanager
def open_zip(file, limit, budget):
    """Open a zip file; raise an error if a member is unsafe."""
    with open_bounded(file) as archive:
        yield archive, _check_members(archive.infolist(), limit, budget)


def open_bounded(file, max_bytes=_MAX_DIRECTORY_BYTES):
    """Open a zip file for reading, unless its list of members is too long."""
    # ZipFile reads the whole list of members at once
    end = zipfile._EndRecData(file)
    if end and end[zipfile._ECD_SIZE] > max_bytes:
        raise ValueError(
            f"its list of members has {end[zipfile._ECD_SIZE]:,} bytes; at most "
            f"{max_bytes:,} are read."
        )
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise zipfile.BadZipFile(
            f"it is not a zip file, or is damaged or cut off ({error})."
        ) from error


def _check_members(listed, limit, budget):
    budget.spend("files", len(listed))
    members = {}
    for member in listed:
        name = member.filename
        if not _PLAIN_NAME.fullmatch(name):
            raise ValueError(
                f"it contains {name[:100]!r}, which is not a plain file name."
            )
        if name in members:
            raise ValueError(f"it holds {name} twice.")
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise ValueError(
                f"{name} in it is not a regular file but a link or the like."
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(
                f"{name} in it is compressed by method {member.compress_type}; "
                "expected a stored or a deflated file."
            )
        if member.flag_bits & _ENCRYPTED:
            raise ValueError(f"{name} in it is encrypted.")
        members[name] = member
    total = sum(member.file_size for member in members.values())
    if total > limit:
        raise ValueError(
            f"it would unpack to {total:,} bytes, where at most {limit:,} are expected."
        )
    budget.spend("bytes", total)
    return members


def read_member(archive, member):
    """Unpack a member, up to its declared size."""
    # ZipFile.read would unpack everything before truncating
    with archive.open(member) as file:
        return file.read(member.file_size)


class StoredMember(io.RawIOBase):
    """A member that is not packed, read in its place; zipfile seeks by reading."""

    def __init__(self, archive, member):
        self._file, self._n_bytes, self._at = archive.fp, member.file_size, 0
        self._file.seek(member.header_offset)
        header = self._file.read(_LOCAL_HEADER.size)
        n_name, n_extra = _LOCAL_HEADER.unpack(header)
        self._start = self._file.tell() + n_name + n_extra

    def seekable(self):
        """Return True."""
        return True

    def readable(self):
        """Return True."""
        return True

    def seek(self, offset, whence=os.SEEK_SET):
        """Move to a position, which is not before the beginning."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._n_bytes}
        self._at = max(0, start[whence] + offset)
        return self._at

    def readinto(self, buffer):
        """Read as many bytes as there are, and fit."""
        self._file.seek(self._start + self._at)
        content = self._file.read(max(0, min(len(buffer), self._n_bytes - self._at)))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def unpack(content, limit, budget):
    """Unpack a zip file that is in memory."""
    with open_zip(io.BytesIO(content), limit, budget) as (archive, members):
        return {name: read_member(archive, member) for name, member in members.items()}
