"""Splits of samples by group labels, stratified by class."""

import numpy as np
from scipy.sparse import coo_array
from sklearn.utils import check_random_state


def split_by_groups(groups, sizes, *, target=None, random_state=None):
    """Split samples into parts that share no group; return the rows of each part.

    groups and target : (n,); sizes sum to 1; a target stratifies.
    """
    names, members = np.unique(groups, return_inverse=True)
    if len(names) < len(sizes):
        raise ValueError(
            f"{len(names)} groups cannot fill {len(sizes)} parts, because groups are "
            "not divided."
        )
    classes, labels = None, np.zeros(len(members), dtype=int)
    if target is not None:
        classes, labels = np.unique(target, return_inverse=True)
    parts = _Parts(members, labels, np.asarray(sizes, dtype=float))
    parts.fill(check_random_state(random_state))
    if classes is not None:
        _check_every_label(classes, parts)
    return [np.flatnonzero(parts.of_group[members] == i) for i in range(len(sizes))]


class _Parts:
    """The part of each group, and the samples that each part has so far."""

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
        """Assign each group to a part, each label to each part first."""
        order = random_state.permutation(len(self.of_group))
        self._distribute_labels(order)
        for group in order[self.of_group[order] < 0]:
            self._assign(group, self._best_part(group))

    def _distribute_labels(self, order):
        """Assign a group of each label to each part, as far as there are groups."""
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
                    self._assign(holders[place], part)

    def _row(self, group):
        row = slice(self.counts.indptr[group], self.counts.indptr[group + 1])
        return self.counts.indices[row], self.counts.data[row]

    def _best_part(self, group):
        """Return the emptiest part with room for a group, else the least overfilled."""
        labels, sizes = self._row(group)
        filled, aims = self.filled[:, labels], self.aims[:, labels]
        room = (filled + sizes <= aims + 1e-9).all(axis=1)
        if room.any():
            return np.where(room, (filled / aims) @ sizes, np.inf).argmin()
        # how much the sum of (filled - aim)^2 / aim would grow
        return (sizes * (2 * (filled - aims) + sizes) / aims).sum(axis=1).argmin()

    def _assign(self, group, part):
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
