"""Examples of hands for the package's own network: crops, with joints by MediaPipe."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from PIL import Image

from benchmarks._report import DIGITS, LETTERS_OF_DIGITS
from skl_signlang.preprocessing._hand_crops import Square, cut_out, square_of_hand
from skl_signlang.preprocessing._hand_geometry import describe_hands, root_and_scale
from skl_signlang.preprocessing._hand_network import CLASSES, NONE, SIDE
from skl_signlang.preprocessing._hand_search import HandSearch
from skl_signlang.preprocessing._hand_transformer import as_image

FEATURES = ("landmarks", "angles", "distances", "orientation")
WIDE, CROP = 2.2, 160
"""Side of the crops, in squares of the hand and in pixels."""

SURE = 0.5  # MediaPipe's own threshold of presence
TEXTURES = [
    "brick",
    "camera",
    "cell",
    "clock",
    "coins",
    "grass",
    "gravel",
    "moon",
    "page",
    "text",
]  # of scikit-image


def make_search(model):
    """Make the search for hands that teaches."""
    return HandSearch(
        str(model), find=True, refine=True, both_hands=True, padding=1 / 6
    )


def teach(search, pixels):
    """Return what MediaPipe sees in an image, and a wide crop of a right hand."""
    pixels = np.asarray(pixels)
    image = as_image(pixels if pixels.ndim == 3 else pixels[..., None], (0, 255))
    looks = search.each(image)
    found = looks[int(looks[1].hand.right > looks[0].hand.right)]
    hand = square_of_hand(found.hand.points)
    wide = Square(hand.center, WIDE * hand.side, 0.0)
    scale = CROP / wide.side
    crop = cut_out(image, wide, CROP, found.mirrored).mean(axis=2)
    ends = (np.array([[0, 0], image.size]) - wide.center) * scale + CROP / 2
    return {
        "crop": (crop * 255 + 0.5).astype(np.uint8),
        "box": ends.ravel().astype(np.float32),  # of the image, in the crop
        "points": ((found.hand.points - wide.center) * scale + CROP / 2).astype("f4"),
        "joints": found.hand.joints,
        "angle": np.float32(hand.angle),
        "presence": np.float32(found.hand.presence),
        "looks": np.array([(one.hand.presence, one.hand.right) for one in looks], "f4"),
        "features": np.concatenate(
            [describe_hands(one.hand.joints[None], FEATURES) for one in looks]
        ),
    }


def examples(file, load, model):
    """Load the examples of a source, or compute and store them."""
    if not file.exists():
        images, letters = load()
        with ThreadPoolExecutor(2) as pool:
            rows = list(pool.map(partial(teach, make_search(model)), images))
        arrays = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        np.savez(file, letters=np.array(letters, "U4"), **arrays)
    with np.load(file) as found:
        return {name: found[name] for name in found.files}


def all_digits():
    """Return Sign Language Digits, with letters where they are, else "none"."""
    with np.load(DIGITS) as file:
        images, digits = file["X"], file["y"]
    return images, [LETTERS_OF_DIGITS.get(int(digit), NONE) for digit in digits]


class Batches:
    """Random batches of squares around hands, and of squares without one."""

    def __init__(self, sources, random_state):
        names = list(sources[0])
        self._data = {
            name: np.concatenate([s[name] for s in sources]) for name in names
        }
        sizes = np.concatenate(
            [np.full(len(s["letters"]), len(s["letters"])) for s in sources]
        )
        shares = sizes**-0.35  # small sources are drawn more often
        self._ends = np.cumsum(shares / shares.sum())
        self._joints = root_and_scale(self._data["joints"])
        self._classes = np.array([CLASSES.index(one) for one in self._data["letters"]])
        rights = self._data["looks"][:, :, 1]
        self._sidedness = np.abs(rights[:, 0] - rights[:, 1])
        self._random, self._textures = random_state, read_textures()

    def __call__(self, n):
        """Draw a batch: crops, and how to cut out of them what the network sees."""
        random, data = self._random, self._data
        rows = np.minimum(
            np.searchsorted(self._ends, random.rand(n)), len(self._ends) - 1
        )
        square = self._squares(rows)
        axes, sign = square["axes"], square["sign"]
        points = (data["points"][rows][..., :2] - square["center"][:, None]) @ (
            axes.swapaxes(1, 2) / square["side"][:, None, None]
        )
        joints = self._joints[rows].copy()
        joints[..., :2] = joints[..., :2] @ axes.swapaxes(1, 2)
        for seen in (points, joints):
            seen[..., 0] *= sign[:, None]
        empty = square["beside"] | square["nothing"]
        crops, boxes = data["crop"][rows].astype(np.float32), data["box"][rows]
        for i in np.flatnonzero(square["nothing"]):
            crops[i] = self._texture()
            if random.rand() < 0.5:  # else as an image with an end
                boxes[i] = (-999, -999, 999, 999)
        sure = np.where(empty, 0, data["presence"][rows] > SURE)
        batch = {
            "crops": crops,
            "boxes": boxes,
            "around": self._around(n),
            "transforms": square["transforms"],
            "down": axes[:, :, 1] * np.stack([sign, np.ones(n)], axis=1),
            "points": points.reshape(n, -1),
            "joints": joints.reshape(n, -1),
            "sure": sure,
            "present": ~empty,
            "presence_sure": np.where(empty, 1, sure),
            "right": sign > 0,
            "right_sure": sure * self._sidedness[rows],
        }
        batch = {name: np.asarray(array, np.float32) for name, array in batch.items()}
        return batch | {
            "classes": np.where(empty, len(CLASSES) - 1, self._classes[rows])
        }

    def _squares(self, rows):
        """Draw squares: most upright around the hand, some of any turn."""
        random, n, side = self._random, len(rows), CROP / WIDE
        upright, kind = self._data["angle"][rows], random.rand(n)
        angle = np.select(
            [kind < 0.6, kind < 0.9],
            [
                upright + np.radians(14) * random.randn(n),
                np.radians(12) * random.randn(n),
            ],
            random.uniform(-np.pi, np.pi, n),
        )
        close, loose = (
            0.13 * random.randn(n),
            random.uniform(np.log(0.78), np.log(1.7), n),
        )
        factor = np.exp(np.where(kind < 0.6, close, loose))
        offset = random.randn(n, 2) * np.where(kind < 0.6, 0.05, 0.1)[:, None]
        empty, beside = random.rand(n) < 0.1, random.rand(n) < 0.35
        way = random.uniform(-np.pi, np.pi, n)
        ring = np.stack([np.cos(way), np.sin(way)], 1) * random.uniform(
            0.85, 1.2, (n, 1)
        )
        offset = np.where((empty & beside)[:, None], ring, offset)
        small = np.exp(random.uniform(np.log(0.5), np.log(0.9), n))
        factor = np.where(empty & beside, small, factor)
        sign = np.where(random.rand(n) < 0.5, -1, 1)
        axes = np.stack(
            [np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], 1
        )
        axes = axes.reshape(n, 2, 2)
        center = CROP / 2 + offset * side
        steps = axes * (side * factor / SIDE)[:, None, None]
        steps[:, 0] *= sign[:, None]
        start = center - (SIDE / 2 - 0.5) * steps.sum(axis=1) - 0.5
        transforms = np.stack(
            [
                steps[:, 0, 0],
                steps[:, 1, 0],
                start[:, 0],
                steps[:, 0, 1],
                steps[:, 1, 1],
                start[:, 1],
            ],
            axis=1,
        )
        return {
            "axes": axes,
            "sign": sign,
            "center": center,
            "side": side * factor,
            "transforms": np.hstack([transforms, np.zeros((n, 2))]),
            "beside": empty & beside,
            "nothing": empty & ~beside,
        }

    def _around(self, n):
        """Draw what lies outside the images: black, gray or a texture."""
        around = np.zeros((n, CROP, CROP), np.float32)
        kind = self._random.rand(n)
        for i in np.flatnonzero(kind < 0.5):
            around[i] = self._texture() if kind[i] < 0.35 else self._random.randint(256)
        return around

    def _texture(self):
        """Draw a texture: a part of an image, or random patches."""
        random = self._random
        if random.rand() < 0.2:
            return np.full((CROP, CROP), random.randint(256))
        if random.rand() < 0.25:
            n_patches = random.randint(1, 12)
            part = 255 * random.rand(n_patches, n_patches + 1)
        else:
            image = self._textures[random.randint(len(self._textures))]
            side = random.randint(40, min(image.shape))
            y, x = (random.randint(length - side + 1) for length in image.shape)
            part = image[y : y + side, x : x + side]
        part = Image.fromarray(part.astype(np.uint8)).resize(
            (CROP, CROP), Image.BICUBIC
        )
        return np.asarray(part)[:, :: random.choice([-1, 1])]


def read_textures():
    """Return gray images of scikit-image without hands."""
    from skimage import data

    images = []
    for name in TEXTURES:
        try:
            image = np.asarray(getattr(data, name)())
        except Exception:  # one that would have to be downloaded
            continue
        images.append(image if image.ndim == 2 else image[..., :3].mean(axis=2))
    return [image for image in images if min(image.shape) > 40]
