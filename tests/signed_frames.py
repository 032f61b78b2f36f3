"""Frames of a video in which a rendered hand spells."""

from functools import cache

import numpy as np

from skl_signlang.datasets import make_fingerspelling

RATE, SIDE = 15, 96
SIGNS = ("A", "B", "E", "L")


@cache
def _hands():
    turn = (10, 10, 10)
    hands = make_fingerspelling(
        len(SIGNS),
        letters="".join(SIGNS),
        image_size=SIDE,
        color=True,
        n_signers=1,
        max_rotation=turn,
        random_state=0,
    )
    return dict(zip(hands.target, hands.images, strict=True))


def draw_frame(sign):
    """Draw the hand of a letter; a wall for any other sign."""
    wall = np.full((SIDE, SIDE, 3), 150, np.uint8)
    return _hands().get(sign, wall)


def signs_of(word):
    """Each letter for 0.6 s, and nothing for 0.4 s."""
    return [sign for letter in word for sign in [letter] * 9 + ["nothing"] * 6]
