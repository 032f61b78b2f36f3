"""Images stored as base64 text in a JSON file."""

import os
import re
from functools import partial
from numbers import Integral
from pathlib import Path

from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._base64_text import decode_base64
from skl_signlang._docstrings import fill_docstring
from skl_signlang._errors import quote
from skl_signlang._image_files import RESIZE_MODES, check_size, decode_image
from skl_signlang._intervals import Interval
from skl_signlang.datasets.reading._format import Format
from skl_signlang.datasets.reading._invalid_records import (
    InvalidRecords,
    check_on_error,
)
from skl_signlang.datasets.reading._json_records import (
    JsonObject,
    describe,
    read_records,
    take_fields,
)
from skl_signlang.datasets.reading._label_codes import CODES
from skl_signlang.datasets.reading._labeled_images import (
    bunch_of_records,
    decode_records,
)
from skl_signlang.datasets.reading._loader_entries import ENTRIES

_DESCR = """\
Images from base64 text
=========================

The images and labels of {name}, a JSON file, decoded to {mode}.
"""

_ROW = {"image", "label"}
_BASE64_FIELD = re.compile(
    r'"((?:[^"\\]|\\.){0,100})"\s*:\s*"(?:data:image/|[A-Za-z0-9+/_\\-]{24})'
)


@fill_docstring(ENTRIES)
@validate_params(
    {
        "path": [str, os.PathLike],
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list, None],
        "resize_mode": [StrOptions({*RESIZE_MODES})],
        "color": ["boolean"],
        "codes": CODES,
        "on_error": [StrOptions({"raise", "report"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_base64(
    path,
    *,
    image_size=None,
    resize_mode="crop",
    color=False,
    codes=None,
    on_error="raise",
    return_X_y=False,
):
    """Load images stored as base64 text in a JSON file.

    The file may be an object whose keys are the labels, ``{"A": "/9j/4AAQ..."}``; a
    list of such objects; rows ``{"image": "/9j/4AAQ...", "label": "A"}``, other keys
    ignored; and any of these, an object a line, as JSON lines. A data URL,
    ``data:image/png;base64,...``, may replace base64 text. A repeated key
    is two images.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        A JSON file or JSON lines in UTF-8, at most 1 GiB, no line above 128 MiB; the
        decoded images may have 4 GiB.
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
    ValueError
        If the file is not JSON in UTF-8, is too large or holds no image that can be
        read; if images differ in size and `image_size` is None; and, if
        ``on_error="raise"``, for the first record that is not an image with a label.
        The message names the file, the record and the problem.

    See Also
    --------
    load_json : Images whose URLs are listed in a JSON file.

    Examples
    --------
    >>> import base64, io, json, tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from skl_signlang.datasets import load_base64
    >>> image = io.BytesIO()
    >>> Image.new("L", (28, 28), "white").save(image, "PNG")
    >>> text = base64.b64encode(image.getvalue()).decode()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "letters.json")
    ...     n_written = path.write_text(json.dumps([{"A": text}, {"B": text}]))
    ...     bunch = load_base64(path)
    >>> bunch.images.shape, bunch.images.dtype, bunch.target.tolist()
    ((2, 28, 28), dtype('uint8'), ['A', 'B'])
    """
    check_on_error(on_error, return_X_y)
    image_size = check_size(image_size)
    path = Path(path).expanduser()
    invalid = InvalidRecords(on_error)
    records = (
        image
        for position, record in read_records(path, invalid)
        for image in _images_of(record, position, path, invalid)
    )
    decode = partial(
        _decode, color=color, image_size=image_size, resize_mode=resize_mode
    )
    samples = decode_records(records, decode, path, invalid)
    descr = _DESCR.format(name=path.name, mode="RGB" if color else "gray")
    bunch = bunch_of_records(samples, invalid, path, descr, codes)
    return (bunch.data, bunch.target) if return_X_y else bunch


def _images_of(record, position, path, invalid):
    """Return position, base64 text and label of each image in a record."""
    try:
        is_object = isinstance(record, JsonObject)
        if not is_object or not record:
            got = "an empty object" if is_object else describe(record)
            raise ValueError(
                f'got {got}; expected {{"A": "base64 text"}} or '
                '{"image": "base64 text", "label": "A"}'
            )
        if _ROW.isdisjoint(key for key, _ in record):
            return [
                (f"{position}, key {number} ({quote(key)})", text, key)
                for number, (key, text) in enumerate(record, start=1)
            ]
        return [(position, *take_fields(record, "image", "label"))]
    except ValueError as error:
        invalid.add(path, position, str(error))
        return []


def _decode(text, **form):
    """Decode base64 text to an image."""
    if not isinstance(text, str):
        raise ValueError(f"the image is {describe(text)}; expected base64 text")
    return decode_image(decode_base64(text), **form)


def _detect(source):
    """Return why a source is JSON with base64 text, or None."""
    found = source.json_keys and _BASE64_FIELD.search(source.text)
    return f"JSON with base64 text under the key {found[1]!r}" if found else None


FORMAT = Format("base64", _detect, load_base64, "JSON with images as base64 text")
