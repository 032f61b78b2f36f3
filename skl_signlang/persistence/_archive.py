"""Archive files: members, each with its size and hash."""

import json
import zipfile
from contextlib import contextmanager
from io import BytesIO

from skl_signlang._files import open_regular
from skl_signlang._untrusted import (
    Budget,
    StoredMember,
    check_keras_size,
    count_values,
    max_bytes_unzipped,
    max_values,
    open_zip,
    read_member,
    runtime_of,
)
from skl_signlang.persistence._manifest import (
    MANIFEST,
    MAX_BYTES,
    MAX_MANIFEST_BYTES,
    NETWORK,
    check_manifest,
    describe,
)

_EXPECTED = (
    "load takes .signlang archives that save wrote. An architecture goes with its "
    "weights: load('net.json', weights='net.weights.h5')."
)
_KERAS = {"config.json", "metadata.json", "model.weights.h5"}
_MAX_BYTES = 8 << 30
_ZIP, _HDF5, _PICKLE, _JSON = b"PK", b"\x89HDF\r\n\x1a\n", b"\x80", b"{"


def pack(manifest, members):
    """Return an archive as bytes."""
    for name, content in members.items():
        if len(content) > MAX_BYTES.get(name, len(content)):
            raise ValueError(
                f"its {name} would have {len(content):,} bytes, more than "
                f"{MAX_BYTES[name]:,}."
            )
    listed = {name: describe(content) for name, content in members.items()}
    manifest = {**manifest, "members": listed}
    text = json.dumps(manifest, indent=2, allow_nan=False).encode()
    if len(text) > MAX_MANIFEST_BYTES:
        raise ValueError(
            f"its manifest would have {len(text):,} bytes, more than "
            f"{MAX_MANIFEST_BYTES:,}."
        )
    contents = {MANIFEST: text, **members}
    content = _zip(contents, zipfile.ZIP_DEFLATED)
    n_bytes = sum(map(len, contents.values()))
    n_values = sum(map(count_values, contents.values()))
    # load bounds both by the size of the file
    if n_bytes > max_bytes_unzipped(len(content)) or n_values > max_values(
        len(content)
    ):
        return _zip(contents, zipfile.ZIP_STORED)
    return content


def _zip(contents, compression):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file.getvalue()


def unpack_archive(path):
    """Read an archive, and verify its members by the manifest."""
    with _open_archive(path) as (archive, members, budget):
        manifest = _read_manifest(archive, members, budget)
        expected = manifest["members"]
        if members.keys() != {MANIFEST, *expected}:
            raise ValueError(
                f"it holds {_list_names(members)}, its manifest lists "
                f"{_list_names(expected)}."
            )
        for name in expected:
            _check_size(archive, members[name])
        contents = {
            name: _read(archive, members[name], expected[name]) for name in expected
        }
    return manifest, contents, budget


def read_manifest(path):
    """Read the manifest of an archive only."""
    with _open_archive(path) as (archive, members, budget):
        return _read_manifest(archive, members, budget)


@contextmanager
def _open_archive(path):
    with open_regular(path, _MAX_BYTES, expected="a .signlang archive") as file:
        _check_beginning(file.read(8))
        n_bytes = file.seek(0, 2)
        budget = Budget(n_bytes)
        with open_zip(file, max_bytes_unzipped(n_bytes), budget) as (archive, members):
            yield archive, members, budget


def _check_beginning(beginning):
    """Raise an error that describes a file that is not a zip."""
    if beginning.startswith(_ZIP):
        return
    if beginning == _HDF5:
        raise ValueError(
            "it is HDF5. Whole models in HDF5 can run code and are never loaded; "
            f"weights alone go with their architecture. {_EXPECTED}"
        )
    if beginning.startswith(_PICKLE):
        raise ValueError(
            f"it is a pickle, which can run code and is never loaded. {_EXPECTED}"
        )
    if beginning.startswith(_JSON):
        raise ValueError(f"it is JSON. {_EXPECTED}")
    if runtime_of(beginning):
        raise ValueError(
            "it looks like what export writes for other runtimes, which "
            f"inference.LetterPredictor runs. {_EXPECTED}"
        )
    raise ValueError(f"it is not a zip file. {_EXPECTED}")


def _read_manifest(archive, members, budget):
    if MANIFEST not in members:
        kind = "it is a model of Keras (.keras): " if members.keys() >= _KERAS else ""
        raise ValueError(f"{kind}it holds no {MANIFEST}. {_EXPECTED}")
    if members[MANIFEST].file_size > MAX_MANIFEST_BYTES:
        raise ValueError(
            f"its {MANIFEST} has {members[MANIFEST].file_size:,} bytes; at most "
            f"{MAX_MANIFEST_BYTES:,} are read."
        )
    try:
        return check_manifest(read_member(archive, members[MANIFEST]), budget)
    except ValueError as error:
        raise ValueError(f"{MANIFEST}: {error}") from error


def _check_size(archive, member):
    """Raise an error for a member above its maximum size, before it is read."""
    name, n_bytes = member.filename, member.file_size
    try:
        if n_bytes > MAX_BYTES.get(name, n_bytes):
            raise ValueError(
                f"it has {n_bytes:,} bytes; at most {MAX_BYTES[name]:,} are read."
            )
        if name.endswith(NETWORK) and member.compress_type == zipfile.ZIP_STORED:
            check_keras_size(StoredMember(archive, member))
    # what is not a .keras file raises what it likes
    except Exception as error:
        raise ValueError(f"{name}: {error}") from error


def _list_names(names):
    """Return the first of many names."""
    return ", ".join(str(name)[:100] for name in sorted(names, key=str)[:20])


def _read(archive, member, expected):
    """Read one member, up to its declared size."""
    n_bytes = expected.get("bytes") if isinstance(expected, dict) else None
    content = read_member(archive, member) if n_bytes == member.file_size else b""
    if describe(content) != expected:
        raise ValueError(
            f"{member.filename} does not match the manifest: its hash differs."
        )
    return content
