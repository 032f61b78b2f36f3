"""Files that should be images, in an untrusted folder or zip."""

import os
import stat
from collections.abc import Callable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from skl_signlang._image_files import (
    IMAGE_EXTENSIONS,
    name_of_heif,
    read_image_file,
)
from skl_signlang.datasets.reading._archives import (
    check_member,
    is_system_file,
    open_zip,
)

_PNM = (*(b"%d" % kind for kind in range(1, 7)),)

MAX_MEMBERS = 1_000_000
"""Maximum number of members of a zip."""

IMAGE_SIGNATURES = {
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"BM": "a BMP image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"RIFF": "a WebP image, or a sound or video",
}
"""Formats by first bytes."""

N_FIRST_BYTES = 16


class Record(NamedTuple):
    """File that should be an image."""

    name: str  # within the folder or zip, parts separated by slashes
    n_bytes: int
    stamp: int  # changes when the file does: its time, or its checksum
    # takes the maximum number of bytes; None if the file must not be opened
    read: Callable[[int], bytes] | None
    problem: str | None = None  # why it is not read
    label: str = ""  # its class, once that is known

    @property
    def parts(self):
        """Return the parts of the name."""
        return tuple(self.name.split("/"))

    @property
    def is_meant_as_image(self):
        """Whether the extension or the first bytes are an image's, or are unknown."""
        if self.problem or self.name.lower().endswith(IMAGE_EXTENSIONS):
            return True
        try:
            return begins_as_image(self.read(N_FIRST_BYTES))
        except ValueError:
            return True


def begins_as_image(content):
    """Return whether bytes are the first of an image."""
    if content.startswith(b"RIFF"):
        return content[8:12] == b"WEBP"
    if content.startswith(b"BM"):  # as many a text
        return content[6:10] == bytes(4)
    is_pnm = content[:1] == b"P" and content[1:2] in _PNM and content[2:3].isspace()
    known = content.startswith((*IMAGE_SIGNATURES,))
    return known or is_pnm or name_of_heif(content) is not None


@contextmanager
def open_records(path):
    """Yield the records and the folder names of a folder or a zip.

    Skips system files. Dangling links, unreadable folders and the like are records with
    a problem.
    """
    if path.is_dir():
        yield _list_folder(path.resolve())
    else:
        with open_zip(path) as archive:
            yield _list_zip(archive, path)


def _list_folder(root):
    """List the files below a folder."""
    records, folders, left = [], [], [(root, "")]
    while left:
        folder, prefix = left.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            problem = f"the folder cannot be listed: {_describe_error(error)}"
            records.append(Record(prefix.rstrip("/"), 0, 0, None, problem))
            continue
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if is_system_file((entry.name,)):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(name)
                left.append((entry.path, f"{name}/"))
            else:
                records.append(_make_record(entry, name, root))
    return records, folders


def _make_record(entry, name, root):
    """Return the record of a file, with a problem if it must not be opened."""
    path = entry.path
    try:
        if entry.is_symlink():
            path = os.path.realpath(path, strict=True)
            if not Path(path).is_relative_to(root):
                problem = "it is a link to outside of the folder"
                return Record(name, 0, 0, None, problem)
        about = os.stat(path)
    except OSError:
        return Record(name, 0, 0, None, "it is a dangling link, or was deleted")
    if stat.S_ISDIR(about.st_mode):
        problem = "it is a link to a folder, which is not followed"
        return Record(name, 0, 0, None, problem)
    if not stat.S_ISREG(about.st_mode):
        return Record(name, 0, 0, None, "it is not a regular file")
    read = partial(_read_file, path)
    return Record(name, about.st_size, about.st_mtime_ns, read)


def _read_file(path, max_bytes):
    """Read a file, at most one byte above the limit."""
    try:
        return read_image_file(path, max_bytes)
    except OSError as error:
        raise ValueError(
            f"the file cannot be read: {_describe_error(error)}"
        ) from error


def _describe_error(error):
    """Return the message of an OSError without the path."""
    return error.strerror or str(error)


def _list_zip(archive, path):
    """List the members of a zip."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise ValueError(
            f"{path} has {len(members):,} members; at most {MAX_MEMBERS:,} are read."
        )
    records, folders, names = [], [], set()
    for number, member in enumerate(members, start=1):
        # Some Windows programs write backslashes
        whole = member.filename.replace("\\", "/")
        name = "/".join(part for part in whole.split("/") if part not in ("", "."))
        if not name or is_system_file(name.split("/")):
            continue
        if whole.endswith("/"):
            folders.append(name)
            continue
        problem = _problem_of(member, name, names)
        name = f"{name} (member {number})" if name in names else name
        names.add(name)
        read = partial(_read_member, archive, member)
        records.append(Record(name, member.file_size, member.CRC, read, problem))
    return records, folders


def _problem_of(member, name, names):
    """Return why a member of a zip is not unpacked, or None."""
    if ".." in name.split("/"):
        return "its path is outside of the zip"
    if name in names:
        return "the zip has a member of this name already"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "it is a link, which is not followed in a zip"
    try:
        check_member(member, "it")
    except ValueError as error:
        return str(error)
    return None


def _read_member(archive, member, max_bytes):
    """Unpack a member of a zip, at most one byte above the limit."""
    try:
        with archive.open(member) as file:
            return file.read(max_bytes + 1)
    # zipfile raises many types of errors for damaged members
    except Exception as error:
        raise ValueError(f"the file cannot be unpacked: {error}") from error
