"""Which labels are taken for which others."""

import warnings

import numpy as np
from sklearn.metrics import confusion_matrix


def count_confusions(y_true, y_pred, labels):
    """Count how often each label was read as each.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n,)
        Labels.
    labels : sequence
        In the order of rows and columns.

    Returns
    -------
    matrix : ndarray of int, shape (n_labels, n_labels)
        True labels by row.

    Raises
    ------
    ValueError
        If none of `labels` is true of any sample.
    """
    with warnings.catch_warnings():
        # scikit-learn warns of a single label even where labels says so
        warnings.filterwarnings("ignore", "A single label was found", UserWarning)
        return confusion_matrix(y_true, y_pred, labels=labels)


def most_confused(matrix, labels, n_pairs):
    """Name the most frequent errors.

    Parameters
    ----------
    matrix : ndarray of int, shape (n_labels, n_labels)
        How often each label, by row, was read as each, by column.
    labels : sequence
        In the order of rows and columns.
    n_pairs : int
        How many to name, at most.

    Returns
    -------
    pairs : list of tuple
        (true label, label it was read as, how often), the most frequent first.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.inspection._confusion import most_confused
    >>> most_confused(np.array([[9, 2, 0], [0, 9, 0], [0, 3, 9]]), "UVW", 5)
    [('W', 'V', 3), ('U', 'V', 2)]
    """
    errors = np.array(matrix)
    np.fill_diagonal(errors, 0)
    most = np.argsort(-errors, axis=None, kind="stable")[:n_pairs]
    places = zip(*np.unravel_index(most, errors.shape), strict=True)
    return [
        (labels[true], labels[read], int(errors[true, read]))
        for true, read in places
        if errors[true, read]
    ]
