"""Labels to codes and back, for any labels that can be hashed."""

import numpy as np
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets


def check_labels(y, *, estimator_name):
    """Check class labels.

    Parameters
    ----------
    y : array-like, shape (n,)
        Strings, integers, booleans, or an object array of anything hashable.
    estimator_name : str
        For the messages.

    Returns
    -------
    y : ndarray, shape (n,)
        The labels.

    Raises
    ------
    ValueError
        For no labels, more than one column, missing, infinite or continuous values.
    """
    if y is None:
        raise ValueError(
            f"{estimator_name} requires y to be passed, but the target y is None"
        )
    y = column_or_1d(y, warn=True)
    if _holds_objects(y):
        if any(label is None or label != label for label in y):
            raise ValueError("Input y contains missing labels (None or NaN).")
        return y
    assert_all_finite(y, estimator_name=estimator_name, input_name="y")
    check_classification_targets(y)
    return y


def unique_labels(y):
    """List the different labels in order.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Checked labels.

    Returns
    -------
    classes : ndarray, shape (n_classes,)
        Sorted; objects that have no order of their own are sorted by type and
        representation.
    """
    if not _holds_objects(y):
        return np.unique(y)
    labels = set(y)
    try:
        labels = sorted(labels)
    except TypeError:
        labels = sorted(labels, key=lambda label: (type(label).__name__, repr(label)))
    classes = np.empty(len(labels), dtype=object)
    classes[:] = labels
    return classes


def encode_labels(y, classes):
    """Replace labels by their positions among the classes.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Checked labels.
    classes : ndarray, shape (n_classes,)
        What they may be.

    Returns
    -------
    codes : ndarray of int32, shape (n,)
        0 to n_classes - 1.

    Raises
    ------
    ValueError
        If a label is none of the classes.
    """
    labels, positions = (
        np.unique(y, return_inverse=True)
        if not _holds_objects(y)
        else _unique_objects(y)
    )
    codes = {label: code for code, label in enumerate(classes.tolist())}
    unknown = [label for label in labels if label not in codes]
    if unknown:
        raise ValueError(
            f"y holds labels that are not among the classes: {unknown[:5]}; the "
            f"classes are {classes.tolist()[:30]}."
        )
    return np.array([codes[label] for label in labels], dtype=np.int32)[positions]


def _unique_objects(y):
    positions = {}
    inverse = [positions.setdefault(label, len(positions)) for label in y]
    return list(positions), np.array(inverse)


def _holds_objects(y):
    return y.dtype == object and not all(isinstance(label, str) for label in y)
