"""What a case of the table is, and how files are put together."""

import inspect
import io
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

MEGABYTE = 1 << 20
_ZEROS = bytes(MEGABYTE)
GOLDEN = Path(__file__).parents[1] / "golden" / "version_1.signlang"
NETWORK, ESTIMATOR = "network-0.keras", "estimator.skops"


class Case(NamedTuple):
    """A hostile file.

    Parameters
    ----------
    kind : str
        What it tries.
    name : str
        Tells it from others of the kind.
    make : callable
        From an empty folder, and the folder of traps, to a function without arguments
        that reads what was put there, and that must raise a ValueError.
    reason : str, default=""
        A regular expression for the message: as a rule the member.
    reads : str, default=""
        The one folder among the traps that the caller allows.
    """

    kind: str
    name: str
    make: object
    reason: str = ""
    reads: str = ""


def archive(build, **options):
    """Make a case's `make` of a function that builds the bytes of an archive."""

    def make(folder, traps):
        from skl_signlang.persistence import load

        path = folder / "hostile.signlang"
        wants_traps = "traps" in inspect.signature(build).parameters
        path.write_bytes(build(traps=traps) if wants_traps else build())
        return lambda: load(path, **options)

    return make


def unzip(content):
    """Give the members of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(members, compression=zipfile.ZIP_STORED):
    """Give a zip of members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def with_hole(path, members, name, beginning=b"", n_bytes=3 << 30):
    """Write a zip of members, one of which begins as given and is sparse after that."""
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.file_size = info.compress_size = n_bytes
        info.CRC = 0
        _put(archive, members, info, beginning, n_bytes - len(beginning))


def with_bomb(members, name, n_megabytes, beginning=b""):
    """Give a zip of members, one of which begins as given and ends in packed zeros."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = pack.compress(beginning) + pack.flush(zlib.Z_FULL_FLUSH)
    zeros = pack.compress(_ZEROS) + pack.flush(zlib.Z_FULL_FLUSH)
    packed = start + zeros * n_megabytes + pack.flush()
    info = zipfile.ZipInfo(name)
    info.compress_type, info.compress_size = zipfile.ZIP_DEFLATED, len(packed)
    info.file_size = len(beginning) + n_megabytes * MEGABYTE
    info.CRC = zlib.crc32(beginning)
    for _ in range(n_megabytes):
        info.CRC = zlib.crc32(_ZEROS, info.CRC)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        _put(archive, members, info, packed)
    return file.getvalue()


def _put(archive, members, info, content, n_skipped=0):
    """Write members and the content of one more, which its info describes already."""
    for name in members.keys() - {info.filename}:
        archive.writestr(name, members[name])
    info.header_offset = archive.fp.tell()
    archive.fp.write(info.FileHeader(zip64=False) + content)
    archive.fp.seek(n_skipped, os.SEEK_CUR)
    archive.start_dir = archive.fp.tell()
    archive.filelist.append(info)


def resealed(changes, compression=zipfile.ZIP_STORED, content=None, **said):
    """Give an archive with other members, and a manifest with their right hashes."""
    from skl_signlang.persistence._manifest import describe

    members = unzip(content or GOLDEN.read_bytes()) | changes
    manifest = json.loads(members.pop("manifest.json"))
    manifest["members"] = {name: describe(part) for name, part in members.items()}
    text = json.dumps(manifest | said).encode()
    return zipped({"manifest.json": text, **members}, compression)


def with_network(**changes):
    """Give an archive with other members in its network."""
    network = unzip(unzip(GOLDEN.read_bytes())[NETWORK]) | changes
    return resealed({NETWORK: zipped(network)}, zipfile.ZIP_DEFLATED)
