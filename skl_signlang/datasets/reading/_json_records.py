"""Records and fields of untrusted JSON files and JSON lines."""

import json
import re

from skl_signlang._errors import quote
from skl_signlang._files import open_regular

MAX_FILE = 1 << 30
"""Maximum bytes of a JSON file."""

MAX_LINE = 128 << 20
"""Maximum bytes of a line of JSON lines."""

_MAX_DIGITS = 1000
_BLANK = re.compile(r"[ \t\n\r]*")
_BLOCK = 1 << 20


class JsonObject(list):
    """The (key, value) pairs of a JSON object, in order, repeated keys and all."""


def read_records(path, invalid):
    """Read the records of a JSON list or of JSON lines, one after the other."""
    with open_regular(path, MAX_FILE, expected="a JSON file") as stream:
        holds_lines = _holds_lines(stream)
        stream.seek(0)
        read = _read_lines if holds_lines else _read_document
        yield from read(stream, path, invalid)


def take_fields(record, *names):
    """Return the values of fields, each of which a record must have once."""
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


def describe(value):
    """Describe a JSON value in an error."""
    if isinstance(value, JsonObject):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return quote(value) if isinstance(value, str) else str(value)[:40]


def _holds_lines(stream):
    """Return whether a file is JSON lines rather than a list or one object."""
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
    """Yield lines; of a line that is too long, one byte more than the limit."""
    while line := stream.readline(MAX_LINE + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_BLOCK)


def _read_lines(stream, path, invalid):
    """Yield the object of each line."""
    for number, line in enumerate(_cut_lines(stream), start=1):
        if not line.strip():
            continue
        try:
            record = _parse_line(line)
        except ValueError as error:
            invalid.add(path, f"line {number}", str(error))
        else:
            yield f"line {number}", record


def _parse_line(line):
    """Parse a line that is one JSON value."""
    if len(line) > MAX_LINE:
        raise ValueError(
            f"the line has more than {MAX_LINE:,} bytes; the limit is exceeded"
        )
    return _parse_only(_decode(line.rstrip()))


def _read_document(stream, path, invalid):
    """Yield the items of a list, or a single object."""
    try:
        text = _decode(stream.read(MAX_FILE + 1))
        start = _skip_blank(text, 0)
        if not text.startswith("[", start):
            record = _parse_only(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}.") from None
    if text.startswith("[", start):
        yield from _read_list(text, start, path, invalid)
    else:
        yield "item 1", record


def _read_list(text, start, path, invalid):
    """Yield the items of a list up to the first syntax error."""
    end, number = _skip_blank(text, start + 1), 1
    is_open = not text.startswith("]", end)
    while is_open:
        try:
            record, end = _parse(text, end)
        except ValueError as error:
            invalid.add(path, f"item {number}", f"{error}; the rest is not read")
            return
        yield f"item {number}", record
        number += 1
        is_open = text.startswith(",", end)
        if is_open:
            end = _skip_blank(text, end + 1)
        elif not text.startswith("]", end):
            reason = f"it is not JSON: {_place(text, end)}: expected a comma or ]"
            invalid.add(path, f"item {number}", f"{reason}; the rest is not read")
            return
    end = _skip_blank(text, end + 1)
    if end < len(text):
        reason = f"it is not JSON: {_place(text, end)}: more after the end of the list"
        invalid.add(path, f"item {number}", reason)


def _parse_only(text):
    """Parse a string that is one JSON value."""
    record, end = _parse(text, _skip_blank(text, 0))
    if end < len(text):
        raise ValueError(f"it is not JSON: {_place(text, end)}: more after the end")
    return record


def _parse(text, start):
    """Parse a value; return it and the position after it."""
    try:
        record, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError("it is not JSON of records: it is nested too deeply") from None
    except json.JSONDecodeError as error:
        place = _place(text, error.pos)
        raise ValueError(f"it is not JSON: {place}: {error.msg}") from None
    return record, _skip_blank(text, end)


def _place(text, position):
    """Describe a position by line and column."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return f"line {line}, column {column}" if line > 1 else f"column {column}"


def _skip_blank(text, start):
    """Return the position of the next character that is not blank."""
    return _BLANK.match(text, start).end()


def _decode(content):
    """Decode UTF-8, with its mark or without."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"byte {error.start + 1:,} is not UTF-8; expected JSON in UTF-8"
        ) from None


def _parse_integer(digits):
    """Parse an integer; one of too many digits becomes a float."""
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=JsonObject, parse_int=_parse_integer)
