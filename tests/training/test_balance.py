"""Ways to deal with rare letters: none of them needs more than scikit-learn's words."""

import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.metrics import recall_score
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
)

from skl_signlang import CNNClassifier, DenseClassifier
from skl_signlang.datasets import make_fingerspelling

pytestmark = pytest.mark.slow

SMALL = {
    "filters": (8,),
    "hidden_layer_sizes": (16,),
    "conv_dropout": 0.0,
    "dropout": 0.0,
    "epochs": 4,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def unbalanced():
    """Flat rows of three letters: 120, 60 and 12 images."""
    hands = make_fingerspelling(360, letters="ABL", n_signers=30, random_state=0)
    rows = [
        np.flatnonzero(hands.target == letter)[:count]
        for letter, count in (("A", 120), ("B", 60), ("L", 12))
    ]
    rows = np.concatenate(rows)
    return hands.data[rows], hands.target[rows]


class CountingCNN(CNNClassifier):
    """Remembers how many samples of each class it was given."""

    def fit(self, X, y, sample_weight=None):
        self.counts_ = dict(zip(*np.unique(y, return_counts=True), strict=True))
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize(
    ("sampler", "count"), [(RandomOverSampler, 120), (RandomUnderSampler, 12)]
)
def test_samplers_balance_inside_a_pipeline(unbalanced, sampler, count):
    X, y = unbalanced
    model = make_pipeline(sampler(random_state=0), CountingCNN(**SMALL)).fit(X, y)
    assert set(model[-1].counts_.values()) == {count}
    assert model.predict_proba(X).shape == (len(X), 3)
    assert model[-1].image_shape_ == (28, 28, 1)


def test_samplers_touch_only_what_is_learned_from(unbalanced):
    X, y = unbalanced
    model = make_pipeline(RandomOverSampler(random_state=0), CNNClassifier(**SMALL))
    search = GridSearchCV(
        model, {"cnnclassifier__epochs": [1, 2]}, cv=StratifiedKFold(3)
    ).fit(X, y)
    assert len(search.predict(X)) == len(y)


def test_balanced_weights_equal_the_repetition_of_samples(unbalanced):
    """In full batches; classes of 120, 60 and 12 become 120 each."""
    X, y = unbalanced
    times = np.select([y == "A", y == "B"], [1, 2], 10)
    again = np.repeat(np.arange(len(y)), times)
    full = {**SMALL, "standardize": False, "batch_norm": False}
    X = X.astype(np.float32) / 255
    weighted = CNNClassifier(class_weight="balanced", batch_size=len(y), **full)
    repeated = CNNClassifier(batch_size=len(again), **full)
    np.testing.assert_allclose(
        weighted.fit(X, y).predict_proba(X),
        repeated.fit(X[again], y[again]).predict_proba(X),
        atol=1e-4,
    )


def test_a_tuned_threshold_finds_more_of_a_rare_letter(unbalanced):
    X, y = unbalanced
    is_rare = y == "L"
    dense = DenseClassifier(hidden_layer_sizes=(16,), epochs=3, random_state=0)
    tuned = TunedThresholdClassifierCV(
        dense, scoring="balanced_accuracy", cv=3, random_state=0
    ).fit(X, is_rare)
    plain = dense.fit(X, is_rare)
    recall, recall_plain = (
        recall_score(is_rare, model.predict(X)) for model in (tuned, plain)
    )
    assert tuned.best_threshold_ < 0.5
    assert recall >= recall_plain
