import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from skl_signlang.datasets import make_fingerspelling
from skl_signlang.preprocessing import _hand_geometry as geometry
from skl_signlang.preprocessing._hand_geometry import (
    FEATURES,
    describe_hands,
    feature_names,
    mirror_left_hands,
)

IN_THE_HAND = ("landmarks", "angles", "distances")
MIRROR = np.array([-1, 1, 1])


@pytest.fixture(scope="module")
def hands():
    return make_fingerspelling(96, image_size=16, random_state=0)


@pytest.fixture(scope="module")
def joints(hands):
    """Rendered joints of right hands, float64."""
    return mirror_left_hands(hands.joints.astype(float), hands.handedness == "left")


def turned(joints, seed=0):
    turns = Rotation.random(len(joints), random_state=seed).as_matrix()
    return joints @ turns


def test_names_are_distinct_and_one_a_column(joints):
    for feature in FEATURES:
        names = feature_names([feature])
        assert describe_hands(joints, [feature]).shape == (96, len(names))
    names = feature_names(FEATURES)
    assert len(set(names)) == len(names)
    assert len(feature_names(["landmarks"])) == 63


def test_columns_stand_in_the_order_asked_for(joints):
    there = describe_hands(joints, ["angles", "presence"])
    back = describe_hands(joints, ["presence", "angles"])
    np.testing.assert_array_equal(np.roll(there, 1, axis=1), back)
    assert there.dtype == np.float32


def test_names_name_what_they_measure(joints):
    columns = describe_hands(joints, FEATURES).T
    named = dict(zip(feature_names(FEATURES), columns, strict=True))
    landmarks = {
        joint: np.stack([named[f"{joint}_{axis}"] for axis in "xyz"], axis=1)
        for joint in geometry.JOINTS
    }
    for name, values in named.items():
        if "_to_" in name:
            first, second = name.split("_to_")
            away = np.linalg.norm(landmarks[first] - landmarks[second], axis=1)
            np.testing.assert_allclose(values, away, atol=1e-5)
    np.testing.assert_array_equal(landmarks["wrist"], 0)
    palm = np.linalg.norm(landmarks["middle_mcp"], axis=1)
    np.testing.assert_allclose(palm, 1, rtol=1e-6)
    bend = named["index_pip_bend"]
    upper = landmarks["index_pip"] - landmarks["index_mcp"]
    lower = landmarks["index_dip"] - landmarks["index_pip"]
    cosine = (upper * lower).sum(1) / np.linalg.norm(upper, axis=1)
    cosine /= np.linalg.norm(lower, axis=1)
    np.testing.assert_allclose(np.cos(bend), cosine, atol=1e-5)


def test_turning_the_hand_changes_nothing_in_the_palms_frame(joints):
    expected = describe_hands(joints, IN_THE_HAND)
    np.testing.assert_allclose(
        describe_hands(turned(joints), IN_THE_HAND), expected, atol=1e-5
    )


@pytest.mark.parametrize("frame", ["palm", "camera"])
def test_place_and_size_change_nothing(joints, frame):
    expected = describe_hands(joints, FEATURES, frame)
    moved = 0.07 * joints + np.array([3.0, -2.0, 0.5])
    np.testing.assert_allclose(
        describe_hands(moved, FEATURES, frame), expected, atol=1e-5
    )


def test_the_cameras_frame_turns_with_the_hand(joints):
    turn = Rotation.from_euler("z", 90, degrees=True).as_matrix()
    before = describe_hands(joints, frame="camera").reshape(-1, 21, 3)
    after = describe_hands(joints @ turn, frame="camera").reshape(-1, 21, 3)
    np.testing.assert_allclose(after, before @ turn, atol=1e-5)


def test_a_mirrored_left_hand_is_the_right_hand(joints):
    left = np.arange(len(joints)) % 2 == 0
    seen = np.where(left[:, None, None], joints * MIRROR, joints)
    np.testing.assert_array_equal(mirror_left_hands(seen, left), joints)
    unlike = describe_hands(seen[left]) - describe_hands(joints[left])
    assert np.abs(unlike).max() > 0.1
    for feature in ("angles", "distances"):
        np.testing.assert_allclose(
            describe_hands(seen, [feature]),
            describe_hands(joints, [feature]),
            atol=1e-5,
        )


def test_axes_of_the_palm_are_a_right_handed_frame(joints):
    axes = geometry.palm_axes(turned(joints))
    eyes = axes @ axes.swapaxes(1, 2)
    np.testing.assert_allclose(eyes, np.broadcast_to(np.eye(3), eyes.shape), atol=1e-9)
    np.testing.assert_allclose(np.linalg.det(axes), 1)


def test_axes_of_the_palm_point_where_they_say():
    """A right hand, its fingers up and its palm to the camera: the thumb is right."""
    hand = np.zeros((1, 21, 3))
    hand[0, [5, 9, 13, 17]] = [[0.3, -1, 0], [0.1, -1, 0], [-0.1, -1, 0], [-0.3, -1, 0]]
    expected = [[1, 0, 0], [0, -1, 0], [0, 0, -1]]
    np.testing.assert_allclose(geometry.palm_axes(hand)[0], expected, atol=1e-12)
    values = describe_hands(hand, ["orientation"])[0]
    orientation = dict(zip(feature_names(["orientation"]), values, strict=True))
    assert orientation["down_along_palm"] == -1
    assert orientation["down_out_of_palm"] == 0


def test_walking_around_the_hand_does_not_change_where_down_is(joints):
    walk = Rotation.from_euler("y", np.linspace(0, 360, 96)[:, None], degrees=True)
    before = describe_hands(joints, ["orientation"])
    after = describe_hands(joints @ walk.as_matrix(), ["orientation"])
    np.testing.assert_allclose(after, before, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(before, axis=1), 1, rtol=1e-6)
    nodded = joints @ Rotation.from_euler("x", 90, degrees=True).as_matrix()
    assert np.abs(describe_hands(nodded, ["orientation"]) - before).max() > 0.5


def test_fists_are_bent_and_flat_hands_straight(hands, joints):
    names = feature_names(["angles"])
    pips = [names.index(f"{digit}_pip_bend") for digit in geometry.DIGITS[1:]]
    bends = describe_hands(joints, ["angles"])[:, pips].mean(axis=1)
    flat, fist = (bends[hands.target == letter] for letter in "BA")
    assert flat.max() < 0.8 < fist.min()


def test_presence_of_rendered_hands_is_1(joints):
    assert (describe_hands(joints, ["presence"]) == 1).all()
    given = describe_hands(joints, ["presence"], presence=np.full(96, 0.25))
    assert (given == 0.25).all()


@pytest.mark.parametrize(
    "joints",
    [
        np.zeros((2, 21, 3)),
        np.ones((2, 21, 3)),
        np.linspace(0, 1, 21)[:, None] + [0, 0, 0],
    ],
    ids=["nothing", "a point", "a line"],
)
def test_hands_of_no_size_or_no_palm_are_finite(joints):
    joints = np.broadcast_to(joints, (2, 21, 3)).astype(np.float32)
    assert np.isfinite(describe_hands(joints, FEATURES)).all()
    np.testing.assert_array_equal(describe_hands(joints, ["orientation"]), 0)


def test_letters_are_near_their_own_kind(hands, joints):
    """One hand a letter and signer: neighbors in these numbers are the same letter."""
    rows = describe_hands(turned(joints), IN_THE_HAND)
    away = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(away, np.inf)
    right = hands.target[away.argmin(axis=1)] == hands.target
    assert right.mean() > 0.7
