from collections import Counter

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from skl_signlang._letters import LETTERS
from skl_signlang.datasets import make_fingerspelling

# Parent of each joint but the wrist, in MediaPipe's order
PARENTS = [0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19]
PHALANGES = [bone for bone, parent in enumerate(PARENTS) if parent != 0]


def bone_lengths(joints):
    return np.linalg.norm(joints[:, 1:] - joints[:, PARENTS], axis=2)


def palm_side(joints):
    """Positive where a right hand shows its palm: handedness times facing."""
    index, little = joints[:, 5, :2], joints[:, 17, :2]
    return little[:, 0] * index[:, 1] - little[:, 1] * index[:, 0]


def edge_histograms(images, cell=4, n_bins=6):
    """Strength of the edges of each direction, light to dark or dark to light."""
    down, right = np.gradient(images.astype(float), axis=(1, 2))
    strength = np.hypot(down, right)
    bins = (np.arctan2(down, right) % np.pi / np.pi * n_bins).astype(int) % n_bins
    n, cells = len(images), images.shape[1] // cell
    planes = [
        np.where(bins == k, strength, 0)
        .reshape(n, cells, cell, cells, cell)
        .sum(axis=(2, 4))
        for k in range(n_bins)
    ]
    rows = np.sqrt(np.stack(planes, axis=-1).reshape(n, -1))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def hands():
    return make_fingerspelling(240, n_signers=12, random_state=0)


def test_same_seed_gives_the_same_images(hands):
    again = make_fingerspelling(240, n_signers=12, random_state=0)
    for key in ("images", "target", "groups", "handedness", "joints"):
        np.testing.assert_array_equal(again[key], hands[key])


def test_other_seeds_give_other_images(hands):
    other = make_fingerspelling(240, n_signers=12, random_state=1)
    assert not np.array_equal(other.target, hands.target)
    differences = np.abs(other.images[:60, None].astype(int) - hands.images[:8])
    assert differences.mean(axis=(2, 3)).min() > 1


def test_a_random_state_moves_on():
    rng = np.random.RandomState(0)
    first, second = (make_fingerspelling(24, random_state=rng) for _ in range(2))
    assert not np.array_equal(first.images, second.images)


@pytest.mark.parametrize("size", [16, 28, 64, 65])
@pytest.mark.parametrize("color", [False, True])
def test_shapes_and_dtypes(size, color):
    hands = make_fingerspelling(5, image_size=size, color=color, random_state=0)
    channels = (3,) if color else ()
    assert hands.images.shape == (5, size, size, *channels)
    assert hands.images.dtype == np.uint8
    assert hands.data.shape == (5, size * size * (3 if color else 1))
    assert np.shares_memory(hands.data, hands.images)
    assert hands.joints.shape == (5, 21, 3)
    assert hands.joints.dtype == np.float32
    # Neither black nor white nor flat
    assert np.all(hands.images.reshape(5, -1).std(axis=1) > 3)


def test_letters_and_signers_are_spread_evenly(hands):
    assert Counter(hands.target.tolist()) == dict.fromkeys(LETTERS, 10)
    assert Counter(hands.groups.tolist()) == dict.fromkeys(range(12), 20)
    assert hands.target_names.tolist() == list(LETTERS)


def test_uneven_numbers_differ_by_one():
    hands = make_fingerspelling(50, letters="ABC", n_signers=7, random_state=0)
    assert sorted(Counter(hands.target.tolist()).values()) == [16, 17, 17]
    assert sorted(Counter(hands.groups.tolist()).values()) == [7] * 6 + [8]


def test_with_fewer_images_than_signers_each_has_its_own():
    hands = make_fingerspelling(9, random_state=0)
    assert sorted(hands.groups.tolist()) == list(range(9))


@pytest.mark.parametrize("letters", ["BAA", ["A", "B"], {"A", "B"}, iter("AB")])
def test_letters_may_be_any_iterable(letters):
    hands = make_fingerspelling(6, letters=letters, random_state=0)
    assert Counter(hands.target.tolist()) == {"A": 3, "B": 3}


def test_return_X_y_gives_rows_and_letters():
    X, y = make_fingerspelling(6, random_state=0, return_X_y=True)
    hands = make_fingerspelling(6, random_state=0)
    np.testing.assert_array_equal(X, hands.data)
    np.testing.assert_array_equal(y, hands.target)


def test_descr_defines_the_frame_of_the_joints(hands):
    assert "240 images" in hands.DESCR
    for word in ("MediaPipe", "away from the viewer", "origin is the wrist", "groups"):
        assert word in hands.DESCR


def test_color_and_size_change_neither_pose_nor_signer():
    plain = make_fingerspelling(10, random_state=0)
    other = make_fingerspelling(10, image_size=40, color=True, random_state=0)
    for key in ("target", "groups", "handedness", "joints"):
        np.testing.assert_array_equal(plain[key], other[key])


def test_gray_is_the_brightness_of_colour():
    gray = make_fingerspelling(30, random_state=0).images
    color = make_fingerspelling(30, color=True, random_state=0).images
    luma = color @ [0.299, 0.587, 0.114]
    assert np.abs(luma - gray).mean() < 6
    assert np.corrcoef(luma.ravel(), gray.ravel())[0, 1] > 0.98


@pytest.mark.parametrize(("mirror", "side"), [(0, "right"), (1, "left")])
def test_mirror_decides_on_the_hand(mirror, side):
    hands = make_fingerspelling(48, mirror=mirror, random_state=0)
    assert set(hands.handedness) == {side}


def test_mirror_is_a_share(hands):
    assert 0.4 < np.mean(hands.handedness == "left") < 0.6


def test_turning_moves_no_joint_in_the_hand(hands):
    turned = make_fingerspelling(48, max_rotation=(80, 30, 180), random_state=0).joints
    front = make_fingerspelling(48, random_state=0).joints
    between = [
        np.linalg.norm(joints[:, :, None] - joints[:, None], axis=3)
        for joints in (front, turned)
    ]
    assert np.allclose(*between, atol=1e-4)
    moved = np.linalg.norm(turned - front, axis=2).max(axis=1)
    assert (moved > 0.1).mean() > 0.9


def test_hands_turn_at_most_by_max_rotation():
    front = make_fingerspelling(96, random_state=0).joints[:, 9]
    rolled = make_fingerspelling(96, max_rotation=(0, 0, 40), random_state=0).joints[
        :, 9
    ]
    angles = np.degrees(
        np.arctan2(rolled[:, 1], rolled[:, 0]) - np.arctan2(front[:, 1], front[:, 0])
    )
    angles = (angles + 180) % 360 - 180
    assert 30 < angles.max() < 40.1
    assert -40.1 < angles.min() < -30


def test_left_hands_are_mirror_images_of_right_hands():
    right, left = (
        make_fingerspelling(48, mirror=mirror, letters="BFLWY", random_state=0)
        for mirror in (0, 1)
    )
    flip = np.array([-1, 1, 1], np.float32)
    np.testing.assert_allclose(left.joints, right.joints * flip, atol=1e-6)
    # These letters show the palm, so the index finger of a right hand is on the right
    assert np.mean(palm_side(right.joints) > 0) > 0.95
    assert np.mean(palm_side(left.joints) < 0) > 0.95


def test_images_show_what_the_joints_say():
    """A raised little or index finger is seen where its joints are."""
    hands = make_fingerspelling(
        200, letters="DI", mirror=0, image_size=32, random_state=0
    )
    tip = np.where(hands.target == "D", 8, 20)
    x, y, _ = hands.joints[np.arange(200), tip].T
    assert np.mean(y < -1.0) > 0.95
    assert np.median(x[hands.target == "D"]) > np.median(x[hands.target == "I"]) + 0.3


def test_the_middle_knuckle_is_one_unit_from_the_wrist(hands):
    wrist, middle = hands.joints[:, 0], hands.joints[:, 9]
    np.testing.assert_allclose(wrist, 0)
    np.testing.assert_allclose(np.linalg.norm(middle, axis=1), 1, atol=1e-5)


def test_a_signer_keeps_bones_and_signers_differ(hands):
    lengths = bone_lengths(hands.joints)
    within = [np.ptp(lengths[hands.groups == signer], axis=0) for signer in range(12)]
    assert np.max(within) < 1e-4
    each = np.array([lengths[hands.groups == signer][0] for signer in range(12)])
    assert np.all(each[:, PHALANGES].std(axis=0) > 0.005)


def test_bones_are_those_of_hands(hands):
    lengths = bone_lengths(hands.joints)[:, PHALANGES]
    assert lengths.min() > 0.12
    assert lengths.max() < 0.7
    fingers = lengths[:, 3:].reshape(-1, 4, 3)
    # Each phalanx is shorter than the one before, and the little finger the shortest
    assert np.mean(fingers[..., 0] > fingers[..., 1]) > 0.99
    assert np.all(fingers[:, 3].sum(axis=1) < fingers[:, 1].sum(axis=1))


def test_fingers_never_bend_backwards_far(hands):
    bones = hands.joints[:, 1:] - hands.joints[:, PARENTS]
    bones /= np.linalg.norm(bones, axis=2, keepdims=True)
    middle, tip = bones[:, 9], bones[:, 11]
    straight = np.isin(hands.target, list("BW"))
    assert np.all(np.sum(middle[straight] * tip[straight], axis=1) > 0.7)
    bent = np.isin(hands.target, list("AS"))
    assert np.all(np.sum(middle[bent] * tip[bent], axis=1) < 0)


def test_thumbs_touch_what_the_letters_ask_for(hands):
    def gap(letter, finger_tip):
        joints = hands.joints[hands.target == letter]
        return np.linalg.norm(joints[:, 4] - joints[:, finger_tip], axis=1)

    assert np.median(gap("F", 8)) < 0.25
    assert np.median(gap("O", 8)) < 0.3
    assert np.median(gap("D", 12)) < 0.3
    assert np.median(gap("L", 8)) > 0.8
    assert np.median(gap("C", 8)) > 0.4


def test_joints_predict_letters_of_unseen_signers():
    train, test = (
        make_fingerspelling(n, image_size=16, n_signers=30, mirror=0, random_state=seed)
        for n, seed in ((1200, 0), (240, 1))
    )
    reader = LinearDiscriminantAnalysis()
    joints = [hands.joints.reshape(len(hands.joints), -1) for hands in (train, test)]
    assert reader.fit(joints[0], train.target).score(joints[1], test.target) > 0.8


@pytest.mark.slow
def test_images_predict_letters_of_unseen_signers():
    train, test = (
        make_fingerspelling(
            n, letters="BCLVGY", n_signers=20, mirror=0, random_state=seed
        )
        for n, seed in ((900, 0), (180, 1))
    )
    reader = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)
    reader.fit(edge_histograms(train.images), train.target)
    assert reader.score(edge_histograms(test.images), test.target) > 0.75


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"n_samples": 0}, r"'n_samples' .* int in the range \[1, inf\).*Got 0"),
        ({"n_samples": 2.5}, r"'n_samples' .* int .*Got 2\.5"),
        ({"image_size": 15}, r"'image_size' .* range \[16, 256\].*Got 15"),
        ({"image_size": 257}, r"'image_size' .* range \[16, 256\].*Got 257"),
        ({"mirror": 1.5}, r"'mirror' .* range \[0\.0, 1\.0\].*Got 1\.5"),
        ({"max_rotation": 30}, r"max_rotation must be three angles.*got 30"),
        ({"max_rotation": (0, 0, 200)}, r"max_rotation must be three angles.*200"),
        ({"n_signers": 0}, r"'n_signers' .* range \[1, inf\).*Got 0"),
        ({"color": "rgb"}, r"'color' .*Got 'rgb'"),
        ({"letters": "AJZ"}, r"got \['J', 'Z'\]. J and Z are signed with a motion"),
        ({"letters": "ab"}, r"letters must be one or more of ABCD.*got \['a', 'b'\]"),
        ({"letters": ""}, r"letters must be one or more of ABCD.*got \[\]"),
        ({"random_state": "x"}, r"'random_state' .*Got 'x'"),
    ],
)
def test_errors_say_what_came_and_what_was_expected(params, words):
    with pytest.raises(ValueError, match=words):
        make_fingerspelling(**params)


def test_letters_that_are_no_iterable_are_a_type_error():
    with pytest.raises(TypeError, match=r"iterable of letters; got 5"):
        make_fingerspelling(letters=5)
