import numpy as np
import pytest

from skl_signlang.datasets import make_fingerspelling_videos

WORDS = ["HELLO", "JAZZ"]


@pytest.fixture(scope="module")
def spelled():
    return make_fingerspelling_videos(WORDS, image_size=48, random_state=0)


def runs(letters):
    """The letters of frames, each run once."""
    changes = np.flatnonzero(np.r_[True, letters[1:] != letters[:-1]])
    return "".join(letter for letter in letters[changes] if letter != "none")


def test_entries_have_a_row_for_each_frame(spelled):
    assert spelled.target.tolist() == WORDS
    for i in range(len(WORDS)):
        n = len(spelled.videos[i])
        assert spelled.videos[i].shape == (n, 48, 48)
        assert spelled.videos[i].dtype == np.uint8
        assert spelled.letters[i].shape == (n,)
        assert spelled.joints[i].shape == (n, 21, 3)
        assert spelled.points[i].shape == (n, 21, 2)


def test_frames_show_the_letters_of_the_word(spelled):
    assert [runs(letters) for letters in spelled.letters] == WORDS


def test_the_same_seed_gives_the_same_videos(spelled):
    again = make_fingerspelling_videos(WORDS, image_size=48, random_state=0)
    other = make_fingerspelling_videos(WORDS, image_size=48, random_state=1)
    for one, two in zip(spelled.videos, again.videos, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(other.videos[0][:9], spelled.videos[0][:9])


def test_hands_are_still_while_letters_are_held(spelled):
    for points, letters in zip(spelled.points, spelled.letters, strict=True):
        palm = np.linalg.norm(points[:, 9] - points[:, 0], axis=1).mean()
        steps = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(axis=1) / palm
        held = (letters[1:] == letters[:-1]) & ~np.isin(letters[1:], ["none", *"JZ"])
        drawn = np.isin(letters[1:], [*"JZ"]) & (letters[1:] == letters[:-1])
        assert np.median(steps[held]) < 0.05
        if drawn.any():
            assert np.median(steps[drawn]) > 2 * np.median(steps[held])


def test_the_hand_is_raised_and_lowered(spelled):
    for points in spelled.points:
        assert points[0, :, 1].min() > 40
        assert points[-1, :, 1].min() > 40
        assert np.median(points[:, 9, 1]) < 35


def test_left_hands_are_mirrored_in_all_they_do():
    right, left = (
        make_fingerspelling_videos(["JZ"], image_size=32, mirror=mirror, random_state=3)
        for mirror in (0, 1)
    )
    assert (right.handedness[0], left.handedness[0]) == ("right", "left")
    joints = left.joints[0] * [-1, 1, 1]
    np.testing.assert_allclose(right.joints[0], joints, atol=1e-5)


def test_times_are_as_asked():
    kept = {"image_size": 16, "frame_rate": 20, "random_state": 0}
    quick = make_fingerspelling_videos(["ABC"], hold_time=(0.3, 0.3), **kept)
    slow = make_fingerspelling_videos(["ABC"], hold_time=(2, 2), **kept)
    for video, seconds in ((quick, 0.3), (slow, 2)):
        held = np.sum(video.letters[0] == "A") / 20
        assert 0.8 * seconds < held < 1.2 * seconds


@pytest.mark.parametrize(
    ("words", "parameters", "error", "reason"),
    [
        ("HELLO", {}, TypeError, "words must be several words"),
        ([], {}, ValueError, "one or more words"),
        (["A B"], {}, ValueError, r"from A to Z; got \['A B'\]"),
        (["A" * 41], {}, ValueError, "1 to 40 letters"),
        (["A"], {"hold_time": (2, 1)}, ValueError, "shortest and the longest time"),
        (["A"], {"move_time": 1}, ValueError, "move_time must be"),
        (["A"], {"frame_rate": 0}, ValueError, "frame_rate"),
    ],
)
def test_wrong_parameters(words, parameters, error, reason):
    with pytest.raises(error, match=reason):
        make_fingerspelling_videos(words, **parameters)
