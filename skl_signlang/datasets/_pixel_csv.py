"""Reading CSV files whose rows are a label and pixels, in little memory."""

import csv
import re
from itertools import chain

import numpy as np

from .._errors import quote

# What larger blocks allocate goes back to the system each time, page by page
_BLOCK_BYTES = 1 << 17
_LINE_BYTES = 16 << 20
_LABEL_LENGTH = 100
_MAX_REJECTS = 100_000
_PIXELS = {str(value): value for value in range(256)}
_WHOLE = re.compile(r"\s*0*([0-9]{1,3})(\.0*)?\s*", re.ASCII)


def read_first_line(stream, name):
    """Read the first line of a CSV file and split it into cells.

    Parameters
    ----------
    stream : binary file
        At its beginning; afterwards at the second line.
    name : str
        What errors call the file.

    Returns
    -------
    line : bytes
        As it is, but for a byte order mark.
    cells : list of str
        Without surrounding blanks.

    Raises
    ------
    ValueError
        If the file is empty or its first line no line of a CSV file.
    """
    read = stream.readline(_LINE_BYTES)
    line = read.removeprefix(b"\xef\xbb\xbf")
    if not line.strip():
        raise ValueError(
            f"{name}, line 1: got {'an empty line' if read else 'an empty file'}; "
            "expected a header with the names of the columns."
        )
    if _is_cut(read):
        raise ValueError(f"{name}, line 1: {_too_long()}.")
    if b"\0" in line:
        raise ValueError(
            f"{name}, line 1: got a zero byte, as in UTF-16 and in files that are no "
            "text; expected text in UTF-8."
        )
    try:
        return line, [cell.strip() for cell in _split(line)]
    except ValueError as error:
        raise ValueError(f"{name}, line 1: {error}.") from error


def read_rows(stream, name, columns, to_target, rejects, *, target=0, first=b""):
    """Read the rows of a CSV file in which one column is a label, the others pixels.

    Parameters
    ----------
    stream : binary file
        After its first line, see `read_first_line`.
    name : str
        What errors call the file.
    columns : sequence of str
        The names of the columns, two or more.
    to_target : callable
        Turns the text of a label into a target. For one that it does not know it
        raises a ValueError that goes on from the name of the column: "is 'x'; ...".
    rejects : Rejects
        What to do with bad rows.
    target : int, default=0
        The position of the label's column, from 0.
    first : bytes, default=b""
        The first line if it is a row; if empty, it was a header.

    Returns
    -------
    targets : list
        What `to_target` made of the labels.
    pixels : ndarray of uint8, shape (n, len(columns) - 1)
        The values.

    Raises
    ------
    ValueError
        For a row with a wrong number of columns, a cell that is no whole number from
        0 to 255, an unknown label or no row at all; it names file, row and value.
    """
    rows = _Rows(name, columns, target, to_target, rejects)
    rows.line = 1 if first else 2
    for block in chain([_end(first)] if first else [], _whole_lines(stream)):
        if _is_cut(block):
            rows.reject_line(_too_long())
        else:
            rows.read(block)
    if not rows.row:
        raise ValueError(f"{name}, line {rows.line}: got no row after the header.")
    # Over the bytearray itself: no copy, and it can be written to
    pixels = np.frombuffer(rows.pixels, np.uint8)
    return rows.targets, pixels.reshape(-1, len(columns) - 1)


def whole_number(cell):
    """Parse a pixel or a code, however it is spelled: 12, 012 or 12.0."""
    match = _WHOLE.fullmatch(cell)
    value = int(match[1]) if match else -1
    if not 0 <= value <= 255:
        raise ValueError(f"is {quote(cell)}; expected a whole number from 0 to 255")
    return value


class _Rows:
    """The rows read so far, and how far the file has been read."""

    def __init__(self, name, columns, target, to_target, rejects):
        self.name, self.columns, self.target = name, columns, target
        self.to_target, self.rejects = to_target, rejects
        self.targets, self.pixels, self.known = [], bytearray(), {}
        self.row, self.line, self.n_rejected = 0, 1, 0

    def read(self, block):
        """Take in whole lines."""
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n")
        lines = block.split(b"\n")[:-1]
        rows = [line for line in lines if line]
        try:
            self._keep(*self._parse(rows))
        except ValueError:
            # Rare: quotes, blanks, or an error to be named
            self._read_one_by_one(lines)
        else:
            self.row += len(rows)
            self.line += len(lines)

    def reject_line(self, reason):
        """Take note of a line that was not kept."""
        self.row += 1
        self._reject(self.line, reason)
        self.line += 1

    def _reject(self, line, reason):
        """Take note of a bad row, unless there are too many to go on."""
        self.n_rejected += 1
        if self.n_rejected > _MAX_REJECTS:
            raise ValueError(
                f"{self.name}, row {self.row} (line {line}): {reason}. It is one of "
                f"more than {_MAX_REJECTS:,} bad rows; is this a CSV file of pixels?"
            )
        self.rejects.add(self.name, f"row {self.row} (line {line})", reason)

    def _keep(self, targets, pixels):
        self.targets += targets
        self.pixels += pixels.data if pixels.size else b""

    def _parse(self, lines):
        """Parse lines of a label and digits; ValueError if there is more in them."""
        n_columns = len(self.columns)
        if not lines:
            return [], np.empty((0, n_columns - 1), np.uint8)
        cut = [_cut_label(line, self.target, n_columns) for line in lines]
        labels, rests = zip(*cut, strict=True)
        for label in set(labels) - self.known.keys():
            self.known[label] = self._to_target(_plain_text(label))
        pixels = _parse_digits(b"\n".join([*rests, b""]), n_columns - 1)
        return [self.known[label] for label in labels], pixels

    def _to_target(self, label):
        if len(label) > _LABEL_LENGTH:
            raise ValueError(
                f"is {quote(label)}, {len(label):,} characters; expected a label of "
                f"at most {_LABEL_LENGTH}"
            )
        if "\ufffd" in label:
            raise ValueError(
                f"is {label!r}, which is not UTF-8; save the file as UTF-8"
            )
        return self.to_target(label)

    def _read_one_by_one(self, lines):
        """Parse lines one at a time, so that an error can be named."""
        for number, line in enumerate(lines, start=self.line):
            if not line.strip():
                continue
            self.row += 1
            try:
                self._keep(*self._parse_line(line))
            except ValueError as error:
                self._reject(number, str(error))
        self.line += len(lines)

    def _parse_line(self, line):
        """Parse a line as quickly as it lets itself be parsed."""
        if line.count(b",") == len(self.columns) - 1:
            try:
                return self._parse([line])
            except ValueError:
                pass
        return self._parse_cells(_split(line))

    def _parse_cells(self, cells):
        """Parse the cells of a line; the ValueError names the first bad one."""
        if len(cells) != len(self.columns):
            raise ValueError(
                f"got {len(cells)} columns, the first {quote(cells[0])}; expected "
                f"{len(self.columns)}"
            )
        label = cells.pop(self.target)
        try:
            target = self._to_target(label.strip())
        except ValueError as error:
            raise ValueError(f"{self.columns[self.target]} {error}") from error
        values = [_PIXELS.get(cell, -1) for cell in cells]
        if -1 in values:
            values = self._parse_odd_pixels(cells)
        return [target], np.array([values], np.uint8)

    def _parse_odd_pixels(self, cells):
        """Parse pixels that are spelled in other ways, such as 12.0."""
        columns = [*self.columns]
        columns.pop(self.target)
        values = []
        for cell, column in zip(cells, columns, strict=True):
            try:
                values.append(whole_number(cell))
            except ValueError as error:
                raise ValueError(f"{column} {error}") from error
        return values


def _whole_lines(stream):
    """Cut a file into blocks that end with a line, or into the start of a long one."""
    while block := stream.read(_BLOCK_BYTES):
        *whole, rest = block.rsplit(b"\n", 1)
        if whole:
            yield whole[0] + b"\n"
        if rest:
            rest += stream.readline(_LINE_BYTES - len(rest))
            yield rest if _is_cut(rest) else _end(rest)
        if _is_cut(rest):
            while _is_cut(stream.readline(_LINE_BYTES)):
                pass


def _is_cut(line):
    """Tell whether a line is longer than what has been read of it."""
    return len(line) == _LINE_BYTES and not line.endswith(b"\n")


def _too_long():
    return (
        f"got more than {_LINE_BYTES:,} bytes in one line; expected a picture, which "
        "takes fewer"
    )


def _end(lines):
    """End a last line that has no end."""
    return lines if lines.endswith(b"\n") else lines + b"\n"


def _cut_label(line, target, n_columns):
    """Cut a line into the cell of its label and the others."""
    if target == 0:
        label, _, rest = line.partition(b",")
    elif target == n_columns - 1:
        rest, _, label = line.rpartition(b",")
    else:
        *before, label, after = line.split(b",", target + 1)
        rest = b",".join([*before, after])
    return label, rest


def _plain_text(cell):
    """Decode a cell, without its quotes; ValueError if it needs a closer look."""
    text = cell.decode().strip()
    if text[:1] == text[-1:] == '"' and len(text) > 1:
        text = text[1:-1]
    if '"' in text:
        raise ValueError("quotes that do not surround the cell")
    return text.strip()


def _parse_digits(block, n_columns):
    """Parse lines of nothing but digits and commas; ValueError if there is more."""
    text = np.frombuffer(block, np.uint8)
    # What is no digit wraps round, or lies beyond 9
    digits = text - np.uint8(ord("0"))
    ends = np.flatnonzero(digits > 9)
    expected = np.full(n_columns, ord(","), np.uint8)
    expected[-1] = ord("\n")
    if len(ends) % n_columns:
        raise ValueError("no table")
    if not (text.take(ends).reshape(-1, n_columns) == expected).all():
        raise ValueError("no table of digits")
    widths = np.diff(ends, prepend=-1) - 1
    if widths.min() < 1 or widths.max() > 3:
        raise ValueError("no table of small numbers")
    widths = widths.astype(np.uint8)
    # The first cell may reach back before the text; its width masks what is there
    values = digits.take(ends - 1)
    values += digits.take(ends - 2) * np.uint8(10) * (widths > 1)
    hundreds = digits.take(ends - 3) * (widths > 2)
    if hundreds.max() > 2 or values[hundreds == 2].max(initial=0) > 55:
        raise ValueError("no table of bytes")
    values += hundreds * np.uint8(100)
    return values.reshape(-1, n_columns)


def _split(line):
    """Split a line into cells."""
    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
    try:
        return next(csv.reader([text]))
    except (csv.Error, StopIteration) as error:
        raise ValueError(f"got no line of a CSV file, {error}") from error
