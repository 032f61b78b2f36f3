"""Frames for the package's own detector: hands before other backgrounds."""

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFilter

from benchmarks._hand_examples import CROP, SURE, read_textures
from skl_signlang._hand_detector import GRID, SIDE
from skl_signlang.preprocessing._hand_crops import square_of_hand
from skl_signlang.preprocessing._hand_geometry import BONES

SMALL = 80  # pixels of crops and masks
_ARM = 1.2  # palms from the wrist downward that belong to a mask
N_BACKGROUNDS = 4000
MASKED = 0.6  # share of hands that are put before another background
_NEAR = 0.12  # of the side: how far from its center a square counts


def mask_of(points):
    """Draw the hand of joints in a crop, (80, 80) uint8."""
    palm = np.linalg.norm(points[9] - points[0]) + 1
    image = Image.new("L", (SMALL, SMALL))
    pen, width = ImageDraw.Draw(image), max(3, round(0.34 * palm))
    wrist = points[0] - _ARM * (points[9] - points[0])
    pen.polygon([tuple(points[i]) for i in (0, 1, 2, 5, 9, 13, 17)], 255)
    pen.line([tuple(points[9]), tuple(wrist)], 255, round(0.75 * palm))
    for start, end in BONES:
        pen.line([tuple(points[start]), tuple(points[end])], 255, width)
    for x, y in points:
        half = width / 2
        pen.ellipse((x - half, y - half, x + half, y + half), 255)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(1.5)))


def _targets(center, share, angle, empty):
    """Return what each cell should say, and how much it counts, (n, 12, 12, 7)."""
    at = (np.arange(GRID) + 0.5) / GRID
    dx = center[:, 0, None, None] - at[None, None, :]
    dy = center[:, 1, None, None] - at[None, :, None]
    near = np.maximum(_NEAR * share, 0.6 / GRID)[:, None, None]
    heat = np.exp(-(dx**2 + dy**2) / (2 * near**2)) * ~empty[:, None, None]
    one = np.ones_like(heat)
    values = [
        heat,
        dx * GRID * one,
        dy * GRID * one,
        np.log(share)[:, None, None] * one,
    ]
    values += [
        np.sin(angle)[:, None, None] * one,
        -np.cos(angle)[:, None, None] * one,
    ]
    return np.stack([*values, np.where(heat > 0.5, heat, 0)], -1).astype("f4")


class Frames:
    """Random batches of frames with a hand or none."""

    def __init__(self, sources, random_state):
        self._random = random_state
        shares, parts = [], []
        for source in sources:
            sure = source["presence"] > SURE
            n, scale = int(sure.sum()), SMALL / CROP
            crops = source["crop"][sure].reshape(n, SMALL, CROP // SMALL, SMALL, -1)
            parts.append(
                {
                    "crops": crops.mean(axis=(2, 4)).astype(np.uint8),
                    "boxes": source["box"][sure] * scale,
                    "points": source["points"][sure][..., :2] * scale,
                }
            )
            shares.append(np.full(sure.sum(), sure.sum() ** -0.35))
        self._data = {
            name: np.concatenate([part[name] for part in parts]) for name in parts[0]
        }
        self._ends = np.cumsum(np.concatenate(shares))
        self._ends /= self._ends[-1]
        points = self._data["points"]
        self._masks = np.stack([mask_of(one) for one in points])
        squares = [square_of_hand(one) for one in points]
        self._centers = np.array([one.center for one in squares])
        self._sides = np.array([one.side for one in squares])
        self._angles = np.array([one.angle for one in squares])
        self._textures = read_textures()
        self._backgrounds = np.stack([self._background() for _ in range(N_BACKGROUNDS)])

    def __call__(self, n):
        """Draw a batch: crops, masks, how to put them into frames, and targets."""
        random = self._random
        rows = np.searchsorted(self._ends, random.rand(n))
        turn = np.where(
            random.rand(n) < 0.12,
            random.uniform(-np.pi, np.pi, n),
            np.radians(14) * random.randn(n),
        )
        share = np.exp(random.uniform(np.log(0.22), np.log(1.35), n))
        reach = np.maximum(0.12, 0.5 - 0.3 * share)[:, None]
        center = 0.5 + reach * random.uniform(-1, 1, (n, 2))
        sign = np.where(random.rand(n) < 0.5, -1, 1)
        empty = random.rand(n) < 0.12
        batch = self._batch(rows, center, share, turn, sign, empty)
        angle = sign * (self._angles[rows] - turn)
        return batch | {"targets": _targets(center, share, angle, empty)}

    def _batch(self, rows, center, share, turn, sign, empty):
        """Return crops, and how to put them into frames."""
        n = len(rows)
        per_pixel = self._sides[rows] / (share * SIDE)  # crop's in a frame's
        cos, sin = np.cos(turn) * per_pixel, np.sin(turn) * per_pixel
        steps = np.stack([sign * cos, -sin, sign * sin, cos], 1).reshape(n, 2, 2)
        start = self._centers[rows] - SIDE * (steps @ center[..., None])[..., 0]
        start += 0.5 * steps.sum(axis=2) - 0.5  # from corners to centers of pixels
        transforms = np.concatenate([steps, start[..., None]], axis=2).reshape(n, 6)
        return {
            "crops": self._data["crops"][rows].astype(np.float32),
            "masks": self._masks[rows].astype(np.float32),
            "boxes": self._data["boxes"][rows].astype(np.float32),
            "masked": (self._random.rand(n) < MASKED).astype(np.float32),
            "empty": empty.astype(np.float32),
            "transforms": np.hstack([transforms, np.zeros((n, 2))]).astype("f4"),
            "around": self._backgrounds[self._random.randint(N_BACKGROUNDS, size=n)],
        }

    def _background(self):
        """Draw a background: a texture with patches of others, or plain."""
        random = self._random
        frame = self._texture(SIDE)
        for _ in range(random.choice([0, 0, 1, 2, 4])):
            w, h = random.randint(6, 70, 2)
            x, y = random.randint(-10, SIDE - 8, 2)
            patch = Image.new("L", (SIDE, SIDE))
            draw = ImageDraw.Draw(patch)
            shape = draw.ellipse if random.rand() < 0.6 else draw.rectangle
            shape((int(x), int(y), int(x + w), int(y + h)), 255)
            mask = np.asarray(patch.rotate(random.uniform(-90, 90))) / 255
            frame = frame * (1 - mask) + mask * self._texture(SIDE)
        return frame.astype(np.uint8)

    def _texture(self, side):
        """Draw a texture: plain, a slope, random patches or a part of an image."""
        random = self._random
        kind = random.rand()
        if kind < 0.25:
            slope = random.uniform(-60, 60, 2)[:, None] * np.linspace(-1, 1, side)
            return np.clip(random.randint(256) + slope[0] + slope[1][:, None], 0, 255)
        if kind < 0.4:
            n_patches = random.randint(1, 16)
            part = 255 * random.rand(n_patches, n_patches + 1)
        else:
            image = self._textures[random.randint(len(self._textures))]
            length = random.randint(24, min(image.shape) + 1)
            y, x = (random.randint(end - length + 1) for end in image.shape)
            part = image[y : y + length, x : x + length]
        part = Image.fromarray(part.astype(np.uint8)).resize(
            (side, side), Image.Resampling.BILINEAR
        )
        part = np.asarray(part, np.float32)[:, :: random.choice([-1, 1])]
        if kind > 0.7:  # of another contrast
            part = np.clip(
                (part - part.mean()) * random.uniform(0.2, 1.5) + random.randint(256),
                0,
                255,
            )
        return np.rot90(part, random.randint(4))


@tf.function(reduce_retracing=True)
def compose(batch):
    """Put hands into frames, and change light, resolution and noise."""
    crops, masks = batch["crops"][..., None], batch["masks"][..., None]
    n = tf.shape(crops)[0]

    def draw(*ends, shape=(1, 1, 1)):
        return tf.random.uniform([n, *shape], *ends)

    at, boxes = tf.range(SMALL, dtype=tf.float32) + 0.5, batch["boxes"]
    across = (at > boxes[:, :1]) & (at < boxes[:, 2:3])
    down = (at > boxes[:, 1:2]) & (at < boxes[:, 3:])
    inside = tf.cast(across[:, None] & down[..., None], tf.float32)[..., None]
    masked = batch["masked"][:, None, None, None]
    alpha = inside * (masked * masks / 255 + 1 - masked)
    seen = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.concat([crops, alpha], -1),
        transforms=batch["transforms"],
        output_shape=[SIDE, SIDE],
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )
    hand, alpha = seen[..., :1], seen[..., 1:]
    alpha *= 1 - batch["empty"][:, None, None, None]
    light = masked * draw(0.6, 1.4) + 1 - masked
    around = tf.cast(batch["around"], tf.float32)[..., None]
    frame = (around * (1 - alpha) + light * hand * alpha) / 255
    frame = tf.clip_by_value(frame, 0, 1) ** tf.exp(
        0.3 * tf.random.normal([n, 1, 1, 1])
    )
    mean = tf.reduce_mean(frame, [1, 2, 3], keepdims=True)
    frame = (frame - mean) * draw(0.45, 1.3) + mean
    low = tf.random.uniform([], 40, 80, tf.int32)
    small = tf.image.resize(tf.image.resize(frame, [low, low], "area"), [SIDE, SIDE])
    frame = tf.where(draw() < 0.3, small, frame)
    frame += draw(0.0, 0.04) * tf.random.normal(tf.shape(frame))
    return tf.clip_by_value(frame, 0, 1)


def between_bars(n):
    """Return 0 in the black bars of images that are not square, else 1."""
    bar = tf.random.uniform([n, 1, 1, 1], 0.0, SIDE / 4)
    kind, at = tf.random.uniform([n, 1, 1, 1]), tf.range(float(SIDE)) + 0.5
    inside = tf.cast(tf.abs(at - SIDE / 2)[:, None] < SIDE / 2 - bar, tf.float32)
    across, down = inside, tf.transpose(inside, [0, 2, 1, 3])
    return tf.where(kind < 0.2, across, tf.where(kind > 0.6, down, 1.0))
