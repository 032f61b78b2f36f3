"""Parts of a data set that share no group."""

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils.multiclass import type_of_target

from skl_signlang._entries import cut_entries
from skl_signlang._group_split import split_by_groups
from skl_signlang._images import shape_of_images
from skl_signlang.model_selection._near_duplicates import near_duplicate_groups


def split_samples(
    bunch, sizes=(0.9, 0.05, 0.05), *, groups="auto", stratify=True, random_state=None
):
    """Split a data set into parts that share no group.

    Parameters
    ----------
    bunch : Bunch
        With ``target`` (n,), and ``images`` or ``data`` of n rows.
    sizes : tuple of float, default=(0.9, 0.05, 0.05)
        The share of the samples that each part gets, as near as whole groups allow:
        two or more positive numbers that sum to 1.
    groups : "auto", None or array-like of shape (n,), default="auto"
        What stays in one part. "auto" takes ``bunch.groups`` where there are some,
        else finds them with `near_duplicate_groups`. None lets every sample go its
        own way, copies included.
    stratify : bool, default=True
        Give each part every label, in the proportions of the whole as near as groups
        allow. It needs a ``target`` of classes.
    random_state : int, RandomState instance or None, default=None
        Which groups go where. Pass an int for the same split in every call.

    Returns
    -------
    parts : tuple of Bunch
        One for each size, its samples in their old order. Entries with a row for
        each sample are cut (as copies), all others are kept. Each part also has
        ``groups``, ``n_groups`` (how many it holds; over all parts they sum to those
        of the whole), ``indices`` (its samples' places in `bunch`), and a line at the
        end of ``DESCR`` that says how it was made and how many groups were found.

    Raises
    ------
    ValueError
        If a parameter is out of its range, if there are fewer groups than parts, or
        if `stratify` is True and a label has too few groups to be in every part.

    See Also
    --------
    skl_signlang.model_selection.near_duplicate_groups : The groups of "auto".
    sklearn.model_selection.StratifiedGroupKFold : Equal parts, for cross-validation.

    Notes
    -----
    First every part gets a group of every label, the rarest labels first, as iterative
    stratification does [1]_. Then groups are taken in random order, each to the part
    that is emptiest by share among those with room for it, so that small and large
    groups go everywhere; what has room nowhere goes where the sum of
    (count - aim)^2 / aim over labels and samples grows least. A part takes no group
    larger than its aim unless nothing else is left.

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
            "sizes must be two or more positive numbers that sum to 1, the share of "
            f"each part; got {sizes!r}."
        )
    return sizes


def _check_classes(target):
    kind = type_of_target(target)
    if kind not in ("binary", "multiclass"):
        raise ValueError(
            f"stratify=True needs a target of classes, but this one is {kind}; pass "
            "stratify=False."
        )


def _find_groups(bunch, groups):
    """Return the group of each sample, and in words where they come from."""
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
            f"groups='auto' compares images; rows of {np.shape(images)[1]} "
            "features are none. Pass groups, or groups=None."
        )
    return near_duplicate_groups(images)


def _take(bunch, groups, index):
    """Cut the entries that have a row for each sample."""
    part = Bunch(**cut_entries(bunch, len(groups), index))
    part.groups = groups[index]
    part.n_groups = len(np.unique(part.groups))
    part.indices = index
    return part
