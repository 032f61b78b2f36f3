import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import make_scorer, mean_absolute_error
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from skl_signlang.model_selection import (
    _leakage,
    leakage_report,
    near_duplicate_groups,
)

pytestmark = pytest.mark.slow


def copies(n=40, n_copies=5, side=8, noise=2, seed=0, n_classes=2):
    """Images without any pattern, and copies of each under one label."""
    rng = np.random.default_rng(seed)
    X = np.repeat(rng.uniform(20, 220, (n, side, side)), n_copies, axis=0)
    X += rng.normal(0, noise, X.shape)
    y = np.repeat(np.arange(n) % n_classes, n_copies)
    order = rng.permutation(len(X))
    return X[order].clip(0, 255).astype(np.uint8), np.array(list("ABC"))[y[order]]


class Image1NN(ClassifierMixin, BaseEstimator):
    """A nearest neighbor that takes images of any shape."""

    def fit(self, X, y):
        self.model_ = KNeighborsClassifier(1).fit(np.reshape(X, (len(X), -1)), y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(np.reshape(X, (len(X), -1)))


def correlations(X):
    return np.corrcoef(np.reshape(X, (len(X), -1)).astype(float))


def random_folds(y, cv=5, seed=0):
    folds = StratifiedKFold(cv, shuffle=True, random_state=seed).split(y, y)
    fold_of = np.empty(len(y), dtype=int)
    for fold, (_, test) in enumerate(folds):
        fold_of[test] = fold
    return fold_of


def test_copies_make_a_gap():
    X, y = copies()
    report = leakage_report(Image1NN(), X, y, random_state=0)
    assert report.ungrouped_score > 0.95
    assert report.grouped_score < 0.7
    assert report.gap == report.ungrouped_score - report.grouped_score
    assert report.n_groups == 40
    assert report.straddling_share > 0.95
    assert report.test_score is None
    assert report.score_name == "accuracy"


def test_no_copies_no_gap():
    rng = np.random.default_rng(0)
    y = np.tile(["A", "B"], 100)
    X = rng.uniform(0, 100, (200, 8, 8)) + 100 * (y == "A")[:, None, None] * np.eye(8)
    report = leakage_report(Image1NN(), X, y, random_state=0)
    assert abs(report.gap) < 0.1
    assert report.straddling_share == 0
    assert report.n_groups == 200
    assert report.pair_similarity.max() < 0.98


def test_test_score_tells_which_of_the_two_is_right():
    X, y = copies(n=200, n_copies=3)
    X_test, y_test = copies(n=200, n_copies=3, seed=1)
    report = leakage_report(
        Image1NN(), X, y, X_test=X_test, y_test=y_test, random_state=0
    )
    assert report.test_score == Image1NN().fit(X, y).score(X_test, y_test)
    assert abs(report.test_score - report.grouped_score) < report.gap / 2


def test_scores_are_those_of_scikit_learn():
    X, y = copies()
    X = X.reshape(len(X), -1)
    model = LogisticRegression(max_iter=1000)
    report = leakage_report(model, X / 255, y, random_state=3, scoring="roc_auc", cv=4)
    options = {"n_splits": 4, "shuffle": True, "random_state": 3}
    for scores, mean, folds in (
        (report.ungrouped_scores, report.ungrouped_score, StratifiedKFold(**options)),
        (report.grouped_scores, report.grouped_score, StratifiedGroupKFold(**options)),
    ):
        splits = folds.split(X, y, report.groups if "Group" in str(folds) else None)
        expected = cross_val_score(model, X / 255, y, cv=splits, scoring="roc_auc")
        np.testing.assert_allclose(scores, expected)
        assert mean == pytest.approx(expected.mean())
    assert report.score_name == "roc_auc"
    assert not hasattr(model, "classes_")


def test_regression():
    X, _ = copies()
    groups = near_duplicate_groups(X)
    X = X.reshape(len(X), -1)
    target = np.random.default_rng(0).normal(size=40)[groups]
    scoring = make_scorer(mean_absolute_error, greater_is_better=False)
    model = KNeighborsRegressor(1)
    report = leakage_report(model, X, target, scoring=scoring, random_state=0)
    options = {"n_splits": 5, "shuffle": True, "random_state": 0}
    for scores, folds in (
        (report.ungrouped_scores, KFold(**options)),
        (report.grouped_scores, GroupKFold(**options)),
    ):
        splits = folds.split(X, target, groups if "Group" in str(folds) else None)
        expected = cross_val_score(model, X, target, cv=splits, scoring=scoring)
        np.testing.assert_allclose(scores, expected)
    assert report.gap > 0.3
    report = leakage_report(Ridge(), X, target, n_pairs=0)
    assert (report.score_name, report.pairs.shape) == ("score", (0, 2))
    assert report.pair_similarity.shape == (0,)


def test_groups_given_are_taken():
    X, y = copies()
    given = np.arange(len(X)) % 20
    report = leakage_report(Image1NN(), X, y, groups=given, random_state=0)
    assert report.n_groups == 20
    np.testing.assert_array_equal(report.groups, given)
    found = leakage_report(Image1NN(), X, y, random_state=0)
    np.testing.assert_array_equal(found.groups, near_duplicate_groups(X))


def test_straddling_share_counts_samples_with_a_copy_in_another_fold():
    X, y = copies(n_copies=2)
    report = leakage_report(Image1NN(), X, y, random_state=0)
    fold_of = random_folds(y)
    same = np.equal.outer(report.groups, report.groups)
    apart = np.not_equal.outer(fold_of, fold_of)
    assert report.straddling_share == (same & apart).any(axis=1).mean()
    assert 0 < report.straddling_share < 1


@pytest.mark.parametrize("chunk_values", [1, 1000, 2**24])
@pytest.mark.parametrize("noise", [2, 60])
def test_pairs_are_the_nearest_across_folds(monkeypatch, noise, chunk_values):
    monkeypatch.setattr(_leakage, "CHUNK_VALUES", chunk_values)
    X, y = copies(noise=noise)
    groups = np.arange(len(X)) if noise > 50 else None  # every sample by itself
    report = leakage_report(
        DummyClassifier(), X, y, groups=groups, n_pairs=20, random_state=0
    )
    similarity = correlations(X)
    fold_of = random_folds(y)
    first, second = report.pairs.T
    assert (fold_of[first] != fold_of[second]).all()
    assert (first < second).all()
    assert report.pairs.shape == (20, 2)
    np.testing.assert_allclose(report.pair_similarity, similarity[first, second])
    assert (np.diff(report.pair_similarity) <= 1e-6).all()
    between = np.sort(report.groups[report.pairs], axis=1)
    assert len(np.unique(between, axis=0)) == 20

    similarity[np.equal.outer(fold_of, fold_of)] = -1
    nearest = similarity.max(axis=1)
    assert report.pair_similarity[0] == pytest.approx(nearest.max())
    if groups is not None:
        np.testing.assert_allclose(
            np.unique(report.pair_similarity.round(9)),
            np.unique(nearest.round(9))[-20:],
        )


def test_images_of_one_value_are_in_no_pair():
    X, y = copies()
    X[:100] = 7
    report = leakage_report(
        DummyClassifier(), X, y, groups=np.arange(200), n_pairs=300, random_state=0
    )
    assert report.pairs.min() >= 100
    report = leakage_report(
        DummyClassifier(), np.ones((20, 4)), ["A", "B"] * 10, groups=range(20)
    )
    assert report.pairs.shape == (0, 2)
    assert report.pair_similarity.shape == (0,)


def test_random_state_decides():
    X, y = copies(n_copies=2)
    first, again, other = (
        leakage_report(Image1NN(), X, y, random_state=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.ungrouped_scores, again.ungrouped_scores)
    np.testing.assert_array_equal(first.pairs, again.pairs)
    assert first.straddling_share != other.straddling_share
    state = np.random.RandomState(0)
    assert leakage_report(Image1NN(), X, y, random_state=state).n_groups == 40


@pytest.mark.parametrize("form", [np.asarray, list, np.ndarray.tolist])
def test_forms_of_images(form):
    X, y = copies(n=20)
    expected = leakage_report(Image1NN(), X, y, random_state=0)
    report = leakage_report(Image1NN(), form(X), list(y), random_state=0)
    assert report.gap == expected.gap
    np.testing.assert_array_equal(report.pairs, expected.pairs)


def test_frames_and_processes():
    X, y = copies(n=20)
    frame = pd.DataFrame(X.reshape(len(X), -1)).rename(columns="pixel{}".format)
    index = pd.RangeIndex(1000, 1000 + len(X))
    model = KNeighborsClassifier(1)
    report = leakage_report(
        model, frame.set_index(index), pd.Series(y, index), random_state=0, n_jobs=2
    )
    expected = leakage_report(model, frame.to_numpy(), y, random_state=0)
    assert report.gap == expected.gap


# Errors


def test_a_class_of_few_groups_is_told_of():
    X, y = copies(n=40)
    groups = near_duplicate_groups(X)
    y[groups < 2] = "C"
    with pytest.raises(ValueError, match=r"\{'C': 2\} \(class: groups\).*smaller cv"):
        leakage_report(Image1NN(), X, y)
    assert leakage_report(Image1NN(), X, y, cv=2, random_state=0).n_groups == 40


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"cv": 1}, "'cv' parameter"),
        ({"cv": KFold(3)}, "'cv' parameter"),
        ({"n_pairs": -1}, "'n_pairs' parameter"),
        ({"scoring": "goodness"}, "goodness"),
        ({"X_test": np.ones((2, 8, 8))}, "X_test and y_test belong together"),
        ({"y_test": ["A"]}, "X_test and y_test belong together"),
        (
            {"X_test": np.ones((2, 8, 8)), "y_test": ["A"]},
            r"y_test must be one label for each of the 2 .* got shape \(1,\)",
        ),
        ({"groups": np.zeros(3)}, r"each of the 200 samples; got shape \(3,\)"),
        ({"groups": np.zeros(200)}, "need at least 5 groups; got 1"),
        ({"y": ["A"]}, r"each of the 200 samples in X; got shape \(1,\)"),
        ({"X": np.ones((200, 7))}, "rows of 7 features. Pass groups"),
        ({"estimator": "model"}, "'estimator' parameter"),
    ],
)
def test_wrong_parameters(parameters, message):
    X, y = copies()
    with pytest.raises(ValueError, match=message):
        leakage_report(**{"estimator": DummyClassifier(), "X": X, "y": y} | parameters)
