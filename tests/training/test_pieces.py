"""Training in pieces is training at once; what runs in TensorFlow says so or works."""

import os
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import TargetEncoder

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    DenseRegressor,
    TransferLearningClassifier,
)
from skl_signlang.callbacks import KerasCallback, StopAtMetric
from skl_signlang.model_selection import HyperbandSearchCV
from skl_signlang.model_selection._training_state import restore_state, state_to_bytes
from skl_signlang.persistence import save
from skl_signlang.preprocessing import BackboneFeatures

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 3)).astype(np.float32)
y = np.arange(24) % 2


def network(**params):
    given = {"hidden_layer_sizes": (2,), "epochs": 4, "random_state": 0}
    return DenseClassifier(**given | params)


def slower(epoch, rate):
    return rate * 0.5


CARRIED = {
    "nothing": {},
    "momentum": {"optimizer": keras.optimizers.SGD(0.1, momentum=0.9)},
    "dropout": {"hidden_layer_sizes": (8,), "dropout": 0.5},
    "batch_norm": {"hidden_layer_sizes": (4,), "batch_norm": True, "batch_size": 8},
    "class_weight": {"class_weight": {0: 1, 1: 3}, "label_smoothing": 0.1},
    "penalties": {"l1": 0.01, "l2": 0.01, "clipnorm": 0.1},
    "average": {"average": True},
    "plateau": {"reduce_lr": np.float32(0.5), "patience": 2, "min_delta": 0.1},
    "plateau callback": {
        "callbacks": [
            ("p", KerasCallback("ReduceLROnPlateau", monitor="loss", patience=1))
        ]
    },
    "schedule callback": {
        "callbacks": [("s", KerasCallback("LearningRateScheduler", schedule=slower))]
    },
}


@pytest.mark.parametrize("params", CARRIED.values(), ids=CARRIED)
def test_pieces_give_the_bits_of_all_at_once(params):
    whole = network(**params).fit(X, y)
    warm = network(**params, warm_start=True).set_params(epochs=2).fit(X, y)
    warm = pickle.loads(pickle.dumps(warm)).fit(X, y)
    pieces = network(**params)
    for _ in range(4):
        pieces.partial_fit(X, y, classes=[0, 1])
    for other in (warm, pieces):
        for one, two in zip(
            whole.model_.get_weights(), other.model_.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(one, two)


def test_augmented_pieces_give_the_bits_of_all_at_once():
    images = np.random.RandomState(0).randint(0, 256, (12, 4, 4)).astype(np.uint8)
    given = {"filters": (2,), "hidden_layer_sizes": (), "random_state": 0}
    given |= {"rotation": 20, "horizontal_flip": 0.5}
    whole = CNNClassifier(epochs=2, **given).fit(images, y[:12])
    pieces = CNNClassifier(**given)
    for _ in range(2):
        pieces.partial_fit(images, y[:12], classes=[0, 1])
    assert pieces.history_ == whole.history_
    np.testing.assert_array_equal(
        pieces.predict_proba(images), whole.predict_proba(images)
    )


@pytest.mark.parametrize(
    "params", [{"early_stopping": True}, {"lr_schedule": "cosine"}], ids=str
)
def test_what_depends_on_all_epochs_is_refused_in_a_search(params):
    search = HyperbandSearchCV(network(**params), {"l2": [0.1]}, cv=2)
    with pytest.raises(ValueError, match=f"{next(iter(params))}=.*cannot be used"):
        search.fit(X, y)


@pytest.mark.parametrize(
    "params", [{"early_stopping": True}, {"lr_schedule": "cosine"}], ids=str
)
def test_what_depends_on_all_epochs_is_refused_in_pieces(params):
    name = next(iter(params))
    with pytest.raises(ValueError, match=f"partial_fit does not support {name}="):
        network(**params).partial_fit(X, y, classes=[0, 1])


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer": keras.optimizers.Adam(use_ema=True)},
        {"optimizer": "sgd", "optimizer__use_ema": True},
    ],
    ids=["instance", "routed"],
)
def test_weights_that_keras_replaces_at_the_end_are_refused(params):
    with pytest.raises(ValueError, match=r"use_ema=True .* Set average=True"):
        network().set_params(**params).fit(X, y)


def test_a_search_says_where_an_argument_of_fit_goes():
    search = HyperbandSearchCV(network(), {"l2": [0.1]}, cv=2)
    with pytest.raises(ValueError, match=r"constructor: DenseClassifier\(epochs="):
        search.fit(X, y, epochs=3)


@pytest.mark.parametrize(
    "model",
    [
        CNNClassifier(filters=(2,), hidden_layer_sizes=(4, 4), epochs=1),
        DenseRegressor(hidden_layer_sizes=(4, 4), epochs=1),
    ],
    ids=lambda model: type(model).__name__,
)
def test_the_last_step_may_not_break_the_network(model):
    images = np.random.RandomState(0).randint(0, 256, (24, 4, 4)).astype(np.uint8)
    model.set_params(optimizer="sgd", learning_rate=1e30, random_state=0)
    with pytest.raises(ValueError, match=r"diverged.*Lower learning_rate"):
        model.fit(images, y)
    assert not hasattr(model, "n_iter_")


@pytest.mark.parametrize("name", [k for k in CARRIED if "callback" not in k])
def test_saved_training_resumes_bit_for_bit_identical(name):
    params = CARRIED[name]
    whole = network(**params).fit(X, y)
    kept = state_to_bytes(network(**params).set_params(epochs=2).fit(X, y))
    pieces = network(**params)
    restore_state(pieces, X, y, None, kept)
    for _ in range(2):
        pieces.partial_fit(X, y)
    assert pieces.history_ == whole.history_
    np.testing.assert_array_equal(pieces.predict_proba(X), whole.predict_proba(X))


@pytest.mark.parametrize(
    "callback", [StopAtMetric(), KerasCallback("EarlyStopping", monitor="loss")]
)
def test_what_stops_is_refused_in_pieces(callback):
    with pytest.raises(ValueError, match="callbacks that stop, such as 'me'"):
        network(callbacks=[("me", callback)]).partial_fit(X, y, classes=[0, 1])
    search = HyperbandSearchCV(
        network(callbacks=[("me", callback)]), {"learning_rate": [0.1]}
    )
    with pytest.raises(ValueError, match=r"'me'.*cannot be used in Hyperband"):
        search.fit(X, y)


class Halve(keras.callbacks.Callback):
    """Has no state, so pieces are the whole."""

    def on_epoch_end(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate
        rate.assign(rate * (0.5 if epoch % 2 else 1.5))


class Keeps(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.seen = epoch


class Stops(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = True


class Begins(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        pass


class Counts(keras.callbacks.Callback):
    losses = []


def searched(model):
    """Search two learning rates; the better one is promoted once."""
    space = {"learning_rate": [0.1, 0.01]}
    resource = "epochs"
    if isinstance(model, Pipeline):
        last = model.steps[-1][0]
        space, resource = (
            {f"{last}__{k}": v for k, v in space.items()},
            f"{last}__epochs",
        )
    return HyperbandSearchCV(
        model,
        space,
        resource=resource,
        max_resource=2,
        factor=2,
        cv=2,
        scoring="neg_log_loss",
        random_state=0,
        refit=False,
        error_score="raise",
    )


def assert_scores_are_those_at_once(search, X):
    results = search.fit(X, y).cv_results_
    for params, score in zip(
        results["params"], results["mean_test_score"], strict=True
    ):
        model = clone(search.estimator).set_params(**params)
        whole = cross_val_score(model, X, y, cv=2, scoring="neg_log_loss")
        assert score == pytest.approx(whole.mean(), rel=1e-6)


def test_callbacks_without_state_are_searched_with():
    assert_scores_are_those_at_once(searched(network(callbacks=[("h", Halve())])), X)


@pytest.mark.parametrize("callback", [Begins(), Counts()], ids=["begins", "counts"])
def test_callbacks_with_state_are_refused_in_a_search(callback):
    with pytest.raises(ValueError, match=r"'me'.*cannot be used in Hyperband"):
        searched(network(callbacks=[("me", callback)])).fit(X, y)


@pytest.mark.parametrize(
    ("callback", "message"),
    [(Keeps(), "'me', Keeps, stores state"), (Stops(), "stopped training after 1")],
    ids=["keeps", "stops"],
)
def test_callbacks_that_turn_out_to_have_state_end_a_search(callback, message):
    search = searched(network(callbacks=[("me", callback)]))
    with pytest.raises(ValueError, match=message):
        search.set_params(max_resource=4).fit(X, y)


def test_steps_that_fit_by_chance_go_on_as_at_once_or_are_refused():
    codes = (X > 0).astype(int) + (X > 1)
    for cv in (2, StratifiedKFold(2, shuffle=True)):
        model = make_pipeline(TargetEncoder(cv=cv), network())
        with pytest.raises(ValueError, match=r"TargetEncoder.*random_state.*integer"):
            searched(model).fit(codes, y)
    cv = StratifiedKFold(2, shuffle=True, random_state=0)
    model = make_pipeline(TargetEncoder(cv=cv), network())
    assert_scores_are_those_at_once(searched(model), codes)


def square(x):
    return keras.ops.square(x)


def times(factor):
    def activation(x):
        return factor * keras.ops.tanh(x)

    return activation


def test_a_function_of_ones_own_goes_by_reference(tmp_path):
    model = network(activation=square).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    with pytest.raises(ValueError, match=r"=<function square.*is a custom function"):
        save(model, tmp_path / "own.signlang")


def test_two_closures_of_one_name_are_two():
    one, two = (network(activation=times(k)).fit(X, y) for k in (1.0, 9.0))
    assert one.history_["loss"] != two.history_["loss"]


class Own(keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return np.full(shape, 0.5)


def error_of_ones_own(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)


class ErrorOfOnesOwn(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return error_of_ones_own(y_true, y_pred)


@pytest.mark.parametrize(
    "loss",
    [
        error_of_ones_own,
        lambda y_true, y_pred: error_of_ones_own(y_true, y_pred),
        ErrorOfOnesOwn,
        ErrorOfOnesOwn(),
    ],
    ids=["function", "lambda", "class", "object"],
)
def test_losses_of_ones_own_are_those_of_keras(loss):
    given = {"hidden_layer_sizes": (), "epochs": 1, "random_state": 0}
    own, known = (
        DenseRegressor(**given, loss=name).fit(X, y) for name in (loss, "mae")
    )
    np.testing.assert_allclose(own.history_["loss"], known.history_["loss"], rtol=1e-5)


def test_initializers_of_ones_own_begin_the_kernels():
    model = network(kernel_initializer=Own(), learning_rate=1e-9, epochs=1).fit(X, y)
    np.testing.assert_allclose(model.model_.get_layer("hidden_1").kernel, 0.5)


class Holds(keras.initializers.Initializer):
    """Holds what cannot be pickled."""

    def __init__(self, make):
        self.make = lambda shape: make(shape)

    def __call__(self, shape, dtype=None):
        return self.make(shape)


@pytest.mark.parametrize(
    "make", [lambda _: None, lambda _: np.ones((9, 9))], ids=["nothing", "other shape"]
)
@pytest.mark.parametrize("kind", [CNNClassifier, DenseClassifier])
def test_initializers_that_cannot_be_are_named(kind, make):
    model = kind(kernel_initializer=Holds(make), hidden_layer_sizes=(2,))
    with pytest.raises(ValueError, match=r"^kernel_initializer=Holds must") as error:
        model.fit(np.zeros((24, 16), np.uint8), y)
    assert len(str(error.value)) < 400


def test_initializers_that_cannot_be_pickled_begin_the_kernels():
    kernels = [
        network(kernel_initializer=Holds(make), learning_rate=1e-9, epochs=1)
        .fit(X, y)
        .model_.get_layer("hidden_1")
        .kernel
        for make in (np.zeros, np.ones)
    ]
    np.testing.assert_allclose(kernels[0] + 1, kernels[1], atol=1e-6)


def test_heads_take_functions_of_ones_own():
    model = TransferLearningClassifier(
        backbone=lambda shape: keras.Sequential(
            [keras.Input(shape), keras.layers.Conv2D(1, 3)]
        ),
        activation=square,
        hidden_layer_sizes=(2,),
        epochs=1,
        random_state=0,
    ).fit(np.arange(24 * 64).reshape(24, 8, 8) % 256, y)
    head = model.model_.get_layer("dense_network")
    assert head.get_layer("hidden_1_activation").activation is square


WRONG = {
    "NumPy": (np.tanh, "activation=tanh .*symbolic"),
    "nothing": (lambda x: None, "got a NoneType"),
    "other shape": (lambda x: x[..., :1], r"got the shape \(None, 1\)"),
    "other name": ("glu", r"activation=glu .*got the shape \(None, 1\)"),
    "no argument": (lambda: 1, "got TypeError"),
    "integers": (lambda x: keras.ops.cast(x, int), "a tensor of int"),
    "class": (keras.layers.ReLU, "activation=ReLU .*got a class"),
    "weights": (keras.layers.PReLU(), "a layer that has weights"),
}


@pytest.mark.parametrize("parameter", ["activation", "output_activation"])
@pytest.mark.parametrize(("function", "message"), WRONG.values(), ids=WRONG)
def test_activations_that_cannot_be_are_named(parameter, function, message):
    model = DenseRegressor(hidden_layer_sizes=(2,), **{parameter: function})
    with pytest.raises(ValueError, match=message) as error:
        model.fit(X, np.column_stack([y, y]))
    assert str(error.value).startswith(f"{parameter}=")
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    "loss", [lambda y_true, y_pred: np.mean(y_pred), lambda y_pred: y_pred, dict]
)
def test_losses_that_cannot_be_are_named(loss):
    with pytest.raises(ValueError, match=r"^loss=") as error:
        DenseRegressor(hidden_layer_sizes=(2,), loss=loss).fit(X, y)
    assert len(str(error.value)) < 300


def test_functions_of_one_name_share_no_features():
    images = np.arange(2 * 64, dtype=np.uint8).reshape(2, 8, 8)
    features = []
    for factor in (1.0, 2.0):

        @keras.saving.register_keras_serializable("test_pieces")
        def brighten(x, factor=factor):
            return x * factor

        def body(shape):
            layer = keras.layers.Activation(brighten)
            return keras.Sequential([keras.Input(shape), layer])

        backbone = BackboneFeatures(backbone=body, weights=None)
        features.append(backbone.fit_transform(images))
    np.testing.assert_array_equal(2 * features[0], features[1])


IN_A_CHILD = """
import os, sys
import numpy as np
from skl_signlang import DenseClassifier
import tensorflow as tf
X, y = np.eye(6, 3), np.arange(6) % 2
model = DenseClassifier(hidden_layer_sizes=(), epochs=1, random_state=0)
tf.config.run_functions_eagerly(True)
model.fit(X, y).predict(X)
for what in (lambda: model.fit(X, y), lambda: model.predict(X)):
    child = os.fork()
    if child == 0:
        try:
            what()
        except RuntimeError as error:
            os._exit(7 if "loky" in str(error) else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 7 << 8
print("all")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_is_quiet_runs_eagerly_and_refuses_to_go_on_in_a_fork():
    """One process for all three: TensorFlow takes seconds to start."""
    plain = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_A_CHILD],
        capture_output=True,
        text=True,
        timeout=300,
        env=plain,
    )
    assert (done.stdout, done.stderr) == ("all\n", "")
