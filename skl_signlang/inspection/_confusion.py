"""Which labels are taken for which others."""

import warnings

import numpy as np
from sklearn.metrics import confusion_matrix


def count_confusions(y_true, y_pred, labels):
    """Count how often each label was read as each."""
    with warnings.catch_warnings():
        # scikit-learn warns of a single label even where labels says so
        warnings.filterwarnings("ignore", "A single label was found", UserWarning)
        return confusion_matrix(y_true, y_pred, labels=labels)


def most_confused(matrix, labels, n_pairs):
    """Name the most frequent errors."""
    errors = np.array(matrix)
    np.fill_diagonal(errors, 0)
    most = np.argsort(-errors, axis=None, kind="stable")[:n_pairs]
    places = zip(*np.unravel_index(most, errors.shape), strict=True)
    return [
        (labels[true], labels[read], int(errors[true, read]))
        for true, read in places
        if errors[true, read]
    ]
