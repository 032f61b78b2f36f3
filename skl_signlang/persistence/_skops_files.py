"""What skops writes, where nobody vouches for it."""

import io
import math

import numpy as np

from skl_signlang._untrusted._parse_json import parse_json
from skl_signlang._untrusted._zips import most_bytes, unpack

_SCHEMA = "schema.json"
_MAX_SCHEMA_BYTES = 256 << 20
_READ_HEADER = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def check_skops_file(content, budget):
    """Refuse a skops file that would unpack to more than its size.

    Which types it may hold is for `skops.io.loads` to check.

    Parameters
    ----------
    content : bytes
        The file.
    budget : Budget
        Of the whole archive.

    Raises
    ------
    ValueError
        If it holds other files than skops writes, or arrays that are larger than
        what is there.
    """
    # skops packs nothing in these zips, but for sparse arrays
    members = unpack(content, len(content), budget)
    if _SCHEMA not in members:
        raise ValueError(f"it is no skops file: it holds no {_SCHEMA}.")
    _count_parts(parse_json(members.pop(_SCHEMA), _MAX_SCHEMA_BYTES, budget), {})
    for name, inner in members.items():
        kind = name.rpartition(".")[2]
        if kind == "npy":
            _check_array(inner, name)
        elif kind == "npz":
            for part, array in unpack(inner, most_bytes(len(inner)), budget).items():
                _check_array(array, f"{name}/{part}")
        elif kind != "bin":
            raise ValueError(f"it holds {name}, which skops does not write.")


def _check_array(content, name):
    """Compare the size that an array says it has with what there is."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version not in _READ_HEADER:
        raise ValueError(f"{name} in it is an array of an unknown version, {version}.")
    shape, _, dtype = _READ_HEADER[version](file)
    n_bytes = math.prod(shape) * max(dtype.itemsize, 1)
    if dtype.hasobject or n_bytes != len(content) - file.tell():
        raise ValueError(
            f"{name} in it says that it is an array of {shape} {dtype}, which is not "
            "what it holds."
        )


def _count_parts(node, sizes):
    """Count the parts of a schema, itself included, and note those with a number.

    skops writes a thing that occurs twice in full twice, under one number. A part
    that stood for a larger one could stand for ever more of them.
    """
    is_part = isinstance(node, dict)
    size = int(is_part)
    for entry in node.values() if is_part else node:
        if isinstance(entry, dict | list):
            size += _count_parts(entry, sizes)
    number = node.get("__id__") if is_part else None
    if number is not None and sizes.setdefault(number, size) != size:
        raise ValueError("parts of it stand for others, which skops does not write.")
    return size
