"""Reading CSV files whose rows are a label and pixels, in little memory."""

import csv
import io
import re

import numpy as np

_BLOCK_BYTES = 1 << 20
_PIXELS = {str(value): value for value in range(256)}
_WHOLE = re.compile(r"\s*0*([0-9]{1,3})(\.0*)?\s*", re.ASCII)


def read_header(stream, name):
    """Read the first line of a CSV file.

    Parameters
    ----------
    stream : binary file
        At its beginning; afterwards at the first row.
    name : str
        What errors call the file.

    Returns
    -------
    columns : list of str
        Their names, without surrounding blanks.

    Raises
    ------
    ValueError
        If the file is empty.
    """
    line = stream.readline()
    if not line.strip():
        raise ValueError(
            f"{name}, line 1: got {'an empty line' if line else 'an empty file'}; "
            "expected a header with the names of the columns."
        )
    _, columns = next(_cells(line, name, 1), (1, [""]))
    return [column.strip() for column in columns]


def read_rows(stream, name, columns, to_target=np.asarray):
    """Read the rows of a CSV file whose first column is a label, the others pixels.

    Parameters
    ----------
    stream : binary file
        After its header, see `read_header`.
    name : str
        What errors call the file.
    columns : sequence of str
        The names of the columns.
    to_target : callable, default=numpy.asarray
        Turns labels, an array of integers, into targets; raises ValueError for those
        that it does not know.

    Returns
    -------
    target : ndarray of shape (n,)
        What `to_target` made of the labels.
    pixels : ndarray of uint8, shape (n, len(columns) - 1)
        The values.

    Raises
    ------
    ValueError
        For a row with a wrong number of columns, a cell that is no whole number from
        0 to 255, an unknown label or no row at all; it names file, row and value.
    """
    targets, pixels, row, line = [], [], 1, 2
    for block in _whole_lines(stream):
        try:
            table = _parse_digits(block, len(columns))
            target = to_target(table[:, 0])
        except ValueError:
            # Rare: quotes, blanks, blank lines, or an error to be named
            table = _parse_cells(block, name, columns, to_target, row, line)
            target = to_target(table[:, 0])
        targets.append(target)
        pixels.append(table[:, 1:])
        row += len(table)
        line += block.count(b"\n")
    if row == 1:
        raise ValueError(f"{name}, line {line}: got no row after the header.")
    return np.concatenate(targets), np.concatenate(pixels)


def _whole_lines(stream):
    """Cut a file into blocks that end with a line."""
    while block := stream.read(_BLOCK_BYTES):
        block += stream.readline()
        yield block if block.endswith(b"\n") else block + b"\n"


def _parse_digits(block, n_columns):
    """Parse lines of nothing but digits and commas; ValueError if there is more."""
    text = np.frombuffer(block.replace(b"\r\n", b"\n"), np.uint8)
    ends = np.flatnonzero(text < ord("0"))
    if text.max() > ord("9") or len(ends) % n_columns:
        raise ValueError("no table of digits")
    expected = np.full(n_columns, ord(","), np.uint8)
    expected[-1] = ord("\n")
    widths = np.diff(ends, prepend=-1) - 1
    separated = (text[ends].reshape(-1, n_columns) == expected).all()
    if not separated or widths.min() < 1 or widths.max() > 3:
        raise ValueError("no table of small numbers")
    # The first cell may reach back before the text; its width masks what is there
    values = text[ends - 1] - np.uint16(ord("0"))
    values += (text[ends - 2] - np.uint16(ord("0"))) * 10 * (widths > 1)
    values += (text[ends - 3] - np.uint16(ord("0"))) * 100 * (widths > 2)
    if values.max() > 255:
        raise ValueError("no table of bytes")
    return values.astype(np.uint8).reshape(-1, n_columns)


def _parse_cells(block, name, columns, to_target, row, line):
    """Parse lines cell by cell; the ValueError names the first bad one."""
    table = []
    for number, cells in _cells(block, name, line):
        place = f"{name}, row {row + len(table)} (line {number})"
        if len(cells) != len(columns):
            raise ValueError(
                f"{place}: got {len(cells)} columns, the first {shorten(cells[0])}; "
                f"expected {len(columns)}."
            )
        values = [_PIXELS.get(cell, -1) for cell in cells]
        if -1 in values:
            values = _parse_whole(cells, place, columns)
        try:
            to_target(np.array(values[:1]))
        except ValueError as error:
            raise ValueError(f"{place}: label is {cells[0]!r}. {error}") from error
        table.append(values)
    return np.array(table, np.uint8).reshape(-1, len(columns))


def _cells(block, name, line):
    """Yield the line number and the cells of each line that is not blank."""
    # newline="" leaves the ends of lines to the reader, as csv asks for
    text = io.StringIO(block.decode("utf-8-sig", errors="replace"), newline="")
    rows = csv.reader(text)
    try:
        for cells in rows:
            if "".join(cells).strip() or len(cells) > 1:
                yield line + rows.line_num - 1, cells
    except csv.Error as error:
        place = f"{name}, line {line + rows.line_num - 1}"
        raise ValueError(f"{place}: got no line of a CSV file, {error}.") from error


def _parse_whole(cells, place, columns):
    """Parse a line that spells its numbers in other ways, such as 12.0."""
    values = []
    for cell, column in zip(cells, columns, strict=True):
        match = _WHOLE.fullmatch(cell)
        value = int(match[1]) if match else -1
        if not 0 <= value <= 255:
            raise ValueError(
                f"{place}: {column} is {shorten(cell)}; expected a whole number from 0 "
                "to 255."
            )
        values.append(value)
    return values


def shorten(cell):
    """Quote a cell, or the beginning of a long one, for an error."""
    return repr(cell if len(cell) <= 40 else f"{cell[:40]}...")
