"""The 24 static letters of the American manual alphabet, as joint angles.

The forms follow the descriptions and drawings of [1]_ and [2]_; the angles are ours.

References
----------
.. [1] R. A. Tennant and M. Gluszak Brown, "The American Sign Language Handshape
   Dictionary", Clerc Books, Gallaudet University Press, 1998.
.. [2] T. Humphries, C. Padden and T. J. O'Rourke, "A Basic Course in American Sign
   Language", 2nd edition, T.J. Publishers, 1994.
"""

from typing import NamedTuple

INDEX, MIDDLE, RING, LITTLE = range(4)
MCP, PIP, DIP, TIP = range(4)

# Flexion of MCP, PIP and DIP, then abduction towards the thumb's side, in degrees
STRAIGHT = (4, 5, 3, 0)
FIST = (82, 98, 62, 0)
EASY_FIST = (72, 98, 50, 0)
SPREAD_IN, SPREAD_OUT = 13, -11


class Touch(NamedTuple):
    """Target of the tip of the thumb."""

    joints: tuple
    offset: tuple = (0.0, 0.0, 0.0)


class Letter(NamedTuple):
    """Handshape and view of a letter."""

    fingers: tuple
    thumb: tuple
    touch: Touch | None = None
    fingers_to: str = "up"
    palm_to: str = "viewer"
    turn: tuple = (0, 0, 0)
    wrist: tuple = (0, 0)


def _abducted(finger, degrees):
    return (*finger[:3], degrees)


_THUMB_ACROSS = (30, 48, 0, 35, 35)
_ON_RING = Touch(((RING, PIP), (RING, DIP), (MIDDLE, DIP)), (0.04, 0.0, 0.15))
_SIDE = {"fingers_to": "right", "palm_to": "away", "wrist": (20, -18)}

SHAPES = {
    "A": Letter(
        (FIST,) * 4,
        (20, 18, 0, 4, 6),
        Touch(((INDEX, PIP), (INDEX, MCP)), (0.19, 0.08, 0.02)),
        turn=(5, 0, -10),
    ),
    "B": Letter(
        (STRAIGHT, STRAIGHT, STRAIGHT, STRAIGHT),
        (8, 42, 0, 25, 45),
        Touch(((MIDDLE, MCP), (RING, MCP)), (-0.12, -0.32, 0.19)),
    ),
    "C": Letter(
        ((38, 42, 22, 0), (36, 42, 22, 0), (36, 42, 24, 0), (36, 40, 26, 0)),
        (34, 52, 0, 2, 14),
        turn=(55, 0, -5),
    ),
    "D": Letter(
        (STRAIGHT, (64, 90, 44, 0), (66, 92, 46, 0), (68, 92, 46, 0)),
        (30, 50, 0, 15, 25),
        Touch(((MIDDLE, TIP), (RING, TIP)), (0.03, -0.09, 0.07)),
    ),
    "E": Letter(
        ((68, 104, 58, 0), (68, 106, 58, 0), (70, 106, 58, 0), (72, 104, 56, 0)),
        (25, 38, 0, 35, 50),
        Touch(((MIDDLE, TIP), (RING, TIP)), (0.0, -0.15, 0.0)),
    ),
    "F": Letter(
        (
            (54, 66, 30, 0),
            (14, 8, 5, 6),
            (2, 6, 4, -7),
            (-5, 6, 4, -22),
        ),
        (30, 45, 0, 12, 22),
        Touch(((INDEX, TIP),), (0.03, -0.08, 0.03)),
        turn=(22, 0, -4),
    ),
    "G": Letter(
        ((28, 6, 4, 0), FIST, FIST, FIST),
        (18, 28, 0, 4, 8),
        Touch(((INDEX, PIP), (INDEX, MCP)), (0.02, -0.02, 0.22)),
        turn=(-48, -8, 14),
        **_SIDE,
    ),
    "H": Letter(
        ((28, 5, 4, 0), (28, 6, 4, 0), FIST, FIST),
        (20, 42, 0, 25, 25),
        Touch(((RING, PIP), (MIDDLE, MCP)), (0.16, 0.0, 0.12)),
        turn=(-45, 0, 9),
        **_SIDE,
    ),
    "I": Letter(
        (FIST, FIST, FIST, (3, 4, 3, -8)),
        _THUMB_ACROSS,
        Touch(((MIDDLE, PIP), (MIDDLE, DIP)), (0.06, 0.0, 0.17)),
    ),
    "K": Letter(
        (_abducted(STRAIGHT, 5), (52, 12, 6, -6), FIST, FIST),
        (24, 36, 0, 5, 10),
        Touch(((MIDDLE, PIP), (MIDDLE, MCP), (INDEX, MCP)), (0.03, 0.02, 0.14)),
        turn=(-18, 0, 0),
    ),
    "L": Letter(
        (_abducted(STRAIGHT, 2), EASY_FIST, EASY_FIST, EASY_FIST),
        (58, 8, 0, -4, -6),
    ),
    "M": Letter(
        ((58, 90, 34, 0), (58, 90, 34, 0), (60, 90, 34, 0), (86, 102, 60, 0)),
        (20, 32, 0, 25, 25),
        Touch(((RING, PIP), (LITTLE, PIP)), (-0.02, -0.12, 0.02)),
    ),
    "N": Letter(
        ((56, 90, 34, 0), (56, 90, 34, 0), (86, 102, 60, 0), (86, 102, 60, 0)),
        (20, 32, 0, 20, 20),
        Touch(((MIDDLE, PIP), (RING, PIP)), (-0.02, -0.08, 0.02)),
    ),
    "O": Letter(
        ((50, 62, 32, 0), (52, 62, 32, 0), (54, 62, 32, 0), (58, 58, 32, 0)),
        (32, 52, 0, 8, 18),
        Touch(((INDEX, TIP), (MIDDLE, TIP)), (0.02, -0.10, 0.03)),
        turn=(50, 0, -6),
    ),
    "P": Letter(
        (_abducted(STRAIGHT, 3), (66, 12, 8, -4), FIST, FIST),
        (24, 40, 0, 5, 10),
        Touch(((MIDDLE, PIP), (MIDDLE, PIP), (MIDDLE, MCP)), (0.10, -0.06, 0.06)),
        fingers_to="left",
        palm_to="down",
        turn=(32, -40, -2),
        wrist=(35, -40),
    ),
    "Q": Letter(
        ((62, 14, 8, 0), FIST, FIST, FIST),
        (38, 58, 0, 4, 10),
        fingers_to="viewer",
        palm_to="down",
        turn=(-12, 12, -8),
        wrist=(40, 0),
    ),
    "R": Letter(
        ((12, 6, 5, -3), (4, 12, 8, 13), FIST, FIST),
        _THUMB_ACROSS,
        _ON_RING,
    ),
    "S": Letter(
        (FIST,) * 4,
        _THUMB_ACROSS,
        Touch(((MIDDLE, PIP), (MIDDLE, DIP)), (-0.03, 0.02, 0.18)),
    ),
    "T": Letter(
        ((58, 88, 40, 0), (86, 102, 60, 0), (86, 102, 60, 0), (86, 102, 60, 0)),
        (22, 32, 0, 5, 8),
        Touch(((INDEX, PIP), (MIDDLE, PIP)), (0.0, 0.06, 0.03)),
    ),
    "U": Letter(
        (_abducted(STRAIGHT, -1), _abducted(STRAIGHT, 1), FIST, FIST),
        _THUMB_ACROSS,
        _ON_RING,
    ),
    "V": Letter(
        (_abducted(STRAIGHT, SPREAD_IN), _abducted(STRAIGHT, SPREAD_OUT), FIST, FIST),
        _THUMB_ACROSS,
        _ON_RING,
    ),
    "W": Letter(
        (_abducted(STRAIGHT, 14), STRAIGHT, _abducted(STRAIGHT, -14), (70, 92, 40, 0)),
        _THUMB_ACROSS,
        Touch(((LITTLE, PIP), (LITTLE, DIP)), (0.10, 0.0, 0.10)),
    ),
    "X": Letter(
        ((6, 78, 52, 0), FIST, FIST, FIST),
        _THUMB_ACROSS,
        Touch(((MIDDLE, PIP), (MIDDLE, DIP)), (0.05, 0.0, 0.17)),
        turn=(48, 0, 0),
    ),
    "Y": Letter(
        (EASY_FIST, EASY_FIST, EASY_FIST, (4, 4, 3, -22)),
        (46, 8, 0, -4, -10),
    ),
}
"""Handshape of each letter."""

SIDEWAYS_T = Letter(
    ((72, 8, 5, 4), FIST, FIST, FIST),
    (22, 16, 0, -10, -24),
    turn=(-75, -28, 5),
    fingers_to="right",
    palm_to="away",
    wrist=(15, -30),
)
"""The T of some signers: like G, but with the thumb upright."""

DRAWING_SHAPES = {
    "J": SHAPES["I"],
    "Z": Letter(
        (STRAIGHT, FIST, FIST, FIST),
        _THUMB_ACROSS,
        Touch(((MIDDLE, PIP), (MIDDLE, DIP)), (0.05, 0.0, 0.17)),
    ),
}
"""Handshapes that draw the moving letters."""
