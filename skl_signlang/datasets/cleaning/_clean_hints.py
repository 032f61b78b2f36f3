"""Suspicious samples, by the probabilities that a classifier predicts."""

import numpy as np
import pandas as pd

from skl_signlang._errors import list_some

OUTLIER_FRACTION = 0.5  # of the threshold of a class


def check_probabilities(pred_probs, n_samples, classes):
    """Check out-of-sample probabilities."""
    pred_probs = np.asarray(pred_probs, dtype=np.float64)
    if pred_probs.shape != (n_samples, len(classes)):
        raise ValueError(
            f"pred_probs has shape {pred_probs.shape}; expected "
            f"{(n_samples, len(classes))}: a row for each input sample, invalid ones "
            f"included, and a column for each of the classes {list_some(classes)}. "
            "Pass classes= if the columns are others."
        )
    return pred_probs


def find_hints(labels, rows, pred_probs, classes):
    """Find possible label errors and outliers."""
    given = _columns_of(labels, classes)
    wrong = ~np.isclose(pred_probs.sum(axis=1), 1, atol=1e-3)
    wrong |= ~((pred_probs >= 0) & (pred_probs <= 1 + 1e-6)).all(axis=1)
    if wrong.any():
        row = np.flatnonzero(wrong)[0]
        raise ValueError(
            "Each row of pred_probs must be probabilities, from 0 to 1 with the sum 1; "
            f"row {rows[row]} is {pred_probs[row][:5]}, sum {pred_probs[row].sum():g}."
        )
    thresholds = _thresholds(given, pred_probs)
    reached = pred_probs >= thresholds
    likeliest = np.where(reached, pred_probs, -1).argmax(axis=1)
    suspect = reached.any(axis=1) & (likeliest != given)
    findings = [
        (
            int(rows[i]),
            "label_error",
            f"{classes[likeliest[i]]} rather than {labels[i]}, probability "
            f"{pred_probs[i, likeliest[i]]:.3f}",
        )
        for i in np.flatnonzero(suspect)
    ]
    unlike = (pred_probs < OUTLIER_FRACTION * thresholds).all(axis=1)
    return findings + [
        (int(rows[i]), "outlier", f"no probability above {pred_probs[i].max():.3f}")
        for i in np.flatnonzero(unlike)
    ]


def _columns_of(labels, classes):
    columns = pd.Index(classes).get_indexer(list(labels))
    if (columns < 0).any():
        lacking = sorted({str(labels[i]) for i in np.flatnonzero(columns < 0)})
        raise ValueError(
            f"classes, the columns of pred_probs, lack {list_some(lacking)}; got "
            f"{list_some(classes)}."
        )
    return columns


def _thresholds(given, pred_probs):
    """Return the mean probability of each class among the samples of that label."""
    own = pred_probs[np.arange(len(given)), given]
    n_classes = pred_probs.shape[1]
    counts = np.bincount(given, minlength=n_classes)
    sums = np.bincount(given, weights=own, minlength=n_classes)
    # A class without samples has no threshold that can be reached
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
