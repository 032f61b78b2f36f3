"""Validation splits."""

import numpy as np
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.utils import check_array, check_consistent_length

from skl_signlang._errors import list_some
from skl_signlang._group_split import split_by_groups

_HINTS = "Pass more samples, or X_val and y_val, or set early_stopping=False."


def hold_out_validation(samples, fraction, *, groups, codes, classes, seed):
    """Split samples into a training part and a validation part."""
    rows = samples.rows
    codes = None if codes is None else codes[rows]
    groups = None if groups is None else groups[rows]
    _check_enough(len(rows), fraction, codes, groups, classes)
    if groups is not None:
        try:
            chosen = split_by_groups(
                groups, (1 - fraction, fraction), target=codes, random_state=seed
            )
        except ValueError as error:
            raise ValueError(
                f"validation_fraction={fraction} cannot be held out by groups: each "
                f"part needs groups of each class. {_HINTS}"
            ) from error
    else:
        kind = ShuffleSplit if codes is None else StratifiedShuffleSplit
        splitter = kind(n_splits=1, test_size=fraction, random_state=seed)
        (chosen,) = splitter.split(np.zeros(len(rows)), codes)
    return tuple(samples.only(rows[part]) for part in chosen)


def check_groups(groups, X):
    """Return group labels as an array, one per sample."""
    groups = check_array(groups, ensure_2d=False, dtype=None, input_name="groups")
    if groups.ndim != 1:
        raise ValueError(
            f"groups must hold one group for each sample; got shape {groups.shape}."
        )
    check_consistent_length(X, groups)
    return np.unique(groups, return_inverse=True)[1]


def _check_enough(n, fraction, codes, groups, classes):
    named = f"validation_fraction={fraction} of {n} samples"
    n_aside = int(np.ceil(fraction * n))
    if n_aside >= n:
        raise ValueError(f"{named} leaves none to train on. {_HINTS}")
    if groups is not None and len(np.unique(groups)) < 2:
        raise ValueError(f"{named} needs 2 groups or more; there is one. {_HINTS}")
    if codes is None:
        return
    members = codes if groups is None else np.unique([codes, groups], axis=1)[0]
    what = "samples" if groups is None else "groups"
    found, counts = np.unique(members, return_counts=True)
    lone = classes[found[counts < 2]]
    if len(lone):
        raise ValueError(
            f"{named} needs 2 {what} or more of each class, one for either part; "
            f"there is one of {list_some(lone)}. {_HINTS}"
        )
    if groups is None and min(n_aside, n - n_aside) < len(found):
        raise ValueError(
            f"{named} gives parts of {n - n_aside} and {n_aside}; each needs a sample "
            f"of each of the {len(found)} classes. Change validation_fraction. "
            f"{_HINTS}"
        )
