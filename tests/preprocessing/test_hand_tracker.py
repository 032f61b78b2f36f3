"""Tracking with a pretended model, and with the real ones where they are present."""

from pathlib import Path

import numpy as np
import pytest

from skl_signlang.datasets import make_fingerspelling, make_fingerspelling_videos
from skl_signlang.preprocessing import HandTracker, _hand_search
from skl_signlang.preprocessing._hand_crops import square_of_hand
from skl_signlang.preprocessing._hand_models import Hand
from skl_signlang.preprocessing._one_euro_filter import OneEuroFilter

MODELS = Path(__file__).parents[3] / "shared" / "models"
DARK = np.zeros((90, 120), np.uint8)


@pytest.fixture
def counted(monkeypatch):
    counts = {"looks": 0, "searches": 0}
    joints = np.random.RandomState(0).uniform(0, 1, (21, 3)).astype(np.float32)
    square = square_of_hand(joints[:, :2])  # the hand stays in the square that shows it
    hand = 112 + 224 / square.side * (joints - [*square.center, 0])

    class Landmarks:
        side = 224

        def __init__(self, model):
            pass

        def __call__(self, image, down):
            counts["looks"] += 1
            bright = float(image.mean() > 0.1)
            return Hand(hand, bright, 0.9, joints)

    class Palms:
        def __init__(self, model):
            pass

        def __call__(self, image):
            counts["searches"] += 1
            return np.zeros((2016, 18)), np.full(2016, -9.0)

    monkeypatch.setattr(_hand_search, "LandmarkModel", Landmarks)
    monkeypatch.setattr(_hand_search, "PalmModel", Palms)
    return counts


def test_a_hand_that_is_followed_takes_one_look(counted):
    tracker = HandTracker()
    bright = DARK + 200
    times = iter(np.arange(100) / 15)
    while tracker.track(bright, next(times)) is None:
        pass
    counted.update(looks=0, searches=0)
    for _ in range(10):
        assert tracker.track(bright, next(times)) is not None
    assert counted == {"looks": 10, "searches": 0}


def test_a_lost_hand_is_searched_once_a_frame(counted):
    tracker = HandTracker()
    for i in range(40):
        before = sum(counted.values())
        assert tracker.track(DARK, i / 15) is None
        assert sum(counted.values()) - before <= 3


def test_a_frame_without_the_hand_does_not_lose_it(counted):
    tracker = HandTracker()
    bright = DARK + 200
    shown = [bright] * 8 + [DARK] * 2 + [bright] + [DARK] * 8
    found = [tracker.track(image, i / 15) is not None for i, image in enumerate(shown)]
    assert found[5:] == [True] * 3 + [False] * 2 + [True] + [False] * 8
    assert tracker._square is None


def test_wrong_frames_and_times(counted):
    tracker = HandTracker()
    tracker.track(DARK, 1.0)
    with pytest.raises(ValueError, match="not go backwards"):
        tracker.track(DARK, 0.5)
    with pytest.raises(TypeError, match="number of seconds"):
        tracker.track(DARK, "2")
    for image in ("image.png", np.zeros((4, 4, 7)), np.zeros(0), None):
        with pytest.raises(ValueError, match="a frame must be an array"):
            tracker.track(image, 2.0)
    with pytest.raises(ValueError, match="min_presence must be a probability"):
        HandTracker(min_presence=2)
    tracker.reset()
    tracker.track(DARK, 0.0)


@pytest.mark.slow
def test_real_hands_are_followed():
    pytest.importorskip("ai_edge_litert.interpreter")
    path = MODELS / "hand_landmark_full.tflite"
    if not path.exists():
        pytest.skip(f"needs ../shared/models/{path.name}: not present")
    spelled = make_fingerspelling_videos(["LAB"], color=True, mirror=1, random_state=1)
    tracker = HandTracker(model=path)
    misses, seen = [], []
    for i, image in enumerate(spelled.videos[0]):
        hand = tracker.track(image, i / 15)
        if spelled.letters[0][i] != "none" and hand is not None:
            truth = spelled.points[0][i]
            palm = np.linalg.norm(truth[9] - truth[0])
            misses.append(np.linalg.norm(hand.points - truth, axis=1).mean() / palm)
            seen.append(hand.is_right)
    held = sum(letter != "none" for letter in spelled.letters[0])
    assert len(misses) > 0.8 * held
    assert np.median(misses) < 0.25
    assert np.mean(seen) < 0.3
    assert tracker.track(np.full((90, 120), 200, np.uint8), 60.0) is None


# --- the filter -----------------------------------------------------------------------


def test_the_filter_follows_the_formula():
    smooth = OneEuroFilter(min_cutoff=2.0, beta=0.5)
    at = np.zeros((1, 2))
    np.testing.assert_array_equal(smooth(at, 0.0), at)
    step, moved = 0.1, np.array([[1.0, 0.0]])
    speed = 10.0 / (1 + 1 / (2 * np.pi * 1.0 * step))
    weight = 1 / (1 + 1 / (2 * np.pi * (2.0 + 0.5 * speed) * step))
    np.testing.assert_allclose(smooth(moved, step), weight * moved)


def test_rest_is_smoothed_more_than_motion():
    random_state = np.random.RandomState(0)
    noise = 0.02 * random_state.standard_normal((200, 1, 2))
    smooth = OneEuroFilter(min_cutoff=1.0, beta=5.0)
    still = np.array([smooth(one, i / 30) for i, one in enumerate(noise)])
    assert still[50:].std() < 0.6 * noise.std()
    smooth.reset()
    way = np.linspace(0, 20, 60)[:, None, None] * [1, 0]
    moved = np.array([smooth(one, i / 30) for i, one in enumerate(way)])
    assert np.abs(moved[30:] - way[30:]).max() < 0.4


def test_the_unit_of_length_changes_nothing():
    way = np.random.RandomState(0).standard_normal((20, 3, 2)).cumsum(axis=0)
    small, large = OneEuroFilter(1.0, 2.0), OneEuroFilter(1.0, 2.0)
    for i, one in enumerate(way):
        smoothed = small(one, i / 15)
        np.testing.assert_allclose(large(100 * one, i / 15, 100.0), 100 * smoothed)


def test_the_own_network_is_tracked_without_the_models(monkeypatch, tmp_path):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    hand = make_fingerspelling(1, letters="B", image_size=96, random_state=0).images[0]
    tracker, times = HandTracker(0.9, model="own"), iter(np.arange(60) / 15)
    wall = np.full(hand.shape, 200, np.uint8)
    assert all(tracker.track(wall, next(times)) is None for _ in range(15))
    found = [tracker.track(hand, next(times)) for _ in range(15)]
    assert all(one is not None for one in found[-5:])
    assert all(tracker.track(wall, next(times)) is None for _ in range(15))


def test_a_hand_that_comes_into_the_image_is_soon_where_it_is():
    spelled = make_fingerspelling_videos(["CLV"], color=True, random_state=4)
    tracker, errors = HandTracker(0.9, model="own"), []
    begun = np.flatnonzero(spelled.letters[0] == "C")[2]
    for i, image in enumerate(spelled.videos[0][: begun + 3]):
        hand = tracker.track(image, i / 15)
        if i >= begun:
            palm = np.linalg.norm(np.subtract(*spelled.points[0][i][[9, 0]]))
            away = np.linalg.norm(hand.points - spelled.points[0][i], axis=1)
            errors.append(away.mean() / palm)
    assert max(errors) < 0.3
