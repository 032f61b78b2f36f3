"""Words of a lexicon that letters of a hand may mean.

A signer forms the letters of a word; the camera shows each with some probability, adds
a letter that was none, or misses one. The most probable word is found exactly: the
cheapest alignment with all words at once, one letter after the other [1]_. A word that
is not in the lexicon is spelled by its letters, each at the price of a guess.

References
----------
.. [1] R. A. Wagner and M. J. Fischer, "The String-to-String Correction Problem",
   Journal of the ACM 21(1), 168-173, 1974.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from skl_signlang._letters import LETTERS, MOVING_LETTERS

_ALPHABET = sorted((*LETTERS, *MOVING_LETTERS))
_MAX_WORDS, _LONGEST = 300_000, 40
_MAX_BYTES = 16_000_000
_N_FREQUENT = 50_000  # words of a frequency list

# Natural logarithms of probabilities; chosen on rendered videos of other signers and
# words than those measured
_SHARPNESS = 1.0  # exponent of the probabilities of a letter
_CONFUSED = np.log(0.02 / 25)  # that a letter looks like any other
_ADDED = np.log(0.01)  # that a letter is seen that was none
_MISSED = np.log(0.01)  # that a letter is not seen
_MISSED_DOUBLE = np.log(0.1)  # that the second of two equal letters is not seen
_UNKNOWN = np.log(0.05)  # that a word is not in the lexicon
_GUESS = np.log(1 / 8)  # of a letter of such a word
_N_BEST = 5


def open_words(words):
    """Return the words of a list, file or language, the most frequent first."""
    if isinstance(words, str) and words.isalpha() and len(words) <= 3:
        return _frequent_words(words)
    if isinstance(words, str | os.PathLike):
        return _read_words(Path(words))
    if not isinstance(words, Iterable):
        raise TypeError(
            "words must be a list of words, the path of a text file, or a language "
            f"such as 'en'; got {words!r}."
        )
    return list(words)


def _frequent_words(language):
    try:
        from wordfreq import available_languages, top_n_list
    except ImportError as error:
        raise ImportError(
            f"The frequency list of words={language!r} needs wordfreq, which is not "
            'installed; run pip install "skl_signlang[words]".'
        ) from error
    if language not in available_languages():
        raise ValueError(
            f"wordfreq has no words of the language {language!r}; expected one of "
            f"{', '.join(sorted(available_languages()))}."
        )
    return [word for word in top_n_list(language, _N_FREQUENT) if _is_spelled(word)]


def _read_words(path):
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path} of words; expected a text file with a word in "
            "each line."
        )
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(
            f"{path} has {path.stat().st_size:,} bytes; expected a text file of up to "
            f"{_MAX_BYTES:,} with a word in each line."
        )
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not a text file in UTF-8: {error.reason}."
        ) from error
    return [line.strip() for line in lines if line.strip()]


def _is_spelled(word):
    return word.isascii() and word.isalpha()


class Lexicon:
    """Words, the most frequent first.

    The probability of the word of rank r is taken as proportional to 1 / r (Zipf's
    law).
    """

    def __init__(self, words):
        wrong = [word for word in words if not _is_word(word)]
        if wrong or not words:
            raise ValueError(
                f"words must be one or more words of 1 to {_LONGEST} letters from A to "
                f"Z; got {wrong[:5]}."
            )
        self._words = list(dict.fromkeys(word.upper() for word in words))
        if len(self._words) > _MAX_WORDS:
            raise ValueError(
                f"words has {len(self._words):,} words; expected up to {_MAX_WORDS:,}."
            )
        longest = max(map(len, self._words))
        self._lengths = np.array([len(word) for word in self._words])
        codes = np.full((len(self._words), longest), -1, np.int8)
        for i, word in enumerate(self._words):
            codes[i, : len(word)] = [ord(letter) - ord("A") for letter in word]
        self._codes = codes
        ranks = 1 / np.arange(1, len(self._words) + 1)
        self._prior = np.log(ranks / ranks.sum())

    def decode(self, letters):
        """Return the most probable words of letters, and their probabilities.

        Parameters
        ----------
        letters : list of Letter

        Returns
        -------
        candidates : list of tuple of str and float
            The letters themselves among them.
        """
        rows = _rows_of(letters)
        table = self._align(rows)
        scores = self._prior + table[np.arange(len(self._words)), self._lengths]
        return self._rank(letters, rows, scores)

    def complete(self, letters):
        """Return the most probable words that begin with letters."""
        rows = _rows_of(letters)
        table = self._align(rows)
        beyond = np.arange(table.shape[1]) > self._lengths[:, None]
        scores = self._prior + np.where(beyond, -np.inf, table).max(axis=1)
        return self._rank(letters, rows, scores)

    def _align(self, rows):
        """Return the log-probability of rows after the first letters of each word.

        The result has the shape (n_words, longest + 1): that all rows show the first k
        letters of a word.
        """
        missed = self._missed()
        table = np.full((len(self._words), self._codes.shape[1] + 1), -np.inf)
        table[:, 0] = 0
        table = _miss(table, missed)
        for row in rows:
            shown = row[self._codes]  # codes of -1 are never reached from a word
            longer = table + _ADDED
            longer[:, 1:] = np.maximum(longer[:, 1:], table[:, :-1] + shown)
            table = _miss(longer, missed)
        return table

    def _missed(self):
        """Return the log-probability that a letter is not seen, (n_words, longest)."""
        missed = np.full(self._codes.shape, _MISSED)
        missed[:, 1:][self._codes[:, 1:] == self._codes[:, :-1]] = _MISSED_DOUBLE
        return missed

    def _rank(self, letters, rows, scores):
        """Return the best words and the letters themselves with probabilities."""
        spelled = "".join(letter.letter for letter in letters)
        best = np.argsort(-scores, kind="stable")[:_N_BEST]
        found = {self._words[i]: scores[i] for i in best.tolist()}
        own = _UNKNOWN + sum(row.max() + _GUESS for row in rows)
        found[spelled] = np.logaddexp(found.get(spelled, -np.inf), own)
        total = np.logaddexp.reduce([*scores, own])
        ranked = sorted(found.items(), key=lambda one: -one[1])[:_N_BEST]
        return [(word, float(np.exp(score - total))) for word, score in ranked]


def _rows_of(letters):
    """Return the log-probabilities of the alphabet in each letter, (n, 26)."""
    rows = np.array(
        [
            [letter.probabilities.get(name, 0.0) for name in _ALPHABET]
            for letter in letters
        ]
    )
    rows = rows**_SHARPNESS
    rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1e-12)
    return np.logaddexp(np.log(np.maximum(rows, 1e-12)), _CONFUSED)


def _miss(table, missed):
    """Add alignments in which letters of words are missed."""
    for k in range(missed.shape[1]):
        table[:, k + 1] = np.maximum(table[:, k + 1], table[:, k] + missed[:, k])
    return table


def _is_word(word):
    return isinstance(word, str) and 0 < len(word) <= _LONGEST and _is_spelled(word)
