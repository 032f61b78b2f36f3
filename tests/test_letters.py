import numpy as np
import pytest

from skl_signlang._letters import (
    CODES,
    LETTERS,
    MOVING_LETTERS,
    codes_to_letters,
    letters_to_codes,
)


def test_still_and_moving_letters_make_the_alphabet():
    assert sorted(LETTERS + MOVING_LETTERS) == list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def test_codes_are_places_in_the_alphabet():
    assert sorted(set(range(25)) - set(CODES)) == [9]
    assert len(CODES) == len(LETTERS) == 24


def test_there_and_back():
    assert codes_to_letters(CODES).tolist() == list(LETTERS)
    assert letters_to_codes(LETTERS).tolist() == list(CODES)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float64])
def test_codes_of_any_dtype(dtype):
    assert codes_to_letters(np.array([24, 10, 8], dtype)).tolist() == ["Y", "K", "I"]


def test_nothing_gives_nothing():
    assert codes_to_letters([]).shape == (0,)
    assert letters_to_codes([]).shape == (0,)


@pytest.mark.parametrize("code", [9, 25, -1, 26, 1.5])
def test_code_of_no_still_letter(code):
    message = rf"0 to 24 without 9; got \[{code}\].*9 \(J\) and 25 \(Z\) .* motion"
    with pytest.raises(ValueError, match=message):
        codes_to_letters([0, code])


@pytest.mark.parametrize("letter", ["J", "Z", "a", "AB", ""])
def test_no_still_letter(letter):
    with pytest.raises(ValueError, match=rf"among ABC.*XY; got \['{letter}'\]"):
        letters_to_codes(["A", letter])
