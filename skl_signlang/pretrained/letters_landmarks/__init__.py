"""The classifier ``letters-landmarks``: recipe, card and archive."""

from skl_signlang.pretrained.letters_landmarks._recipe import (
    join_heads,
    make_head,
    make_landmarks,
)

__all__ = ["join_heads", "make_head", "make_landmarks"]
