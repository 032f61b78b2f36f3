"""Sign Language MNIST, from the files that Kaggle ships."""

import os
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._docstrings import fill_docstring
from skl_signlang._errors import count_of, list_some, quote
from skl_signlang._files import open_regular
from skl_signlang._letters import CODES, CODINGS, as_code, as_letter
from skl_signlang.datasets.reading._archives import (
    MAX_BYTES,
    is_plain_file,
    list_files,
    open_member,
    open_zip,
)
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._csv_lines import read_start
from skl_signlang.datasets.reading._format import Format
from skl_signlang.datasets.reading._invalid_records import (
    InvalidRecords,
    check_on_error,
)
from skl_signlang.datasets.reading._loader_entries import ENTRIES
from skl_signlang.datasets.reading._pixel_csv import (
    check_no_file_name,
    is_index,
    parse_pixel,
    read_letters,
    read_rows,
)

FILES = {"train": "sign_mnist_train.csv", "test": "sign_mnist_test.csv"}
"""Kaggle's names of the two files."""

PARTS = {"train": ["train"], "test": ["test"], "all": ["train", "test"]}
"""Files of each subset."""

_SIDE = 28
COLUMNS = ["label", *(f"pixel{number}" for number in range(1, _SIDE * _SIDE + 1))]
"""Header of both files."""

_MAX_DEPTH = 2

_DESCR = """\
Sign Language MNIST
===================

Hands that sign the 24 static letters of the American manual alphabet, A to Y without
J: 27,455 images for training and 7,172 to test on, 28 x 28 pixels, gray, 0 to 255.
Z moves, as J does, and is not there either.

Source: https://www.kaggle.com/datasets/datamunge/sign-language-mnist
Licence: CC0, public domain.

The images were made from 1,704 photographs, each rendered fifty times or more with
filters, five per cent of pixelation, fifteen of brightness and contrast and three
degrees of rotation. The training images are thus near-duplicates of each other, and
a cross-validation with random splits scores up to 19 points better than the
test images, which come from other photographs: keep near-duplicates together in
groups when you split. The test classes are unbalanced (144 times R, 498 times E), so
look at the macro-averaged F1 score beside the accuracy. Few signers, one kind of
camera and of background: a good score here says little about other people's hands.
"""


@fill_docstring(ENTRIES)
@validate_params(
    {
        "path": [str, os.PathLike],
        "subset": [StrOptions(set(PARTS))],
        "codes": [StrOptions({"auto", *CODINGS})],
        "on_error": [StrOptions({"raise", "report"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_sign_mnist(
    path, *, subset="train", codes="auto", on_error="raise", return_X_y=False
):
    """Load Sign Language MNIST from the files that Kaggle ships.

    ================   ==================================
    Classes                                            24
    Samples            27,455 (train), 7,172 (test)
    Dimensionality     784 (28 x 28 pixels, gray)
    Values             integers from 0 to 255
    ================   ==================================

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        The zip as Kaggle ships it, the folder that it unpacks to, or one CSV file. In
        a zip, or up to two levels down in a folder, the files may be nested, as in
        ``sign_mnist_train/sign_mnist_train.csv``; the least nested one is taken.
    subset : {"train", "test", "all"}, default="train"
        Images to load from a zip or folder; "all" is the training images followed by
        the test images. A CSV file is read whatever its name.
    codes : {"auto", "kaggle", "dense", "one-based", "alphabet"}, default="auto"
        Coding of integer labels, see :func:`codes_to_letters`; copies of the data set
        exist whose codes have no gap, or count from 1. "auto" is "kaggle"
        for files of Kaggle's names, unless these hold all codes of another coding, or
        if there are letters among the labels.
    {on_error}
    {return_X_y}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the entries:

        images : ndarray of uint8, shape (n, 28, 28)
            The images.
        data : ndarray of uint8, shape (n, 784)
            Flattened pixels, a view of ``images``.
        target : ndarray of str, shape (n,)
            Letters, 'A' to 'Y', or "nothing", "space" and "del".
        {target_names}
        {groups}
        DESCR : str
            Description of the data, with a warning of near-duplicates.
        {rejected}

    {data_and_target}

    Raises
    ------
    FileNotFoundError
        If the path does not exist, or the file of this subset is not in it.
    ValueError
        If it is a pipe, a device or the like, or has more than 8 GiB; if the zip is
        damaged; if the columns are not ``label`` and ``pixel1`` to ``pixel784``
        (``label`` may stand last, be a capital or not, and hold letters; an index of
        pandas is passed over); if a row has a wrong number of columns, a cell is not an
        integer from 0 to 255, a label is not a static letter (9 is J, 25 is Z), or
        there is no row; if the coding of the labels is ambiguous. The message names the
        file, the row and the value. With ``on_error="report"`` invalid rows are not an
        error unless all rows are invalid.

    References
    ----------
    .. [1] `Sign Language MNIST
       <https://www.kaggle.com/datasets/datamunge/sign-language-mnist>`_, CC0.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skl_signlang.datasets import load_sign_mnist
    >>> header = ",".join(["label", *(f"pixel{i}" for i in range(1, 785))])
    >>> row = ",".join(["2", *["255"] * 784])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "sign_mnist_train.csv")
    ...     with path.open("w") as file:
    ...         print(header, row, sep=chr(10), file=file)
    ...     bunch = load_sign_mnist(folder)
    >>> bunch.images.shape, bunch.images.dtype, bunch.target.tolist()
    ((1, 28, 28), dtype('uint8'), ['C'])
    """
    check_on_error(on_error, return_X_y)
    path = Path(path).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {path}.")
    files, invalid = (
        [FILES[part] for part in PARTS[subset]],
        InvalidRecords(on_error),
    )
    tables = _read_tables(path, files, invalid)
    is_ambiguous = codes in ("auto", "one-based")
    more = _labels_beside(path, files, tables) if is_ambiguous else []
    is_kaggle = all(has_kaggle_name(table.name) for table in tables)
    letters, pixels = read_letters(
        tables, codes, invalid, path, is_kaggle=is_kaggle, more=more
    )
    invalid.check_some_left(len(letters), path)
    letters = np.array(letters)
    images = pixels.reshape(-1, _SIDE, _SIDE)
    bunch = image_bunch(images, letters, descr=_DESCR, **invalid.entries())
    return (bunch.data, bunch.target) if return_X_y else bunch


def find_layout(columns):
    """Return positions of the label (None if not Kaggle's header) and of indices."""
    names = [column.lower() for column in columns]
    unread = [place for place, name in enumerate(names) if is_index(name)]
    others = [name for name in names if not is_index(name)]
    if others.count("label") != 1 or sorted(others) != sorted(COLUMNS):
        return None, unread
    others.remove("label")
    return (names.index("label") if others == COLUMNS[1:] else None), unread


def has_kaggle_name(path):
    """Return whether a file has one of Kaggle's names."""
    return PurePosixPath(path).name.lower() in FILES.values()


def find_files(folder, pattern):
    """Yield files up to two levels down in a folder, least nested first."""
    for depth in range(_MAX_DEPTH + 1):
        for spelling in (pattern, pattern.replace(".csv", ".CSV"), pattern.upper()):
            found = sorted(folder.glob("*/" * depth + spelling))
            yield from filter(Path.is_file, found)


def find_member(archive, file):
    """Find a file in a zip, nested or not."""
    members = list_files(archive)
    found = [m for m in members if PurePosixPath(m.filename).name.lower() == file]
    return min(found, key=lambda m: (m.filename.count("/"), m.filename), default=None)


def _read_tables(path, files, invalid):
    """Read files from a folder or a zip, or one CSV file whatever its name."""
    if path.is_dir():
        return [_read_from_folder(path, file, invalid) for file in files]
    return _read_packed_or_not(path, files, invalid)


def _labels_beside(path, files, tables):
    """Read the labels of the other file if these leave the coding ambiguous."""
    codes = {as_code(label) for table in tables for label in table.labels} - {None}
    others = [file for file in FILES.values() if file not in files]
    is_clear = codes <= {*CODES} and 24 in codes
    if is_clear or not codes or not others or is_plain_file(path):
        return []
    try:
        tables = _read_tables(path, others, InvalidRecords("report"))
    except (OSError, ValueError):
        return []  # the user did not ask for this file
    return [label for table in tables for label in table.labels]


def _read_from_folder(folder, file, invalid):
    """Read the least nested file of this name in a folder."""
    for found in find_files(folder, file):
        return _read_file(found, invalid)
    raise _not_found(file, folder, [path.name for path in folder.iterdir()])


def _read_packed_or_not(path, files, invalid):
    """Read files from a zip, or one CSV file whatever its name."""
    expected = "Kaggle's zip, the folder that it unpacks to or a CSV file"
    with open_regular(path, MAX_BYTES, expected=expected) as stream:
        if path.suffix.lower() == ".zip" or zipfile.is_zipfile(stream):
            return [_read_from_zip(stream, path, file, invalid) for file in files]
        stream.seek(0)
        return [_read_stream(stream, str(path), invalid)]


def _read_from_zip(stream, path, file, invalid):
    """Read the least nested member of this name in a zip."""
    with open_zip(stream, path) as archive:
        member = find_member(archive, file)
        if member is None:
            raise _not_found(file, path, archive.namelist())
        with open_member(archive, member, path) as (stream, name):
            return _read_stream(stream, name, invalid)


def _read_file(path, invalid):
    """Read one CSV file."""
    with open_regular(path, MAX_BYTES, expected="a CSV file") as stream:
        return _read_stream(stream, str(path), invalid)


def _read_stream(stream, name, invalid):
    """Check the header, and read labels and pixels."""
    start = read_start(stream, name)
    target, unread = find_layout(start.cells)
    if target is None:
        raise ValueError(
            f"{start.place}: got {_describe_header(start.cells)}; expected the header "
            f"label,pixel1,...,pixel{_SIDE * _SIDE}."
        )
    columns = [*start.cells]
    columns[target] = "label"
    more = {"target": target, "unread": unread}
    return read_rows(start, name, columns, _check_label, invalid, **more)


def _check_label(label):
    """Return the label; raise ValueError if it is neither a letter nor a code."""
    if as_letter(label) is None:
        check_no_file_name(label)
        try:
            parse_pixel(label)
        except ValueError:
            raise ValueError(
                f"is {quote(label)}; expected a letter, or an integer from 0 to "
                "255 as its code. Pass codes=None to load_samples for other labels"
            ) from None
    return label


def _describe_header(columns):
    """Describe how a header differs from Kaggle's."""
    if len(columns) != len(COLUMNS):
        return f"{count_of(len(columns), 'column')}, the first {quote(columns[0])}"
    pairs = enumerate(zip(columns, COLUMNS, strict=True), start=1)
    return next(
        f"{quote(column)} as the name of column {number}"
        for number, (column, expected) in pairs
        if column != expected
    )


def _not_found(file, place, names):
    """Return the FileNotFoundError that lists what was found instead."""
    there = list_some(sorted(names)) or "nothing"
    return FileNotFoundError(
        f"There is no {file} in {place}, nested or not; it holds {there}."
    )


def _detect(source):
    """Return why a source is Sign Language MNIST, or None."""
    if source.is_folder:
        found = (name for name in FILES.values() if any(find_files(source.path, name)))
        name = next(found, None)
        return name and f"a folder that holds {name}"
    for name in filter(has_kaggle_name, source.names):
        return f"a zip that holds {name}"
    if not source.is_gzipped and find_layout(source.cells)[0] is not None:
        return "a CSV with the columns label,pixel1,...,pixel784"
    return None


FORMAT = Format(
    "sign_mnist",
    _detect,
    load_sign_mnist,
    "Sign Language MNIST as Kaggle ships it, a zip, folder or CSV",
)
