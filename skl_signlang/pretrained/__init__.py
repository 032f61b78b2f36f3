"""Pretrained classifiers that come with the package.

Functions
---------
load_pretrained
    Load a pretrained classifier of letters.
pretrained_path
    Return the path of the archive of a pretrained classifier.
"""

from skl_signlang.pretrained._load_pretrained import NAMES as NAMES
from skl_signlang.pretrained._load_pretrained import load_pretrained, pretrained_path

# names without an entry here are for the other packages, not for users
__all__ = ["load_pretrained", "pretrained_path"]
