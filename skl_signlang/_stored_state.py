"""Training states that resume: arrays and JSON in ``.npz`` files, nothing pickled."""

import json
import math

import numpy as np

from skl_signlang._untrusted import Budget, parse_json

MAX_SEED = 1 << 32
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


def check_arrays(name, arrays, expected):
    """Raise ValueError for arrays unlike those of the network, or that are NaN."""
    if len(arrays) != len(expected):
        raise ValueError(
            f"it holds {len(arrays)} arrays {name!r}; expected {len(expected)}"
        )
    for i, (array, wanted) in enumerate(zip(arrays, expected, strict=True)):
        if (array.shape, array.dtype) != (wanted.shape, wanted.dtype):
            raise ValueError(
                f"its array '{name}.{i}' has shape {array.shape} and dtype "
                f"{array.dtype}; expected {wanted.shape} and {wanted.dtype}"
            )
        # the running means of squared gradients may overflow
        is_bad = np.isnan if name.endswith("optimizer") else _is_not_finite
        if array.dtype.kind in "fc" and is_bad(array).any():
            raise ValueError(f"its array '{name}.{i}' holds values that are not finite")


def check_rates(name, arrays, variables):
    """Raise ValueError for a negative, NaN or infinite learning rate."""
    for i, (array, variable) in enumerate(zip(arrays, variables, strict=True)):
        if variable.name == "learning_rate" and not 0 <= array < np.inf:
            raise ValueError(f"its array '{name}.{i}' is {array}, not a learning rate")


def _is_not_finite(array):
    return ~np.isfinite(array)


def check_plateau(name, best, waited):
    """Raise ValueError for the state of a plateau monitor that none can have."""
    if not is_number(best) or not -math.inf < best <= math.inf:
        raise ValueError(f"the best loss in its {name} is {best!r}; expected a number")
    if type(waited) is not int or waited < 0:
        raise ValueError(
            f"the number of epochs in its {name} is {waited!r}; expected an integer"
        )


def check_seed(seed):
    """Raise ValueError for the seed of a fit that is none."""
    if type(seed) is not int or not 0 <= seed < MAX_SEED:
        raise ValueError(f"its seed is {seed!r}; expected an integer below 2**32")


def is_number(value):
    """Return whether a value of a document is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def different_names(stored, current):
    """List the names whose values differ, or that only one of two dicts has."""
    missing = object()
    return [
        name
        for name in current | stored
        if stored.get(name, missing) != current.get(name, missing)
    ]
