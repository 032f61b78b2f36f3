"""Conversion of labels in any spelling to the known labels."""

from numbers import Number

import numpy as np
import pandas as pd

from skl_signlang._letters import (
    DELETE,
    LETTERS,
    MOVING_LETTERS,
    NOTHING,
    SPACE,
    as_letter,
    find_coding,
)


class LabelParser:
    """Parser of labels, by the list of known labels."""

    def __init__(self, labels="letters", codes="auto"):
        self.is_letters = isinstance(labels, str) and labels == "letters"
        self.labels, self.codes = labels, codes
        self.known, self.moving = None, {}
        if labels is not None and not self.is_letters:
            self.known = {_spell(label): label for label in np.asarray(labels).tolist()}

    def read(self, target):
        """Return the labels (None if unknown), and (row, description) of others."""
        cells = [_plain(cell) for cell in np.asarray(target).tolist()]
        if self.is_letters:
            self._learn_spellings(cells)
        labels = np.full(len(cells), None, dtype=object)
        labels[:] = [self._read_one(cell) for cell in cells]
        lacking = [row for row, label in enumerate(labels) if label is None]
        return labels, [(row, self._describe(cells[row])) for row in lacking]

    def _learn_spellings(self, cells):
        """Build the tables of known spellings from the labels."""
        labels = {_spell(cell) for cell in cells if not _is_missing(cell)}
        try:
            coding = find_coding(labels, self.codes)
        except ValueError as error:
            raise ValueError(
                f"{error} If they are not letters, pass labels=None."
            ) from None
        names = {name: name for name in (*LETTERS, SPACE, DELETE, NOTHING)}
        self.known = names | {str(c): name for c, name in coding.letters.items()}
        self.moving = {name: name for name in MOVING_LETTERS}
        self.moving |= {str(c): name for c, name in coding.moving.items()}

    def _read_one(self, cell):
        if _is_missing(cell):
            return None
        return cell if self.known is None else self.known.get(self._spell(cell))

    def _describe(self, cell):
        if _is_missing(cell):
            return "missing"
        if letter := self.moving.get(self._spell(cell)):
            what = repr(cell) if as_letter(cell) else f"{cell!r} ({letter})"
            return f"{what}, signed with a motion"
        return repr(cell)

    def _spell(self, cell):
        return (as_letter(cell) if self.is_letters else None) or _spell(cell)


def _is_missing(cell):
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or cell is pd.NA or cell is pd.NaT or cell != cell


def _plain(cell):
    """Convert a NumPy scalar to a Python one."""
    return cell.item() if isinstance(cell, np.generic) else cell


def _spell(label):
    """Normalize the spelling of a label: 3, 3.0 and " 3 " are the same."""
    if isinstance(label, Number) and not isinstance(label, complex):
        return f"{label:.15g}"
    text = str(label).strip()
    try:
        return f"{float(text):.15g}" if text[:1].isdigit() else text
    except ValueError:
        return text
