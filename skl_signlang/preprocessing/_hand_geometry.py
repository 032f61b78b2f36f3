"""Geometry of hands: 21 joints in space, and the features of letters.

Joints are arrays of shape (n, 21, 3) in MediaPipe's order: wrist; CMC, MCP, IP and tip
of the thumb; MCP, PIP, DIP and tip of the index, middle, ring and little finger. They
are in camera coordinates, x to the right, y down, z away from the camera, at any
position and scale: the output of `HandLandmarks` and the ``joints`` of
`make_fingerspelling`.
"""

from itertools import pairwise

import numpy as np

from skl_signlang.preprocessing._hand_network import CLASSES

FEATURES = ("landmarks", "angles", "distances", "orientation", "presence")
"""Feature sets, see `HandLandmarks`."""

LETTER_FEATURES = "letters"
"""The feature set of the package's own network alone."""

DIGITS = ("thumb", "index", "middle", "ring", "little")
JOINTS = (
    "wrist",
    *(f"thumb_{joint}" for joint in ("cmc", "mcp", "ip", "tip")),
    *(f"{d}_{joint}" for d in DIGITS[1:] for joint in ("mcp", "pip", "dip", "tip")),
)
"""Names of the joints, in their order."""

# Joints of each digit, from the wrist to the tip
_CHAINS = np.array([[0, *range(base, base + 4)] for base in (1, 5, 9, 13, 17)])
BONES = tuple(
    (int(start), int(end)) for chain in _CHAINS for start, end in pairwise(chain)
)
"""Pairs of joints that a bone connects, the palm's from the wrist included."""

_TIPS = _CHAINS[:, -1]
_KNUCKLES = _CHAINS[1:, 1]
_INDEX, _MIDDLE, _, _LITTLE = _KNUCKLES
_PAIRS = np.array(
    [
        *((_TIPS[i], _TIPS[j]) for i in range(5) for j in range(i + 1, 5)),
        *((_TIPS[0], joint) for chain in _CHAINS[1:] for joint in chain[1:4]),
    ]
)


def mirror_left_hands(joints, left):
    """Mirror left hands to right hands, (n, 21, 3)."""
    sign = np.where(left, -1, 1).astype(joints.dtype)
    return joints * np.stack([sign, sign**2, sign**2], axis=1)[:, None]


def root_and_scale(joints):
    """Center joints at the wrist and scale the palm to length 1, or 0 for length 0.

    The length is the distance from the wrist to the MCP joint of the middle finger.
    """
    rooted = joints - joints[:, :1]
    return _divide(rooted, np.linalg.norm(rooted[:, _MIDDLE], axis=1)[:, None, None])


def palm_axes(joints):
    """Compute the axes of right palms: across, along and out, (n, 3, 3)."""
    along = _unit(joints[:, _KNUCKLES].mean(axis=1) - joints[:, 0])
    out = _unit(np.cross(joints[:, _INDEX] - joints[:, _LITTLE], along))
    axes = np.stack([np.cross(along, out), along, out], axis=1)
    return axes * out.any(axis=1)[:, None, None]


def joint_angles(joints):
    """Compute bend (15) and spread (4) angles of the digits, (n, 19), radians."""
    bones = np.diff(joints[:, _CHAINS], axis=2)
    bends = _angles(bones[:, :, :-1], bones[:, :, 1:])
    digits = joints[:, _TIPS] - joints[:, _CHAINS[:, 1]]
    spreads = _angles(digits[:, :-1], digits[:, 1:])
    return np.concatenate([bends.reshape(len(joints), 15), spreads], axis=1)


def fingertip_distances(joints):
    """Compute the distances between fingertips, (n, n_pairs)."""
    ends = joints[:, _PAIRS]
    return np.linalg.norm(ends[:, :, 0] - ends[:, :, 1], axis=2)


def describe_hands(
    joints, features=("landmarks",), frame="palm", presence=None, letters=None
):
    """Compute features of right hands, invariant to position and size."""
    joints = root_and_scale(joints)
    axes = palm_axes(joints)
    presence = np.ones(len(joints)) if presence is None else presence
    landmarks = joints @ axes.swapaxes(1, 2) if frame == "palm" else joints
    parts = {
        "landmarks": landmarks.reshape(-1, 63),
        "angles": joint_angles(joints),
        "distances": fingertip_distances(joints),
        "orientation": axes[:, :, 1],
        "presence": presence[:, None],
        LETTER_FEATURES: letters,
    }
    return np.hstack([parts[feature] for feature in features], dtype=np.float32)


def feature_names(features):
    """Return the names of the columns of `describe_hands`."""
    names = {
        "landmarks": [f"{joint}_{axis}" for joint in JOINTS for axis in "xyz"],
        "angles": [
            *(f"{JOINTS[joint]}_bend" for chain in _CHAINS for joint in chain[1:4]),
            *(f"{first}_{second}_spread" for first, second in pairwise(DIGITS)),
        ],
        "distances": [
            f"{JOINTS[first]}_to_{JOINTS[second]}" for first, second in _PAIRS
        ],
        "orientation": [f"down_{way}_palm" for way in ("across", "along", "out_of")],
        "presence": ["presence"],
        LETTER_FEATURES: [f"letter_{letter}" for letter in CLASSES],
    }
    return [name for feature in features for name in names[feature]]


def _angles(first, second):
    """Compute angles between vectors; exact near 0, unlike by cosine."""
    sines = np.linalg.norm(np.cross(first, second), axis=-1)
    return np.arctan2(sines, (first * second).sum(axis=-1))


def _unit(vectors):
    return _divide(vectors, np.linalg.norm(vectors, axis=-1, keepdims=True))


def _divide(values, by):
    """Divide, with 0 for division by 0."""
    by = np.broadcast_to(by, values.shape)
    return np.divide(values, by, out=np.zeros_like(values), where=by > 0)
