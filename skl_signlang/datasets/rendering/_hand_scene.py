"""Scene of a hand: camera, lamp, background, lens and sensor."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from skl_signlang._progress import progress_bar
from skl_signlang.datasets.rendering._hand_renderer import FAR, rasterize, shade
from skl_signlang.datasets.rendering._hand_surface import SLEEVE, build_cones

# sRGB of lightest and darkest skin, between which tones are blended
_LIGHT_SKIN = np.array([238, 200, 178]) / 255
_DARK_SKIN = np.array([88, 56, 42]) / 255
_LUMA = np.array([0.299, 0.587, 0.114])
_N_SHAPES = 3
OVERSAMPLE = 2
"""Rays on a side of a pixel."""
_CHUNK_PIXELS = 600_000


@dataclass
class Views:
    """Random parameters of views; the first axis of each array is the image."""

    left: np.ndarray
    distance: np.ndarray
    fill: np.ndarray
    shift: np.ndarray
    sleeve_at: np.ndarray
    sleeve: np.ndarray
    backdrop: np.ndarray
    light: np.ndarray
    ambient: np.ndarray
    exposure: np.ndarray
    gamma: np.ndarray
    noise: np.ndarray
    blur: np.ndarray
    slope: np.ndarray
    edges: np.ndarray


def draw_views(n, mirror, rng):
    """Draw the parameters of `n` views."""
    return Views(
        left=rng.uniform(size=n) < mirror,
        distance=rng.uniform(4.5, 14, n),
        fill=rng.uniform(0.72, 1.08, n),
        shift=0.05 * rng.standard_normal((n, 2)),
        sleeve_at=np.where(rng.uniform(size=n) < 0.35, rng.uniform(0.25, 1.2, n), 9.0),
        sleeve=_colors(n, 0.05, 0.9, (1, 1.5), rng),
        backdrop=_colors(n, 0.15, 0.95, (2, 1.5), rng),
        light=_lamps(n, rng),
        ambient=rng.uniform(0.12, 0.45, n),
        exposure=rng.uniform(0.8, 1.1, n),
        gamma=rng.uniform(0.75, 1.3, n),
        noise=0.012 * rng.uniform(0.1, 1, n) ** 2,
        blur=rng.uniform(0.002, 0.011, n),
        slope=0.12 * rng.standard_normal((n, 2)),
        edges=_edges(n, rng),
    )


def _colors(n, low, high, lean, rng):
    gray = low + (high - low) * rng.beta(*lean, (n, 1))
    return np.clip(gray * (1 + 0.08 * rng.standard_normal((n, 3))), 0, 1)


def _lamps(n, rng):
    """Draw directions (n, 3) of lamps, mostly above and in front."""
    light = np.stack(
        [
            rng.uniform(-0.9, 0.9, n),
            rng.uniform(-1.0, 0.3, n),
            rng.uniform(0.35, 1.1, n),
        ],
        axis=1,
    )
    return light / np.linalg.norm(light, axis=1, keepdims=True)


def _edges(n, rng):
    """Draw half-planes (n, 3, 4) of the background, outside the middle."""
    quarter = rng.randint(4, size=(n, _N_SHAPES)) * np.pi / 2
    angle = quarter + 0.15 * rng.standard_normal((n, _N_SHAPES))
    offset = rng.uniform(0.15, 0.5, (n, _N_SHAPES))
    change = rng.uniform(-0.45, 0.3, (n, _N_SHAPES))
    change *= rng.uniform(size=(n, _N_SHAPES)) < 0.3
    return np.stack([np.cos(angle), np.sin(angle), offset, change], axis=-1)


class Framing(NamedTuple):
    """Where hands are: middle of the palm and palm length, shares of the side."""

    center: np.ndarray
    unit: np.ndarray


def render_images(
    joints,
    rotation,
    forearm,
    signer_look,
    views,
    size,
    color,
    rng,
    framing=None,
    oversample=OVERSAMPLE,
    progress=False,
):
    """Render images (n, size, size[, 3]) of uint8.

    Returns them, the joints in space (n, 21, 3) and in the images (n, 21, 2). Without a
    framing each hand fills the share of its image that its view states.
    """
    thickness, tone = signer_look
    cones, material = build_cones(joints, thickness, forearm, views.sleeve_at)
    turn = rotation * [[1], [-1], [1]]
    turn[:, 0] *= np.where(views.left, -1, 1)[:, None]
    placed = joints @ turn.swapaxes(1, 2)
    for ball in (cones[..., :3], cones[..., 4:7]):
        ball[...] = ball @ turn.swapaxes(1, 2)
    side = size * oversample
    if framing is None:
        unit, center = _fill(placed, forearm_point(forearm, turn), views, side)
    else:
        unit, center = _place(placed, framing, views, side)
    _project(cones, unit, center, views.distance)
    flat = _flatten(placed, views.distance)
    unit = unit.astype(np.float32)
    albedo = _albedo(tone, views, color)
    shape = (len(joints), size, size, *([3] if color else []))
    images = np.empty(shape, np.uint8)
    step = max(1, _CHUNK_PIXELS // side**2)
    cones = cones.astype(np.float32)
    with progress_bar("rendering hands", len(joints), progress) as advance:
        for start in range(0, len(joints), step):
            part = slice(start, start + step)
            scene = _compose(cones[part], material, albedo, views, unit, part, side)
            images[part] = _develop(scene, views, part, size, rng).reshape(
                images[part].shape
            )
            advance(len(images[part]))
    points = unit[:, None, None] * flat + center[:, None]
    seen = points.astype(np.float32) / oversample
    return images, (placed * [1, 1, -1]).astype(np.float32), seen


def forearm_point(forearm, turn):
    """Return a point (n, 3) of the forearm that must be in the image."""
    return 0.15 * np.einsum("nij,nj->ni", turn, forearm)


def _fill(placed, arm, views, side):
    """Return pixels per unit (n,) and the wrist (n, 2) of hands that fill images."""
    points = np.concatenate([placed, arm[:, None]], axis=1)
    flat = _flatten(points, views.distance)
    low, high = flat.min(axis=1) - 0.09, flat.max(axis=1) + 0.09
    unit = views.fill * side / (high - low).max(axis=1)
    return unit, side * (0.5 + views.shift) - unit[:, None] * (low + high) / 2


def _place(placed, framing, views, side):
    """Return pixels per unit (n,) and the wrist (n, 2) of hands at given places."""
    unit = side * framing.unit
    palm = _flatten(placed[:, [0, 9]], views.distance).mean(axis=1)
    return unit, side * framing.center - unit[:, None] * palm


def _flatten(points, distance):
    """Project points (n, n_points, 3) to the plane of the wrist, in palm lengths."""
    near = distance[:, None]
    return points[..., :2] * (near / (near - points[..., 2]))[..., None]


def _project(cones, unit, center, distance):
    """Project cones to pixels in place."""
    near = distance[:, None]
    for ball in (cones[..., :4], cones[..., 4:]):
        zoom = near / np.maximum(near - ball[..., 2], 0.5)
        ball[..., :2] *= zoom[..., None]
        ball[..., 3] *= zoom
        ball *= unit[:, None, None]
        ball[..., :2] += center[:, None]


def _albedo(tone, views, color):
    """Return colors of skin, sleeve and backdrop, shape (3, n, channels)."""
    lightness, redness = tone[:, :1], tone[:, 1:]
    skin = _DARK_SKIN + (_LIGHT_SKIN - _DARK_SKIN) * lightness
    skin = skin * (1 + redness * [0.1, 0.0, -0.1])
    colors = np.stack([skin, views.sleeve, views.backdrop])
    if not color:
        colors = colors @ _LUMA[:, None]
    return colors.astype(np.float32)


def _compose(cones, material, albedo, views, unit, part, side):
    """Render one chunk, shape (channels, n, side, side), in linear-ish units."""
    depth, normal, seen = rasterize(cones, side)
    light = views.light[part].astype(np.float32)
    ambient = views.ambient[part].astype(np.float32)
    bright = shade(depth, normal, light, ambient, unit[part])
    backdrop = _backdrop(views, part, side)
    hit = depth > FAR
    sleeve = hit & (material[seen] == SLEEVE)
    channels = []
    for skin, cloth, back in albedo[:, part].transpose(2, 0, 1)[..., None, None]:
        surface = np.where(sleeve, cloth, skin) * bright * np.float32(1.5)
        channels.append(np.where(hit, surface, back * backdrop))
    return np.stack(channels)


def _backdrop(views, part, side):
    """Compute the brightness of the background: a slope and up to three edges."""
    grid = ((np.arange(side) + 0.5) / side - 0.5).astype(np.float32)
    x, y = grid[None, None, :], grid[None, :, None]
    slope = views.slope[part].astype(np.float32)[..., None, None]
    bright = 1 + slope[:, 0] * x + slope[:, 1] * y
    for k in range(_N_SHAPES):
        cos, sin, offset, change = (
            views.edges[part, k].astype(np.float32).T[..., None, None]
        )
        if change.any():
            bright = bright * (1 + change * (cos * x + sin * y > offset))
    return bright


def _develop(scene, views, part, size, rng):
    """Blur, resize, expose and add noise; return images with channels last."""
    lens = _lens(views.blur[part], size, scene.shape[-1])
    image = lens @ scene @ lens.swapaxes(1, 2)
    exposure, gamma, noise = (
        value[part].astype(np.float32)[:, None, None]
        for value in (views.exposure, views.gamma, views.noise)
    )
    image = np.maximum(image * exposure, 0) ** gamma
    image += noise * rng.standard_normal(image.shape).astype(np.float32)
    image = np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)
    return np.moveaxis(image, 0, -1)


def _lens(blur, size, side):
    """Return resampling matrices (n, size, side): a pixel's box and the blur."""
    center = (np.arange(size) + 0.5) / size
    at = (np.arange(side) + 0.5) / side
    away = np.abs(center[:, None] - at)[None] * size
    spread = blur[:, None, None] * size
    # A box of one pixel convolved with a Gaussian, as the Gaussian of their spread
    weight = np.exp(-0.5 * away**2 / (spread**2 + 1 / 12 + 0.02))
    return (weight / weight.sum(axis=2, keepdims=True)).astype(np.float32)
