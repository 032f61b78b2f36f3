"""Training states that resume: arrays and JSON in ``.npz`` files, nothing pickled."""

import json

import numpy as np

from skl_signlang._untrusted import Budget, parse_json

MAX_JSON = 64 << 20
"""Maximum bytes of one JSON document."""


def write_state(file, arrays, **documents):
    """Write lists of arrays, and documents of plain data, both by name."""
    parts = {
        f"{name}.{i}": array
        for name, entries in arrays.items()
        for i, array in enumerate(entries)
    }
    for name, document in documents.items():
        parts[name] = np.frombuffer(json.dumps(document).encode(), np.uint8)
    np.savez(file, **parts)


def read_document(stored, name):
    """Parse one document of `StoredArrays`."""
    stored.check_size(MAX_JSON, name)
    content = stored[name].tobytes()
    return parse_json(content, MAX_JSON, Budget(len(content)), with_nan=True)


def read_arrays(stored, *documents):
    """Return the lists of arrays of `StoredArrays`, which also holds documents."""
    found = {}
    for member in stored:
        if member not in documents:
            name, _, place = member.rpartition(".")
            found.setdefault(name, {})[place] = stored[member]
    for name, by in found.items():
        missing = {*map(str, range(len(by)))} - {*by}
        if missing:
            raise ValueError(f"it holds no array '{name[:40]}.{min(missing)}'.")
    return {name: [by[str(i)] for i in range(len(by))] for name, by in found.items()}


def shapes_and_dtypes(arrays):
    """Return what a network with these arrays must have too."""
    return [(array.shape, array.dtype) for array in arrays]


def different_names(stored, current):
    """List the names whose values differ, or that only one of two dicts has."""
    missing = object()
    return [
        name
        for name in current | stored
        if stored.get(name, missing) != current.get(name, missing)
    ]
