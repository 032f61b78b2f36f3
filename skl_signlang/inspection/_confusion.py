"""Counts of confused labels."""

import warnings

import numpy as np
from sklearn.metrics import confusion_matrix


def count_confusions(y_true, y_pred, labels):
    """Compute a confusion matrix, shape (n_labels, n_labels)."""
    with warnings.catch_warnings():
        # scikit-learn warns about a single label even with `labels`
        warnings.filterwarnings("ignore", "A single label was found", UserWarning)
        return confusion_matrix(y_true, y_pred, labels=labels)


def most_confused(matrix, labels, n_pairs):
    """Return the most frequent errors as (true label, predicted label, count)."""
    errors = np.array(matrix)
    np.fill_diagonal(errors, 0)
    most = np.argsort(-errors, axis=None, kind="stable")[:n_pairs]
    places = zip(*np.unravel_index(most, errors.shape), strict=True)
    return [
        (labels[true], labels[predicted], int(errors[true, predicted]))
        for true, predicted in places
        if errors[true, predicted]
    ]
