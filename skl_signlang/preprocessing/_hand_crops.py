"""Crops of images for the landmark model: the whole image, or the upright hand.

The crop of a found hand follows MediaPipe's tracking [1]_: it is rotated so that the
fingers point up, with a margin.

References
----------
.. [1] `MediaPipe, HandLandmarksToRectCalculator and
   hand_landmark_landmarks_to_roi.pbtxt <https://github.com/google-ai-edge/mediapipe/
   tree/master/mediapipe/modules/hand_landmark>`_.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image

_WRIST = 0
_PIPS, _PIP_WEIGHTS = (6, 10, 14), (0.25, 0.5, 0.25)
# All but the last two joints of each finger
_BULK = (0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18)
_ROOM, _UPWARDS = 2.0, 0.1


class Square(NamedTuple):
    """A rotated square of an image: pixels and radians."""

    center: np.ndarray
    side: float
    angle: float

    @property
    def axes(self):
        """Unit vectors to the right and down, as rows, in the image."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.array([[cos, sin], [-sin, cos]])

    def mirror(self, width):
        """Return the square as it is in the mirror image of an image so wide."""
        center = np.array([width - self.center[0], self.center[1]])
        return self._replace(center=center, angle=-self.angle)


def square_of_all(image, padding):
    """Return the square around a whole image."""
    size = np.array(image.size)
    return Square(size / 2, size.max() * (1 + 2 * padding), 0.0)


def square_of_hand(points):
    """Return the square around a hand, fingers up."""
    up = _PIP_WEIGHTS @ points[list(_PIPS)] - points[_WRIST]
    square = Square(points[_WRIST], 1.0, np.arctan2(up[0], -up[1]))
    seen = points[list(_BULK)] @ square.axes.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    center = (low + high) / 2 - [0, _UPWARDS * (high - low)[1]]
    side = max(_ROOM * (high - low).max(), 1.0)
    return square._replace(center=center @ square.axes, side=side)


def look_at(image, square, model, mirrored=False):
    """Run the model on a square of an image, or of its mirror image."""
    down = square.axes[:, 1]
    hand = model(cut_out(image, square, model.side, mirrored), down)
    points = (hand.points[:, :2] - model.side / 2) @ square.axes
    joints = np.hstack([hand.joints[:, :2] @ square.axes, hand.joints[:, 2:]])
    return hand._replace(
        points=square.center + square.side / model.side * points,
        joints=joints.astype(np.float32),
    )


def cut_out(image, square, side, mirrored=False):
    """Crop a square of an image, or of its mirror image, (side, side, 3) float32.

    What lies outside is black.
    """
    is_all = square.angle == 0 and tuple(2 * square.center) == image.size
    cut = _paste if is_all else _turn
    seen = cut(image, square, side, mirrored).convert("RGB")
    return np.asarray(seen).astype(np.float32) * np.float32(1 / 255)


def _paste(image, square, side, mirrored):
    """Resize an image into the center of an upright square, which is faster."""
    # Even numbers lie in the middle, so that a mirrored image looks mirrored
    half = np.array(image.size) * (side / square.side / 2)
    sides = [2 * max(1, round(half_side)) for half_side in half]
    seen = Image.new(image.mode, (side, side))
    image = _mirror(image) if mirrored else image
    small = image.resize(sides, Image.Resampling.BILINEAR, reducing_gap=2.0)
    seen.paste(small, [(side - one) // 2 for one in sides])
    return seen


def _turn(image, square, side, mirrored):
    """Crop a rotated square; large ones are reduced first, around it alone."""
    factor = max(1, int(square.side / side))
    reach = square.side / 2 * np.abs(square.axes).sum(axis=0) + factor + 1
    low = np.floor(np.clip(square.center - reach, 0, image.size)).astype(int)
    high = np.ceil(np.clip(square.center + reach, 0, image.size)).astype(int)
    if not (high > low).all():
        return Image.new(image.mode, (side, side))
    low, high = _align(low, high, image.size, factor)
    near = _reduce(image, low, high, factor, mirrored)
    across, down = square.axes * (square.side / side / factor)
    origin = (square.center - low) / factor - side / 2 * (across + down)
    rows = np.stack([across, down, origin], axis=1)
    return near.transform(
        (side, side), Image.Transform.AFFINE, rows.ravel(), Image.Resampling.BILINEAR
    )


def _align(low, high, size, factor):
    """Extend a box to multiples of a factor where the image is large enough."""
    sides = -(-(high - low) // factor) * factor
    low = np.clip(np.minimum(low, size - sides), 0, None)
    return low, np.minimum(low + sides, size)


def _reduce(image, low, high, factor, mirrored):
    """Reduce a box of an image, or of its mirror image, by an integer factor."""
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    if not mirrored:
        return image.reduce(factor, (left, top, right, bottom))
    box = (image.width - right, top, image.width - left, bottom)
    if (right - left) % factor == 0:
        return _mirror(image.reduce(factor, box))
    # the last column is of fewer pixels, and the last of the mirror image's
    return _mirror(image.crop(box)).reduce(factor)


def _mirror(image):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
