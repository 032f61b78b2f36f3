"""Parts of a data set that share no group."""

import numpy as np
from scipy.sparse import coo_array
from sklearn.utils import Bunch, check_random_state
from sklearn.utils.multiclass import type_of_target

from skl_signlang._entries import cut_entries
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
    labels = _check_labels(target) if stratify else np.zeros(len(target), dtype=int)
    groups, source = _find_groups(bunch, groups)
    names, members = np.unique(groups, return_inverse=True)
    if len(names) < len(sizes):
        raise ValueError(
            f"{len(names)} groups cannot fill {len(sizes)} parts, because no group is "
            "ever divided."
        )
    parts = _Parts(members, labels, sizes)
    parts.fill(check_random_state(random_state))
    if stratify:
        _check_every_label(np.unique(target), parts)
    rows = [np.flatnonzero(parts.of_group[members] == i) for i in range(len(sizes))]
    cut = tuple(_take(bunch, groups, index) for index in rows)
    for number, part in enumerate(cut, 1):
        made = (
            f"Part {number} of {len(cut)}: {len(part.target)} of {len(target)} samples,"
            f" {part.n_groups} of {len(names)} groups ({source})."
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


def _check_labels(target):
    kind = type_of_target(target)
    if kind not in ("binary", "multiclass"):
        raise ValueError(
            f"stratify=True needs a target of classes, but this one is {kind}; pass "
            "stratify=False."
        )
    return np.unique(target, return_inverse=True)[1]


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


class _Parts:
    """Which part each group is put in, and how far the parts have come."""

    def __init__(self, members, labels, sizes):
        n_labels = labels.max() + 1
        everyone = np.full(len(labels), n_labels)
        entries = (np.tile(members, 2), np.concatenate([labels, everyone]))
        # samples of a group by label; the last column counts all of them
        self.counts = coo_array((np.ones(2 * len(labels)), entries)).tocsr()
        self.n_holders = np.diff(self.counts.tocsc().indptr)
        self.aims = np.outer(sizes, self.counts.sum(axis=0))
        self.filled = np.zeros_like(self.aims)
        self.of_group = np.full(self.counts.shape[0], -1)

    def fill(self, random_state):
        """Put every group in a part."""
        order = random_state.permutation(len(self.of_group))
        self._serve_every_label(order)
        for group in order[self.of_group[order] < 0]:
            self._put(group, self._best_part(group))

    def _serve_every_label(self, order):
        """Bring each label into each part, as far as there are groups."""
        counts = self.counts[order].tocsc()
        for label in np.argsort(self.n_holders, kind="stable"):
            column = slice(counts.indptr[label], counts.indptr[label + 1])
            by_place = np.argsort(counts.indices[column])
            holders = order[counts.indices[column][by_place]]
            sizes = counts.data[column][by_place]
            for part in np.argsort(self.aims[:, label], kind="stable"):
                free = self.of_group[holders] < 0
                if self.filled[part, label] == 0 and free.any():
                    fits = free & (sizes <= self.aims[part, label])
                    smallest = np.where(free, sizes, np.inf).argmin()
                    place = fits.argmax() if fits.any() else smallest
                    self._put(holders[place], part)

    def _row(self, group):
        row = slice(self.counts.indptr[group], self.counts.indptr[group + 1])
        return self.counts.indices[row], self.counts.data[row]

    def _best_part(self, group):
        """Choose the emptiest part with room for it, else the one it harms least."""
        labels, sizes = self._row(group)
        filled, aims = self.filled[:, labels], self.aims[:, labels]
        room = (filled + sizes <= aims + 1e-9).all(axis=1)
        if room.any():
            return np.where(room, (filled / aims) @ sizes, np.inf).argmin()
        # how much the sum of (filled - aim)^2 / aim would grow
        return (sizes * (2 * (filled - aims) + sizes) / aims).sum(axis=1).argmin()

    def _put(self, group, part):
        labels, sizes = self._row(group)
        self.filled[part, labels] += sizes
        self.of_group[group] = part


def _check_every_label(names, parts):
    lacking = np.flatnonzero((parts.filled[:, :-1] == 0).any(axis=0))
    if len(lacking):
        found = {str(names[i]): int(parts.n_holders[i]) for i in lacking}
        raise ValueError(
            f"Some labels have too few groups to be in each of the {len(parts.aims)} "
            f"parts: {found} (label: groups). Pass stratify=False, fewer sizes or more "
            "data."
        )


def _take(bunch, groups, index):
    """Cut the entries that have a row for each sample."""
    part = Bunch(**cut_entries(bunch, len(groups), index))
    part.groups = groups[index]
    part.n_groups = len(np.unique(part.groups))
    part.indices = index
    return part
