"""Pretrained classifiers that come with the package.

Functions
---------
load_pretrained
    Load a pretrained classifier of letters.
"""

from skl_signlang.pretrained._load_pretrained import load_pretrained

__all__ = ["load_pretrained"]
