"""J and Z from the movements of rendered hands, without images."""

from typing import NamedTuple

import numpy as np
import pytest

from skl_signlang.datasets.rendering._hand_motion import draw_habits, spell
from skl_signlang.datasets.rendering._hand_poses import draw_signers
from skl_signlang.inference import LetterFrame, LetterStream
from skl_signlang.inference._movements import find_movements

RATE = 15
STATIC = [*"ABCDEFGHIKLMNOPQRSTUVWXY"]


class Frame(NamedTuple):
    time: float
    joints: np.ndarray


def moving(words, seed, noise=0.03):
    """Yield the frames of words and their letters, each by another signer."""
    rng = np.random.RandomState(seed)
    left = rng.uniform(size=len(words)) < 0.5
    habits = draw_habits(len(words), (0.4, 0.75), (0.15, 0.3), left, rng)
    motion = spell(words, draw_signers(len(words), rng), habits, RATE, rng)
    joints = motion.joints @ motion.rotation.swapaxes(1, 2) * [1, -1, -1]
    joints += noise * rng.standard_normal(joints.shape)
    joints[..., :2] += motion.place[:, None]
    for video in range(len(words)):
        rows = np.flatnonzero(motion.video == video)
        frames = [Frame(i / RATE, joints[row]) for i, row in enumerate(rows)]
        yield frames, motion.label[rows]


def words_with(letter, n, seed):
    """Words with a letter in the middle."""
    rng = np.random.RandomState(seed)
    return [
        "".join([*rng.choice(STATIC, 2), letter, *rng.choice(STATIC, 2)])
        for _ in range(n)
    ]


def drawn(frames):
    return [one.letter for one in find_movements(frames) if one.letter]


@pytest.mark.parametrize("letter", ["J", "Z"])
def test_drawn_letters_are_found_once(letter):
    found = [drawn(frames) for frames, _ in moving(words_with(letter, 60, 0), seed=1)]
    assert np.mean([one == [letter] for one in found]) >= 0.9


def test_other_letters_are_no_movements():
    words = [
        "".join(np.random.RandomState(i).choice([*"IDGXYQP"], 6)) for i in range(60)
    ]
    found = [drawn(frames) for frames, _ in moving(words, seed=2)]
    assert sum(map(len, found)) <= 1


def test_a_movement_is_open_only_while_the_hand_is_there():
    frames, letters = next(moving(["AZ"], seed=3))
    begun = frames[: np.flatnonzero(letters == "Z")[4]]
    (movement,) = find_movements(begun)
    assert movement.letter is None
    end = begun[-1].time
    gone = [Frame(end + i / RATE, None) for i in range(1, 6)]
    assert find_movements([*begun, *gone[:1]]) == [movement]
    assert find_movements([*begun, *gone]) == []


def test_size_place_and_time_change_nothing():
    frames, _ = next(moving(["JZ"], seed=3))
    found = find_movements(frames)
    moved = [Frame(one.time + 5, 40 * one.joints + 7) for one in frames]
    assert [one.letter for one in found] == [
        one.letter for one in find_movements(moved)
    ]
    assert find_movements(moved)[0].start == found[0].start + 5


def test_streams_write_drawn_letters_in_place_of_their_handshapes():
    words, found = ["JAB", "LAZY", "OBJECT", "ZEBU"], []
    shapes = {"J": "I", "Z": "D", "none": "C"}
    for frames, letters in moving(words, seed=4):
        stream = LetterStream()
        for (time, joints), letter in zip(frames, letters, strict=True):
            shown = shapes.get(letter, letter)
            others = {"K": 0.5} if letter == "none" else {}
            stream.push(LetterFrame({shown: 0.5, **others}, joints=joints), time)
        found.append(stream.finish())
    right = [text == word for text, word in zip(found, words, strict=True)]
    assert np.mean(right) >= 0.75, found


@pytest.mark.parametrize("letter", ["J", "Z"])
def test_no_space_comes_while_a_letter_is_drawn(letter):
    for frames, letters in moving([f"A{letter}B"] * 5, seed=8):
        stream = LetterStream(pause=1.2)
        for (time, joints), shown in zip(frames, letters, strict=True):
            sure = {"A": 1.0} if shown == "A" else dict.fromkeys("CDIK", 0.25)
            stream.push(LetterFrame(sure, joints=joints), time)
            assert shown != letter or " " not in stream.text


def test_nobody_draws_nothing():
    assert find_movements([]) == []
    assert find_movements([Frame(0.0, None)] * 30) == []
    assert find_movements([Frame(i / 15, np.zeros((21, 3))) for i in range(30)]) == []
