"""What augmentation promises: seeded, in range, and in training only."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from skl_signlang import CNNClassifier
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.training._augmentation import Augmentation, augment

SMALL = {"filters": (4,), "hidden_layer_sizes": (8,), "epochs": 2, "random_state": 0}
ALL = {
    "rotation": 15,
    "translation": 0.1,
    "zoom": 0.1,
    "shear": 5,
    "brightness": 0.2,
    "contrast": 0.3,
    "random_erasing": 0.5,
    "horizontal_flip": 0.5,
}


@pytest.fixture(scope="module")
def images():
    return make_fingerspelling(96, random_state=0).images[..., np.newaxis]


@pytest.fixture(scope="module")
def digits():
    bunch = load_digits()
    return (bunch.images[:300] * 15).astype(np.uint8), bunch.target[:300]


def changed(images, seed=(0, 0), **settings):
    settings = tf.constant(Augmentation(**settings), tf.float32)
    return augment(tf.constant(images), settings, tf.constant(seed, tf.int64)).numpy()


def test_zeros_change_nothing(images):
    assert np.array_equal(changed(images), images)


def test_a_image_is_mirrored_as_a_whole(images):
    assert np.array_equal(changed(images, horizontal_flip=1.0), images[:, :, ::-1])


def test_the_given_share_of_images_is_mirrored(images):
    mirrored = changed(np.repeat(images, 10, axis=0), horizontal_flip=0.25)
    share = (mirrored != np.repeat(images, 10, axis=0)).any(axis=(1, 2, 3)).mean()
    assert share == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("name", ALL)
def test_each_parameter_changes_images(images, name):
    assert not np.array_equal(changed(images, **{name: ALL[name]}), images)


def test_what_comes_out_stays_in_range_and_is_finite(images):
    out = changed(images / np.float32(255), **ALL, high=1.0)
    assert np.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= 1


def test_a_shift_moves_no_further_than_told():
    dot = np.zeros((200, 21, 21, 1), np.uint8)
    dot[:, 10, 10] = 255
    out = changed(dot, translation=0.2)[..., 0]
    rows, columns = out.sum(axis=2).argmax(axis=1), out.sum(axis=1).argmax(axis=1)
    assert 3 <= np.abs(rows - 10).max() <= 5
    assert 3 <= np.abs(columns - 10).max() <= 5
    assert np.ptp(rows) > 4
    assert np.ptp(columns) > 4


def test_angles_are_degrees_and_spread_both_ways():
    bar = np.zeros((300, 41, 41, 1), np.float32)
    bar[:, 20, 20:] = 255
    out = changed(bar, rotation=30)[..., 0]
    rows, columns = np.mgrid[:41, :41] - 20
    angle = np.degrees(
        np.arctan2((out * rows).sum(axis=(1, 2)), (out * columns).sum(axis=(1, 2)))
    )
    assert 25 < angle.max() < 32
    assert -32 < angle.min() < -25


def test_about_the_given_share_is_erased():
    gray = np.full((1000, 20, 20, 1), 100, np.uint8)
    out = changed(gray, random_erasing=0.4)
    touched = (out != 100).any(axis=(1, 2, 3))
    assert touched.mean() == pytest.approx(0.4, abs=0.06)
    area = (out != 100).mean(axis=(1, 2, 3))[touched]
    assert 0 < area.min() < area.max() < 0.4


def test_the_seed_decides_everything(images):
    first = changed(images, **ALL)
    assert np.array_equal(first, changed(images, **ALL))
    assert not np.array_equal(first, changed(images, seed=(0, 1), **ALL))


@pytest.mark.slow
def test_training_with_a_seed_gives_the_same_bits(digits):
    X, y = digits
    first = CNNClassifier(**SMALL, **ALL).fit(X, y)
    tf.random.uniform((3,))
    again = clone(first).fit(X, y)
    plain = CNNClassifier(**SMALL).fit(X, y)
    assert np.array_equal(first.predict_proba(X), again.predict_proba(X))
    assert not np.array_equal(first.predict_proba(X), plain.predict_proba(X))


def test_training_in_pieces_draws_what_training_at_once_draws(digits):
    X, y = digits
    once = CNNClassifier(**SMALL, **ALL).fit(X, y)
    pieces = CNNClassifier(**SMALL, **ALL)
    for _ in range(SMALL["epochs"]):
        pieces.partial_fit(X, y, classes=range(10))
    assert np.array_equal(once.predict_proba(X), pieces.predict_proba(X))


def test_bytes_and_shares_of_one_are_changed_alike(digits):
    X, y = digits
    bytes_ = CNNClassifier(**SMALL, brightness=0.2).fit(X, y)
    shares = CNNClassifier(**SMALL, brightness=0.2).fit(X / 255, y)
    assert np.allclose(
        bytes_.predict_proba(X), shares.predict_proba(X / 255), atol=1e-3
    )


def test_the_network_that_is_kept_does_not_augment(digits):
    X, y = digits
    augmented = CNNClassifier(**SMALL, **ALL).fit(X, y).model_
    plain = CNNClassifier(**SMALL).fit(X, y).model_
    assert augmented.to_json() == plain.to_json()


def test_amounts_are_searched_without_tracing_anew(digits):
    X, y = digits
    search = GridSearchCV(
        CNNClassifier(**SMALL),
        {"rotation": [0, 10], "horizontal_flip": [False, 0.5]},
        cv=2,
    ).fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotation", -1),
        ("zoom", 1.0),
        ("horizontal_flip", 1.5),
        ("random_erasing", "often"),
    ],
)
def test_impossible_amounts_are_named(digits, name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter"):
        CNNClassifier(**SMALL, **{name: value}).fit(*digits)
