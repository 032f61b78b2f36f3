"""Kinematic model of a hand: proportions, joint angles and joint positions.

The frame is the right hand's own: x towards the thumb's side, y towards the
fingertips, z out of the palm; the origin is the wrist and the unit is the distance
from there to the knuckle of the middle finger. Seen from the front with the palm to
the viewer, x is the image's right and y is up.

Bone lengths are the means of [1]_, with 4 mm of pulp at the tips, over a palm of
95 mm.

References
----------
.. [1] A. Buryanov and V. Kotiuk, "Proportions of hand segments", International
   Journal of Morphology 28(3), 755-758, 2010.
"""

import numpy as np

KNUCKLES = np.array(
    [[0.29, 0.97, 0.02], [0.07, 1.0, 0.0], [-0.15, 0.95, 0.01], [-0.35, 0.86, 0.04]]
)
FINGER_BONES = np.array(
    [[0.42, 0.25, 0.21], [0.47, 0.28, 0.225], [0.435, 0.27, 0.225], [0.345, 0.19, 0.21]]
)
FINGER_RADII = np.array(
    [
        [0.110, 0.099, 0.088, 0.074],
        [0.112, 0.101, 0.089, 0.075],
        [0.108, 0.096, 0.085, 0.071],
        [0.097, 0.085, 0.075, 0.063],
    ]
)
THUMB_BASE = np.array([0.23, 0.2, 0.08])
THUMB_BONES = np.array([0.47, 0.335, 0.27])
THUMB_RADII = np.array([0.17, 0.13, 0.112, 0.088])

# Fingers lean towards the middle one when straight, and curl towards the scaphoid
_LEAN = np.array([-1.0, 0.0, 2.5, 6.0])
_CURL_TWIST = np.array([-5.0, 0.0, 4.0, 8.0])

_THUMB_LIMITS = np.radians([[-25, 85], [-15, 75], [-50, 70], [-15, 65], [-20, 85]])
_IK_STEPS = 10
_IK_DAMPING = 0.004
_EPSILON = 1e-3


def finger_joints(knuckles, bones, angles):
    """Compute the joints (n, 4, 4, 3) of the fingers from angles in degrees."""
    flexion = np.radians(np.cumsum(angles[..., :3], axis=-1))
    lean = np.radians(angles[..., 3:] + _LEAN[:, None])
    twist = np.radians(_CURL_TWIST)[:, None]
    side = np.sin(twist) * np.sin(flexion)
    along = np.cos(flexion)
    directions = np.stack(
        [
            side * np.cos(lean) + along * np.sin(lean),
            along * np.cos(lean) - side * np.sin(lean),
            np.cos(twist) * np.sin(flexion),
        ],
        axis=-1,
    )
    steps = np.cumsum(directions * bones[..., None], axis=2)
    return np.concatenate([knuckles[:, :, None], knuckles[:, :, None] + steps], axis=2)


def thumb_joints(base, bones, angles):
    """Compute the joints (n, 4, 3) of the thumb from angles in radians."""
    radial, palmar, roll, mcp, ip = angles.T
    sin_r, cos_r, sin_p, cos_p = *_sin_cos(radial), *_sin_cos(palmar)
    metacarpal = np.stack([sin_r * cos_p, cos_r * cos_p, sin_p], axis=-1)
    adducted = np.stack([-cos_r, sin_r, np.zeros_like(sin_r)], axis=-1)
    lifted = np.stack([-sin_r * sin_p, -cos_r * sin_p, cos_p], axis=-1)
    inward = np.cos(roll)[:, None] * adducted + np.sin(roll)[:, None] * lifted
    directions = [metacarpal]
    for flexion in (mcp, mcp + ip):
        sin, cos = _sin_cos(flexion)
        directions.append(cos[:, None] * metacarpal + sin[:, None] * inward)
    steps = np.cumsum(np.stack(directions, axis=1) * bones[..., None], axis=1)
    return np.concatenate([base[:, None], base[:, None] + steps], axis=1)


def reach_with_thumb(base, bones, angles, target, reaches):
    """Compute thumb angles (n, 5) whose tip reaches the target, near a given pose.

    Damped least squares on all joint angles at once, within the limits of motion.
    """
    start = angles
    weight = reaches[:, None].astype(float)
    damping = _IK_DAMPING * np.eye(5)
    for _ in range(_IK_STEPS):
        tip = thumb_joints(base, bones, angles)[:, 3]
        miss = weight * (tip - target)
        slopes = np.empty((len(angles), 3, 5))
        for k in range(5):
            moved = angles.copy()
            moved[:, k] += _EPSILON
            slopes[..., k] = (thumb_joints(base, bones, moved)[:, 3] - tip) / _EPSILON
        slopes *= weight[..., None]
        transposed = slopes.swapaxes(1, 2)
        pull = (transposed @ miss[..., None])[..., 0]
        pull += _IK_DAMPING * (angles - start)
        step = np.linalg.solve(transposed @ slopes + damping, pull[..., None])[..., 0]
        angles = np.clip(angles - np.clip(step, -0.4, 0.4), *_THUMB_LIMITS.T)
    return angles


def in_mediapipe_order(wrist, thumb, fingers):
    """Return joints (n, 21, 3) in MediaPipe's order."""
    return np.concatenate([wrist[:, None], thumb, fingers.reshape(-1, 16, 3)], axis=1)


def _sin_cos(angle):
    return np.sin(angle), np.cos(angle)
