"""The classifier ``letters``: recipe, card and archive."""

from skl_signlang.pretrained.letters._recipe import make_classifier

__all__ = ["make_classifier"]
