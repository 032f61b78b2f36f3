"""Detection of the format of a file or folder, and loading by it."""

import inspect
import os
import re
import zlib
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sklearn.utils._param_validation import validate_params

from skl_signlang._errors import list_some, quote
from skl_signlang._files import open_regular
from skl_signlang._image_files import name_of_heif
from skl_signlang.datasets.reading._archives import is_system_file, list_files, open_zip
from skl_signlang.datasets.reading._base64 import load_base64
from skl_signlang.datasets.reading._csv import load_csv
from skl_signlang.datasets.reading._image_folder import load_image_folder
from skl_signlang.datasets.reading._image_records import IMAGE_EXTENSIONS
from skl_signlang.datasets.reading._json import load_json
from skl_signlang.datasets.reading._npz import load_npz
from skl_signlang.datasets.reading._pixel_csv import UTF16_MARKS
from skl_signlang.datasets.reading._sign_mnist import (
    FILES,
    find_files,
    find_layout,
    has_kaggle_name,
    load_sign_mnist,
)

_START_BYTES = 1 << 16
_MAX_FILES_CHECKED = 1000

_READERS = {
    "sign_mnist": load_sign_mnist,
    "csv": load_csv,
    "json": load_json,
    "base64": load_base64,
    "image_folder": load_image_folder,
    "npz": load_npz,
}
_FORMATS = {
    "sign_mnist": "Sign Language MNIST as Kaggle ships it, a zip, folder or CSV",
    "csv": "a CSV of labels and pixels, plain, gzipped or alone in a zip",
    "json": "JSON whose objects have 'content', an address, and 'label'",
    "base64": "JSON with images as base64 text",
    "image_folder": "a folder or zip with a folder of images for each class",
    "npz": "a .npz with arrays such as 'images' and 'letters'",
}

_IMAGE_SIGNATURES = {
    b"\x89PNG\r\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"BM": "a BMP image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"RIFF": "a WebP image, or a sound or film",
}
_OTHER_SIGNATURES = {
    b"\x93NUMPY": "a .npy array, which has no labels; save both by numpy.savez",
    b"\x89HDF\r\n": "an HDF5 file",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF file",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"Rar!": "a RAR archive; unpack it",
    b"BZh": "a bzip2 file; unpack it",
    b"\xfd7zXZ": "an xz file; unpack it",
    b"\x80\x02": "a pickle, which can run code and is never read",
    b"\x80\x03": "a pickle, which can run code and is never read",
    b"\x80\x04": "a pickle, which can run code and is never read",
    b"\x80\x05": "a pickle, which can run code and is never read",
}

_KEY = r'"((?:[^"\\]|\\.){0,100})"\s*:\s*'
_KEYS = re.compile(_KEY)
_BASE64 = re.compile(_KEY + r'"(?:data:image/|[A-Za-z0-9+/_\\-]{24})')


@validate_params(
    {"path": [str, os.PathLike], "return_X_y": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def load_samples(path, *, return_X_y=False, **options):
    """Load labelled images from a file or folder, whatever its format.

    The content tells the format, and the ending of the name only where images lie in
    folders and CSV files in zips:

    ================  ===================================  =========================
    Format            How it is told                       Reader
    ================  ===================================  =========================
    ``sign_mnist``    a zip or folder that holds Kaggle's  :func:`load_sign_mnist`
                      file names, or a CSV with their
                      header
    ``npz``           a zip of nothing but arrays          see the notes
    ``image_folder``  a zip or folder of folders with      :func:`load_image_folder`
                      images
    ``csv``           text with commas, semicolons or      :func:`load_csv`
                      tabs, plain or gzipped, or a zip
                      that holds a CSV
    ``json``          JSON with the key "content"          :func:`load_json`
    ``base64``        JSON with base64 text                :func:`load_base64`
    ================  ===================================  =========================

    They are tried in this order.

    Parameters
    ----------
    path : str or path-like
        The file or folder.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    **options : dict
        Passed on to the reader of this format, such as `image_size`, `color`, `subset`,
        `codes` or `on_error`; see there.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        What the reader of this format returns, ``images`` and ``target`` among it, and:

        format : str
            One of the formats above.
        format_reason : str
            What it was told by; ``DESCR`` says so too.

    (data, target) : tuple of ndarray
        If `return_X_y`.

    Raises
    ------
    FileNotFoundError
        If there is no such path.
    ValueError
        If the format is none of these; if its reader has no such option; and whatever
        that reader raises.

    Notes
    -----
    A ``.npz`` file holds images in ``images``, ``X`` or ``data``, integers from
    0 to 255 of shape (n, h, w), (n, h, w, channels) or (n, features); labels in
    ``letters``, ``target``, ``labels`` or ``y``; and ``groups`` if they are known.
    Arrays of objects, which can run code, are refused.

    JSON with addresses is fetched from where these lead: see :func:`load_json` before
    you give a file of unknown origin.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skl_signlang.datasets import load_samples
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "hands")
    ...     with path.open("wb") as file:
    ...         np.savez(file, X=np.zeros((2, 28, 28), np.uint8), y=["A", "B"])
    ...     bunch = load_samples(path)
    >>> bunch.images.shape, bunch.format, bunch.format_reason
    ((2, 28, 28), 'npz', 'a zip of nothing but .npy arrays')
    """
    path = Path(path).expanduser()
    found = detect_format(path)
    reader = _READERS[found.format]
    _check_options(options, reader, found, path)
    loaded = reader(path, return_X_y=return_X_y, **options)
    if return_X_y:
        return loaded
    loaded.format, loaded.format_reason = found
    loaded.DESCR += f"\nTaken for {_FORMATS[found.format]}: {found.reason}.\n"
    return loaded


class DetectedFormat(NamedTuple):
    """Name of a format, and the reason for choosing it."""

    format: str
    reason: str


def detect_format(path):
    """Detect the format of a file or folder by its content."""
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {path}.")
    if path.is_dir():
        return _detect_folder(path)
    return _detect_file(path)


def _detect_folder(folder):
    """Detect the format of a folder by its files."""
    for name in FILES.values():
        if any(find_files(folder, name)):
            return DetectedFormat("sign_mnist", f"a folder that holds {name}")
    n_checked = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_system_file([name]))
        if Path(place) == folder:
            continue
        for name in names:
            n_checked += 1
            if n_checked <= _MAX_FILES_CHECKED and _is_image(Path(place, name)):
                return DetectedFormat(
                    "image_folder", "a folder whose sub-folders hold images"
                )
    there = sorted(name for name in os.listdir(folder) if not is_system_file([name]))
    raise _unknown_format(
        path=folder,
        looks=f"the folder holds {list_some(there) or 'nothing'}",
        tried="looked for Kaggle's files and for images in sub-folders",
    )


def _is_image(path):
    """Return whether a file is an image, by its extension or first bytes."""
    if is_system_file([path.name]):
        return False
    if path.name.lower().endswith(IMAGE_EXTENSIONS):
        return True
    try:
        with open_regular(path) as file:
            return file.read(16).startswith((*_IMAGE_SIGNATURES,))
    except (OSError, ValueError):
        return False


def _detect_file(path):
    """Detect the format of a file by its first bytes."""
    with open_regular(path, expected="a file or a folder") as file:
        start = file.read(_START_BYTES)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _detect_zip(path)
    if start.startswith(b"\x1f\x8b"):
        return _detect_text(_unzip_start(start, path), path, "gzipped ")
    return _detect_text(start, path)


def _detect_zip(path):
    """Detect the format of a zip by the names of its members."""
    with open_zip(path) as archive:
        names = [member.filename.replace("\\", "/") for member in list_files(archive)]
        names = [name for name in names if not is_system_file(name.split("/"))]
        if names and all(name.endswith(".npy") for name in names):
            return DetectedFormat("npz", "a zip of nothing but .npy arrays")
        for name in names:
            if has_kaggle_name(name):
                return DetectedFormat("sign_mnist", f"a zip that holds {name}")
        if any("/" in n and n.lower().endswith(IMAGE_EXTENSIONS) for n in names):
            return DetectedFormat("image_folder", "a zip with images in folders")
    if any(name.lower().endswith(".csv") for name in names):
        return DetectedFormat("csv", "a zip that holds a CSV file")
    raise _unknown_format(
        path,
        f"the zip holds {list_some(names) or 'nothing'}",
        "looked for .npy arrays, Kaggle's files, images in folders and a CSV",
    )


def _unzip_start(start, path):
    """Decompress the beginning of a gzip file, at most `_START_BYTES`."""
    try:
        return zlib.decompressobj(wbits=31).decompress(start, _START_BYTES)
    except zlib.error as error:
        raise ValueError(f"{path} cannot be read as a gzip file: {error}.") from error


def _detect_text(start, path, packed=""):
    """Detect JSON and CSV by the first characters."""
    if not start.strip():
        raise _unknown_format(path, "it is empty")
    text = _decode(start)
    if text is None:
        raise _unknown_format(
            path, f"it is {_name_bytes(start)}", "compared the first bytes"
        )
    if text.startswith(("{", "[")):
        if packed:
            raise _unknown_format(path, "it is gzipped JSON; unpack it")
        return _detect_json(text, path)
    line = text.partition("\n")[0]
    columns = max((line.split(mark) for mark in ",;\t"), key=len)
    columns = [cell.strip(' "\t\r') for cell in columns]
    if find_layout(columns)[0] is not None and not packed:
        return DetectedFormat(
            "sign_mnist", "a CSV with the columns label,pixel1,...,pixel784"
        )
    if text.startswith(("<", "%PDF")):
        raise _unknown_format(
            path, "it is an HTML page, XML or a PDF file", "read as text"
        )
    if len(columns) > 1:
        return DetectedFormat("csv", f"{packed}text whose first line has several cells")
    looks = f"its first line has no comma, semicolon or tab: {quote(text[:40])}"
    raise _unknown_format(path, looks, "read as text")


def _decode(start):
    """Decode the beginning of a file; return None if it is not text."""
    encoding = "utf-16" if start.startswith(UTF16_MARKS) else "utf-8-sig"
    try:
        # The last character may be cut in two
        whole = "strict" if len(start) < _START_BYTES else "ignore"
        text = start.decode(encoding, whole)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.lstrip()


def _name_bytes(start):
    """Describe a binary file by its first bytes."""
    for magic, name in _IMAGE_SIGNATURES.items():
        if start.startswith(magic):
            return f"{name}; a set has a folder of images for each class"
    if kind := name_of_heif(start):
        return f"{kind}, which is not read; save it as JPEG in the folder of its class"
    names = (
        name for magic, name in _OTHER_SIGNATURES.items() if start.startswith(magic)
    )
    return next(names, f"something that starts {start[:12]!r}")


def _detect_json(text, path):
    """Detect URLs or base64 text by the keys and values."""
    if "content" in _KEYS.findall(text):
        return DetectedFormat("json", "JSON with the key 'content'")
    if found := _BASE64.search(text):
        return DetectedFormat(
            "base64", f"JSON with base64 text under the key {found[1]!r}"
        )
    raise _unknown_format(
        path,
        f"it is JSON that starts {text[:40]!r}",
        "looked for the key 'content' and for base64 text",
    )


def _check_options(options, reader, found, path):
    """Raise ValueError for options that the loader does not have."""
    known = [*islice(inspect.signature(reader).parameters, 1, None)]
    for name in options:
        if name not in known:
            others = ", ".join(known)
            raise ValueError(
                f"{path} was taken for {_FORMATS[found.format]} ({found.reason}), and "
                f"its reader has no option {name!r}; it has {others}."
            )


def _unknown_format(path, looks, tried=None):
    """Return the ValueError that lists the known formats."""
    tried = f" ({tried})" if tried else ""
    return ValueError(
        f"{path} has a format that is not known: {looks}{tried}. Expected one of: "
        f"{'; '.join(_FORMATS.values())}."
    )
