"""Errors for X that is not an array of numbers: files, images, mappings, columns."""

import os
from collections.abc import Mapping, Set
from contextlib import contextmanager

import numpy as np

from skl_signlang._errors import list_some, quote

_NEEDS_NUMBERS = (
    "Encode them as numbers first, for example with a ColumnTransformer of an "
    "OneHotEncoder, or leave them out."
)
_FILES = (
    "Load them with skl_signlang.datasets.load_image_folder, or begin a Pipeline with "
    "skl_signlang.preprocessing.ImageDecoder, which takes file names."
)


@contextmanager
def explains_input(X):
    """Raise errors that say what X is and what to pass, where X is not an array."""
    refuse_objects(X)
    try:
        yield
    except (ValueError, TypeError) as error:
        found = _describe_columns(X)
        if found is None:
            raise
        raise ValueError(found) from error


def refuse_objects(X):
    """Raise TypeError for what cannot be an array of numbers."""
    if X is None or isinstance(X, Mapping | Set):
        raise TypeError(f"X is {_describe_object(X)}")
    name = _file_name_in(X)
    if name is not None:
        raise TypeError(f"X holds text ({quote(name)}); expected an array. {_FILES}")
    if type(X).__module__.startswith("PIL."):
        raise TypeError(
            f"X is a Pillow image of size {X.size}; expected an array of images: pass "
            "np.asarray(image)[None], of the size and mode of the training images."
        )
    # columns of times alone become an array without an error
    kinds = {getattr(dtype, "kind", "") for dtype in dtypes_of_columns(X)}
    if kinds & {"m", "M"}:
        raise ValueError(_describe_columns(X))
    if getattr(getattr(X, "dtype", None), "kind", None) in ("m", "M"):
        raise TypeError(
            f"X has dtype {X.dtype}; expected numbers. Convert times to a number of "
            'units, for example X.astype("datetime64[s]").astype(float).'
        )


def dtypes_of_columns(X):
    """Return the dtypes of the columns of a table; () for anything else."""
    is_table = hasattr(X, "columns") and hasattr(X, "dtypes")
    return tuple(X.dtypes) if is_table else ()


def _describe_object(X):
    if X is None:
        return "None; expected an array (n_samples, ...)."
    kind = type(X).__name__
    if isinstance(X, Set):
        return f"a {kind}, which has no order; expected an array."
    keys = list(X)
    arrays = [key for key in ("images", "data", "X", "x") if key in X]
    hint = (
        f"pass one of its arrays: X[{arrays[0]!r}]"
        if arrays
        else ("for a table, pass pd.DataFrame(X)")
    )
    return f"a {kind} with the keys {list_some(keys)}; expected an array: {hint}."


def _file_name_in(X):
    """Return the first string or path of one, or of a flat list of them."""
    if isinstance(X, list | tuple) or (getattr(X, "ndim", None) == 1 and len(X)):
        X = next(iter(X), None)
    if isinstance(X, bytes):
        return X[:16].decode("latin-1")
    return os.fspath(X) if isinstance(X, str | os.PathLike) else None


def _describe_columns(X):
    """Describe the columns of a table that are not numbers; None if there are none."""
    if not dtypes_of_columns(X):
        return None
    bad = {}
    for position, name in enumerate(X.columns):
        column = X.iloc[:, position] if hasattr(X, "iloc") else X[name]
        reason = _what_is_wrong(column)
        if reason:
            bad[name] = reason
    if not bad:
        return None
    columns = list_some(f"{name!r} ({reason})" for name, reason in bad.items())
    if "arrays" in bad.values():
        name = next(name for name, reason in bad.items() if reason == "arrays")
        hint = f"Pass the images as one array: np.stack(X[{name!r}])."
    else:
        hint = _NEEDS_NUMBERS
    return f"X has columns that are not numbers: {columns}. {hint}"


def _what_is_wrong(column):
    values = np.asarray(column)
    if values.dtype.kind in "mM":
        return str(column.dtype)
    try:
        values.astype(float)
    except (ValueError, TypeError):
        first = values[0] if len(values) else None
        return "arrays" if getattr(first, "ndim", 0) else str(column.dtype)
    return None
