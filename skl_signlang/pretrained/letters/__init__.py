"""The classifier ``letters``: recipe, card and archive."""

from skl_signlang.pretrained.letters._image_recipe import make_classifier

__all__ = ["make_classifier"]
