"""Training in pieces is training at once; what runs in TensorFlow says so or works."""

import os
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest

from skl_signlang import DenseClassifier
from skl_signlang.callbacks import KerasCallback, StopAtMetric
from skl_signlang.model_selection import HyperbandSearchCV
from skl_signlang.persistence import save

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
    with pytest.raises(ValueError, match=r"activation=<function square.*is your own"):
        save(model, tmp_path / "own.signlang")


def test_two_closures_of_one_name_are_two():
    one, two = (network(activation=times(k)).fit(X, y) for k in (1.0, 9.0))
    assert one.history_["loss"] != two.history_["loss"]


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
