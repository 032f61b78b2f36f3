"""JSON files and JSON lines that is untrusted: records, fields and labels."""

import json
import re
import threading

import numpy as np

from skl_signlang._errors import quote
from skl_signlang._files import open_regular
from skl_signlang._image_files import describe_sizes
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._label_codes import find_letters

MAX_FILE = 1 << 30
"""Bytes of a JSON file beyond which it is not read."""

MAX_LINE = 128 << 20
"""Bytes of a line of JSON lines beyond which it is not read."""

MAX_PIXEL_BYTES = 4 << 30
"""Bytes of all decoded images beyond which they are not kept."""

_MAX_LABEL = 100
_MAX_DIGITS = 1000
_BLANK = re.compile(r"[ \t\n\r]*")
_BLOCK = 1 << 20


class JsonObject(list):
    """The (key, value) pairs of a JSON object, in order, repeated keys and all."""


def read_records(path, rejects):
    """Read the records of a JSON list or of JSON lines, one after the other."""
    with open_regular(path, MAX_FILE, expected="a JSON file") as stream:
        holds_lines = _holds_lines(stream)
        stream.seek(0)
        read = _read_lines if holds_lines else _read_document
        yield from read(stream, path, rejects)


def take_fields(record, *names):
    """Take the values of some fields out of a record."""
    expected = " and ".join(map(repr, names))
    if not isinstance(record, JsonObject):
        raise ValueError(f"got {describe(record)}; expected an object with {expected}")
    values = []
    for name in names:
        found = [value for key, value in record if key == name]
        if len(found) != 1:
            raise ValueError(
                f"the object has {len(found) or 'no'} {name!r}; expected {expected}, "
                "each once"
            )
        values += found
    return values


def check_label(label):
    """Return a label as it is, if it can be one."""
    if isinstance(label, str):
        if not label.strip() or not label.isprintable() or len(label) > _MAX_LABEL:
            raise ValueError(
                f"the label is {quote(label)}; expected 1 to {_MAX_LABEL} printable "
                "characters"
            )
    elif isinstance(label, bool) or not isinstance(label, int):
        raise ValueError(
            f"the label is {describe(label)}; expected a string or an integer"
        )
    elif not -(2**63) <= label < 2**63:
        raise ValueError(f"the label is {describe(label)}, too large for 64 bits")
    return label


def describe(value):
    """Say in an error what a JSON value is."""
    if isinstance(value, JsonObject):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return quote(value) if isinstance(value, str) else str(value)[:40]


class TooLargeError(ValueError):
    """That images do not fit into memory, which is the fault of no record."""


class PixelBudget:
    """Counts the bytes of decoded images, in many threads.

    A file of a megabyte may hold a thousand white images of 50 million pixels.
    """

    def __init__(self):
        self._n_bytes = 0
        self._lock = threading.Lock()

    def take(self, n_bytes):
        """Count some more."""
        with self._lock:
            self._n_bytes += n_bytes
            if self._n_bytes > MAX_PIXEL_BYTES:
                raise TooLargeError(
                    f"the decoded images need more than {MAX_PIXEL_BYTES:,} bytes; "
                    "pass a smaller image_size, or split the file"
                )


def bunch_of_records(samples, rejects, path, descr, codes):
    """Put the images that could be read into a Bunch."""
    labels = [label for _, label, _ in samples]
    letters, problems = find_letters(labels, codes, path)
    for position, label, _ in samples:
        if label in problems:
            rejects.add(path, position, f"the label {problems[label]}")
    samples = [sample for sample in samples if sample[1] in letters]
    # What is no JSON was found before what is no image, and that before bad labels
    rejects.sort([path])
    rejects.check_some_left(len(samples), path)
    if not samples:
        raise ValueError(f"{path}: got no record; expected images with labels.")
    positions, labels, images = zip(*samples, strict=True)
    for position, image in zip(positions, images, strict=True):
        if image.shape != images[0].shape:
            sizes = positions[0], images[0].shape, position, image.shape
            raise ValueError(f"{path}: {describe_sizes(*sizes)}.")
    # One image may stand for many records
    try:
        PixelBudget().take(len(images) * images[0].nbytes)
    except TooLargeError as error:
        raise ValueError(f"{path}: {error}.") from None
    labels = [letters[label] for label in labels]
    whole = all(isinstance(label, int) for label in labels)
    target = np.array(
        labels if whole else list(map(str, labels)), int if whole else str
    )
    return image_bunch(np.stack(images), target, descr=descr, **rejects.entries())


def _holds_lines(stream):
    """Tell JSON lines, even if the first is damaged, from a list or one object."""
    lines = (line.removeprefix(b"\xef\xbb\xbf").strip() for line in _cut_lines(stream))
    filled = filter(None, lines)
    first = next(filled, b"")
    if first.startswith(b"["):
        return False
    try:
        _parse_line(first)
    except ValueError:
        return next(filled, b"").startswith(b"{")
    return True


def _cut_lines(stream):
    """Yield lines; of one that is too long a byte more than is allowed."""
    while line := stream.readline(MAX_LINE + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_BLOCK)


def _read_lines(stream, path, rejects):
    """Read an object a line."""
    for number, line in enumerate(_cut_lines(stream), start=1):
        if not line.strip():
            continue
        try:
            record = _parse_line(line)
        except ValueError as error:
            rejects.add(path, f"line {number}", str(error))
        else:
            yield f"line {number}", record


def _parse_line(line):
    """Parse what must be one JSON value."""
    if len(line) > MAX_LINE:
        raise ValueError(f"the line has more than {MAX_LINE:,} bytes; it is not read")
    return _parse_only(_decode(line.rstrip()))


def _read_document(stream, path, rejects):
    """Read a list, item by item, or a single object."""
    try:
        text = _decode(stream.read(MAX_FILE + 1))
        start = _skip_blank(text, 0)
        if not text.startswith("[", start):
            record = _parse_only(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}.") from None
    if text.startswith("[", start):
        yield from _read_list(text, start, path, rejects)
    else:
        yield "item 1", record


def _read_list(text, start, path, rejects):
    """Read the items of a list, as far as it is one."""
    end, number = _skip_blank(text, start + 1), 1
    is_open = not text.startswith("]", end)
    while is_open:
        try:
            record, end = _parse(text, end)
        except ValueError as error:
            rejects.add(path, f"item {number}", f"{error}; nothing further is read")
            return
        yield f"item {number}", record
        number += 1
        is_open = text.startswith(",", end)
        if is_open:
            end = _skip_blank(text, end + 1)
        elif not text.startswith("]", end):
            reason = f"it is no JSON: {_place(text, end)}: expected a comma or ]"
            rejects.add(path, f"item {number}", f"{reason}; nothing further is read")
            return
    end = _skip_blank(text, end + 1)
    if end < len(text):
        reason = f"it is no JSON: {_place(text, end)}: more after the end of the list"
        rejects.add(path, f"item {number}", reason)


def _parse_only(text):
    """Parse a text that is one value."""
    record, end = _parse(text, _skip_blank(text, 0))
    if end < len(text):
        raise ValueError(f"it is no JSON: {_place(text, end)}: more after the end")
    return record


def _parse(text, start):
    """Parse a value; return it and where the next thing stands."""
    try:
        record, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError("it is no JSON of records: it is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = _place(text, error.pos)
        raise ValueError(f"it is no JSON: {place}: {error.msg}") from None
    return record, _skip_blank(text, end)


def _place(text, position):
    """Name a place in a text that has one line or many."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f"line {line}, column {column}" if line > 1 else f"column {column}"


def _skip_blank(text, start):
    """Find the next character that is no blank."""
    return _BLANK.match(text, start).end()


def _decode(content):
    """Decode UTF-8, with its mark or without."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"byte {error.start + 1:,} is no UTF-8; expected JSON in UTF-8"
        ) from None


def _parse_whole(digits):
    """Parse an integer; Python raises where it is too long, which no label is."""
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=JsonObject, parse_int=_parse_whole)
