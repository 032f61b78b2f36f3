"""The classifier ``letters-landmarks``: recipe, card and archive."""

from skl_signlang.pretrained.letters_landmarks._landmark_recipe import (
    SIDES,
    join_heads,
    make_head,
    make_landmarks,
)

__all__ = ["SIDES", "join_heads", "make_head", "make_landmarks"]
