"""Pretrained classifiers that come with the package.

Functions
---------
load_pretrained
    Load a pretrained classifier of letters.
pretrained_path
    Return the path of the archive of a pretrained classifier.
"""

from skl_signlang.pretrained._load_pretrained import (
    NAMES,
    load_pretrained,
    pretrained_path,
)

__all__ = ["NAMES", "load_pretrained", "pretrained_path"]
