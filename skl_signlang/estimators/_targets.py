"""Checking and encoding of class labels."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets


def check_labels(y, *, estimator_name):
    """Check class labels by scikit-learn's rule, so that scorers accept them."""
    if y is None:
        raise ValueError(
            f"{estimator_name} requires y to be passed, but the target y is None"
        )
    _refuse_columns(y)
    y = column_or_1d(y, warn=True)
    if y.dtype == object:
        _check_objects(y)
    if y.dtype.kind in "mM" and np.isnat(y).any():
        raise ValueError("Input y contains missing labels (NaT).")
    if y.dtype.kind == "V":
        raise TypeError(f"y holds records, of dtype {y.dtype}; expected plain labels.")
    assert_all_finite(y, estimator_name=estimator_name, input_name="y")
    try:
        check_classification_targets(y)
    except ValueError as error:
        if y.dtype != object:
            raise
        raise ValueError(
            f"{error} y has dtype object and holds {', '.join(_types(y))}: convert "
            "it, for example with y.astype(int) or y.astype(str)."
        ) from error
    return y


def is_indicator(y):
    """Return whether y is multilabel: two or more columns of 0 and 1."""
    y = y if issparse(y) else np.asarray(y)
    if y.ndim != 2 or y.shape[1] < 2 or not y.shape[0] or y.dtype.kind not in "buif":
        return False
    values = y.data if issparse(y) else y
    return bool(np.isin(values, (0, 1)).all())


def encode_labels(y, classes):
    """Return the positions of labels among the classes."""
    labels, positions = np.unique(y, return_inverse=True)
    labels = labels.tolist()
    codes = {label: code for code, label in enumerate(classes.tolist())}
    unknown = [label for label in labels if label not in codes]
    if unknown:
        raise ValueError(
            f"y holds labels that are not among the classes: {unknown[:5]}; the "
            f"classes are {classes.tolist()[:30]}."
        )
    return np.array([codes[label] for label in labels], dtype=np.int32)[positions]


def _refuse_columns(y):
    shape = np.asarray(y).shape
    if len(shape) != 2 or shape[1] < 2:
        return
    raise ValueError(
        f"y should be a 1d array, got an array of shape {shape} instead. Multilabel y "
        "has columns of 0 and 1; NetworkClassifier takes columns of classes."
    )


def _check_objects(y):
    if any(map(_is_missing, y)):
        raise ValueError("Input y contains missing labels (None or NaN).")
    if len(_types(y)) > 1:
        raise TypeError(
            f"y holds labels of several types, {', '.join(_types(y))}: convert them to "
            "one, for example with y.astype(str)."
        )


def _types(y):
    kinds = {str if isinstance(label, str) else type(label) for label in y}
    return sorted(kind.__name__ for kind in kinds)


def _is_missing(label):
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas' NA is neither
        return True
