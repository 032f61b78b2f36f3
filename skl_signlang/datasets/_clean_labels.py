"""Labels as they come, in any spelling, into those that exist."""

from numbers import Number

import numpy as np
import pandas as pd

from .._letters import CODES, LETTERS, MOVING_LETTERS


class LabelReader:
    """Reads labels of which it knows all that exist.

    Parameters
    ----------
    labels : "letters", None or array-like
        The labels that exist: the static letters, in any spelling; any that is not
        missing; or those given, whether written as numbers or as text.

    Examples
    --------
    >>> from skl_signlang.datasets._clean_labels import LabelReader
    >>> target, findings = LabelReader("letters").read(["a", "2", 24.0, "J"])
    >>> target.tolist()
    ['A', 'C', 'Y', None]
    >>> findings
    [(3, "'J', signed with a motion")]
    """

    def __init__(self, labels="letters"):
        self.is_letters = isinstance(labels, str) and labels == "letters"
        self.known = None
        if self.is_letters:
            self.known = _spellings_of_letters()
        elif labels is not None:
            self.known = {_spell(label): label for label in np.asarray(labels).tolist()}

    def read(self, target):
        """Read labels.

        Parameters
        ----------
        target : array-like, shape (n,)
            Labels in any spelling.

        Returns
        -------
        labels : ndarray of object, shape (n,)
            The labels that exist, None in place of others.
        findings : list of (row, value)
            The others.
        """
        cells = np.asarray(target).tolist()
        labels = np.full(len(cells), None, dtype=object)
        labels[:] = [self._read_one(cell) for cell in cells]
        lacking = [row for row, label in enumerate(labels) if label is None]
        return labels, [(row, self._describe(cells[row])) for row in lacking]

    def _read_one(self, cell):
        if _is_missing(cell):
            return None
        return cell if self.known is None else self.known.get(_spell(cell))

    def _describe(self, cell):
        if _is_missing(cell):
            return "missing"
        spelled = _spell(cell).upper()
        if self.is_letters and spelled in _MOVING:
            letter = _MOVING[spelled]
            what = repr(cell) if spelled == letter else f"{cell!r} ({letter})"
            return f"{what}, signed with a motion"
        return repr(cell)


_MOVING = {
    spelling: letter
    for letter in MOVING_LETTERS
    for spelling in (letter, str(ord(letter) - ord("A")))
}


def _spellings_of_letters():
    known = {}
    for letter, code in zip(LETTERS, CODES, strict=True):
        known |= {letter: letter, letter.lower(): letter, str(code): letter}
    return known


def _is_missing(cell):
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or cell is pd.NA or cell is pd.NaT or cell != cell


def _spell(label):
    """Write a label: 3, 3.0 and " 3 " are the same."""
    if isinstance(label, Number) and not isinstance(label, complex):
        return f"{label:.15g}"
    text = str(label).strip()
    try:
        return f"{float(text):.15g}" if text[:1].isdigit() else text
    except ValueError:
        return text
