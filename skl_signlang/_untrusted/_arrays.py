"""Arrays in untrusted ``.npz`` files: numbers and strings, no objects."""

import io
import math
import zipfile

import numpy as np

from skl_signlang._untrusted._zips import open_bounded

_KINDS = "biufU"
_MAX_ARRAYS = 20_000
_NPY = ".npy"


def read_array(archive, member):
    """Read one array, after comparing its header with its size."""
    try:
        with archive.open(member) as file:
            _check_header(file, member.file_size)
        with archive.open(member) as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except MemoryError:
        raise
    # NumPy and zipfile raise errors of many types for damaged files
    except Exception as error:
        raise ValueError(f"cannot be read, {error}") from error


class StoredArrays:
    """Arrays written by `numpy.savez`, read one at a time."""

    def __init__(self, content):
        is_file = hasattr(content, "read")
        self._archive = open_bounded(content if is_file else io.BytesIO(content))
        members = self._archive.infolist()
        if len(members) > _MAX_ARRAYS:
            raise ValueError(
                f"it holds {len(members):,} arrays; at most {_MAX_ARRAYS:,} are read."
            )
        self._members = {m.filename.removesuffix(_NPY): m for m in members}
        if len(self._members) < len(members):
            raise ValueError("it holds two arrays of one name.")
        for name, member in self._members.items():
            is_stored = member.compress_type == zipfile.ZIP_STORED
            if not is_stored or member.compress_size != member.file_size:
                raise ValueError(
                    f"{name[:100]!r} in it is compressed; expected arrays written by "
                    "numpy.savez."
                )

    def __iter__(self):
        return iter(self._members)

    def check_size(self, limit, *names):
        """Raise ValueError if arrays, or all of them, are too large to be read."""
        n_bytes = sum(self._member(name).file_size for name in names or self)
        if n_bytes > limit:
            what = ", ".join(names) or "arrays"
            raise ValueError(f"its {what} have {n_bytes:,} bytes; expected {limit:,}.")

    def __getitem__(self, name):
        member = self._member(name)
        try:
            return read_array(self._archive, member)
        except ValueError as error:
            raise ValueError(f"{name[:100]!r} in it {error}") from error

    def _member(self, name):
        if name not in self._members:
            raise ValueError(f"it holds no array {name!r}.")
        return self._members[name]


def _check_header(file, n_bytes):
    """Raise an error for a header that declares more bytes than the member has."""
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise ValueError(f"its header has the unknown version {version}")
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise ValueError("it holds objects, and these can run code")
    if dtype.kind not in _KINDS:
        raise ValueError(f"it holds {dtype}; expected numbers or text")
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize > n_bytes:
        raise ValueError(
            f"its header declares shape {shape} of {dtype}, which does not match its "
            "size"
        )
