"""Checks of untrusted arrays, and of their values that C code uses as indices."""

import io
import math

import numpy as np

from skl_signlang._untrusted import max_bytes_unzipped, unpack

_READ_HEADER = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_KINDS = "biufcUSmM"
_WIDEST = 4096
_N_WORDS = 624
_NODE_FIELDS = ("left_child", "right_child", "feature")


def read_array(content, name):
    """Read an array without copying it."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version not in _READ_HEADER:
        raise ValueError(f"{name} in it is an array of an unknown version, {version}.")
    shape, is_fortran, dtype = _READ_HEADER[version](file)
    n_bytes = math.prod(shape) * max(dtype.itemsize, 1)
    if dtype.hasobject or n_bytes != len(content) - file.tell():
        raise ValueError(
            f"{name} in it is declared as an array of {shape} {dtype}, which does not "
            "match its content."
        )
    nodes = dtype.names is not None and set(_NODE_FIELDS) <= set(dtype.names)
    if (dtype.kind not in _KINDS and not nodes) or dtype.itemsize > _WIDEST:
        raise ValueError(f"{name} in it is an array of {str(dtype)[:80]}.")
    order = "F" if is_fortran else "C"
    return np.ndarray(shape, dtype, content, file.tell(), order=order)


def check_sparse(content, name, budget):
    """Raise an error for a sparse matrix with indices out of bounds."""
    parts = {
        part: read_array(inner, f"{name}/{part}")
        for part, inner in unpack(
            content, max_bytes_unzipped(len(content)), budget
        ).items()
    }
    kind = parts["format.npy"].item().decode()
    shape = [int(side) for side in parts["shape.npy"]]
    lengths = parts["indptr.npy"].astype(np.int64)
    indices, data = parts["indices.npy"], parts["data.npy"]
    if kind not in ("csr", "csc") or len(shape) != 2 or max(shape) >= 1 << 31:
        raise ValueError(f"{name} in it is not a known sparse matrix.")
    rows, columns = shape if kind == "csr" else shape[::-1]
    right = (
        len(lengths) == rows + 1
        and lengths[0] == 0
        and lengths[-1] == len(indices) == len(data)
        and (np.diff(lengths) >= 0).all()
        and _within(indices, 0, columns)
    )
    if not right:
        raise ValueError(f"indices of {name} in it are out of bounds.")


def check_random_state(kind, key, position):
    """Raise an error for a generator state that reads out of bounds."""
    right = kind == "MT19937" and key.shape == (_N_WORDS,) and key.dtype == np.uint32
    if not right or type(position) is not int or not 0 <= position <= _N_WORDS:
        raise ValueError("the state of a random generator in it is invalid.")


def check_tree(n_features, classes, n_outputs, n_nodes, nodes, values):
    """Raise an error for a tree with indices out of bounds, or a cycle."""
    right = (
        all(type(n) is int and n > 0 for n in (n_features, n_outputs, n_nodes))
        and classes.shape == (n_outputs,)
        and classes.dtype == np.intp
        and _within(classes, 1, 1 << 31)
        and nodes.shape == (n_nodes,)
        and nodes.dtype.names is not None
        and values.dtype == np.float64
        and values.shape == (n_nodes, n_outputs, classes.max())
    )
    if right:
        left, other = nodes["left_child"], nodes["right_child"]
        inner, places = left != -1, np.arange(n_nodes)
        right = (
            ((other != -1) == inner).all()
            and _within(nodes["feature"][inner], 0, n_features)
            # children follow their parents
            and (left[inner] > places[inner]).all()
            and (other[inner] > places[inner]).all()
            and _within(left[inner], 0, n_nodes)
            and _within(other[inner], 0, n_nodes)
        )
    if not right:
        raise ValueError("a tree in it is invalid: its indices are out of bounds.")


def _within(values, low, high):
    return bool(((values >= low) & (values < high)).all())
