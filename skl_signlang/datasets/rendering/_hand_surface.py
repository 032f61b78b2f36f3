"""Surface of a hand: round cones, each the convex hull of two balls.

Fingers and thumb are one cone a bone; palm, heel, web and forearm are fans of cones
that overlap into smooth surfaces. Frame and unit are those of `_hand_model`.
"""

import numpy as np

from skl_signlang.datasets.rendering._hand_model import FINGER_RADII, THUMB_RADII

SKIN, SLEEVE = 0, 1

_PALM_RAYS = np.linspace(0.0, 3.0, 10)
_WRIST_HALF_WIDTH = 0.2


def build_cones(joints, thickness, forearm, sleeve_at):
    """Return cones (n, n_cones, 8) around skeletons, and their materials."""
    skin = [*_digits(joints), *_palm(joints), *_thumb_cones(joints)]
    arm = list(_forearm(forearm, sleeve_at))
    cones = np.stack([_cone(*part) for part in (*skin, *arm)], axis=1)
    cones[..., 3::4] *= thickness[:, None, None]
    material = np.full(len(skin) + len(arm), SKIN)
    material[-1] = SLEEVE
    return cones, material


def _cone(start, start_radius, end, end_radius):
    radii = np.broadcast_to(
        np.stack(np.broadcast_arrays(start_radius, end_radius), axis=-1),
        (len(start), 2),
    )
    return np.concatenate([start, radii[:, :1], end, radii[:, 1:]], axis=-1)


def _digits(joints):
    for digit, radii in enumerate((THUMB_RADII, *FINGER_RADII)):
        for bone in range(3):
            at = 1 + 4 * digit + bone
            yield joints[:, at], radii[bone], joints[:, at + 1], radii[bone + 1]


def _palm(joints):
    """Yield the cones from the wrist to the knuckles, and the heel."""
    knuckles = joints[:, 5::4]
    for ray in _PALM_RAYS:
        low = min(int(ray), 2)
        fraction = ray - low
        knuckle = (1 - fraction) * knuckles[:, low] + fraction * knuckles[:, low + 1]
        radius = 0.118 - 0.008 * ray
        wrist = joints[:, 0] + [_WRIST_HALF_WIDTH * (1 - ray / 1.5), 0.06, 0.02]
        yield wrist, 0.135, knuckle * [1, 0.97, 1], radius
    heel = joints[:, 0] + [-0.17, 0.18, 0.07]
    yield heel, 0.15, 0.7 * joints[:, 17] + [-0.01, 0.0, 0.07], 0.1


def _thumb_cones(joints):
    """Yield the cones of the ball of the thumb and of the web."""
    base, knuckle = joints[:, 1], joints[:, 2]
    yield joints[:, 0] + [0.1, 0.2, 0.08], 0.15, 0.4 * base + 0.6 * knuckle, 0.13
    for along_thumb, along_palm, radius in ((0.55, 0.5, 0.1), (0.85, 0.68, 0.07)):
        thumb = (1 - along_thumb) * base + along_thumb * knuckle
        yield thumb, radius, along_palm * joints[:, 5] + [0, 0, 0.03], radius


def _forearm(forearm, sleeve_at):
    """Yield four cones side by side, since a wrist is flat, and a sleeve."""
    across = np.cross(forearm, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    for offset in (-0.17, -0.06, 0.06, 0.17):
        start = offset * across + [0.0, 0.1, 0.01]
        yield start, 0.16, offset * across + 2.6 * forearm, 0.3
    start = sleeve_at[:, None] * forearm
    yield start, 0.38, start + 3.0 * forearm, 0.5
