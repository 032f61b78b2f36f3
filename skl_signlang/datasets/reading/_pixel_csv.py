"""Parser of CSV files whose rows are a label and pixels."""

import re
from array import array
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from skl_signlang._errors import count_of, quote
from skl_signlang._image_files import IMAGE_EXTENSIONS
from skl_signlang.datasets.reading._csv_lines import (
    describe_cut,
    end_line,
    is_cut,
    read_blocks,
    split_cells,
)
from skl_signlang.datasets.reading._label_codes import find_letters

_LABEL_LENGTH = 100
_MAX_INVALID_ROWS = 100_000
_PIXELS = {str(value): value for value in range(256)}
_WHOLE = re.compile(r"\s*0*([0-9]{1,3})([.,]0*)?\s*", re.ASCII)
_INDEX = re.compile(r"|index|id|unnamed: [0-9.]+", re.IGNORECASE)


class Table(NamedTuple):
    """The rows of a CSV file.

    ``labels`` (n,), ``pixels`` of uint8 (n, n_pixels), and their positions ``rows``
    and ``lines`` in the file ``name``; ``column`` is the column of the labels.
    """

    name: str
    column: str
    labels: list
    pixels: np.ndarray
    rows: array
    lines: array


def is_index(column):
    """Return whether a column has the name of an index, such as pandas writes."""
    return bool(_INDEX.fullmatch(column))


def read_rows(
    start, name, columns, to_label, invalid, *, target=0, unread=(), headed=True
):
    """Read the rows of a CSV file in which one column is a label, the others pixels."""
    rows = _Rows(name, columns, start.delimiter, target, unread, to_label, invalid)
    rows.line = start.number + headed
    if not headed:
        rows.read(end_line(start.line))
    for block in read_blocks(start.stream):
        if is_cut(block):
            rows.add_invalid_line(describe_cut())
        else:
            rows.read(block)
    if not rows.row:
        raise ValueError(f"{name}, line {rows.line}: got no row after the header.")
    # A writable view of the bytearray, without a copy
    pixels = np.frombuffer(rows.pixels, np.uint8).reshape(-1, len(rows.positions))
    places = rows.rows, rows.lines
    return Table(name, columns[target], rows.labels, pixels, *places)


def read_letters(tables, codes, invalid, name, **options):
    """Convert the labels of tables to letters; drop rows without a letter."""
    distinct = {label for table in tables for label in table.labels}
    letters, problems = find_letters(distinct, codes, name, **options)
    labels, pixels = [], []
    for table in tables:
        good = np.array([label in letters for label in table.labels], bool)
        for i in np.flatnonzero(~good).tolist():
            position = f"row {table.rows[i]} (line {table.lines[i]})"
            reason = f"{table.column} {problems[table.labels[i]]}"
            invalid.add(table.name, position, reason)
        labels += [letters[label] for label in table.labels if label in letters]
        pixels.append(table.pixels if good.all() else table.pixels[good])
    invalid.sort([table.name for table in tables])
    return labels, pixels[0] if len(pixels) == 1 else np.concatenate(pixels)


def parse_pixel(cell):
    """Parse an integer from 0 to 255, written as 12, 012 or 12.0."""
    match = _WHOLE.fullmatch(cell)
    value = int(match[1]) if match else -1
    check_no_file_name(cell)
    if not 0 <= value <= 255:
        raise ValueError(f"is {quote(cell)}; expected an integer from 0 to 255")
    return value


def check_no_file_name(cell):
    """Raise ValueError if a cell is the name of an image file."""
    if cell.strip().lower().endswith(IMAGE_EXTENSIONS):
        raise ValueError(
            f"is {quote(cell)}, the name of a file; expected a label and pixels. "
            'load_json reads images by name, from lines {"content": "name.png", '
            '"label": "A"}, and load_image_folder from a folder for each class'
        )


class _Rows:
    """Parser of rows, with the rows parsed so far."""

    def __init__(self, name, columns, delimiter, target, unread, to_label, invalid):
        self.name, self.columns, self.delimiter = name, columns, delimiter
        self.mark, self.target, self.unread = delimiter.encode(), target, unread
        self.to_label, self.invalid = to_label, invalid
        left_out = {target, *unread}
        self.positions = [i for i in range(len(columns)) if i not in left_out]
        self.labels, self.pixels, self.known = [], bytearray(), {}
        self.rows, self.lines = array("q"), array("q")
        self.row, self.line, self.n_invalid = 0, 1, 0

    def read(self, block):
        """Parse a block of complete lines."""
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n")
        lines = block.split(b"\n")[:-1]
        rows = [line for line in lines if line]
        try:
            labels, pixels = self._parse(rows)
        except ValueError:
            # Rare: quotes, blanks or errors
            self._read_one_by_one(lines)
        else:
            places = [n for n, line in enumerate(lines, self.line) if line]
            self._keep(labels, pixels, self.row + 1, places)
            self.row += len(rows)
            self.line += len(lines)

    def add_invalid_line(self, reason):
        """Add a line that cannot be parsed."""
        self.row += 1
        self._add_invalid_row(self.line, reason)
        self.line += 1

    def _add_invalid_row(self, line, reason):
        """Add an invalid row; raise ValueError above `_MAX_INVALID_ROWS`."""
        self.n_invalid += 1
        if self.n_invalid > _MAX_INVALID_ROWS:
            raise ValueError(
                f"{self.name}, row {self.row} (line {line}): {reason}. It is one of "
                f"more than {_MAX_INVALID_ROWS:,} invalid rows; is it a CSV of pixels?"
            )
        self.invalid.add(self.name, f"row {self.row} (line {line})", reason)

    def _keep(self, labels, pixels, row, lines):
        """Append consecutive rows."""
        self.labels += labels
        self.pixels += pixels.data if pixels.size else b""
        self.rows.extend(range(row, row + len(lines)))
        self.lines.extend(lines)

    def _parse(self, lines):
        """Parse lines of a label and digits quickly; raise ValueError for others."""
        if not lines:
            return [], np.empty((0, len(self.positions)), np.uint8)
        labels, rests = zip(*map(self._cut, lines), strict=True)
        for label in set(labels) - self.known.keys():
            self.known[label] = self._to_label(_plain_text(label))
        block = b"\n".join([*rests, b""])
        pixels = _parse_digits(block, len(self.positions), self.mark)
        return [self.known[label] for label in labels], pixels

    def _cut(self, line):
        """Split a line into the cell of the label and those of the pixels."""
        if not self.unread:
            return _cut_label(line, self.mark, self.target, len(self.columns))
        cells = line.split(self.mark)
        if len(cells) != len(self.columns):
            raise ValueError("another number of columns")
        pixels = self.mark.join([cells[position] for position in self.positions])
        return cells[self.target], pixels

    def _to_label(self, label):
        if len(label) > _LABEL_LENGTH:
            raise ValueError(
                f"is {quote(label)}, {len(label):,} characters; expected a label of "
                f"at most {_LABEL_LENGTH}"
            )
        if "\ufffd" in label:
            raise ValueError(
                f"is {quote(label)}, which is not UTF-8; save the file as UTF-8"
            )
        return self.to_label(label)

    def _read_one_by_one(self, lines):
        """Parse lines one at a time, to locate errors."""
        for number, line in enumerate(lines, start=self.line):
            if not line.strip():
                continue
            self.row += 1
            try:
                self._keep(*self._parse_line(line), self.row, [number])
            except ValueError as error:
                self._add_invalid_row(number, str(error))
        self.line += len(lines)

    def _parse_line(self, line):
        """Parse a line, quickly if it is plain."""
        if line.count(self.mark) == len(self.columns) - 1:
            with suppress(ValueError):
                return self._parse([line])
        return self._parse_cells(split_cells(line, self.delimiter))

    def _parse_cells(self, cells):
        """Parse the cells of a line; the ValueError names the first bad one."""
        if len(cells) != len(self.columns):
            raise ValueError(
                f"got {count_of(len(cells), 'column')}, the first {quote(cells[0])}; "
                f"expected {len(self.columns)}"
            )
        column = self.columns[self.target]
        try:
            label = self._to_label(cells[self.target].strip())
        except ValueError as error:
            raise ValueError(f"{column} {error}") from error
        values = []
        for position in self.positions:
            cell = cells[position]
            try:
                # Other spellings, such as 12.0
                values.append(_PIXELS[cell] if cell in _PIXELS else parse_pixel(cell))
            except ValueError as error:
                raise ValueError(f"{self.columns[position]} {error}") from error
        return [label], np.array([values], np.uint8)


def _cut_label(line, mark, target, n_columns):
    """Split a line into the cell of the label and the others."""
    if target == 0:
        label, _, rest = line.partition(mark)
    elif target == n_columns - 1:
        rest, _, label = line.rpartition(mark)
    else:
        *before, label, after = line.split(mark, target + 1)
        rest = mark.join([*before, after])
    return label, rest


def _plain_text(cell):
    """Decode a cell without its quotes; raise ValueError for other quotes."""
    text = cell.decode().strip()
    if text[:1] == text[-1:] == '"' and len(text) > 1:
        text = text[1:-1]
    if '"' in text:
        raise ValueError("quotes that do not surround the cell")
    return text.strip()


def _parse_digits(block, n_columns, mark):
    """Parse lines of digits to uint8 (n, n_columns); raise ValueError for others."""
    text = np.frombuffer(block, np.uint8)
    # Characters that are not digits wrap around, or exceed 9
    digits = text - np.uint8(ord("0"))
    ends = np.flatnonzero(digits > 9)
    expected = np.full(n_columns, ord(mark), np.uint8)
    expected[-1] = ord("\n")
    if len(ends) % n_columns:
        raise ValueError("not a table")
    if not (text.take(ends).reshape(-1, n_columns) == expected).all():
        raise ValueError("not a table of digits")
    widths = np.diff(ends, prepend=-1) - 1
    if widths.min() < 1 or widths.max() > 3:
        raise ValueError("not a table of small numbers")
    widths = widths.astype(np.uint8)
    # The first cell may reach back before the text; its width masks what is there
    values = digits.take(ends - 1)
    values += digits.take(ends - 2) * np.uint8(10) * (widths > 1)
    hundreds = digits.take(ends - 3) * (widths > 2)
    if hundreds.max() > 2 or values[hundreds == 2].max(initial=0) > 55:
        raise ValueError("not a table of bytes")
    values += hundreds * np.uint8(100)
    return values.reshape(-1, n_columns)
