"""Splits, scores and searches that near-duplicates cannot flatter.

Classes
-------
HyperbandSearchCV
    Search for good parameters, training on what is promising and stopping the rest.

Functions
---------
leakage_report
    Tell how much of a score comes from near-duplicates across folds.
near_duplicate_groups
    Tell which images are copies of one photograph.
split_samples
    Cut a data set into parts that share no group.
"""

from skl_signlang.model_selection._hyperband import HyperbandSearchCV
from skl_signlang.model_selection._leakage import leakage_report
from skl_signlang.model_selection._near_duplicates import near_duplicate_groups
from skl_signlang.model_selection._split import split_samples

__all__ = [
    "HyperbandSearchCV",
    "leakage_report",
    "near_duplicate_groups",
    "split_samples",
]
