"""Palms in an image, by MediaPipe's palm detector.

Anchors, decoding and suppression follow ``palm_detection_cpu.pbtxt``, the square of the
hand ``palm_detection_detection_to_roi.pbtxt`` [1]_.

References
----------
.. [1] `MediaPipe, modules/palm_detection and modules/hand_landmark
   <https://github.com/google-ai-edge/mediapipe/tree/v0.10.9/mediapipe/modules>`_.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from skl_signlang.preprocessing._hand_crops import Square, cut_out, square_of_all
from skl_signlang.preprocessing._hand_models import PALM_SIDE

_GRIDS = ((24, 2), (12, 6))  # cells on a side, anchors in a cell
_OVERLAP = 0.3
_WRIST, _MIDDLE = 0, 2  # of the key points: the wrist, the knuckle of the middle finger
_ROOM, _UPWARDS = 2.6, 0.5


class Palm(NamedTuple):
    """A palm: score, box (left, top, right, bottom) and key points (7, 2), pixels."""

    score: float
    box: np.ndarray
    points: np.ndarray


def find_palms(image, model, min_score, padding=0.0):
    """Return the palms in an image, the surest first."""
    whole = square_of_all(image, padding)
    boxes, logits = model(cut_out(image, whole, PALM_SIDE))
    scores = expit(logits)
    kept = np.flatnonzero(scores >= min_score)
    numbers = _decode(boxes[kept], _ANCHORS[kept])
    scale, corner = whole.side / PALM_SIDE, whole.center - whole.side / 2
    return [
        Palm(
            score,
            (scale * found[:4].reshape(2, 2) + corner).ravel(),
            scale * found[4:].reshape(7, 2) + corner,
        )
        for score, found in _suppress(scores[kept], numbers)
    ]


def square_of_palm(palm):
    """Return the square around the hand of a palm, fingers up."""
    across, up = palm.points[_MIDDLE] - palm.points[_WRIST]
    square = Square((palm.box[:2] + palm.box[2:]) / 2, 1.0, np.arctan2(across, -up))
    sides = palm.box[2:] - palm.box[:2]
    center = square.center - _UPWARDS * sides[1] * square.axes[1]
    return square._replace(center=center, side=max(_ROOM * sides.max(), 1.0))


def _make_anchors():
    """Return the centers of the anchors, (2016, 2), in pixels of the model."""
    centers = []
    for side, n_anchors in _GRIDS:
        along = (np.arange(side) + 0.5) / side * PALM_SIDE
        x, y = np.meshgrid(along, along)
        centers.append(np.stack([x, y], axis=2).reshape(-1, 2).repeat(n_anchors, 0))
    return np.concatenate(centers)


_ANCHORS = _make_anchors()


def _decode(boxes, anchors):
    """Return corners of boxes and key points, (n, 18), in pixels of the model."""
    center, half = boxes[:, :2] + anchors, boxes[:, 2:4] / 2
    points = boxes[:, 4:].reshape(-1, 7, 2) + anchors[:, None]
    return np.hstack([center - half, center + half, points.reshape(-1, 14)])


def _suppress(scores, numbers):
    """Yield score and mean of each cluster of boxes that overlap, weighted by score."""
    left = np.argsort(-scores, kind="stable")
    while len(left):
        near = _overlaps(numbers[left[0]], numbers[left]) > _OVERLAP
        near[0] = True
        cluster = left[near]
        mean = np.average(numbers[cluster], axis=0, weights=scores[cluster])
        yield float(scores[left[0]]), mean
        left = left[~near]


def _overlaps(box, others):
    """Compute the intersection over union of a box with others."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:4], others[:, 2:4])
    common = np.maximum(high - low, 0).prod(axis=1)
    areas = (others[:, 2:4] - others[:, :2]).prod(axis=1)
    union = areas + (box[2:4] - box[:2]).prod() - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)
