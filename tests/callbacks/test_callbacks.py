"""Callbacks as parameters, and scikit-learn's own."""

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang.callbacks import KerasCallback, StopAtMetric
from skl_signlang.persistence import load, save

SMALL = {"hidden_layer_sizes": (8,), "epochs": 4, "random_state": 0}


class Recorder(keras.callbacks.Callback):
    """A callback of one's own."""

    def __init__(self, name="recorder"):
        super().__init__()
        self.name = name
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        weights = [v.numpy() for v in self.model.trainable_variables]
        self.epochs.append((dict(logs), weights))


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:300], y[:300]


def stop_at(value=0.0, metric="accuracy"):
    return DenseClassifier(**SMALL, callbacks=[("stop", StopAtMetric(metric, value))])


# --- parameters -------------------------------------------------------------------


@pytest.mark.parametrize(
    "callback",
    [
        KerasCallback("EarlyStopping", monitor="loss", patience=2),
        KerasCallback(keras.callbacks.EarlyStopping, monitor="loss", patience=2),
        keras.callbacks.EarlyStopping(monitor="loss", patience=2),
    ],
)
def test_callbacks_of_keras_have_parameters(digits, callback):
    model = DenseClassifier(**SMALL, callbacks=[("stop", callback)])
    params = model.get_params()
    assert params["callbacks__stop"] is callback
    assert params["callbacks__stop__patience"] == 2
    changed = clone(model).set_params(callbacks__stop__patience=1)
    changed.set_params(callbacks__stop__min_delta=100.0)
    assert clone(changed).get_params()["callbacks__stop__patience"] == 1
    assert model.get_params()["callbacks__stop__patience"] == 2
    assert pickle.loads(pickle.dumps(changed)).fit(*digits).n_iter_ == 2
    assert model.fit(*digits).n_iter_ == 4


@pytest.mark.slow
def test_a_search_in_a_pipeline_reaches_callbacks(digits):
    pipeline = Pipeline([("scale", StandardScaler()), ("cnn", stop_at())])
    grid = {
        "cnn__callbacks__stop__value": [0.0, 2.0],
        "cnn__callbacks__stop__metric": ["accuracy", "loss"],
    }
    search = GridSearchCV(pipeline, grid, cv=2).fit(*digits)
    assert set(search.best_params_) == set(grid)
    lengths = {
        tuple(params.values()): clone(pipeline).set_params(**params).fit(*digits)[-1]
        for params in search.cv_results_["params"]
    }
    assert lengths["accuracy", 0.0].n_iter_ == 1
    assert lengths["accuracy", 2.0].n_iter_ == 4
    whole = GridSearchCV(
        pipeline, {"cnn__callbacks__stop": [None, StopAtMetric("accuracy", 0.0)]}, cv=2
    )
    assert len(whole.fit(*digits).cv_results_["params"]) == 2


def test_a_callback_is_left_out_or_replaced(digits):
    model = stop_at()
    assert model.fit(*digits).n_iter_ == 1
    assert model.set_params(callbacks__stop=None).fit(*digits).n_iter_ == 4
    new = {"callbacks__stop": StopAtMetric(), "callbacks__stop__value": 0.0}
    assert model.set_params(**new).fit(*digits).n_iter_ == 1


@pytest.mark.slow
@pytest.mark.parametrize("estimator", [CNNClassifier, DenseClassifier, DenseRegressor])
def test_all_networks_take_them(digits, estimator):
    model = estimator(epochs=3, callbacks=[("stop", StopAtMetric("loss", np.inf))])
    assert model.fit(*digits).n_iter_ == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"callbacks__go__value": 1}, "callbacks contain no 'go', but 'stop'"),
        ({"callbacks__stop__valeu": 1}, "Invalid parameter 'valeu'"),
    ],
)
def test_unknown_names_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        stop_at().set_params(**change)


# --- a fit ------------------------------------------------------------------------


def test_each_fit_has_its_own(digits):
    recorder = Recorder()
    model = DenseClassifier(**SMALL, callbacks=[("all", recorder)]).fit(*digits)
    first = model.callbacks_
    model.fit(*digits)
    assert recorder.epochs == []
    assert recorder._model is None
    assert [name for name, _ in model.callbacks_] == ["all"]
    assert model.callbacks_[0][1] is not first[0][1]
    assert len(first[0][1].epochs) == len(model.callbacks_[0][1].epochs) == 4
    assert first[0][1]._model is None
    assert not hasattr(pickle.loads(pickle.dumps(model)), "callbacks_")


@pytest.mark.slow
def test_nobody_who_looks_on_changes_anything(digits):
    X, y = digits
    plain = DenseClassifier(**SMALL, average=True).fit(X, y)
    seen = clone(plain).set_params(callbacks=[("all", Recorder())])
    seen.fit(X, y, X_val=X[:9], y_val=y[:9])
    for of in ("values", "values_to_train", "optimizer_values"):
        pairs = zip(
            getattr(plain._network, of), getattr(seen._network, of), strict=True
        )
        assert all(np.array_equal(a, b) for a, b in pairs)


def test_callbacks_see_what_will_predict(digits):
    X, y = digits
    model = DenseClassifier(**SMALL, average=True, callbacks=[("all", Recorder())])
    model.fit(X, y, X_val=X[:50], y_val=y[:50])
    logs, weights = model.callbacks_[0][1].epochs[-1]
    assert logs["val_accuracy"] == pytest.approx(model.score(X[:50], y[:50]))
    for seen, kept in zip(weights, model.model_.trainable_variables, strict=True):
        assert np.array_equal(seen, kept.numpy())


@pytest.mark.slow
@pytest.mark.parametrize("average", [True, False])
def test_what_keras_restores_is_what_predicts(digits, average):
    X, y = digits
    params = {**SMALL, "epochs": 60, "learning_rate": 0.05, "average": average}
    stop = KerasCallback("EarlyStopping", patience=2, restore_best_weights=True)
    keras_ = DenseClassifier(**params, callbacks=[("stop", stop)]).fit(X, y)
    ours = DenseClassifier(**params, early_stopping=True, patience=2).fit(X, y)
    assert keras_.history_["val_loss"] == ours.history_["val_loss"]
    assert np.array_equal(keras_.predict_proba(X), ours.predict_proba(X))


def test_two_phases_use_one_list(digits):
    from skl_signlang import TransferLearningClassifier

    def body(input_shape):
        return keras.Sequential(
            [keras.Input(input_shape), keras.layers.Conv2D(4, 3, activation="relu")]
        )

    model = TransferLearningClassifier(
        backbone=body, weights=None, trainable_layers="all", **SMALL
    )
    model.set_params(fine_tune_epochs=2, callbacks=[("all", Recorder())]).fit(*digits)
    assert len(model.callbacks_[0][1].epochs) == model.n_iter_ == 6


def test_an_archive_keeps_what_is_safe(digits, tmp_path):
    model = stop_at().fit(*digits)
    save(model, tmp_path / "safe.signlang")
    copy = load(tmp_path / "safe.signlang")
    assert copy.get_params()["callbacks__stop__value"] == 0.0
    model.set_params(callbacks=[("log", KerasCallback("CSVLogger", filename="x"))])
    with pytest.raises(ValueError, match="KerasCallback"):
        save(model, tmp_path / "unsafe.signlang")


# --- bad input --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("callbacks", "error", "message"),
    [
        ([5], ValueError, "callbacks must be a list of callbacks, or of"),
        ([("a", StopAtMetric()), ("a", StopAtMetric())], ValueError, "different names"),
        ([("a__b", StopAtMetric())], ValueError, "without '__'"),
        ([("stop", 5)], TypeError, "callbacks: 'stop' must be a callback"),
        ([("stop", StopAtMetric)], TypeError, "callbacks: 'stop' must be a callback"),
        (StopAtMetric(), ValueError, "'callbacks' parameter"),
        ([("stop", StopAtMetric("acuracy"))], ValueError, "'acuracy', which is not"),
        ([("stop", StopAtMetric("val_acuracy"))], ValueError, "'val_acuracy'"),
        ([("stop", StopAtMetric(value="high"))], TypeError, "'stop': value must be"),
        ([("stop", StopAtMetric(value=np.nan))], ValueError, "'stop': value must be"),
        ([("stop", KerasCallback("Stop"))], ValueError, "name of one in Keras"),
        ([("stop", KerasCallback("EarlyStopping", wait=1))], TypeError, "'wait'"),
        (
            [("stop", keras.callbacks.EarlyStopping(monitor="f1"))],
            ValueError,
            "monitors the metric 'f1'",
        ),
    ],
)
def test_bad_callbacks_are_named(digits, callbacks, error, message):
    model = DenseClassifier(**SMALL, callbacks=callbacks)
    assert model.get_params()["callbacks"] is callbacks
    with pytest.raises(error, match=message):
        clone(model).fit(*digits)


def test_a_callback_that_watches_a_validation_gets_one(digits):
    model = stop_at(0.0, "val_accuracy").fit(*digits)
    assert len(model.history_["val_accuracy"]) == model.n_iter_ == 1


# --- scikit-learn's own -----------------------------------------------------------


@pytest.mark.slow
def test_scoring_monitor_scores_each_epoch_of_a_search(digits):
    callback = pytest.importorskip(
        "sklearn.callback", reason="from scikit-learn 1.9 on"
    )
    monitor = callback.ScoringMonitor(scoring="accuracy")
    X, y = digits
    model = DenseClassifier(**SMALL, average=True).set_callbacks(monitor)
    model.fit(X, y)
    rows = monitor.get_logs().data_as_pandas.query("task_name == 'epoch'")
    assert len(rows) == 4
    assert rows["accuracy"].iloc[-1] == pytest.approx(model.score(X, y))
    GridSearchCV(model, {"learning_rate": [1e-3, 1e-2]}, cv=2, refit=False).fit(X, y)
    rows = monitor.get_logs().data_as_pandas.query("task_name == 'epoch'")
    assert len(rows) == 4 * 4


@pytest.mark.slow
def test_progress_bars_are_drawn_through_a_search(digits):
    callback = pytest.importorskip(
        "sklearn.callback", reason="from scikit-learn 1.9 on"
    )
    pytest.importorskip("rich", reason="scikit-learn's ProgressBar draws with it")
    search = GridSearchCV(DenseClassifier(**SMALL), {"dropout": [0.0, 0.1]}, cv=2)
    search.set_callbacks(callback.ProgressBar()).fit(*digits)
    assert len(search.cv_results_["params"]) == 2


def test_a_callback_of_scikit_learn_may_stop(digits):
    pytest.importorskip("sklearn.callback", reason="from scikit-learn 1.9 on")

    class Stop:
        told = ()

        def setup(self, estimator, context):
            self.told = [*self.told, "setup"]

        def teardown(self, estimator, context):
            self.told = [*self.told, "teardown"]

        def on_fit_task_begin(self, estimator, context):
            self.told = [*self.told, f"begin {context.task_name}"]

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            self.told = [*self.told, f"end {context.task_name}"]
            assert fitted_estimator.predict(digits[0][:3]).shape == (3,)
            return True

    stop = Stop()
    model = DenseClassifier(**SMALL).set_callbacks(stop).fit(*digits)
    assert model.n_iter_ == 1
    fit = ["begin fit", "begin epoch", "end epoch", "end fit"]
    assert stop.told == ["setup", *fit, "teardown"]


def test_older_versions_of_scikit_learn_do_without(digits, monkeypatch):
    model = DenseClassifier(**SMALL)
    import importlib
    import sys

    from skl_signlang.training import _reports

    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    try:
        importlib.reload(_reports)
        bare = _reports.CallbackSupportMixin()
        assert not hasattr(bare, "set_callbacks")
        assert _reports.report_of(bare, digits, 1) is None
    finally:
        monkeypatch.undo()
        importlib.reload(_reports)
    assert model.fit(*digits).n_iter_ == 4
