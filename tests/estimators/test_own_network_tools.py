"""What trains, searches, keeps and exports the package's networks, with the user's."""

import pickle

import joblib
import keras
import numpy as np
import pytest
from own_networks import Subclassed, custom, functional, recurrent, sequential
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import NetworkClassifier, NetworkRegressor
from skl_signlang.callbacks import TensorBoard
from skl_signlang.export import export
from skl_signlang.model_selection import HyperbandSearchCV

pytestmark = pytest.mark.slow

FUNCTIONS = [sequential, functional, Subclassed, custom, recurrent]
X, y = load_iris(return_X_y=True)
X = X.astype(np.float32)


def small(model=sequential, **params):
    params = {"epochs": 2, "random_state": 0, "learning_rate": 0.01, **params}
    return NetworkClassifier(model, **params)


@pytest.mark.parametrize("function", [sequential, Subclassed])
def test_hyperband_searches_over_arguments_of_the_function(function):
    space = {"model__units": [4, 8, 16], "learning_rate": [0.01, 0.03]}
    search = HyperbandSearchCV(
        small(function), space, max_resource=3, cv=2, random_state=0
    ).fit(X, y)
    assert search.best_params_["model__units"] in space["model__units"]
    assert search.best_estimator_.model_params == {
        "units": search.best_params_["model__units"]
    }
    alone = clone(search.best_estimator_).fit(X, y)
    assert np.array_equal(alone.predict_proba(X), search.predict_proba(X))


def test_a_search_over_a_pipeline_tries_functions_and_their_arguments():
    pipeline = make_pipeline(StandardScaler(), small())
    grid = {
        "networkclassifier__model": [sequential, Subclassed],
        "networkclassifier__model__units": [4, 8],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert len(search.cv_results_["params"]) == 4
    parallel = clone(search).set_params(n_jobs=2).fit(X, y)
    assert np.array_equal(
        search.cv_results_["mean_test_score"], parallel.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize("function", [sequential, Subclassed])
def test_tensorboard_writes_what_it_can_of_each_network(function, tmp_path):
    pytest.importorskip("tensorboard", reason="the extra skl_signlang[tensorboard]")
    model = small(function, callbacks=[("board", TensorBoard(tmp_path))]).fit(X, y)
    assert any(path.is_file() for path in tmp_path.rglob("*"))
    assert np.array_equal(model.predict(X), small(function).fit(X, y).predict(X))


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in the third epoch of the first fit."""

    left = 1

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2 and Interrupt.left:
            Interrupt.left = 0
            raise KeyboardInterrupt


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_interrupted_fit_resumes_bit_for_bit(function, tmp_path):
    Interrupt.left = 1
    stop = [("interrupt", Interrupt())]
    model = small(function, epochs=4, checkpoint_dir=tmp_path, callbacks=stop)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    resumed = model.fit(X, y)
    whole = small(function, epochs=4, callbacks=stop).fit(X, y)
    assert resumed.n_iter_ == 4
    assert np.array_equal(resumed.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_training_in_pieces_is_training_at_once(function):
    whole = small(function, epochs=4).fit(X, y)
    halves = small(function, warm_start=True).fit(X, y)
    halves = pickle.loads(pickle.dumps(halves)).fit(X, y)
    pieces = small(function)
    for _ in range(4):
        pieces.partial_fit(X, y, classes=[0, 1, 2])
    for model in (halves, pieces):
        assert model.n_iter_ == 4
        assert np.array_equal(model.predict_proba(X), whole.predict_proba(X))


def test_other_arguments_of_the_function_are_no_warm_start():
    model = small(warm_start=True).fit(X, y).set_params(model__units=5)
    with pytest.raises(ValueError, match="cannot train on"):
        model.fit(X, y)


@pytest.mark.parametrize("function", [sequential, custom])
def test_schedules_averages_and_penalties_of_steps_work(function):
    model = small(
        function,
        epochs=3,
        lr_schedule="one_cycle",
        average=True,
        clipnorm=1.0,
        weight_decay=1e-4,
        label_smoothing=0.1,
    ).fit(X, y)
    slowed = small(function, reduce_lr=True, early_stopping=True).fit(X, y)
    assert "val_loss" in slowed.history_
    assert "learning_rate" in model.history_
    assert clone(model).fit(X, y).history_ == model.history_


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("extension", [".onnx", ".tflite"])
def test_exported_files_predict_as_the_estimator(function, extension, tmp_path):
    # export runs the file, and raises where the results differ
    path = tmp_path / f"own{extension}"
    model = small(function, epochs=1, standardize=True)
    if (function, extension) == (recurrent, ".tflite"):
        with pytest.raises(ValueError, match="Recurrent layers need unroll=True"):
            export(model.fit(X, y), path)
        assert not path.exists()
        model.set_params(model__unroll=True)
    export(model.fit(X, y), path)
    assert path.stat().st_size > 0


@pytest.mark.parametrize("function", [functional, Subclassed])
def test_a_saved_model_predicts_as_the_regressor(function, tmp_path):
    model = NetworkRegressor(function, epochs=1, random_state=0).fit(X, X[:, :2])
    pipeline = make_pipeline(StandardScaler(), model).fit(X, X[:, :2])
    export(pipeline, tmp_path / "own", format="saved_model")
    assert (tmp_path / "own" / "1" / "saved_model.pb").exists()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_joblib_keeps_a_search_in_a_file(function, tmp_path):
    search = GridSearchCV(small(function, epochs=1), {"model__units": [3, 4]}, cv=2)
    joblib.dump(search.fit(X, y), tmp_path / "search.joblib")
    copy = joblib.load(tmp_path / "search.joblib")
    assert np.array_equal(copy.predict_proba(X), search.predict_proba(X))
