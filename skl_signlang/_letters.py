"""The static letters of the alphabet, and their integer codes."""

import re
import warnings

import numpy as np

LETTERS = tuple("ABCDEFGHIKLMNOPQRSTUVWXY")
"""The 24 letters of the American manual alphabet that are signed without motion."""

MOVING_LETTERS = ("J", "Z")
"""The two letters with motion, which a single image cannot show."""

SPACE, DELETE, NOTHING = "space", "del", "nothing"
"""Classes beside the letters, as Kaggle's "ASL Alphabet" names them.

``nothing`` is an image without a hand, a class like any other.
"""

CODES = tuple(ord(letter) - ord("A") for letter in LETTERS)
"""Sign Language MNIST's code of each letter of `LETTERS`: 0 to 24 without 9 (J)."""

CODINGS = ("kaggle", "dense", "one-based", "alphabet")
"""Codings of integer labels, see `codes_to_letters`."""

_ALPHABET = sorted(LETTERS + MOVING_LETTERS)
# All letters in other codings than Kaggle's
_COMPLETE = ({*range(24)}, {*range(1, 25)}, {code + 1 for code in CODES})
_INTEGER = re.compile(r"([+-]?[0-9]{1,18})([.,]0*)?", re.ASCII)


def codes_to_letters(codes, *, coding="kaggle"):
    """Convert integer codes to letters.

    .. versionadded:: 0.1

    Parameters
    ----------
    codes : array-like of int, shape (n,)
        Integer codes.
    coding : {"kaggle", "dense", "one-based", "alphabet", "auto"}, default="kaggle"
        Coding of the letters:

        - "kaggle": Sign Language MNIST's codes, 0 (A) to 24 (Y) without 9;
        - "dense": the 24 static letters in order, 0 (A) to 23 (Y), where 9 is K;
        - "one-based": the same from 1 (A) to 24 (Y); if 25 or 26 occurs, the positions
          in the alphabet from 1 (A) to 26 (Z);
        - "alphabet": the positions in the alphabet from 0 (A) to 25 (Z), where 9 is J;
        - "auto": the coding that fits all codes. It is "kaggle" if 24 occurs, but not 9
          and 25, and, with a warning, if several codings fit, "kaggle" among them.
          Codes from 0 to 25 that fit neither "kaggle", "dense" nor "one-based" are
          "alphabet".

    Returns
    -------
    letters : ndarray of str, shape (n,)
        Upper-case letters.

    Raises
    ------
    ValueError
        If a code is not that of a letter, or that of J or Z, which move; and with
        "auto" if several codings fit, but not "kaggle", such as for 0 to 23 and for 1
        to 24.

    Warns
    -----
    UserWarning
        With "auto", if several codings fit and "kaggle" is used.

    See Also
    --------
    letters_to_codes : Convert letters to integer codes.
    sklearn.preprocessing.LabelEncoder : Encode labels by their sorted order.

    Examples
    --------
    >>> from skl_signlang.datasets import codes_to_letters
    >>> codes_to_letters([0, 8, 10]).tolist()
    ['A', 'I', 'K']
    >>> codes_to_letters([0, 8, 10], coding="dense").tolist()
    ['A', 'I', 'L']
    """
    codes = np.asarray(codes).tolist()
    coding = find_coding(codes, coding)
    unknown = [code for code in codes if code not in coding.letters]
    if unknown:
        raise ValueError(coding.refusal(f"; got {unknown[:5]}"))
    return np.array([coding.letters[code] for code in codes], dtype="U1")


def letters_to_codes(letters, *, coding="kaggle"):
    """Convert letters to integer codes.

    .. versionadded:: 0.1

    Parameters
    ----------
    letters : array-like of str, shape (n,)
        Upper-case letters, A to Y without J.
    coding : {"kaggle", "dense", "one-based", "alphabet"}, default="kaggle"
        As in `codes_to_letters`.

    Returns
    -------
    codes : ndarray of int64, shape (n,)
        By default 0 ('A') to 24 ('Y'), without 9.

    Raises
    ------
    ValueError
        If an entry is not a static letter.

    See Also
    --------
    codes_to_letters : Convert integer codes to letters.

    Examples
    --------
    >>> from skl_signlang.datasets import letters_to_codes
    >>> letters_to_codes(["A", "I", "K"]).tolist()
    [0, 8, 10]
    """
    letters = np.asarray(letters).tolist()
    unknown = sorted(set(letters) - set(LETTERS))
    if unknown:
        raise ValueError(
            f"Letters must be among {''.join(LETTERS)}; got {unknown[:5]}."
        )
    _check_name(coding, CODINGS)
    table = {letter: code for code, letter in Coding(coding).letters.items()}
    return np.array([table[letter] for letter in letters], dtype=np.int64)


def as_letter(label):
    """Return the class that a string names, in the spelling of this package."""
    if not isinstance(label, str):
        return None
    label = label.strip()
    if label.upper() in _ALPHABET:
        return label.upper()
    return label.lower() if label.lower() in (SPACE, DELETE, NOTHING) else None


def as_code(label):
    """Return the integer of a label in any spelling."""
    if isinstance(label, str):
        whole = _INTEGER.fullmatch(label.strip())
        return int(whole[1]) if whole else None
    if isinstance(label, bool):
        return None
    try:
        return int(label) if int(label) == label else None
    except (TypeError, ValueError, OverflowError):
        return None


class Coding:
    """Letters that integer codes represent."""

    def __init__(self, name, codes=()):
        first = int(name == "one-based")
        is_dense = name == "dense" or (first and {25, 26}.isdisjoint(codes))
        places = dict(enumerate(LETTERS if is_dense else _ALPHABET, first))
        self.letters = {c: name for c, name in places.items() if name in LETTERS}
        self.moving = {c: name for c, name in places.items() if name in MOVING_LETTERS}

    def refusal(self, got=""):
        """Return the error message that lists the valid codes."""
        codes = f"Codes must be {min(self.letters)} to {max(self.letters)}"
        if not self.moving:
            return f"{codes}{got}."
        (j, _), (z, _) = self.moving.items()
        return (
            f"{codes} without {j}{got}. {j} (J) and {z} (Z) are signed with a motion, "
            "which an image cannot show."
        )


def find_coding(labels, coding, *, is_kaggle=False):
    """Infer the coding of the integers among the labels of a data set."""
    _check_name(coding, ("auto", *CODINGS))
    labels = {*labels}
    codes = {*map(as_code, labels)} - {None}
    if coding == "auto":
        letters = {*map(as_letter, labels)} & {*_ALPHABET}
        is_kaggle = is_kaggle and codes not in _COMPLETE
        is_known = is_kaggle or len(letters) >= len(codes)
        coding = "kaggle" if is_known else _choose(codes & {*range(27)})
    return Coding(coding, codes)


def _check_name(coding, names):
    if coding not in names:
        raise ValueError(f"coding must be one of {', '.join(names)}; got {coding!r}.")


def hint_at_others(labels):
    """Return the codings that fit codes outside Kaggle's, for the end of an error."""
    fitting = _fitting({*map(as_code, labels)} - {None})
    # 9 is J in the alphabet too
    readings = [one for one in fitting if "alphabet" not in one]
    if not readings:
        return ""
    return f" If they represent other letters, pass {' or '.join(readings)}."


def _fitting(codes):
    """List the codings that contain all codes, as arguments with examples."""
    return [reading for reading, domain in _DOMAINS.items() if codes <= domain]


_DOMAINS = {
    "codes='kaggle' (0 to 24 without 9)": {*CODES},
    "codes='dense' (0 to 23, where 9 is K)": {*range(24)},
    "codes='one-based' (1 is A)": {*range(1, 27)},
    "codes='alphabet' (0 to 25, where 9 is J)": {*range(26)},
}


def _choose(codes):
    """Return the coding that fits; Kaggle's if it is one of several."""
    is_kaggle = codes <= {*CODES}
    if not codes or (is_kaggle and 24 in codes):
        return "kaggle"
    readings = _fitting(codes)
    found = f"The labels are integers from {min(codes)} to {max(codes)}"
    if is_kaggle:
        warnings.warn(
            f"{found} without 24, which several codings fit; "
            "they are decoded as Sign Language MNIST's. Pass one of: "
            f"{', '.join(readings)}.",
            UserWarning,
            stacklevel=2,
        )
        return "kaggle"
    # 0 with 24 or 25 leaves the alphabet only, whatever else is there
    if 0 in codes and max(codes) > 23:
        return "alphabet"
    raise ValueError(
        f"{found}, which several codings fit. Pass {' or '.join(readings)}."
    )
