"""Images in a column of a Parquet file, as Hugging Face's datasets store them."""

import json
import os
import struct
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from numbers import Integral
from pathlib import Path

from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._docstrings import fill_docstring
from skl_signlang._files import open_regular
from skl_signlang._image_files import RESIZE_MODES, check_size, decode_image
from skl_signlang._intervals import Interval
from skl_signlang.datasets.reading import _parquet_rows
from skl_signlang.datasets.reading._archives import MAX_BYTES
from skl_signlang.datasets.reading._format import Format
from skl_signlang.datasets.reading._image_records import MAX_MEMBERS
from skl_signlang.datasets.reading._invalid_records import (
    InvalidRecords,
    check_on_error,
)
from skl_signlang.datasets.reading._label_codes import CODES
from skl_signlang.datasets.reading._labeled_images import (
    bunch_of_records,
    decode_records,
)
from skl_signlang.datasets.reading._loader_entries import ENTRIES

_MAGIC = b"PAR1"
_MAX_MEMORY = 3 << 30
_MAX_RATIO = 100
_FREE_BYTES = 256 << 20
_FREE_SECONDS, _BYTES_PER_SECOND = 60, 1 << 20  # of CPU time

_DESCR = """\
Images from a Parquet file
==========================

The images and labels of {name}, columns {image} and {target}, decoded to {mode}.
"""


@fill_docstring(ENTRIES)
@validate_params(
    {
        "path": [str, os.PathLike],
        "image": [str, None],
        "target": [str, None],
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list, None],
        "resize_mode": [StrOptions({*RESIZE_MODES})],
        "color": ["boolean"],
        "codes": CODES,
        "on_error": [StrOptions({"raise", "report"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_parquet(
    path,
    *,
    image=None,
    target=None,
    image_size=None,
    resize_mode="crop",
    color=False,
    codes=None,
    on_error="raise",
    return_X_y=False,
):
    """Load images from a Parquet file, as Hugging Face's datasets store them.

    A column holds the files of images, as structs ``{bytes, path}`` or as bytes, and
    another one the labels. ``path`` is not read, and no file is opened by it. Needs
    ``pip install skl_signlang[parquet]``.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        A Parquet file of at most 8 GiB and 1,000,000 rows; the decoded images may have
        4 GiB.
    image : str, default=None
        Column of the images. None means the only column of structs ``{bytes, path}``
        or of bytes.
    target : str, default=None
        Column of the labels, strings or integers. None means the column of Hugging
        Face's type ``ClassLabel``, or else the first of "label", "labels", "class",
        "target" and "letter". The integers of a ``ClassLabel`` become their names.
    {image_size}
    {resize_mode}
    {color}
    {codes}
    {on_error}
    {return_X_y}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the entries:

        {images}
        {data}
        {target}
        {target_names}
        {groups}
        {DESCR}
        {rejected}

    {data_and_target}

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ImportError
        If pyarrow is not installed.
    ValueError
        If the file is not Parquet, is damaged, encrypted or too large; if it
        unpacks to more than 100 times its size; if there are no such columns; if images
        differ in size and `image_size` is None; and, if ``on_error="raise"``, for the
        first record that is not an image with a label.

    See Also
    --------
    load_image_folder : Load image files from one folder per class.

    Examples
    --------
    >>> import tempfile
    >>> from io import BytesIO
    >>> from pathlib import Path
    >>> import pyarrow as pa
    >>> from PIL import Image
    >>> from pyarrow import parquet
    >>> from skl_signlang.datasets import load_parquet
    >>> file = BytesIO()
    >>> Image.new("L", (28, 28), "white").save(file, "PNG")
    >>> rows = [{"image": {"bytes": file.getvalue(), "path": None}, "label": "A"}]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "train.parquet")
    ...     parquet.write_table(pa.Table.from_pylist(rows), path)
    ...     bunch = load_parquet(path)
    >>> bunch.images.shape, bunch.target.tolist()
    ((1, 28, 28), ['A'])
    """
    check_on_error(on_error, return_X_y)
    image_size = check_size(image_size)
    path = Path(path).expanduser()
    invalid = InvalidRecords(on_error)
    decode = partial(
        _decode, color=color, image_size=image_size, resize_mode=resize_mode
    )
    with _open_parquet(path, image, target) as rows:
        records = ((f"row {row}", content, label) for row, content, label in rows)
        find_label = partial(_name_label, class_names=rows.class_names)
        samples = decode_records(records, decode, path, invalid, find_label=find_label)
    mode = "RGB" if color else "gray"
    names = {"image": rows.image, "target": rows.target}
    descr = _DESCR.format(name=path.name, mode=mode, **names)
    bunch = bunch_of_records(samples, invalid, path, descr, codes)
    return (bunch.data, bunch.target) if return_X_y else bunch


class _Frames:
    """Images and labels that a process of its own reads from a Parquet file.

    Damaged files can abort pyarrow, and only `RLIMIT_DATA` limits its memory.
    """

    def __init__(self, path, stream, image, target):
        self._path = path
        n_bytes = stream.seek(0, 2)
        stream.seek(0)
        seconds = _FREE_SECONDS + n_bytes // _BYTES_PER_SECOND
        options = [json.dumps(image), json.dumps(target), _MAX_MEMORY, seconds]
        command = [sys.executable, "-P", _parquet_rows.__file__, *map(str, options)]
        paths = os.pathsep.join(
            str(Path(folder).resolve()) for folder in sys.path if folder
        )
        self._process = subprocess.Popen(
            command,
            stdin=stream.fileno(),
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": paths},
        )
        self._left = min(MAX_BYTES, max(_FREE_BYTES, _MAX_RATIO * n_bytes))
        self.image, self.target, self.class_names = self._json()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.stdout.close()
        self._process.wait()

    def __iter__(self):
        """Yield row number, bytes or None, and label of each row."""
        row = 0
        while not isinstance(label := self._json(), dict):
            if row == MAX_MEMBERS:
                raise ValueError(
                    f"{self._path} has more than {MAX_MEMBERS:,} rows, which are not "
                    "read; split the file."
                )
            yield row, self._frame(), label
            row += 1

    def _json(self):
        """Read a frame of JSON; raise ValueError if it is an error."""
        try:
            value = json.loads(self._frame())
            if isinstance(value, dict) and value["error"]:
                reason = value["error"].rstrip(".")
                raise ValueError(
                    f"{self._path} cannot be read as a Parquet file: {reason}."
                )
        except BaseException:
            self.close()
            raise
        return value

    def _frame(self):
        """Read a frame, and count its bytes."""
        size = struct.unpack("<I", self._read(4))[0]
        if size == _parquet_rows.NULL:
            return None
        self._left -= size
        if self._left < 0:
            raise ValueError(
                f"{self._path} unpacks to more than {_MAX_RATIO} times its size, which "
                f"images do not, or to more than {MAX_BYTES:,} bytes."
            )
        return self._read(size)

    def _read(self, size):
        content = self._process.stdout.read(size)
        if len(content) < size:
            raise ValueError(
                f"{self._path} cannot be read as a Parquet file: pyarrow ended early, "
                f"with the exit status {self._process.wait()}."
            )
        return content


@contextmanager
def _open_parquet(path, image, target):
    """Open a Parquet file; yield its rows."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "Parquet files need pyarrow; install skl_signlang[parquet]."
        ) from error
    with (
        open_regular(path, MAX_BYTES, expected="a Parquet file") as stream,
        _Frames(path, stream, image, target) as frames,
    ):
        yield frames


def _name_label(label, class_names):
    """Return a label, the name of one that is an integer of a ClassLabel."""
    if class_names is not None and isinstance(label, int):
        if not 0 <= label < len(class_names):
            raise ValueError(
                f"the label is {label}; expected 0 to {len(class_names) - 1}, the "
                "indices of the names in the metadata"
            )
        return class_names[label]
    return label


def _decode(content, **form):
    """Decode the bytes of an image file."""
    if content is None:
        raise ValueError("the image has no bytes; its path is not opened")
    return decode_image(content, **form)


def _detect(source):
    """Return why a source is a Parquet file, or None."""
    return "a file that starts PAR1" if source.content.startswith(_MAGIC) else None


FORMAT = Format(
    "parquet", _detect, load_parquet, "Parquet with images as bytes and a label"
)
