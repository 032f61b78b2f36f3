"""Splits and scores that near-duplicates cannot flatter.

Functions
---------
near_duplicate_groups
    Tell which pictures are copies of one photograph.
split_samples
    Cut a data set into parts that share no group.
"""

from skl_signlang.model_selection._near_duplicates import near_duplicate_groups
from skl_signlang.model_selection._split import split_samples

__all__ = ["near_duplicate_groups", "split_samples"]
