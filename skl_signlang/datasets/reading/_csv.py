"""Images from CSV files: one label and the pixels in each row."""

import gzip
import os
import re
import struct
import zlib
from contextlib import contextmanager, nullcontext
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._docstrings import fill_docstring
from skl_signlang._errors import list_some, quote
from skl_signlang._files import open_regular
from skl_signlang._image_shapes import (
    describe_surplus,
    infer_image_shape,
    normalize_image_shape,
)
from skl_signlang._letters import as_code
from skl_signlang.datasets.reading._archives import (
    MAX_BYTES,
    Unpacked,
    is_system_file,
    list_files,
    open_member,
    open_zip,
)
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._csv_lines import read_cells, read_start
from skl_signlang.datasets.reading._format import Format
from skl_signlang.datasets.reading._invalid_records import (
    InvalidRecords,
    check_on_error,
)
from skl_signlang.datasets.reading._label_codes import CODES
from skl_signlang.datasets.reading._loader_entries import ENTRIES
from skl_signlang.datasets.reading._pixel_csv import (
    check_no_file_name,
    is_index,
    parse_pixel,
    read_letters,
    read_rows,
)
from skl_signlang.datasets.reading._sign_mnist import has_kaggle_name

_LABEL_NAMES = ("label", "class", "target", "letter")
_PIXEL_NAME = re.compile(r"pixel[ _]?\d+")
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"

_DESCR = """\
Images from a CSV file
========================

{name}: {n_images} images of {shape} pixels, one a row, and a label for each.
"""


@fill_docstring(ENTRIES)
@validate_params(
    {
        "path": [str, os.PathLike],
        "target": [str, Integral, None],
        "header": ["boolean", StrOptions({"infer"})],
        "image_shape": [tuple, list, None],
        "codes": CODES,
        "on_error": [StrOptions({"raise", "report"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_csv(
    path,
    *,
    target=None,
    header="infer",
    image_shape=None,
    codes=None,
    on_error="raise",
    return_X_y=False,
):
    r"""Load images from a CSV file whose rows are a label and pixels.

    The file may be large: it is parsed to uint8 in blocks, with a few megabytes of text
    in memory at a time.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        A CSV file, plain, gzipped or the only one in a zip, in UTF-8, or in UTF-16 with
        a byte order mark. The delimiter is the comma, semicolon or tab, as Excel's line
        ``sep=;`` says or whichever gives the most cells in the first line. Quoted
        cells may contain delimiters, but no line ends.
    target : str or int, default=None
        The column of the labels: its name, or its position from 0, or from -1
        backwards. None takes the column that the header calls "label", "class",
        "target" or "letter", in capitals or not, and else the first. Other columns
        without a name, or named "index", "id" or "Unnamed: 0", are not pixels: they
        number the rows, as pandas writes them.
    header : bool or "infer", default="infer"
        Whether the first line contains the names of the columns. "infer" is True unless
        at least half of its cells are integers from 0 to 255, and always if `target` is
        a name, or None and a cell is one of the four names above. Pass True for a
        header of numbers.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, channels) of the images, whose values are in
        C order. None infers square images, gray or with three channels.
    {codes}
        "auto" is "kaggle" if the name of the file is that of Kaggle's and its images
        have 28 x 28 pixels, or if there are letters among the labels.
    {on_error}
    {return_X_y}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the entries:

        images : ndarray of uint8, shape (n, height, width[, channels])
            The images; gray ones have no channels unless `image_shape` has.
        {data}
        target : ndarray of int64 or str, shape (n,)
            The labels: integers if all are integers and `codes` is None, else strings.
        {target_names}
        {groups}
        {DESCR}
        {rejected}

    {data_and_target}

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If it is not a regular file, has or unpacks to more than 8 GiB, is damaged,
        unpacks to more than a hundred times its size or is a zip that does not hold
        exactly one CSV file; if there is no such column as `target`; if the rows have
        another number of pixels than `image_shape`; if a row has a wrong number of
        columns, a pixel that is not an integer from 0 to 255, or no label or one of
        more than 100 characters, or is longer than 16 MiB; if there is no row; if with
        ``codes="auto"`` the coding of the labels is ambiguous. The message names the
        file, the row and the value. With ``on_error="report"`` invalid rows are not an
        error unless all rows are invalid, or more than 100,000.

    See Also
    --------
    load_sign_mnist : Sign Language MNIST, letters for its codes.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skl_signlang.datasets import load_csv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "hands.csv")
    ...     n_characters = path.write_text("A,0,50,100,255\nB,255,100,50,0\n")
    ...     bunch = load_csv(path)
    >>> bunch.images.shape, bunch.images.dtype, bunch.target.tolist()
    ((2, 2, 2), dtype('uint8'), ['A', 'B'])
    """
    check_on_error(on_error, return_X_y)
    path, invalid = Path(path).expanduser(), InvalidRecords(on_error)
    if image_shape is not None:
        normalize_image_shape(image_shape)
    with _open_csv(path) as (stream, name):
        start = read_start(stream, name)
        headed = _has_header(start.cells, header, target)
        columns = _name_columns(start, headed)
        position = _find_target(columns, target, headed, start)
        unread = _find_index(columns, position) if headed else []
        n_pixels = len(columns) - 1 - len(unread)
        shape = _infer_shape(n_pixels, image_shape, start)
        more = {"target": position, "unread": unread, "headed": headed}
        table = read_rows(start, name, columns, _check_label, invalid, **more)
    if target is None and headed and is_index(columns[position]):
        _check_not_index(table)
    is_kaggle = has_kaggle_name(name) and shape == (28, 28)
    labels, pixels = read_letters([table], codes, invalid, name, is_kaggle=is_kaggle)
    invalid.check_some_left(len(labels), name)
    sides = " x ".join(map(str, shape))
    bunch = image_bunch(
        pixels.reshape(-1, *shape),
        _as_target(labels),
        descr=_DESCR.format(name=name, n_images=len(labels), shape=sides),
        **invalid.entries(),
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


@contextmanager
def _open_csv(path):
    """Open a plain, gzipped or zipped CSV file; yield the stream and its name."""
    with open_regular(path, MAX_BYTES, expected="a CSV file") as file:
        start = file.read(4)
        file.seek(0)
        suffix = path.suffix.lower()
        if start == _ZIP or suffix == ".zip":
            opened = _open_zipped(file, path)
        elif start.startswith(_GZIP) or suffix == ".gz":
            opened = _open_gzipped(file, path)
        else:
            opened = nullcontext((file, str(path)))
        with opened as stream_and_name:
            yield stream_and_name


@contextmanager
def _open_gzipped(file, path):
    try:
        n_bytes = path.stat().st_size
        with gzip.open(file) as text, Unpacked(text, str(path), n_bytes) as stream:
            yield stream, str(path)
    except (gzip.BadGzipFile, zlib.error, EOFError, struct.error) as error:
        raise ValueError(f"{path} cannot be read as a gzip file: {error}.") from error


@contextmanager
def _open_zipped(file, path):
    with (
        open_zip(file, path) as archive,
        open_member(archive, _only_csv(archive, path), path) as stream_and_name,
    ):
        yield stream_and_name


def _only_csv(archive, path):
    """Find the one CSV file in a zip."""
    members = list_files(archive)
    found = [member for member in members if _is_csv(member.filename)]
    if len(found) != 1:
        listed = list_some(member.filename for member in found or members)
        raise ValueError(
            f"{path} holds {len(found) or 'no'} CSV files; expected exactly one. It "
            f"holds {listed or 'nothing'}. Unpack it and pass the path of one of them."
        )
    return found[0]


def _is_csv(name):
    """Return whether a name is that of a CSV file and not of a system file."""
    return name.lower().endswith(".csv") and not is_system_file(name.split("/"))


def _has_header(cells, header, target):
    """Return whether the first line is a header."""
    if header != "infer":
        return bool(header)
    if isinstance(target, str):
        return True
    if target is None and any(cell.lower() in _LABEL_NAMES for cell in cells):
        return True
    return 2 * sum(map(_is_pixel, cells)) < len(cells)


def _is_pixel(cell):
    try:
        parse_pixel(cell)
    except ValueError:
        return False
    return True


def _name_columns(start, headed):
    """Return the names of the columns, or generate them."""
    cells = start.cells
    if len(cells) < 2:
        raise ValueError(
            f"{start.place}: got 1 column, {quote(cells[0])}; expected a label and "
            "pixels with commas, semicolons or tabs between them."
        )
    return cells if headed else [f"column {i}" for i in range(len(cells))]


def _find_target(columns, target, headed, start):
    """Find the position of the column of labels."""
    if target is None:
        lower = [column.lower() for column in columns] if headed else []
        if all(map(_PIXEL_NAME.fullmatch, lower or ("",))):
            raise ValueError(
                f"{start.place}: got the columns {list_some(columns)}; expected one "
                f"of labels too, called {', '.join(_LABEL_NAMES)}."
            )
        return next((lower.index(known) for known in _LABEL_NAMES if known in lower), 0)
    if isinstance(target, str):
        return _find_column(columns, target, headed, start.name)
    if not -len(columns) <= target < len(columns):
        raise ValueError(
            f"target={target} is not a column of {start.name}, which has "
            f"{len(columns)}; expected {-len(columns)} to {len(columns) - 1}, or a "
            "name."
        )
    return int(target) % len(columns)


def _find_column(columns, target, headed, name):
    """Find the position of a column by its name."""
    if not headed:
        raise ValueError(
            f"target={quote(target)} is a name and header=False: no column of {name} "
            "has one. Give the position of the column, such as 0 or -1."
        )
    if columns.count(target) != 1:
        raise ValueError(
            f"target={quote(target)} is the name of {columns.count(target)} columns of "
            f"{name}; expected one. They are {list_some(map(quote, columns))}."
        )
    return columns.index(target)


def _find_index(columns, target):
    """Find the positions of columns that number the rows."""
    places = range(len(columns))
    return [place for place in places if place != target and is_index(columns[place])]


def _infer_shape(n_pixels, image_shape, start):
    """Return the shape of the images, (h, w) or (h, w, c)."""
    if n_pixels < 1:
        raise ValueError(f"{start.place}: got no column of pixels beside the label.")
    if image_shape is not None:
        expected = int(np.prod(normalize_image_shape(image_shape), dtype=object))
        if expected != n_pixels:
            raise ValueError(
                f"{start.place}: got {n_pixels} pixels beside the label; "
                f"image_shape={tuple(image_shape)} needs {expected}."
            )
        return tuple(map(int, image_shape))
    height, width, channels = infer_image_shape(n_pixels)
    if height != width:
        _check_no_file_names(start)
        raise ValueError(
            f"{start.place}: got {n_pixels} pixels beside the label, which make no "
            "square, neither gray nor with three channels. If they are right, pass "
            f"image_shape=(height, width).{describe_surplus(n_pixels)}"
        )
    return (height, width, channels) if channels > 1 else (height, width)


def _check_no_file_names(start):
    """Raise ValueError if the cells are file names rather than pixels."""
    for cell in read_cells(start):
        try:
            check_no_file_name(cell)
        except ValueError as error:
            number = start.number + 1
            raise ValueError(f"{start.name}, line {number}: a cell {error}.") from None


def _check_label(label):
    """Return the label; raise ValueError if it is empty or a file name."""
    if not label:
        raise ValueError("is empty; expected a label")
    check_no_file_name(label)
    return label


def _check_not_index(table):
    """Raise ValueError if the labels are an index that numbers the rows."""
    if len(table.labels) > 1 and [*map(as_code, table.labels)] == [
        *range(len(table.labels))
    ]:
        raise ValueError(
            f"{table.name}: column {quote(table.column)} numbers the rows, and none is "
            "called label, class, target or letter. Pass target= with the name or the "
            "position of the column of labels."
        )


def _as_target(labels):
    """Convert the labels to integers if all are integers."""
    names, places = np.unique(np.array(labels), return_inverse=True)
    codes = [as_code(name) for name in names.tolist()]
    return np.array(names if None in codes else codes)[places]


def _detect(source):
    """Return why a source is a CSV file, or None."""
    if any(name.lower().endswith(".csv") for name in source.names):
        return "a zip that holds a CSV file"
    if source.is_json_text or source.is_markup or len(source.cells) < 2:
        return None
    packed = "gzipped " if source.is_gzipped else ""
    return f"{packed}text whose first line has several cells"


FORMAT = Format(
    "csv",
    _detect,
    load_csv,
    "a CSV of labels and pixels, plain, gzipped or alone in a zip",
)
