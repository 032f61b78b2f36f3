"""Copies of Keras objects keep every argument."""

import copy
import inspect
import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from skl_signlang import DenseRegressor
from skl_signlang._keras import complete_config, serialize
from skl_signlang.estimators import NetworkRegressor
from skl_signlang.persistence import load, save
from skl_signlang.training import from_plain, to_plain

HOMES = {
    "initializers": keras.initializers.Initializer,
    "losses": keras.losses.Loss,
    "metrics": keras.metrics.Metric,
    "optimizers": keras.optimizers.Optimizer,
    "regularizers": keras.regularizers.Regularizer,
    "schedules": keras.optimizers.schedules.LearningRateSchedule,
}
NAMED = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
SMALL = {"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0}


def other_values(default):
    """Return values of an argument that are not its default."""
    if isinstance(default, bool):
        return [not default]
    if isinstance(default, int | float):
        return [default / 2 + 0.2, default + 1]
    return [0.5, 3] if default is None else []


def made(kind):
    """Make objects of a class, each with one argument that is not its default."""
    arguments = list(inspect.signature(kind).parameters.values())
    needed = {
        p.name: 7 if "steps" in p.name or "num" in p.name else 0.3
        for p in arguments
        if p.default is p.empty and p.kind in NAMED
    }
    for argument in arguments:
        for value in other_values(argument.default):
            try:
                yield argument.name, value, kind(**needed, **{argument.name: value})
                break
            except Exception:  # not a value of this argument
                continue


KINDS = sorted(
    {
        (home, kind)
        for home, base in HOMES.items()
        for kind in vars(getattr(keras, home, keras.optimizers.schedules)).values()
        if inspect.isclass(kind) and issubclass(kind, base) and kind is not base
    },
    key=str,
)


@pytest.mark.parametrize(("home", "kind"), KINDS)
def test_copies_of_keras_objects_are_equal(home, kind):
    copies = [clone_of, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]
    for name, value, thing in made(kind):
        config = complete_config(thing)
        if isinstance(config.get(name), float) and isinstance(value, float):
            assert config[name] == pytest.approx(value), name
        for copied in copies if home != "regularizers" else copies[:2]:
            assert complete_config(copied(thing)) == config


def clone_of(thing):
    return clone(thing, safe=False)


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (keras.losses.Huber(9.0), "delta"),
        (keras.losses.CosineSimilarity(axis=0), "axis"),
        (keras.initializers.Identity(3.0), "gain"),
        (keras.losses.MeanSquaredError(dtype="float64"), "dtype"),
    ],
)
def test_what_keras_forgets_is_kept(thing, name):
    wanted = complete_config(thing)[name]
    for copied in (clone_of(thing), from_plain(to_plain(thing))):
        assert complete_config(copied)[name] == wanted
    assert serialize(thing)["config"][name] == wanted


@pytest.fixture(scope="module")
def line():
    X = np.random.default_rng(0).normal(size=(60, 3))
    return X, 5 * X.sum(axis=1)


def trained(line, **params):
    return DenseRegressor(**SMALL, **params).fit(*line)


def network(input_shape, n_outputs):
    layers = [keras.Input(input_shape), keras.layers.Dense(n_outputs)]
    return keras.Sequential(layers)


def own(**params):
    return NetworkRegressor(network, epochs=2, random_state=0, **params)


@pytest.mark.slow
def test_clones_searches_and_archives_train_with_the_same_loss(line, tmp_path):
    model = trained(line, loss=keras.losses.Huber(9.0))
    wanted = model.history_
    assert wanted != trained(line, loss=keras.losses.Huber()).history_
    search = GridSearchCV(DenseRegressor(**SMALL), {"loss": [model.loss]}, cv=2)
    save(model, tmp_path / "model.signlang")
    for other in (
        clone(model),
        pickle.loads(pickle.dumps(model)),
        load(tmp_path / "model.signlang"),
        search.fit(*line).best_estimator_,
    ):
        assert clone(other).fit(*line).history_ == wanted


@pytest.mark.slow
def test_metrics_and_initializers_that_differ_are_not_confused(line):
    X, y = line
    Y = np.c_[y, -y]
    runs = [
        own(metrics=[keras.metrics.CosineSimilarity(axis=axis)]).fit(X, Y)
        for axis in (0, -1)
    ]
    assert runs[0].history_["loss"] == runs[1].history_["loss"]
    first, second = (run.history_["cosine_similarity"] for run in runs)
    assert first != second
    runs = [
        trained(line, kernel_initializer=keras.initializers.Identity(gain))
        for gain in (1.0, 3.0)
    ]
    assert runs[0].history_ != runs[1].history_


def test_a_checkpoint_of_another_loss_is_not_resumed(line, tmp_path):
    trained(line, loss=keras.losses.Huber(9.0), checkpoint_dir=tmp_path)
    with pytest.raises(ValueError, match="loss"):
        trained(line, loss=keras.losses.Huber(), checkpoint_dir=tmp_path)


@keras.saving.register_keras_serializable("test_keras_copies")
class Scaled(keras.losses.Loss):
    def __init__(self, factor=1.0, **params):
        super().__init__(**params)
        self.factor = factor

    def call(self, y_true, y_pred):
        return self.factor * keras.losses.mean_squared_error(y_true, y_pred)


@keras.saving.register_keras_serializable("test_keras_copies")
class Counted(keras.metrics.MeanSquaredError):
    def __init__(self, factor=1.0, **params):
        super().__init__(**params)
        self.factor = factor


@keras.saving.register_keras_serializable("test_keras_copies")
class Stepped(keras.optimizers.SGD):
    def __init__(self, learning_rate=0.01, factor=1.0, **params):
        super().__init__(learning_rate, **params)
        self.factor = factor


@keras.saving.register_keras_serializable("test_keras_copies")
class Falling(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, factor=1.0):
        self.factor = factor

    def __call__(self, step):
        return self.factor * 0.01

    def get_config(self):
        return {}


@pytest.mark.parametrize(
    "model",
    [
        DenseRegressor(**SMALL, loss=Scaled(3.0)),
        own(metrics=[Counted(3.0)]),
        DenseRegressor(**SMALL, optimizer=Stepped(factor=3.0)),
        DenseRegressor(**SMALL, optimizer=keras.optimizers.SGD(Falling(3.0))),
    ],
    ids=["loss", "metric", "optimizer", "schedule"],
)
def test_custom_objects_that_would_lose_arguments_are_explained(line, model):
    with pytest.raises(ValueError, match="get_config lacks factor"):
        model.fit(*line)
    with pytest.raises(ValueError, match="get_config lacks factor"):
        clone(model).fit(*line)


class Tilted(keras.losses.Loss):
    """Not registered; its constructor does not take what bases take."""

    def __init__(self, quantile=0.5):
        super().__init__(name="tilted")
        self.quantile = quantile

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        return keras.ops.maximum(self.quantile * error, (self.quantile - 1) * error)

    def get_config(self):
        return {**super().get_config(), "quantile": self.quantile}


class Doubled(keras.metrics.MeanSquaredError):
    def __init__(self, factor=2.0, **params):
        super().__init__(**params)
        self.factor = factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Descent(keras.optimizers.SGD):
    pass


@pytest.mark.parametrize(
    ("name", "thing", "part"),
    [
        ("loss", Tilted(0.9), "quantile"),
        ("metrics", [Doubled(3.0)], "factor"),
        ("optimizer", Descent(0.3), "momentum"),
    ],
)
def test_custom_classes_need_no_registration(line, name, thing, part):
    model = own(**{name: thing})
    for copied in (
        clone(model),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model.fit(*line))),
    ):
        made = getattr(copied, name)
        for one, same in zip(np.ravel(made), np.ravel(thing), strict=True):
            assert one is not same
            assert getattr(one, part) == getattr(same, part)
        assert copied.fit(*line).history_ == model.history_


def test_a_class_takes_its_parameters_by_name(line):
    model = DenseRegressor(**SMALL, loss=Scaled).set_params(loss__factor=3.0)
    same = DenseRegressor(**SMALL, loss="mse").fit(*line)
    losses = clone(model).fit(*line).history_["loss"]
    assert losses[0] == pytest.approx(3 * same.history_["loss"][0], rel=1e-3)
