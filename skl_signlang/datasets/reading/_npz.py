"""Images and labels in NumPy's ``.npz`` files."""

import warnings
from pathlib import Path

import numpy as np

from skl_signlang._image_shapes import describe_surplus, infer_image_shape, to_uint8
from skl_signlang._untrusted import read_array
from skl_signlang.datasets.reading._archives import MAX_BYTES, check_member, open_zip
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._format import Format
from skl_signlang.datasets.reading._invalid_records import InvalidRecords
from skl_signlang.datasets.reading._label_codes import find_letters

_IMAGES = ("images", "X", "data")
_TARGETS = ("letters", "target", "labels", "y")
_GROUPS = "groups"

_DESCR = """\
Arrays of {source}
==========={line}

{n} images of {n_classes} classes from the array {images}, with labels from the array
{target} and groups from {groups}. {unread}
The file does not state their origin.
"""


def load_npz(path, *, codes=None, on_error="raise", return_X_y=False):
    """Load images and labels from the arrays of a ``.npz`` file, without pickle."""
    path = Path(path)
    with open_zip(path) as archive:
        names = _names(archive, path)
        images = _first_of(_IMAGES, names, path)
        target = _first_of(_TARGETS, names, path)
        groups = _GROUPS if _GROUPS in names else None
        X = _as_images(_read(archive, images, path), f"{path}, {images}")
        y = _read(archive, target, path)
        _check_labels(y, len(X), f"{path}, {target}")
        by_signer = None if groups is None else _read(archive, groups, path)
    if groups is not None:
        _check_labels(by_signer, len(X), f"{path}, {groups}")
    invalid = InvalidRecords(on_error)
    y, left = _as_letters(y, codes, invalid, path)
    invalid.check_some_left(len(y), path)
    if len(y) < len(X):
        X, by_signer = X[left], None if groups is None else by_signer[left]
    unread = sorted(names - {images, target, groups})
    source = path.name
    descr = _DESCR.format(
        source=source,
        line="=" * len(source),
        n=f"{len(X):,}",
        n_classes=len(np.unique(y)),
        images=images,
        target=target,
        groups=groups or "nowhere",
        unread=f"Not read: {', '.join(unread)}."
        if unread
        else "There are no other arrays.",
    )
    bunch = image_bunch(X, y, descr=descr, groups=by_signer, **invalid.entries())
    return (bunch.data, bunch.target) if return_X_y else bunch


def _names(archive, path):
    """Return the names of the arrays; raise ValueError if they are too large."""
    n_bytes = sum(member.file_size for member in archive.infolist())
    if n_bytes > MAX_BYTES:
        raise ValueError(
            f"{path} unpacks to {n_bytes:,} bytes; at most {MAX_BYTES:,} are read."
        )
    names = archive.namelist()
    return {name.removesuffix(".npy") for name in names if name.endswith(".npy")}


def _first_of(wanted, names, path):
    """Return the first of the wanted names that exists."""
    for name in wanted:
        if name in names:
            return name
    raise ValueError(
        f"{path} holds the arrays {', '.join(sorted(names)) or 'of no name'}; expected "
        f"one of {', '.join(wanted)}."
    )


def _read(archive, name, path):
    """Read one array of numbers or strings."""
    member = archive.getinfo(f"{name}.npy")
    check_member(member, f"{path}, {name}")
    try:
        return read_array(archive, member)
    except ValueError as error:
        raise ValueError(f"{path}, {name}: {error}.") from error


def _as_images(X, name):
    """Check the images, and convert them to uint8 (n, h, w[, c])."""
    if not 2 <= X.ndim <= 4 or not X.size or (X.ndim == 4 and X.shape[3] > 4):
        raise ValueError(
            f"{name}: has shape {X.shape}; expected (n, height, width), (n, height, "
            "width, 1 to 4) or (n, features)."
        )
    X = to_uint8(X, f"{name}: has")
    if X.ndim == 2:
        shape = infer_image_shape(X.shape[1])
        if shape[0] != shape[1]:
            warnings.warn(
                f"{name}: rows of {X.shape[1]} values are not squares, gray or RGB; "
                "they are taken as images one pixel "
                f"high.{describe_surplus(X.shape[1])}",
                UserWarning,
                stacklevel=2,
            )
        X = X.reshape(len(X), *shape[: 2 if shape[2] == 1 else 3])
    return X[..., 0] if X.ndim == 4 and X.shape[3] == 1 else X


def _as_letters(y, codes, invalid, path):
    """Convert labels to letters by `codes`; return them and a mask of valid rows."""
    if codes is None:
        return y, None
    labels = y.tolist()
    letters, problems = find_letters(labels, codes, path)
    left = np.array([label in letters for label in labels], bool)
    for row in np.flatnonzero(~left).tolist():
        invalid.add(path, f"row {row}", f"the label {problems[labels[row]]}")
    return np.array([letters[label] for label in labels if label in letters]), left


def _check_labels(y, n_images, name):
    """Check that there is one label, or group, for each image."""
    if y.shape != (n_images,):
        raise ValueError(
            f"{name}: has shape {y.shape}; expected ({n_images},), one for each image."
        )
    if y.dtype.kind not in "biuU":
        whole = y.dtype.kind == "f" and (y == np.round(y)).all()
        how = f"; write {name.rpartition(', ')[2]}.astype(int)" if whole else ""
        raise ValueError(
            f"{name}: has dtype {y.dtype}; expected text or integers{how}."
        )


def _detect(source):
    """Return why a source is a ``.npz`` file, or None."""
    is_npz = source.names and all(name.endswith(".npy") for name in source.names)
    return "a zip of nothing but .npy arrays" if is_npz else None


FORMAT = Format(
    "npz", _detect, load_npz, "a .npz with arrays such as 'images' and 'letters'"
)
