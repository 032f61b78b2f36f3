"""How much of a cross-validated score comes from copies in the training folds."""

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
from sklearn.utils._param_validation import HasMethods, Interval, validate_params
from sklearn.utils.multiclass import type_of_target

from skl_signlang._images import shape_of_images
from skl_signlang.model_selection._near_duplicates import near_duplicate_groups

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
    """Tell how much of a score comes from near-duplicates across folds.

    The same estimator is cross-validated twice: on folds drawn at random, which put
    copies of one photograph on both sides, and on folds that keep groups together.
    The gap between the two scores is what a random split promises too much.

    Parameters
    ----------
    estimator : estimator instance
        A classifier or regressor; it is cloned, and stays as it is.
    X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
        Images.
    y : array-like of shape (n,)
        Their labels, or numbers.
    groups : array-like of shape (n,), default=None
        What must stay in one fold, such as the signer. None finds copies with
        `near_duplicate_groups`.
    X_test : array-like, default=None
        Images from elsewhere, in the form of X, for a third score.
    y_test : array-like, default=None
        Their labels.
    cv : int, default=5
        Number of folds, 2 or more. Those of a classifier are stratified.
    scoring : str or callable, default=None
        What to measure, as in :func:`~sklearn.model_selection.cross_val_score`; None
        takes the estimator's own ``score``.
    n_pairs : int, default=5
        How many of the nearest pairs across random folds to tell, at most.
    random_state : int, RandomState instance or None, default=None
        Which folds are drawn. Pass an int for the same folds in every call.
    n_jobs : int, default=None
        Processes that fit folds side by side, as in scikit-learn.

    Returns
    -------
    report : :class:`~sklearn.utils.Bunch`
        With the entries:

        ungrouped_score, grouped_score : float
            Mean scores on folds drawn at random, and on folds of whole groups.
        gap : float
            ``ungrouped_score - grouped_score``.
        ungrouped_scores, grouped_scores : ndarray of float, shape (cv,)
            The score of each fold.
        test_score : float or None
            After a fit on all of X, on `X_test`.
        n_groups : int
            How many groups there are.
        groups : ndarray, shape (n,)
            The group of each sample.
        straddling_share : float
            The share of samples with a member of their group in another of the folds
            drawn at random, from 0 to 1.
        pairs : ndarray of int, shape (k, 2)
            The nearest pairs of which the random folds train on one and test on the
            other, nearest first. Each sample is paired with the nearest one in other
            folds; of the pairs that join the same two groups, or lie in the same one,
            only the nearest is told, so that they show different photographs.
        pair_similarity : ndarray of float64, shape (k,)
            The Pearson correlation of their pixels.
        score_name : str
            What was measured, such as "accuracy".

    Raises
    ------
    ValueError
        If a parameter is out of its range, lengths differ, only one of `X_test` and
        `y_test` is there, X holds no images and there are no `groups`, there are
        fewer groups than folds, or a class has fewer samples or groups than folds.

    See Also
    --------
    skl_signlang.inspection.LeakageDisplay : The report as an image.
    skl_signlang.model_selection.near_duplicate_groups : The groups.
    skl_signlang.model_selection.split_samples : A split without leakage.

    Notes
    -----
    All pairs of samples are compared to find the nearest; that takes time with the
    square of their number: 12 s for 27,455 hands of 28x28 on one core. ``n_pairs=0``
    saves that.

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
            f"groups=None compares images; rows of {np.shape(X)[1]} features are "
            "none. Pass groups."
        )
    return near_duplicate_groups(X)


def _check_counts(labels, groups, cv):
    """Refuse what would leave a fold without a group, or without a class."""
    n_groups = len(np.unique(groups))
    if n_groups < cv:
        raise ValueError(
            f"cv={cv} folds need {cv} groups at least; got {n_groups}. Pass a smaller "
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
            f"cv={cv} folds need {cv} groups of each class at least, but some have "
            f"fewer: {lacking} (class: groups). Pass a smaller cv, leave these classes "
            "out, or pass more data."
        )


def _folds_of_samples(folds):
    """Return in which fold each sample is tested."""
    fold_of = np.empty(sum(len(test) for _, test in folds), dtype=int)
    for fold, (_, test) in enumerate(folds):
        fold_of[test] = fold
    return fold_of


def _straddling_share(groups, fold_of):
    """Return the share of samples whose group is in two folds or more."""
    _, members = np.unique(groups, return_inverse=True)
    n_folds = fold_of.max() + 1
    in_fold = np.zeros((members.max() + 1, n_folds), dtype=bool)
    in_fold[members, fold_of] = True
    return float((in_fold.sum(axis=1) > 1)[members].mean())


def _nearest_pairs(X, groups, fold_of, n_pairs):
    """Return the nearest pairs across folds, one for each two groups."""
    if not n_pairs:
        return np.empty((0, 2), dtype=int), np.empty(0)
    rows = np.asarray(X).reshape(len(fold_of), -1)
    partner, similarity = _nearest_in_other_folds(
        _standardize(rows, np.float32), fold_of
    )
    pairs = np.sort(np.column_stack([np.arange(len(partner)), partner]), axis=1)
    _, members = np.unique(groups, return_inverse=True)
    # images of one value have no correlation, and so no place here
    order = np.argsort(-similarity, kind="stable")
    order = order[similarity[order] > 0]
    between = np.sort(members[pairs[order]], axis=1)
    _, first = np.unique(between, axis=0, return_index=True)
    chosen = order[np.sort(first)[:n_pairs]]
    left, right = (_standardize(rows[part], np.float64) for part in pairs[chosen].T)
    return pairs[chosen], np.minimum(np.vecdot(left, right), 1)


def _standardize(rows, dtype):
    """Give each image mean 0 and length 1; one of a single value stays 0."""
    units = rows.astype(dtype)
    units -= units.mean(axis=1, keepdims=True)
    length = np.linalg.norm(units, axis=1, keepdims=True)
    units /= np.where(length > 0, length, 1)
    return units


def _nearest_in_other_folds(units, fold_of):
    """Return the sample most like each one, of those in other folds, and how much."""
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
