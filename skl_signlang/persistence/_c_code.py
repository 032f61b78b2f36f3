"""Checks of arrays that scikit-learn's C code reads without bounds checks."""

import numpy as np

from skl_signlang._pipelines import inner_estimators

_MAX_JOBS = 256


def check_c_code(estimator):
    """Raise an error for arrays that C code would read out of bounds."""
    for inner in inner_estimators(estimator):
        right = (
            _is_right_svm(inner)
            and _has_features(inner, "_fit_X")
            and _has_features(inner, "cluster_centers_")
            and _has_classes(inner)
        )
        if not right:
            raise ValueError(
                f"arrays of the {type(inner).__name__} in it do not match."
            )
        for name in ("n_jobs", "_n_threads"):
            number = getattr(inner, name, None)
            if isinstance(number, int | np.integer) and abs(number) > _MAX_JOBS:
                raise ValueError(
                    f"{name} of the {type(inner).__name__} in it is {number}; at most "
                    f"{_MAX_JOBS} are allowed in an archive."
                )


def _has_features(estimator, name):
    """Check stored rows against the number of features."""
    rows = getattr(estimator, name, None)
    if rows is None:
        return True
    known = getattr(estimator, "n_features_in_", None)
    return rows.ndim == 2 and rows.shape[1] == known


def _has_classes(estimator):
    """Check label codes against the classes, for one label per row."""
    codes = getattr(estimator, "_y", None)
    classes = getattr(estimator, "classes_", None)
    if not isinstance(codes, np.ndarray) or not isinstance(classes, np.ndarray):
        return True
    return codes.dtype.kind in "iu" and _reach(codes, len(classes))


def _is_right_svm(svm):
    """Check all arrays that libsvm reads."""
    numbers = getattr(svm, "_n_support", None)
    if numbers is None:
        return not hasattr(svm, "support_vectors_")
    n, vectors = len(svm.support_), svm.support_vectors_
    classifies = hasattr(svm, "classes_")
    n_classes = len(svm.classes_) if classifies else 2
    n_pairs = n_classes * (n_classes - 1) // 2
    # regressors have a single entry
    counted = numbers.sum() if classifies else numbers[0]
    precomputed = svm.kernel == "precomputed" and vectors.size == 0
    return (
        numbers.shape == (n_classes,)
        and numbers.min() >= 0
        and counted == n
        and svm.support_.ndim == 1
        and (precomputed or vectors.shape == (n, svm.n_features_in_))
        and svm._dual_coef_.shape == (n_classes - 1, n)
        # the data of a sparse matrix
        and svm._dual_coef_.size == (n_classes - 1) * n
        and svm._intercept_.shape == (n_pairs,)
        and all(p.shape in ((0,), (n_pairs,)) for p in (svm._probA, svm._probB))
        and svm._probA.shape == svm._probB.shape
        and (not precomputed or _reach(svm.support_, svm.shape_fit_[0]))
    )


def _reach(indices, n):
    """Check whether all indices are below n."""
    return indices.size > 0 and indices.min() >= 0 and indices.max() < n
