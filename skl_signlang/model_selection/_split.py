"""Splits of data sets by group."""

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils.multiclass import type_of_target

from skl_signlang._entries import cut_entries
from skl_signlang._group_split import split_by_groups
from skl_signlang._image_shapes import shape_of_images
from skl_signlang.model_selection._near_duplicates import near_duplicate_groups


def split_samples(
    bunch, sizes=(0.9, 0.05, 0.05), *, groups="auto", stratify=True, random_state=None
):
    """Split a data set into parts that share no group.

    .. versionadded:: 0.1

    Parameters
    ----------
    bunch : Bunch
        With ``target`` (n,), and ``images`` or ``data`` of n rows.
    sizes : tuple of float, default=(0.9, 0.05, 0.05)
        Fraction of the samples in each part, approximate because groups are not
        divided: two or more positive numbers that sum to 1.
    groups : "auto", None or array-like of shape (n,), default="auto"
        Group labels; a group is never divided. "auto" uses ``bunch.groups`` if there
        are any, else `near_duplicate_groups`. None splits samples independently,
        near-duplicates included.
    stratify : bool, default=True
        Whether to preserve the class proportions in each part, as far as groups
        allow. Needs a ``target`` of classes.
    random_state : int, RandomState instance or None, default=None
        Seed for assigning groups to parts. Pass an int for reproducible output.

    Returns
    -------
    parts : tuple of Bunch
        One for each size, with samples in their original order. Entries with a row
        per sample are indexed (copies), others are passed on. Each part also has
        ``groups``, ``n_groups`` (the number of its groups), ``indices`` (positions of
        its samples in `bunch`), and a last line of ``DESCR`` that describes the
        split.

    Raises
    ------
    ValueError
        If a parameter is out of range, there are fewer groups than parts, or a class
        has too few groups for all parts with ``stratify=True``.

    See Also
    --------
    near_duplicate_groups : The groups of "auto".
    sklearn.model_selection.GroupShuffleSplit : Random splits by group.
    sklearn.model_selection.StratifiedGroupKFold : Cross-validation by group.

    Notes
    -----
    First, each part gets a group of each class, the rarest classes first, as in
    iterative stratification [1]_. The other groups follow in random order, each
    assigned to the part with the lowest fill rate among those with room for it, or
    else to the part where the sum of (count - target count)^2 / target count over
    classes and samples grows least.

    References
    ----------
    .. [1] K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the Stratification of
       Multi-Label Data", ECML PKDD 2011.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.utils import Bunch
    >>> from skl_signlang.model_selection import split_samples
    >>> photographs = np.random.default_rng(0).integers(0, 200, (20, 28, 28))
    >>> hands = Bunch(
    ...     images=np.concatenate([photographs, photographs + 20]),
    ...     target=np.tile(["A", "B"], 20),
    ... )
    >>> train, test = split_samples(hands, (0.8, 0.2), random_state=0)
    >>> len(train.target), train.n_groups, len(test.target), test.n_groups
    (32, 16, 8, 4)
    >>> print(test.DESCR)
    Part 2 of 2: 8 of 40 samples, 4 of 20 groups (found by near_duplicate_groups).
    """
    sizes = _check_sizes(sizes)
    target = np.asarray(bunch.target)
    if stratify:
        _check_classes(target)
    groups, source = _find_groups(bunch, groups)
    rows = split_by_groups(
        groups,
        sizes,
        target=target if stratify else None,
        random_state=random_state,
    )
    n_groups = len(np.unique(groups))
    cut = tuple(_take(bunch, groups, index) for index in rows)
    for number, part in enumerate(cut, 1):
        made = (
            f"Part {number} of {len(cut)}: {len(part.target)} of {len(target)} samples,"
            f" {part.n_groups} of {n_groups} groups ({source})."
        )
        part.DESCR = f"{bunch.get('DESCR') or ''}\n\n{made}".strip()
    return cut


def _check_sizes(sizes):
    try:
        sizes = np.array(sizes, dtype=float, ndmin=1)
        right = sizes.ndim == 1 and len(sizes) > 1 and (sizes > 0).all()
    except (TypeError, ValueError):
        right = False
    if not right or not np.isclose(sizes.sum(), 1, atol=1e-6):
        raise ValueError(
            "sizes must be two or more positive numbers that sum to 1, the fraction of "
            f"each part; got {sizes!r}."
        )
    return sizes


def _check_classes(target):
    kind = type_of_target(target)
    if kind not in ("binary", "multiclass"):
        raise ValueError(
            f"stratify=True needs a target of classes, but it is {kind}; pass "
            "stratify=False."
        )


def _find_groups(bunch, groups):
    """Return the group of each sample, and a description of their source."""
    n_samples = len(bunch.target)
    if groups is None:
        return np.arange(n_samples), "each sample by itself"
    if isinstance(groups, str) and groups == "auto":
        if bunch.get("groups") is None:
            return _find_near_duplicates(bunch), "found by near_duplicate_groups"
        groups, source = bunch.groups, "those of the data set"
    else:
        source = "given by the caller"
    groups = np.asarray(groups)
    if groups.shape != (n_samples,):
        raise ValueError(
            "groups must be 'auto', None or one group for each of the "
            f"{n_samples} samples; got shape {groups.shape}."
        )
    return groups, source


def _find_near_duplicates(bunch):
    images = bunch.images if "images" in bunch else bunch.data
    if shape_of_images(np.shape(images))[0] == 1:
        raise ValueError(
            f"groups='auto' needs images; got rows of {np.shape(images)[1]} "
            "features. Pass groups, or groups=None."
        )
    return near_duplicate_groups(images)


def _take(bunch, groups, index):
    """Return a part of a data set: its rows, groups and indices."""
    part = Bunch(**cut_entries(bunch, len(groups), index))
    part.groups = groups[index]
    part.n_groups = len(np.unique(part.groups))
    part.indices = index
    return part
