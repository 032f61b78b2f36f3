"""Subclasses that override `build_network` instead of a function `model`."""

import pickle

import numpy as np
import pytest
from own_networks import sequential
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import NetworkClassifier, NetworkRegressor
from skl_signlang.persistence import load, save

X, y = load_iris(return_X_y=True)
X = ((X - X.mean(axis=0)) / X.std(axis=0)).astype(np.float32)


class Small(NetworkClassifier):
    """Only the hook: its arguments are in model_params."""

    @staticmethod
    def build_network(input_shape, n_outputs, units=4):
        return sequential(input_shape, n_outputs, units)


class Sized(NetworkRegressor):
    """The hook, and a constructor with an argument of it."""

    def __init__(self, units=4, *, epochs=3, learning_rate=0.02, random_state=0):
        super().__init__(
            epochs=epochs, learning_rate=learning_rate, random_state=random_state
        )
        self.units = units

    @staticmethod
    def build_network(input_shape, n_outputs, units, dropout=0.0):
        return sequential(input_shape, n_outputs, units, dropout)


class WithSelf(NetworkClassifier):
    def build_network(self, input_shape, n_outputs):
        return sequential(input_shape, n_outputs)


class Compiled(NetworkClassifier):
    @staticmethod
    def build_network(input_shape, n_outputs):
        network = sequential(input_shape, n_outputs)
        network.compile(loss="mse")
        return network


def small(**params):
    return Small(epochs=3, learning_rate=0.02, random_state=0, **params)


def units_of(model):
    return next(x.units for x in model.model_.layers if hasattr(x, "units"))


def test_the_hook_is_a_function_like_model():
    model = small(model_params={"units": 5}).fit(X, y)
    params = {**model.get_params(deep=False), "model": sequential}
    function = NetworkClassifier(**params)
    assert np.array_equal(model.predict_proba(X), function.fit(X, y).predict_proba(X))
    assert model.get_params()["model__units"] == 5
    assert Small().get_params()["model__units"] == 4
    with pytest.raises(ValueError, match="near names are units"):
        Small().set_params(model__unit=3)


def test_parameters_of_the_constructor_reach_the_hook():
    model = Sized(units=6).fit(X, y)
    assert units_of(model) == 6
    params = model.get_params()
    assert params["units"] == 6
    assert "model__units" not in params
    assert params["model__dropout"] == 0.0
    assert units_of(clone(model).set_params(units=7).fit(X, y)) == 7
    with pytest.raises(ValueError, match="is a parameter of the constructor"):
        model.set_params(model__units=3)


@pytest.mark.parametrize(
    ("model", "name"), [(small(), "model__units"), (Sized(), "units")]
)
def test_searches_clone_subclasses(model, name):
    pipeline = make_pipeline(StandardScaler(), model)
    grid = {f"{type(model).__name__.lower()}__{name}": [2, 3]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    (chosen,) = search.best_params_.values()
    assert units_of(search.best_estimator_[-1]) == chosen


@pytest.mark.parametrize(
    "model", [small(model_params={"units": 3}), Sized(units=3)], ids=["hook", "both"]
)
def test_copies_and_archives_of_subclasses_predict_the_same(model, tmp_path):
    model = clone(model).fit(X, y)
    path = tmp_path / "own.signlang"
    save(model, path)
    for copy in (
        pickle.loads(pickle.dumps(model)),
        load(path, model=type(model)),
    ):
        assert type(copy) is type(model)
        assert copy.get_params() == model.get_params()
        assert np.array_equal(copy.predict(X), model.predict(X))
        assert np.array_equal(copy.fit(X, y).predict(X), model.predict(X))


def test_an_archive_of_a_subclass_needs_the_class(tmp_path):
    path = tmp_path / "own.signlang"
    save(small().fit(X, y), path)
    with pytest.raises(ValueError, match=r"load\(path, model=CLASS\)"):
        load(path)
    with pytest.raises(ValueError, match=r"load\(path, model=CLASS\)"):
        load(path, model=sequential)
    with pytest.raises(ValueError, match=r"load\(path, model=CLASS\)"):
        load(path, model=Sized)


def test_archives_hold_subclasses_with_the_hook_only(tmp_path):
    class Local(Small):
        pass

    with pytest.raises(ValueError, match="at the top of a module"):
        save(Local(epochs=1).fit(X, y), tmp_path / "own.signlang")


def test_an_archive_cannot_replace_the_hook(tmp_path):
    model = small().fit(X, y)
    model.build_network = "other"
    with pytest.raises(ValueError, match="'build_network' in it overwrites a method"):
        save(model, tmp_path / "own.signlang")


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (NetworkClassifier(), ValueError, r"NetworkClassifier needs model"),
        (NetworkRegressor(), ValueError, r"NetworkRegressor needs model"),
        (WithSelf(), TypeError, "write @staticmethod above it"),
        (Small(sequential), ValueError, "leave model out"),
        (small(model_params={"unit": 1}), ValueError, "near names are units"),
        (Compiled(), ValueError, "model=Compiled.build_network returned a compiled"),
    ],
    ids=["classifier", "regressor", "self", "both", "name", "compiled"],
)
def test_what_is_no_hook_is_named(model, error, message):
    with pytest.raises(error, match=message):
        model.fit(X, y)


def test_estimators_with_one_hook_share_a_compiled_network():
    first, second = (small().fit(X, y)._network.compiled for _ in range(2))
    assert first is second
