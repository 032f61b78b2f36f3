"""Detection of the format of a file or folder, and loading by it."""

import inspect
import os
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from sklearn.utils._param_validation import validate_params

from skl_signlang._docstrings import fill_docstring
from skl_signlang._errors import list_some, quote
from skl_signlang._image_files import name_of_heif
from skl_signlang.datasets.reading import (
    _base64,
    _csv,
    _image_folder,
    _json,
    _npz,
    _parquet,
    _sign_mnist,
)
from skl_signlang.datasets.reading._archives import is_plain_file, is_system_file
from skl_signlang.datasets.reading._format import Source
from skl_signlang.datasets.reading._image_records import IMAGE_SIGNATURES
from skl_signlang.datasets.reading._loader_entries import ENTRIES

# In the order in which they are tried
FORMATS = {
    module.FORMAT.name: module.FORMAT
    for module in (
        _parquet,
        _sign_mnist,
        _npz,
        _image_folder,
        _json,
        _base64,
        _csv,
    )
}

_OTHER_SIGNATURES = {
    b"\x93NUMPY": "a .npy array, which has no labels; save both by numpy.savez",
    b"\x89HDF\r\n": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF file",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"Rar!": "a RAR archive; unpack it",
    b"BZh": "a bzip2 file; unpack it",
    b"\xfd7zXZ": "an xz file; unpack it",
    b"\x80\x02": "a pickle, which can run code and is never loaded",
    b"\x80\x03": "a pickle, which can run code and is never loaded",
    b"\x80\x04": "a pickle, which can run code and is never loaded",
    b"\x80\x05": "a pickle, which can run code and is never loaded",
}


@fill_docstring(ENTRIES)
@validate_params(
    {"path": [str, os.PathLike], "return_X_y": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def load_samples(path, *, return_X_y=False, **options):
    """Load labeled images from a file or folder, detecting the format.

    The format is detected by the content, and by file extensions only for images in
    folders and CSV files in zips:

    ================  ===================================  =========================
    Format            Detected by                          Loader
    ================  ===================================  =========================
    ``parquet``       the first bytes                      :func:`load_parquet`
    ``sign_mnist``    a zip or folder that holds Kaggle's  :func:`load_sign_mnist`
                      file names, or a CSV with their
                      header
    ``npz``           a zip of nothing but arrays          see the notes
    ``image_folder``  a zip or folder of folders with      :func:`load_image_folder`
                      images
    ``json``          JSON with the key "content"          :func:`load_json`
    ``base64``        JSON with base64 text                :func:`load_base64`
    ``csv``           text with commas, semicolons or      :func:`load_csv`
                      tabs, plain or gzipped, or a zip
                      that holds a CSV
    ================  ===================================  =========================

    They are tried in this order. With ``codes=None`` given, a CSV file with Kaggle's
    header is ``csv``: its labels stay as they are, such as the digits of Fashion-MNIST.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        The file or folder.
    {return_X_y}
    **options : dict
        Passed to the loader of this format, such as `image_size`, `color`, `subset`,
        `codes` or `on_error`; see there.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        What the loader of this format returns, such as ``images`` and ``target``, and:

        format : str
            One of the formats above.
        format_reason : str
            Why it was chosen, also in ``DESCR``.

    {data_and_target}

    Raises
    ------
    FileNotFoundError
        If the path does not exist.
    ValueError
        If the format is not one of these; if its loader has no such option; and
        whatever that loader raises.

    Notes
    -----
    A ``.npz`` file holds images in ``images``, ``X`` or ``data``, integers from
    0 to 255 of shape (n, h, w), (n, h, w, channels) or (n, features); labels in
    ``letters``, ``target``, ``labels`` or ``y``; and ``groups`` if they are known.
    Arrays of objects, which can run code, are not read.

    The URLs of a JSON file are downloaded: see :func:`load_json` before you load an
    untrusted file.

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
    detected = detect_format(path)
    if (
        options.get("codes", "auto") is None
        and detected.format == _sign_mnist.FORMAT.name
    ):
        detected = _keep_labels(detected, path)
    format = FORMATS[detected.format]
    _check_options(options, format, detected, path)
    loaded = format.load(path, return_X_y=return_X_y, **options)
    if return_X_y:
        return loaded
    loaded.format, loaded.format_reason = detected.format, detected.reason
    loaded.DESCR += f"\nRead as {format.text}: {detected.reason}.\n"
    return loaded


class DetectedFormat(NamedTuple):
    """Name of a format, the reason for choosing it, and whether it is a plain file."""

    format: str
    reason: str
    is_plain_file: bool


def detect_format(path):
    """Detect the format of a file or folder by its content."""
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {path}.")
    source = Source(path)
    for format in FORMATS.values():
        if reason := format.detect(source):
            return DetectedFormat(format.name, reason, is_plain_file(path))
    raise ValueError(
        f"{path} has an unknown format: {_describe(source)}. Expected one of: "
        f"{'; '.join(format.text for format in FORMATS.values())}."
    )


def _keep_labels(detected, path):
    """Return the format that reads a file with Kaggle's header, but other labels."""
    if not detected.is_plain_file:
        raise ValueError(
            f"{path} is {detected.reason}; codes=None is for other data than Kaggle's."
        )
    reason = f"{detected.reason}, and other labels"
    return detected._replace(format=_csv.FORMAT.name, reason=reason)


def _describe(source):
    """Describe a file or folder of no known format, and what was tried."""
    if source.is_folder:
        names = os.listdir(source.path)
        found = sorted(name for name in names if not is_system_file([name]))
        return (
            f"the folder holds {list_some(found) or 'nothing'} (looked for Kaggle's "
            "files and for images in sub-folders)"
        )
    if source.is_zip:
        return (
            f"the zip holds {list_some(source.names) or 'nothing'} (looked for .npy "
            "arrays, Kaggle's files, images in folders and a CSV)"
        )
    if not source.content.strip():
        return "it is empty"
    if source.text is None:
        return f"it is {_describe_bytes(source.content)} (compared the first bytes)"
    if source.is_json_text:
        if source.is_gzipped:
            return "it is gzipped JSON; unpack it"
        return (
            f"it is JSON that starts {source.text[:40]!r} (looked for the key "
            "'content' and for base64 text)"
        )
    if source.is_markup:
        return "it is an HTML page, XML or a PDF file (read as text)"
    start = quote(source.text[:40])
    return f"its first line has no comma, semicolon or tab: {start} (read as text)"


def _describe_bytes(start):
    """Describe a binary file by its first bytes."""
    for signature, name in IMAGE_SIGNATURES.items():
        if start.startswith(signature):
            return f"{name}; a data set has one folder of images per class"
    if kind := name_of_heif(start):
        return (
            f"{kind}; a data set has one folder of images per class, best saved as JPEG"
        )
    names = (name for s, name in _OTHER_SIGNATURES.items() if start.startswith(s))
    return next(names, f"something that starts {start[:12]!r}")


def _check_options(options, format, detected, path):
    """Raise ValueError for options that the loader does not have."""
    known = [*islice(inspect.signature(format.load).parameters, 1, None)]
    for name in options:
        if name not in known:
            raise ValueError(
                f"{path} was read as {format.text} ({detected.reason}), and its "
                f"loader has no option {name!r}; it has {', '.join(known)}."
            )
