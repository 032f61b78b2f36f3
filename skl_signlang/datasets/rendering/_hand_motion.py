"""Movements of hands that spell words: paths, turns and times.

A word is a list of key poses, one a letter. Between them the joints move along straight
lines, and the hand turns about one axis, as fast as smoothstep does. J and Z follow
[1]_: the little finger of an I draws a J while the palm turns towards the signer, and
the index finger draws a Z. A doubled letter slides to the side, bounces, or is opened
and closed again.

References
----------
.. [1] T. Humphries, C. Padden and T. J. O'Rourke, "A Basic Course in American Sign
   Language", 2nd edition, T.J. Publishers, 1994.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from skl_signlang._letters import MOVING_LETTERS
from skl_signlang.datasets.rendering._hand_poses import pose, rotation_of

NO_LETTER = "none"
"""Label of frames between letters."""

_RAISE = 0.4  # seconds
_BELOW = 3.0  # palm lengths by which a lowered hand is below
_TREMBLE = (0.025, np.radians(1.2))  # palm lengths, radians: standard deviations
_TREMBLE_TIME = 0.25  # seconds over which it is correlated
_DOUBLES = (0.45, 0.45, 0.1)  # probabilities of a slide, a bounce, an opened hand
_OPEN = "B"
_REACH = 1.9  # palm lengths from the wrist to a fingertip
_Z_CORNERS = np.array([[0, 0], [-1, 0], [0, 1], [-1, 1]])  # right, down, as seen


class Habits(NamedTuple):
    """How signers move; the first axis of each array is the signer."""

    hold: np.ndarray
    move: np.ndarray
    draw: np.ndarray
    double: np.ndarray
    size: np.ndarray
    tilt: np.ndarray
    turn: np.ndarray
    flipped_z: np.ndarray


@dataclass
class Motion:
    """Hands of frames; the first axis of each array is the frame."""

    joints: np.ndarray
    forearm: np.ndarray
    rotation: np.ndarray
    place: np.ndarray
    label: np.ndarray
    video: np.ndarray


class _Frames(NamedTuple):
    """Numbers of the poses, the way between them, place, turn and label."""

    start: np.ndarray
    end: np.ndarray
    way: np.ndarray
    place: np.ndarray
    turn: np.ndarray
    label: np.ndarray


def draw_habits(n, hold_time, move_time, left, rng):
    """Draw how `n` signers move; times are (shortest, longest) in seconds."""
    return Habits(
        hold=rng.uniform(*hold_time, n),
        move=rng.uniform(*move_time, n),
        draw=rng.uniform(0.55, 1.1, n),
        double=rng.choice(3, n, p=_DOUBLES),
        size=rng.uniform(0.7, 1.15, n),
        tilt=np.radians(10) * rng.standard_normal(n),
        turn=np.radians(rng.uniform(80, 165, n)),
        # some left-handed signers draw the Z that right-handed ones draw
        flipped_z=left & (rng.uniform(size=n) < 0.5),
    )


def spell(words, signers, habits, frame_rate, rng):
    """Move hands through words, one signer a word."""
    texts = [_with_open_hands(word, habits.double[i]) for i, word in enumerate(words)]
    signer = np.repeat(np.arange(len(words)), [len(text) for text in texts])
    letters = np.array([*"".join(text.replace("*", _OPEN) for text in texts)])
    turns = np.zeros((len(letters), 3))
    joints, rotation, forearm = pose(signers, signer, letters, turns, rng)
    first, parts = 0, []
    for i, text in enumerate(texts):
        one = Habits(*(habit[i] for habit in habits))
        parts.append(_frames_of(text, first, one, frame_rate, rng))
        first += len(text)
    video = np.repeat(np.arange(len(words)), [len(part.way) for part in parts])
    frames = _Frames(*map(np.concatenate, zip(*parts, strict=True)))
    return _blend(frames, video, joints, rotation, forearm, frame_rate, rng)


def _with_open_hands(word, double):
    """Insert an open hand, *, between equal letters of who opens the hand."""
    text = word[0]
    for before, letter in pairwise(word):
        text += f"*{letter}" if before == letter and double == 2 else letter
    return text


def _frames_of(text, first, habits, frame_rate, rng):
    """Return the frames of one word."""
    frames, place = [], np.zeros(2)
    n_raise = max(2, round(_RAISE * frame_rate))
    for depth in np.linspace(1, 0, n_raise, endpoint=False):
        frames.append((first, first, 0, _below(depth), (0, 0, 0), NO_LETTER))
    turn = np.zeros(3)
    for i, letter in enumerate(text):
        at = first + i
        if i:
            frames += _moves(text, i, at, place, turn, habits, frame_rate, rng)
            place = frames[-1][3]
        if letter in MOVING_LETTERS:
            drawn = _draw(letter, at, place, habits, frame_rate, rng)
            frames, place, turn = frames + drawn, drawn[-1][3], drawn[-1][4]
        elif letter != "*":
            seconds = habits.hold * rng.uniform(0.85, 1.15)
            turn = np.zeros(3)
            held = (at, at, 0, place, turn, letter)
            frames += [held] * max(2, round(seconds * frame_rate))
    for depth in np.linspace(0, 1, n_raise + 1)[1:]:
        frames.append((at, at, 0, place + _below(depth), turn, NO_LETTER))
    return _Frames(*map(np.array, zip(*frames, strict=True)))


def _below(depth):
    return np.array([0.0, _BELOW * depth])


def _moves(text, i, at, place, turn, habits, frame_rate, rng):
    """Return the frames from one letter to the next."""
    n = max(1, round(habits.move * rng.uniform(0.85, 1.15) * frame_rate))
    ways = np.arange(1, n + 1) / (n + 1)
    goal, bounce = place * 0.5 + 0.04 * rng.standard_normal(2), np.zeros(2)
    if text[i] == "Z":
        goal = np.array([-0.4 if habits.flipped_z else 0.4, -0.3])
    if text[i] == text[i - 1]:
        side = 1 if habits.tilt > 0 else -1
        if habits.double == 0 or text[i] in MOVING_LETTERS:
            goal = place + np.array([side * rng.uniform(0.3, 0.6), 0.0])
        else:
            goal, bounce = place, np.array([0.0, rng.uniform(0.18, 0.35)])
    frames = []
    for way in ways:
        smooth = way * way * (3 - 2 * way)
        where = place + smooth * (goal - place) + np.sin(np.pi * way) * bounce
        frames.append(
            (at - 1, at, smooth, where, tuple((1 - smooth) * np.array(turn)), NO_LETTER)
        )
    return frames


def _draw(letter, at, place, habits, frame_rate, rng):
    """Return the frames in which a finger draws a letter."""
    n = max(5, round(habits.draw * rng.uniform(0.9, 1.1) * frame_rate))
    n_still = round(rng.uniform(0.07, 0.25) * frame_rate)
    path, turns = (_draw_j if letter == "J" else _draw_z)(n, habits, rng)
    cos, sin = np.cos(habits.tilt), np.sin(habits.tilt)
    path = habits.size * path @ np.array([[cos, sin], [-sin, cos]])
    drawn = [
        (at, at, 0, place + where, tuple(turn), letter)
        for where, turn in zip(path, turns, strict=True)
    ]
    before = [(*drawn[0][:5], NO_LETTER)] * n_still
    after = [(*drawn[-1][:5], NO_LETTER)] * round(n_still * rng.uniform(0, 1))
    return before + drawn + after


def _draw_j(n, habits, rng):
    """Return the path of a J, right and down, and turns: yaw, pitch and roll."""
    depth, width, rise = rng.uniform([0.55, 0.3, 0.1], [0.9, 0.65, 0.4])
    way = _ease(n)
    hook = np.clip((way - 0.45) / 0.55, 0, 1)
    x = width * (1 - np.cos(np.pi * hook)) / 2
    y = depth * np.sin(np.pi / 2 * np.clip(way / 0.7, 0, 1))
    y = y - rise * np.clip((way - 0.7) / 0.3, 0, 1) ** 2
    yaw = habits.turn * np.clip((way - 0.1) / 0.9, 0, 1)
    roll = -np.radians(rng.uniform(0, 25)) * hook
    return np.stack([x, y], axis=1), np.stack([yaw, 0 * yaw, roll], axis=1)


def _draw_z(n, habits, rng):
    """Return the path of a Z, right and down, and turns: yaw, pitch and roll."""
    corners = _Z_CORNERS * rng.uniform([0.6, 0.55], [1.2, 1.1])
    if habits.flipped_z:
        corners = corners * [-1, 1]
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    ends = np.round(np.cumsum([0, *lengths]) / lengths.sum() * (n - 1)).astype(int)
    path = np.empty((n, 2))
    for k, (low, high) in enumerate(pairwise(ends)):
        way = _ease(high - low + 1)[:, None]
        path[low : high + 1] = (1 - way) * corners[k] + way * corners[k + 1]
    # some of the way to the side comes from a turn of the wrist
    by_wrist = rng.uniform(0, 0.5)
    roll = -by_wrist * path[:, 0] / _REACH
    pitch = np.full(n, np.radians(rng.uniform(-5, 35)))
    turns = np.stack([np.zeros(n), pitch, roll], axis=1)
    return path * [1 - by_wrist, 1], turns


def _ease(n):
    way = np.linspace(0, 1, n)
    return way * way * (3 - 2 * way)


def _blend(frames, video, joints, rotation, forearm, frame_rate, rng):
    """Return the hands of frames between poses, trembling."""
    start, end, way = frames.start.astype(int), frames.end.astype(int), frames.way
    poses = np.array([rotation[start], rotation[end]])
    between = Rotation.from_matrix(poses[0].swapaxes(1, 2) @ poses[1]).as_rotvec()
    turned = poses[0] @ Rotation.from_rotvec(way[:, None] * between).as_matrix()
    turned = rotation_of(frames.turn) @ turned
    shaken = _tremble(video, 3, frame_rate, rng) * _TREMBLE[1]
    drift = _tremble(video, 2, frame_rate, rng) * _TREMBLE[0]
    return Motion(
        joints=_mix(joints[start], joints[end], way),
        forearm=_mix(forearm[start], forearm[end], way),
        rotation=Rotation.from_rotvec(shaken).as_matrix() @ turned,
        place=frames.place + drift,
        label=frames.label,
        video=video,
    )


def _mix(start, end, way):
    way = way.reshape(-1, *[1] * (start.ndim - 1))
    return (1 - way) * start + way * end


def _tremble(video, n_axes, frame_rate, rng):
    """Draw numbers of variance 1 that are correlated in time, (n_frames, n_axes)."""
    kept = np.exp(-1 / (frame_rate * _TREMBLE_TIME))
    noise = rng.standard_normal((len(video), n_axes))
    for i in range(1, len(video)):
        if video[i] == video[i - 1]:
            noise[i] = kept * noise[i - 1] + np.sqrt(1 - kept**2) * noise[i]
    return noise
