"""Entries of a data set that have one row per sample, and those that do not."""

import numpy as np
from sklearn.utils import _safe_indexing

WHOLE_ENTRIES = ("target_names", "feature_names", "DESCR", "skipped", "rejected")
"""Entries that are not per sample, whatever their length."""


def cut_entries(bunch, n_samples, index):
    """Select rows of the entries with one row per sample; return others unchanged."""
    is_view = "images" in bunch and np.may_share_memory(
        bunch["images"], bunch.get("data")
    )
    entries = {
        key: _safe_indexing(value, index)
        if key not in WHOLE_ENTRIES and _n_rows(value) == n_samples
        else value
        for key, value in bunch.items()
        if not (is_view and key == "data")
    }
    if is_view:
        entries["data"] = entries["images"].reshape(len(index), -1)
    return entries


def _n_rows(value):
    if isinstance(value, list):
        return len(value)
    return (getattr(value, "shape", None) or (None,))[0]
