"""Lines of CSV files, in UTF-8 or UTF-16, in bounded memory."""

import codecs
import csv
import io
import re
from contextlib import suppress
from typing import NamedTuple

# Larger blocks are returned to the system each time, which is slow
_BLOCK_BYTES = 1 << 17
_LINE_BYTES = 16 << 20
DELIMITERS = ",", ";", "\t"
# a spreadsheet that saves the line again quotes it and adds empty cells
_SEPARATOR = re.compile(r'\s*"?sep=(.?)"?[,;\t]*', re.IGNORECASE)
_LONGEST_SEPARATOR = 1 << 16
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Start(NamedTuple):
    """First line of a CSV file, after Excel's line ``sep=;`` if there is one.

    ``stream`` continues with the next line, in UTF-8; ``line`` is the line of this
    ``number`` without a byte order mark, and ``cells`` are its parts between
    ``delimiter``.
    """

    stream: object
    name: str
    number: int
    line: bytes
    cells: list
    delimiter: str

    @property
    def place(self):
        """The line, for errors."""
        return f"{self.name}, line {self.number}"


def read_start(stream, name):
    """Read the first line of a CSV file and split it into cells."""
    read = stream.readline(_LINE_BYTES)
    if read.startswith(UTF16_MARKS):
        stream = io.BufferedReader(_Utf16(stream, read, name))
        read = stream.readline(_LINE_BYTES)
    line, number = read.removeprefix(b"\xef\xbb\xbf"), 1
    stated = separator_of(line.decode(errors="replace"))
    if stated is not None:
        line, number = stream.readline(_LINE_BYTES), 2
    place = f"{name}, line {number}"
    if not line.strip():
        raise ValueError(
            f"{place}: got {'an empty line' if line else 'an empty file'}; "
            "expected a header with the names of the columns."
        )
    if b"\r" in line.rstrip(b"\r\n") and b'"' not in line:
        raise ValueError(
            f"{place}: got a carriage return inside it, as in files with these "
            "as line ends (CSV for Macintosh); expected line feeds. Save it as CSV "
            "UTF-8."
        )
    if is_cut(read) or is_cut(line):
        raise ValueError(f"{place}: {describe_cut()}.")
    if b"\0" in line:
        raise ValueError(
            f"{place}: got a zero byte, as in UTF-16 and in files that are not "
            "text; expected text in UTF-8."
        )
    try:
        delimiter, cells = _find_delimiter(line, stated)
    except ValueError as error:
        raise ValueError(f"{place}: {error}.") from error
    cells = [cell.strip() for cell in cells]
    return Start(stream, name, number, line, cells, delimiter)


def separator_of(line):
    """Return the delimiter that Excel's line ``sep=;`` states, None for other lines."""
    match = _SEPARATOR.fullmatch(line[:_LONGEST_SEPARATOR].rstrip("\r\n"))
    return match and match[1]


def read_cells(start):
    """Read the next line of a CSV file, and split it into cells."""
    with suppress(ValueError):
        return split_cells(start.stream.readline(_LINE_BYTES), start.delimiter)
    return []


def read_blocks(stream):
    """Yield blocks of complete lines, or the beginning of a line that is too long."""
    while block := stream.read(_BLOCK_BYTES):
        *whole, rest = block.rsplit(b"\n", 1)
        if whole:
            yield whole[0] + b"\n"
        if rest:
            rest += stream.readline(_LINE_BYTES - len(rest))
            yield rest if is_cut(rest) else end_line(rest)
        if is_cut(rest):
            while is_cut(stream.readline(_LINE_BYTES)):
                pass


def _find_delimiter(line, stated=None):
    """Return the delimiter that makes the most cells, and the cells."""
    if stated in DELIMITERS and len(cells := split_cells(line, stated)) > 1:
        return stated, cells
    best = ",", split_cells(line, ",")
    for delimiter in DELIMITERS[1:]:
        with suppress(ValueError):
            cells = split_cells(line, delimiter)
            # Numbers between semicolons may contain as many commas
            if len(cells) > 1 and len(cells) >= len(best[1]):
                best = delimiter, cells
    return best


def split_cells(line, delimiter):
    """Split a line into cells."""
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    try:
        return next(csv.reader([text], delimiter=delimiter))
    except (csv.Error, StopIteration) as error:
        raise ValueError(f"got an invalid line of a CSV file, {error}") from error


class _Utf16(io.RawIOBase):
    """Stream that converts UTF-16 to UTF-8."""

    def __init__(self, stream, start, name):
        self._stream, self._start, self._name = stream, start, name
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._ready = b""

    def readable(self):
        return True

    def readinto(self, buffer):
        block = True
        while block and not self._ready:
            block = self._start or self._stream.read(_BLOCK_BYTES)
            self._start = b""
            try:
                text = self._decoder.decode(block, final=not block)
                self._ready = text.encode()
            except UnicodeError as error:
                raise ValueError(
                    f"{self._name} begins as UTF-16 and is not ({error}); save the "
                    "file as UTF-8."
                ) from None
        n_bytes = min(len(buffer), len(self._ready))
        buffer[:n_bytes] = self._ready[:n_bytes]
        self._ready = self._ready[n_bytes:]
        return n_bytes


def is_cut(line):
    """Return whether a line is longer than `_LINE_BYTES`."""
    return len(line) == _LINE_BYTES and not line.endswith(b"\n")


def describe_cut():
    return (
        f"got more than {_LINE_BYTES:,} bytes in one line; expected an image, which "
        "takes fewer"
    )


def end_line(lines):
    """Append the line feed that a last line may lack."""
    return lines if lines.endswith(b"\n") else lines + b"\n"
