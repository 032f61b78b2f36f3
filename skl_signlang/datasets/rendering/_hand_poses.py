"""Skeletons of hands, from signers and letters.

A signer has fixed proportions and habits; images of a signer differ by noise
on every joint and on the view.
"""

from dataclasses import dataclass

import numpy as np

from skl_signlang.datasets.rendering._hand_model import (
    FINGER_BONES,
    KNUCKLES,
    THUMB_BASE,
    THUMB_BONES,
    finger_joints,
    in_mediapipe_order,
    reach_with_thumb,
    thumb_joints,
)
from skl_signlang.datasets.rendering._letter_shapes import (
    DRAWING_SHAPES,
    SHAPES,
    SIDEWAYS_T,
)

_DIRECTIONS = {
    "right": (1, 0, 0),
    "left": (-1, 0, 0),
    "up": (0, 1, 0),
    "down": (0, -1, 0),
    "viewer": (0, 0, 1),
    "away": (0, 0, -1),
}
_SIDEWAYS_T_RATE = 0.5
_SHAPES = {**SHAPES, **DRAWING_SHAPES}


@dataclass
class Signers:
    """Parameters of signers; the first axis of each array is the signer."""

    bones: np.ndarray
    knuckles: np.ndarray
    thumb_base: np.ndarray
    thickness: np.ndarray
    tone: np.ndarray
    bend: np.ndarray
    curl: np.ndarray
    spread: np.ndarray
    thumb: np.ndarray
    turn: np.ndarray
    sideways_t: np.ndarray


def draw_signers(n, rng):
    """Draw the parameters of `n` signers."""
    fingers = 1 + 0.05 * rng.standard_normal((n, 1, 1))
    each = 1 + 0.03 * rng.standard_normal((n, 5, 3))
    width = 1 + 0.06 * rng.standard_normal((n, 1))
    ones = np.ones_like(width)
    stretch = np.concatenate([width, ones, ones], axis=1)
    knuckles = KNUCKLES * stretch[:, None]
    # The unit is the distance to the middle knuckle
    knuckles /= np.linalg.norm(knuckles[:, 1], axis=1)[:, None, None]
    return Signers(
        bones=np.concatenate([THUMB_BONES[None], FINGER_BONES]) * fingers * each,
        knuckles=knuckles,
        thumb_base=THUMB_BASE * stretch,
        thickness=np.clip(1 + 0.08 * rng.standard_normal(n), 0.8, 1.25),
        tone=np.stack([rng.beta(1.6, 1.1, n), 0.15 * rng.standard_normal(n)], axis=1),
        bend=2 * rng.standard_normal((n, 4, 4)) * [1, 1, 1, 0.35],
        curl=np.clip(1 + 0.025 * rng.standard_normal(n), 0.85, 1.12),
        spread=np.clip(1 + 0.15 * rng.standard_normal(n), 0.7, 1.4),
        thumb=0.018 * rng.standard_normal((n, 3)),
        turn=[0, 0, -5] + rng.standard_normal((n, 3)) * [7, 4, 5],
        sideways_t=rng.uniform(size=n) < _SIDEWAYS_T_RATE,
    )


def pose(signers, signer, letter, turns, rng):
    """Compute joints, rotations and forearms of hands that form letters."""
    shapes = _shapes_of(letter, signers.sideways_t[signer])
    angles = _finger_angles(signers, signer, shapes, rng)
    bones = signers.bones[signer]
    fingers = finger_joints(signers.knuckles[signer], bones[:, 1:], angles)
    thumb = _place_thumb(signers, signer, shapes, fingers, rng)
    joints = in_mediapipe_order(np.zeros((len(signer), 3)), thumb, fingers)
    noise = rng.standard_normal((len(signer), 3)) * [8, 6, 6]
    turn = _stack(shapes, "turn") + signers.turn[signer] + noise + turns
    base = np.stack([_base_view(shape) for shape in shapes])
    rotation = rotation_of(np.radians(turn)) @ base
    return joints, rotation, _forearm(shapes, rng)


def _shapes_of(letter, sideways_t):
    return [
        SIDEWAYS_T if name == "T" and sideways else _SHAPES[name]
        for name, sideways in zip(letter.tolist(), sideways_t, strict=True)
    ]


def _stack(shapes, field):
    return np.array([getattr(shape, field) for shape in shapes], dtype=float)


def _finger_angles(signers, signer, shapes, rng):
    angles = _stack(shapes, "fingers")
    angles[..., :3] *= signers.curl[signer, None, None]
    angles[..., 3] *= signers.spread[signer, None]
    angles += signers.bend[signer]
    noise = rng.standard_normal(angles.shape) * [1.4, 1.4, 1.2, 0.5]
    # Neighboring fingers move together
    together = rng.standard_normal((len(angles), 1, 4)) * [1.6, 1.6, 1.2, 0]
    angles += noise + together
    return np.clip(angles, [-12, -2, -5, -35], [98, 115, 80, 30])


def _place_thumb(signers, signer, shapes, fingers, rng):
    start = np.radians(_stack(shapes, "thumb"))
    start = start + np.radians(2) * rng.standard_normal(start.shape)
    base, bones = signers.thumb_base[signer], signers.bones[signer, 0]
    target = np.zeros((len(signer), 3))
    reaches = np.array([shape.touch is not None for shape in shapes])
    for i in np.flatnonzero(reaches):
        joints, offset = shapes[i].touch
        target[i] = np.mean([fingers[i, f, j] for f, j in joints], axis=0) + offset
    target += signers.thumb[signer] + 0.01 * rng.standard_normal(target.shape)
    angles = reach_with_thumb(base, bones, start, target, reaches)
    return thumb_joints(base, bones, angles)


def _base_view(shape):
    along = np.array(_DIRECTIONS[shape.fingers_to])
    out = np.array(_DIRECTIONS[shape.palm_to])
    return np.stack([np.cross(along, out), along, out], axis=1)


def rotation_of(turn):
    """Return rotation matrices (n, 3, 3): yaw, then pitch, then roll, in radians."""
    (sy, sp, sr), (cy, cp, cr) = np.sin(turn).T, np.cos(turn).T
    zero, one = np.zeros_like(sy), np.ones_like(sy)
    yaw = np.array([[cy, zero, sy], [zero, one, zero], [-sy, zero, cy]])
    pitch = np.array([[one, zero, zero], [zero, cp, -sp], [zero, sp, cp]])
    roll = np.array([[cr, -sr, zero], [sr, cr, zero], [zero, zero, one]])
    yaw, pitch, roll = (turned.transpose(2, 0, 1) for turned in (yaw, pitch, roll))
    return roll @ pitch @ yaw


def _forearm(shapes, rng):
    flexion, deviation = np.radians(
        _stack(shapes, "wrist") + rng.standard_normal((len(shapes), 2)) * [12, 9]
    ).T
    return np.stack(
        [
            np.sin(deviation) * np.cos(flexion),
            -np.cos(deviation) * np.cos(flexion),
            np.sin(flexion),
        ],
        axis=1,
    )
