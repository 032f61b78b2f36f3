"""Splits, evaluation and search without leakage by near-duplicates.

Classes
-------
HyperbandSearchCV
    Search hyper-parameters with Hyperband and cross-validation.

Functions
---------
leakage_report
    Compare cross-validation with and without near-duplicates across folds.
near_duplicate_groups
    Group images that are near-duplicates.
split_samples
    Split a data set into parts that share no group.
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
