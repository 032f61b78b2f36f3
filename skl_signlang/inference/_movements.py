"""J and Z: letters that a finger draws.

J is drawn by the little finger of an I hand: down, and in a hook towards the side of
the thumb, while the palm turns that way. Z is drawn by the index finger of a hand that
is otherwise closed: three strokes to the sides, the second one down [1]_. Left hands
draw in the mirror, and Z in either direction.

The rules ask for the hand, the order of the strokes, and lengths far below those of
signers and far above tremble, in palm lengths; so they need no training.

References
----------
.. [1] T. Humphries, C. Padden and T. J. O'Rourke, "A Basic Course in American Sign
   Language", 2nd edition, T.J. Publishers, 1994.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import median_filter

_FINGERS = {"index": 5, "middle": 9, "ring": 13, "little": 17}  # the first joints
_STRAIGHT, _CURLED = 0.8, 0.75  # of the length of the bones, from first joint to tip
_MEDIAN = 5  # frames whose shapes are taken together
_MAY_FAIL = 2  # frames in a row whose shape is not seen
_SHORTEST = 0.3  # seconds
# Palm lengths and degrees, chosen on rendered movements of other signers than measured
_J_DOWN, _J_SIDE, _J_TURN = 0.3, 0.15, 45
_Z_SIDE, _Z_DOWN = 0.3, 0.25
_Z_TIME = 0.9  # seconds from the first stroke to the last
_MOVES = 0.35
SHAPES = {"J": "I", "Z": "D"}
"""Letters with about the handshapes that draw."""
PROBABILITY = 0.9
"""What is given as the probability of a movement that follows the rules."""


class Movement(NamedTuple):
    """A drawn letter, or None as long as none is recognized, and its times."""

    letter: str | None
    start: float
    end: float
    is_open: bool


def find_movements(frames):
    """Return the movements of a finger in frames.

    Parameters
    ----------
    frames : list
        With a time and joints, (21, 3) or None.

    Returns
    -------
    movements : list of Movement
        Those that are recognized, and that of the last frame if it may become one.
    """
    is_there = not frames or any(
        frame.joints is not None for frame in frames[-_MAY_FAIL - 1 :]
    )
    frames = [frame for frame in frames if frame.joints is not None]
    if len(frames) < 3:
        return []
    joints = np.stack([frame.joints for frame in frames])
    times = np.array([frame.time for frame in frames])
    unit = np.median(np.linalg.norm(joints[:, 9] - joints[:, 0], axis=1))
    straight = {name: _straightness(joints, base) for name, base in _FINGERS.items()}
    found = []
    for finger, letter, follows in (("little", "J", _is_j), ("index", "Z", _is_z)):
        others = [straight[name] for name in ("middle", "ring")]
        others.append(straight["index" if finger == "little" else "little"])
        shaped = (straight[finger] > _STRAIGHT) & (np.max(others, axis=0) < _CURLED)
        for low, high in _runs(shaped):
            part = joints[low:high] / unit
            is_open = is_there and high >= len(frames) - _MAY_FAIL
            name = letter if follows(part, times[low:high]) else None
            seconds = times[high - 1] - times[low]
            is_drawn = name is not None and seconds >= _SHORTEST
            if is_drawn or (is_open and _moves(part, finger)):
                drawn = name if is_drawn else None
                found.append(Movement(drawn, times[low], times[high - 1], is_open))
    return found


def _straightness(joints, base):
    """Return the distance from first joint to tip in lengths of the finger, (n,)."""
    chain = joints[:, base : base + 4]
    lengths = np.linalg.norm(np.diff(chain, axis=1), axis=2).sum(axis=1)
    reach = np.linalg.norm(chain[:, 3] - chain[:, 0], axis=1)
    return median_filter(reach / np.maximum(lengths, 1e-9), _MEDIAN, mode="nearest")


def _runs(shaped):
    """Yield runs of frames of a shape, which a few frames may fail."""
    seen = np.flatnonzero(shaped)
    if not seen.size:
        return
    for part in np.split(seen, np.flatnonzero(np.diff(seen) > _MAY_FAIL + 1) + 1):
        yield int(part[0]), int(part[-1]) + 1


def _moves(joints, finger):
    """Return whether a fingertip is on a way that may become a letter."""
    tip = joints[:, _FINGERS[finger] + 3, :2]
    return np.linalg.norm(np.ptp(tip, axis=0)) > _MOVES


def _is_j(joints, times):
    """Return whether the hand goes down and to the side, and the palm turns."""
    wrist = joints[:, 0, :2]
    lowest = int(wrist[:, 1].argmax())
    down = wrist[lowest, 1] - wrist[: lowest + 1, 1].min()
    side = wrist[lowest:, 0].max() - wrist[: lowest + 1, 0].min()
    normals = _palm_normals(joints)
    turns = np.degrees(
        np.unwrap(np.arctan2(normals[:, 0], -normals[:, 2]))  # about the vertical
    )
    turn = turns[lowest:].max() - turns[: lowest + 1].min()
    return down > _J_DOWN and side > _J_SIDE and turn > _J_TURN


def _is_z(joints, times):
    """Return whether the index finger strokes to a side, back and down, and again."""
    tip = joints[:, 8, :2]
    corners = _corners(tip[:, 0])
    for first, second, third, last in zip(
        corners, corners[1:], corners[2:], corners[3:], strict=False
    ):
        drop = tip[third, 1] - tip[second, 1]
        before = _far(tip[first : second + 1][::-1])
        after = _far(tip[third : last + 1])
        level = max(
            abs(tip[second - before, 1] - tip[second, 1]),
            abs(tip[third + after, 1] - tip[third, 1]),
        )
        # held letters of such hands may lie at the corners of a Z, but take longer
        seconds = times[third + after] - times[second - before]
        if drop > max(_Z_DOWN, level) and seconds < _Z_TIME:
            return True
    return False


def _far(tip):
    """Return after how many frames a stroke is long enough."""
    far = np.abs(tip[:, 0] - tip[0, 0]) >= _Z_SIDE
    return int(far.argmax()) if far.any() else len(tip) - 1


def _corners(x):
    """Return the frames between which a path goes to one side, far enough."""
    corners, low, high = [], 0, 0
    way = 0
    for i, at in enumerate(x):
        low, high = (i if at < x[low] else low), (i if at > x[high] else high)
        if way <= 0 and at - x[low] > _Z_SIDE:
            corners.append(low)
            way, high = 1, i
        elif way >= 0 and x[high] - at > _Z_SIDE:
            corners.append(high)
            way, low = -1, i
    if corners:
        corners.append(high if way > 0 else low)
    return corners


def _palm_normals(joints):
    """Return vectors out of right palms, (n, 3)."""
    along = joints[:, 9] - joints[:, 0]
    across = joints[:, 5] - joints[:, 17]
    normals = np.cross(across, along)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
