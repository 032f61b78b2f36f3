"""The package's own detector of hands, which needs neither an extra nor TensorFlow.

`benchmarks.train_hand_detector` trains it. It sees the whole image in 96x96 gray
pixels; each cell of its grid says whether the square of a hand has its center there.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from skl_signlang._once import once

SIDE, GRID = 96, 12
"""Height and width of the images and of the grid."""

FILE = Path(__file__).with_name("hand_detector.npz")
# Chosen on photographs of two authors that were left out, put into larger frames
MIN_SCORE = 0.3
_LARGE = 0.7  # of the longer side of an image: a hand that a crop would not enlarge
_APART = 0.5  # squares nearer than this share of their side are one


class Detection(NamedTuple):
    """The square around a hand: center and side in pixels, radians from upright."""

    score: float
    center: np.ndarray
    side: float
    angle: float


def detect_hands(image, min_score=MIN_SCORE, padding=0.0):
    """Return the hands in a Pillow image with room around, the surest first."""
    scale = max(image.size) * (1 + 2 * padding) / SIDE
    view = _view(image, scale)
    # a mirror image shows the mirror images of the hands
    grid = (run(_weights(), view) + _mirror(run(_weights(), view[:, ::-1]))) / 2
    corner = np.array(image.size) / 2 - scale * SIDE / 2
    return [
        found._replace(center=scale * found.center + corner, side=scale * found.side)
        for found in read_grid(grid, min_score)
    ]


def square_of_hand(image):
    """Return (left, top, right, bottom) of the surest hand, or None.

    None also where the hand fills the image, which a crop would only cut.
    """
    found = detect_hands(image)
    if not found or found[0].side > _LARGE * max(image.size):
        return None
    ends = [found[0].center - found[0].side / 2, found[0].center + found[0].side / 2]
    box = np.clip(ends, 0, image.size)
    return tuple(box.ravel().tolist()) if (box[1] - box[0] >= 1).all() else None


def run(weights, image):
    """Run the network on an image (96, 96) from 0 to 1; return a grid (12, 12, 6)."""
    weights = iter(weights)

    def convolve(x, stride=1):
        return np.maximum(_convolve(x, next(weights), next(weights), stride), 0)

    def add(x):
        return x + convolve(x)

    def join(x, coarse):
        return x + convolve(coarse).repeat(2, axis=0).repeat(2, axis=1)

    x = (image - image.mean()) / (image.std() + 0.05)
    x = convolve(convolve(x[..., None], 2), 2)
    fine = add(convolve(x, 2))
    middle = add(convolve(fine, 2))
    coarse = add(add(convolve(middle, 2)))
    middle = add(join(middle, coarse))
    fine = add(join(fine, middle))
    return _convolve(fine, next(weights), next(weights))


def _mirror(grid):
    """Return the grid of a mirror image as that of the image."""
    return grid[:, ::-1] * np.array([1, -1, 1, 1, -1, 1], grid.dtype)


def _convolve(x, kernel, bias, stride=1):
    """Convolve an image (h, w, c) by a kernel (k, k, c, n), zeros around it."""
    size = kernel.shape[0]
    missing = size - stride
    x = np.pad(x, [(missing // 2, missing - missing // 2)] * 2 + [(0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))
    windows = windows[::stride, ::stride].transpose(0, 1, 3, 4, 2)
    rows = windows.reshape(*windows.shape[:2], -1)
    return rows @ kernel.reshape(-1, kernel.shape[3]) + bias


def read_grid(grid, min_score):
    """Yield the hands of a grid, the surest first, in pixels of the network."""
    logits = grid[..., 0]
    places = np.argwhere(logits >= np.log(min_score / (1 - min_score)))
    order = np.argsort(-logits[tuple(places.T)], kind="stable")
    kept = []
    for y, x in places[order]:
        dx, dy, log_side, *up = grid[y, x, 1:]
        center = np.array([x + 0.5 + dx, y + 0.5 + dy]) * (SIDE / GRID)
        side = SIDE * np.exp(np.clip(log_side, -3, 1))
        if any(
            np.abs(center - other.center).max() < _APART * other.side for other in kept
        ):
            continue
        score = 1 / (1 + np.exp(-float(logits[y, x])))
        kept.append(
            Detection(score, center, float(side), float(np.arctan2(up[0], -up[1])))
        )
        yield kept[-1]


def _view(image, scale):
    """Resize an image into the center of the black one that the network takes."""
    sides = [max(1, round(side / scale)) for side in image.size]
    small = image.convert("L").resize(
        sides, Image.Resampling.BILINEAR, reducing_gap=2.0
    )
    view = Image.new("L", (SIDE, SIDE))
    view.paste(small, [(SIDE - side) // 2 for side in sides])
    return np.asarray(view, np.float32) / 255


@once
def _weights():
    """Load the weights, once a process."""
    with np.load(FILE) as file:
        return [file[name].astype(np.float32) for name in file.files]
