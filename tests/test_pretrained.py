from importlib.resources import files

import numpy as np
import pytest

from skl_signlang._letters import LETTERS
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.persistence import card, load_pretrained

SIZES = [(28, 28), (64, 64, 3), (40, 90), (300, 200, 3), (1, 1), (1000, 3)]


@pytest.fixture(scope="module")
def reader():
    return load_pretrained()


@pytest.mark.parametrize("shape", SIZES)
def test_pictures_of_any_size_get_a_letter(reader, shape):
    images = np.random.RandomState(0).randint(0, 256, (2, *shape)).astype(np.uint8)
    probabilities = reader.predict_proba(images)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert set(reader.predict(images)) <= set(LETTERS)


def test_it_reads_hands_that_it_never_saw(reader):
    hands = make_fingerspelling(240, image_size=64, n_signers=240, random_state=77)
    assert reader.score(hands.images, hands.target) > 0.7


def test_the_letters_are_those_that_stand_still(reader):
    assert reader.classes_.tolist() == list(LETTERS)


def test_it_is_small_and_says_what_it_is():
    file = files("skl_signlang.persistence") / "letters.signlang"
    assert len(file.read_bytes()) <= 2_000_000
    assert "rendered hands" in card(file)


def test_unknown_names_are_told_near_ones():
    with pytest.raises(ValueError, match="Did you mean 'letters'"):
        load_pretrained("leters")
