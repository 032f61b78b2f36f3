"""What the suites of SciKeras 0.13.0, skorch and Keras test, and where here.

``ideas.csv`` has a row for each test function of SciKeras' suite, of skorch's
``test_classifier.py`` and ``test_regressor.py``, and of the ``sklearn_test.py`` of the
wrappers of Keras 3.16.
"""

import csv
import pickle
from collections import Counter
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import scale

from skl_signlang import NetworkClassifier, NetworkRegressor

ROOT = Path(__file__).parents[2]
with open(Path(__file__).parent / "ideas.csv") as file:
    ROWS = list(csv.DictReader(file))
N_TESTS = {"scikeras": 114, "skorch": 48, "keras": 3}
"""Test functions of the suites, counted by ``grep -c 'def test_'``."""

X, y = load_iris(return_X_y=True)
X = scale(X).astype(np.float32)
SMALL = {"epochs": 2, "random_state": 0, "learning_rate": 0.02, "batch_size": 32}


def build(input_shape, n_outputs, units=8, **others):
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(units, activation="relu"),
            layers.Dense(n_outputs),
        ]
    )


def test_every_test_of_the_suites_has_a_row():
    assert Counter(row["suite"] for row in ROWS) == N_TESTS
    assert len({(row["suite"], row["test"]) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["test"])
def test_rows_name_a_test_or_a_reason(row):
    assert row["result"] in ("passes", "refused", "does not apply")
    assert row["reason"] or row["result"] == "passes"
    assert row["ours"] or row["result"] == "does not apply"
    if row["ours"]:
        path, name = row["ours"].split("::")
        assert f"def {name}(" in (ROOT / path).read_text()


@pytest.mark.slow
def test_meta_estimators_take_networks():
    model = NetworkClassifier(build, **{**SMALL, "epochs": 20})
    assert CalibratedClassifierCV(model, cv=2).fit(X, y).score(X, y) > 0.8
    two = y < 2
    grid = {"model__units": [4, 8]}
    search = GridSearchCV(model, grid, scoring="roc_auc", cv=2).fit(X[two], y[two])
    assert search.best_score_ > 0.9
    bagging = BaggingRegressor(NetworkRegressor(build, **SMALL), n_estimators=2)
    assert bagging.fit(X, y).predict(X).shape == y.shape


def test_partial_functions_build_networks():
    model = NetworkClassifier(partial(build, units=3), **SMALL).fit(X, y)
    assert model.model_.layers[1].units == 3


def test_functions_take_any_arguments():
    model = NetworkClassifier(build, model_params={"rate": 0.1}, **SMALL)
    assert model.fit(X, y).get_params()["model__rate"] == 0.1


@pytest.mark.slow
def test_an_autoencoder_is_a_regressor():
    model = NetworkRegressor(build, **{**SMALL, "epochs": 40}).fit(X, X)
    assert model.score(X, X) > 0.7


@pytest.mark.parametrize("loss", [5, object()])
def test_what_is_no_loss_is_an_error(loss):
    with pytest.raises(ValueError, match="'loss' parameter"):
        NetworkClassifier(build, loss=loss).fit(X, y)


def test_what_is_no_metric_is_an_error():
    with pytest.raises(ValueError, match="metrics holds 5"):
        NetworkClassifier(build, metrics=[5]).fit(X, y)


def test_another_kind_of_y_is_refused_later():
    model = NetworkClassifier(build, **SMALL).fit(X, y).set_params(warm_start=True)
    with pytest.raises(ValueError, match="not among the classes"):
        model.fit(X, y + 1)
    with pytest.raises(ValueError, match="was fitted on one label"):
        model.fit(X, np.eye(3)[y])
    model = NetworkRegressor(build, **SMALL).fit(X, y).set_params(warm_start=True)
    with pytest.raises(ValueError, match="y has 4 columns"):
        model.fit(X, X)


TARGETS = [y < 1, y, y.astype(float), np.array(["a", "b", "c"])[y], np.eye(3)[y] > 0]


@pytest.mark.parametrize("target", TARGETS, ids=["bool", "int", "float", "str", "2d"])
def test_forms_of_predictions_are_scikit_learns(target):
    theirs = MLPClassifier(max_iter=300, tol=1e-2).fit(X, target)
    ours = NetworkClassifier(build, **SMALL).fit(X, target)
    assert ours.predict(X).shape == theirs.predict(X).shape
    assert ours.predict_proba(X).shape == theirs.predict_proba(X).shape
    assert ours.predict(X).dtype.kind == theirs.predict(X).dtype.kind
    if target.dtype.kind in "if":
        theirs = MLPRegressor(max_iter=300, tol=1e-2).fit(X, target)
        ours = NetworkRegressor(build, **SMALL).fit(X, target)
        assert ours.predict(X).shape == theirs.predict(X).shape
        assert ours.predict(X).dtype.kind == theirs.predict(X).dtype.kind


def test_objects_of_keras_are_pickled_with_the_estimator():
    model = NetworkClassifier(
        build,
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        optimizer=keras.optimizers.Adam(0.02),
        metrics=[keras.metrics.AUC(name="area")],
        callbacks=[keras.callbacks.TerminateOnNaN()],
        **SMALL,
    ).fit(X, y)
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.predict_proba(X), model.predict_proba(X))
    again = clone(copy).fit(X, y)
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))


def test_batches_may_be_of_one():
    model = NetworkClassifier(build, epochs=1, batch_size=1).fit(X[::10], y[::10])
    assert model.predict(X[:1]).shape == (1,)
