"""Leakage of cross-validated scores by near-duplicates."""

from numbers import Integral

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.utils import Bunch
from sklearn.utils._param_validation import HasMethods, validate_params
from sklearn.utils.multiclass import type_of_target

from skl_signlang._image_shapes import shape_of_images
from skl_signlang._intervals import Interval
from skl_signlang.model_selection._near_duplicates import near_duplicate_groups
from skl_signlang.model_selection._splittable import check_splittable

CHUNK_VALUES = 2**24  # float32 similarities: 64 MiB


@validate_params(
    {
        "estimator": [HasMethods(["fit"])],
        "X": ["array-like"],
        "y": ["array-like"],
        "groups": ["array-like", None],
        "X_test": ["array-like", None],
        "y_test": ["array-like", None],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "scoring": [str, callable, None],
        "n_pairs": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
    },
    prefer_skip_nested_validation=False,  # the estimator checks its own parameters
)
def leakage_report(
    estimator,
    X,
    y,
    *,
    groups=None,
    X_test=None,
    y_test=None,
    cv=5,
    scoring=None,
    n_pairs=5,
    random_state=None,
    n_jobs=None,
):
    """Compare cross-validation with and without near-duplicates across folds.

    The estimator is cross-validated twice: on random folds, which separate copies of
    one photograph, and on grouped folds, which keep them together. The gap between
    the two scores is the optimism of random splits [1]_.

    .. versionadded:: 0.1

    Parameters
    ----------
    estimator : estimator instance
        A classifier or regressor; it is cloned.
    X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
        Images.
    y : array-like of shape (n,)
        Targets.
    groups : array-like of shape (n,), default=None
        Group labels, such as signers. None finds near-duplicates with
        `near_duplicate_groups`.
    X_test : array-like, default=None
        Test images in the form of X, for a third score.
    y_test : array-like, default=None
        Targets of `X_test`.
    cv : int, default=5
        Number of folds, at least 2; stratified for classifiers.
    scoring : str or callable, default=None
        The metric, as in :func:`~sklearn.model_selection.cross_val_score`; None uses
        the estimator's ``score``.
    n_pairs : int, default=5
        Maximum number of nearest pairs across random folds to return.
    random_state : int, RandomState instance or None, default=None
        Seed for the folds. Pass an int for reproducible output.
    n_jobs : int, default=None
        Number of joblib workers, as in scikit-learn.

    Returns
    -------
    report : :class:`~sklearn.utils.Bunch`
        With the entries:

        ungrouped_score, grouped_score : float
            Mean scores on random and on grouped folds.
        gap : float
            ``ungrouped_score - grouped_score``.
        ungrouped_scores, grouped_scores : ndarray of float, shape (cv,)
            The score of each fold.
        test_score : float or None
            Score on `X_test` after a fit on X.
        n_groups : int
            Number of groups.
        groups : ndarray, shape (n,)
            The group of each sample.
        straddling_share : float
            Fraction of samples whose group is in more than one random fold, 0 to 1.
        pairs : ndarray of int, shape (k, 2)
            Most similar pairs across random folds, as indices of samples, most similar
            first. Each sample is paired with the most similar sample of other folds;
            at most one pair is returned for each pair of groups.
        pair_similarity : ndarray of float64, shape (k,)
            Pearson correlation of the pixels of each pair.
        score_name : str
            Name of the metric, such as "accuracy".

    Raises
    ------
    ValueError
        If a parameter is out of range, lengths differ, only one of `X_test` and
        `y_test` is passed, X holds no images and `groups` is None, or the data or a
        class have fewer groups than folds.

    See Also
    --------
    skl_signlang.inspection.LeakageDisplay : Visualization of the report.
    near_duplicate_groups : Groups of near-duplicates.
    split_samples : Split a data set by group.

    Notes
    -----
    The search for the nearest pairs compares all pairs of samples, in quadratic time:
    12 s for 27,455 images of 28x28 pixels on one core. ``n_pairs=0`` skips it.

    References
    ----------
    .. [1] S. Kapoor, A. Narayanan, "Leakage and the Reproducibility Crisis in
       Machine-Learning-Based Science", Patterns 4(9), 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from skl_signlang.model_selection import leakage_report
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat(rng.uniform(50, 200, (40, 64)), 5, axis=0)  # five copies each
    >>> X += rng.normal(0, 2, X.shape)
    >>> y = np.repeat(np.tile(["A", "B"], 20), 5)  # unlearnable: there is no pattern
    >>> report = leakage_report(KNeighborsClassifier(1), X, y, random_state=0)
    >>> report.n_groups, report.straddling_share, report.ungrouped_score
    (40, 1.0, 1.0)
    >>> report.grouped_score < 0.7
    True
    """
    check_splittable("leakage_report", X, X_test)
    y = np.asarray(y)
    _check_lengths(X, y, X_test, y_test)
    groups = _find_groups(X, groups)
    stratify = is_classifier(estimator) and (
        type_of_target(y) in ("binary", "multiclass")
    )
    _check_counts(y if stratify else None, groups, cv)
    options = {"n_splits": cv, "shuffle": True, "random_state": random_state}
    random = StratifiedKFold(**options) if stratify else KFold(**options)
    grouped = StratifiedGroupKFold(**options) if stratify else GroupKFold(**options)
    random_folds = list(random.split(np.zeros(len(y)), y))

    scorer = check_scoring(estimator, scoring)
    ungrouped_scores, grouped_scores = (
        cross_val_score(
            estimator,
            X,
            y,
            cv=folds,
            scoring=scorer,
            n_jobs=n_jobs,
            error_score="raise",
        )
        for folds in (random_folds, grouped.split(np.zeros(len(y)), y, groups))
    )
    test_score = None
    if X_test is not None:
        test_score = float(scorer(clone(estimator).fit(X, y), X_test, y_test))

    fold_of = _folds_of_samples(random_folds)
    pairs, similarity = _nearest_pairs(X, groups, fold_of, n_pairs)
    return Bunch(
        ungrouped_score=float(ungrouped_scores.mean()),
        grouped_score=float(grouped_scores.mean()),
        gap=float(ungrouped_scores.mean() - grouped_scores.mean()),
        ungrouped_scores=ungrouped_scores,
        grouped_scores=grouped_scores,
        test_score=test_score,
        n_groups=len(np.unique(groups)),
        groups=groups,
        straddling_share=_straddling_share(groups, fold_of),
        pairs=pairs,
        pair_similarity=similarity,
        score_name=_name_score(estimator, scoring),
    )


def _check_lengths(X, y, X_test, y_test):
    if (X_test is None) != (y_test is None):
        raise ValueError(
            "X_test and y_test belong together: pass both, or none for no test score."
        )
    for name, images, target in (("", X, y), ("_test", X_test, y_test)):
        n_samples = None if images is None else np.shape(images)[0]
        if images is not None and (np.ndim(target) != 1 or len(target) != n_samples):
            raise ValueError(
                f"y{name} must be one label for each of the {n_samples} samples in "
                f"X{name}; got shape {np.shape(target)}."
            )


def _find_groups(X, groups):
    n_samples = np.shape(X)[0]
    if groups is not None:
        groups = np.asarray(groups)
        if groups.shape != (n_samples,):
            raise ValueError(
                f"groups must be one group for each of the {n_samples} samples; got "
                f"shape {groups.shape}."
            )
        return groups
    if shape_of_images(np.shape(X))[0] == 1:
        raise ValueError(
            f"groups=None needs images; got rows of {np.shape(X)[1]} features. "
            "Pass groups."
        )
    return near_duplicate_groups(X)


def _check_counts(labels, groups, cv):
    """Check that each fold gets a group, and a group of each class."""
    n_groups = len(np.unique(groups))
    if n_groups < cv:
        raise ValueError(
            f"cv={cv} folds need at least {cv} groups; got {n_groups}. Pass a smaller "
            "cv or more data."
        )
    if labels is None:
        return
    members = {
        label: len(np.unique(groups[labels == label])) for label in np.unique(labels)
    }
    lacking = {str(label): n for label, n in members.items() if n < cv}
    if lacking:
        raise ValueError(
            f"cv={cv} folds need at least {cv} groups of each class, but some have "
            f"fewer: {lacking} (class: groups). Pass a smaller cv, leave these classes "
            "out, or pass more data."
        )


def _folds_of_samples(folds):
    """Return the test fold of each sample."""
    fold_of = np.empty(sum(len(test) for _, test in folds), dtype=int)
    for fold, (_, test) in enumerate(folds):
        fold_of[test] = fold
    return fold_of


def _straddling_share(groups, fold_of):
    """Return the fraction of samples whose group is in more than one fold."""
    _, members = np.unique(groups, return_inverse=True)
    n_folds = fold_of.max() + 1
    in_fold = np.zeros((members.max() + 1, n_folds), dtype=bool)
    in_fold[members, fold_of] = True
    return float((in_fold.sum(axis=1) > 1)[members].mean())


def _nearest_pairs(X, groups, fold_of, n_pairs):
    """Return the most similar pairs across folds, one per pair of groups."""
    if not n_pairs:
        return np.empty((0, 2), dtype=int), np.empty(0)
    rows = np.asarray(X).reshape(len(fold_of), -1)
    partner, similarity = _nearest_in_other_folds(
        _standardize(rows, np.float32), fold_of
    )
    pairs = np.sort(np.column_stack([np.arange(len(partner)), partner]), axis=1)
    _, members = np.unique(groups, return_inverse=True)
    # constant images have no correlation
    order = np.argsort(-similarity, kind="stable")
    order = order[similarity[order] > 0]
    between = np.sort(members[pairs[order]], axis=1)
    _, first = np.unique(between, axis=0, return_index=True)
    chosen = order[np.sort(first)[:n_pairs]]
    left, right = (_standardize(rows[part], np.float64) for part in pairs[chosen].T)
    return pairs[chosen], np.minimum(np.vecdot(left, right), 1)


def _standardize(rows, dtype):
    """Scale each image to mean 0 and norm 1; a constant image becomes 0."""
    units = rows.astype(dtype)
    units -= units.mean(axis=1, keepdims=True)
    length = np.linalg.norm(units, axis=1, keepdims=True)
    units /= np.where(length > 0, length, 1)
    return units


def _nearest_in_other_folds(units, fold_of):
    """Return the most similar sample of other folds for each one, and how similar."""
    partner = np.empty(len(units), dtype=int)
    similarity = np.empty(len(units), dtype=np.float32)
    for fold in range(fold_of.max() + 1):
        own, others = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
        transposed = units[others].T
        size = max(1, CHUNK_VALUES // len(others))
        for start in range(0, len(own), size):
            rows = own[start : start + size]
            products = units[rows] @ transposed
            nearest = products.argmax(axis=1)
            partner[rows] = others[nearest]
            similarity[rows] = products[np.arange(len(rows)), nearest]
    return partner, similarity


def _name_score(estimator, scoring):
    if isinstance(scoring, str):
        return scoring
    if scoring is not None:
        return getattr(scoring, "__name__", "score")
    return "accuracy" if is_classifier(estimator) else "score"
