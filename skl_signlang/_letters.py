"""The alphabet: which letters stand still, and the codes that Kaggle gave them."""

import numpy as np

LETTERS = tuple("ABCDEFGHIKLMNOPQRSTUVWXY")
"""The 24 letters of the American manual alphabet that are signed without motion."""

MOVING_LETTERS = ("J", "Z")
"""The two letters that are drawn in the air; a single picture cannot show them."""

CODES = tuple(ord(letter) - ord("A") for letter in LETTERS)
"""Sign Language MNIST's code of each letter of `LETTERS`: 0 to 24 without 9 (J)."""


def codes_to_letters(codes):
    """Turn Sign Language MNIST's codes into letters.

    Parameters
    ----------
    codes : array-like of int, shape (n,)
        Codes from 0 ('A') to 24 ('Y'), without 9 ('J').

    Returns
    -------
    letters : ndarray of str, shape (n,)
        One upper-case letter each.

    Raises
    ------
    ValueError
        If a code stands for no letter, or for one that moves (9 is J, 25 is Z).

    Examples
    --------
    >>> from skl_signlang._letters import codes_to_letters
    >>> codes_to_letters([0, 8, 10]).tolist()
    ['A', 'I', 'K']
    """
    codes = np.asarray(codes)
    unknown = np.setdiff1d(codes, CODES)
    if unknown.size:
        raise ValueError(
            f"Codes must be 0 to 24 without 9; got {unknown[:5].tolist()}. "
            "9 (J) and 25 (Z) are signed with a motion, which a picture cannot show."
        )
    return np.array([chr(ord("A") + code) for code in range(25)])[codes.astype(int)]


def letters_to_codes(letters):
    """Turn letters into Sign Language MNIST's codes.

    Parameters
    ----------
    letters : array-like of str, shape (n,)
        Upper-case letters from `LETTERS`.

    Returns
    -------
    codes : ndarray of int64, shape (n,)
        0 ('A') to 24 ('Y'), without 9.

    Raises
    ------
    ValueError
        If an entry is no static letter.

    Examples
    --------
    >>> from skl_signlang._letters import letters_to_codes
    >>> letters_to_codes(["A", "I", "K"]).tolist()
    [0, 8, 10]
    """
    letters = np.asarray(letters)
    unknown = np.setdiff1d(letters, LETTERS)
    if unknown.size:
        raise ValueError(
            f"Letters must be among {''.join(LETTERS)}; got {unknown[:5].tolist()}."
        )
    table = dict(zip(LETTERS, CODES, strict=True))
    return np.array([table[letter] for letter in letters.tolist()], dtype=np.int64)
