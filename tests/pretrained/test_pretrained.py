from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from skl_signlang._letters import LETTERS
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.persistence import card
from skl_signlang.pretrained import NAMES, load_pretrained, pretrained_path
from skl_signlang.report import write_report

pytestmark = pytest.mark.slow

SIZES = [(28, 28), (64, 64, 3), (40, 90), (300, 200, 3), (1, 1), (1000, 3)]


@pytest.fixture(scope="module")
def reader():
    return load_pretrained()


@pytest.mark.parametrize("shape", SIZES)
def test_images_of_any_size_get_a_letter(reader, shape):
    images = np.random.RandomState(0).randint(0, 256, (2, *shape)).astype(np.uint8)
    probabilities = reader.predict_proba(images)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert set(reader.predict(images)) <= set(LETTERS)


def test_it_reads_hands_that_it_never_saw(reader):
    hands = make_fingerspelling(240, image_size=64, n_signers=240, random_state=77)
    assert reader.score(hands.images, hands.target) > 0.7


def test_the_letters_are_those_that_stand_still(reader):
    assert reader.classes_.tolist() == list(LETTERS)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small_and_its_card_lies_beside_it(name):
    path = pretrained_path(name)
    assert path.stat().st_size <= 2_000_000
    assert "rendered hands" in card(path)
    assert path.with_name("card.md").read_text("utf-8") == card(path)


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_is_that_of_the_archive(name):
    package = import_module(f"skl_signlang.pretrained.{name.replace('-', '_')}")
    loaded = load_pretrained(name)
    if name == "letters":
        made, kept = package.make_classifier(), loaded
        skipped = {"decoder", "cnn", "steps"}
    else:
        made = make_pipeline(package.make_landmarks(), package.make_head())
        head = loaded[-1].estimators_[0].estimator[-1]
        kept, skipped = make_pipeline(loaded[0], head), {"steps"}
        skipped |= {step for step, _ in made.steps}
    made, kept = made.get_params(), kept.get_params()
    assert made.keys() == kept.keys()
    for parameter in made.keys() - skipped:
        assert made[parameter] == kept[parameter], parameter


def test_unknown_names_are_told_near_ones():
    with pytest.raises(ValueError, match="Did you mean 'letters'"):
        load_pretrained("leters")


# Other people's hands


@pytest.fixture(scope="module")
def careful(tmp_path_factory):
    pytest.importorskip("ai_edge_litert.interpreter")
    model = Path(__file__).parents[3] / "shared/models/hand_landmark_full.tflite"
    if not model.exists():
        pytest.skip(f"needs ../shared/models/{model.name}: not present")
    home = tmp_path_factory.mktemp("data")
    (home / "hand_landmarks").mkdir()
    (home / "hand_landmarks" / model.name).symlink_to(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCIKIT_LEARN_DATA", str(home))
        yield load_pretrained("letters-landmarks")


def test_landmarks_read_hands_of_any_size_and_side(careful):
    hands = make_fingerspelling(48, image_size=96, n_signers=48, random_state=78)
    right = careful.score(hands.images, hands.target)
    assert right > 0.7
    mirrored = careful.score(hands.images[:, :, ::-1], hands.target)
    assert abs(mirrored - right) < 0.15
    large = [np.kron(image, np.ones((3, 3), np.uint8)) for image in hands.images[:4]]
    probabilities = careful.predict_proba(large)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert careful.classes_.tolist() == list(LETTERS)


def test_a_report_says_what_a_vote_has_not(careful, tmp_path):
    hands = make_fingerspelling(2, letters="BL", image_size=64, random_state=1)
    write_report(careful, hands.images, hands.target, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "VotingClassifier has no training history" in text
    assert "VotingClassifier is not one" in text
    for kind in ("Rotation", "Scale", "Brightness", "Blur", "Mirror"):
        assert f"<caption>{kind}</caption>" in text
    assert "The archive (.signlang) has" in text
