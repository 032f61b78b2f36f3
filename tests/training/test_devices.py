"""Training on several devices, in a process where one CPU is two devices."""

import json

import pytest

pytestmark = pytest.mark.slow

TWO_DEVICES = """
import json
import pickle
import warnings

import keras
import numpy as np
import tensorflow as tf
from sklearn.base import clone
from sklearn.datasets import load_digits

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang.model_selection import HyperbandSearchCV

warnings.simplefilter("error", UserWarning)
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
X, y = load_digits(n_class=3, return_X_y=True)
# batches of 50, 50, 50 and 1: the last is not divided evenly
X, y = X[:151], y[:151]
images = X.reshape(-1, 8, 8).astype(np.float32)
replicas = []


class Count(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        replicas.append(self.model.distribute_strategy.num_replicas_in_sync)


def furthest(a, b):
    return float(np.abs(np.subtract(a, b)).max())
"""


TRAINED = """
replicas.clear()
same = {"dropout": 0.0, "conv_dropout": 0.0, "batch_norm": False, "rotation": 5}
apart = {}
for model, data in [
    (DenseClassifier(hidden_layer_sizes=(8,)), X),
    (DenseRegressor(hidden_layer_sizes=(8,)), X),
    (CNNClassifier(filters=(4,), **same, early_stopping=True), images),
]:
    model.set_params(batch_size=50, epochs=3, random_state=0)
    model.set_params(callbacks=[("count", Count())])
    weights = np.linspace(0.5, 2, len(y))
    one = clone(model).fit(data, y, sample_weight=weights)
    with strategy.scope():
        two = clone(model).fit(data, y, sample_weight=weights)
        within = two.predict(data)
    again = pickle.loads(pickle.dumps(two))
    raw = [model.model_(data.astype(np.float32)).numpy() for model in (one, two, again)]
    apart[type(model).__name__] = [
        furthest(raw[0], raw[1]),
        furthest(raw[0], raw[2]),
        furthest(one.predict(data), within),
        furthest(one.history_["val_loss"], two.history_["val_loss"])
        if "val_loss" in one.history_ else 0.0,
    ]
print(json.dumps([apart, replicas]))
"""

CONTINUED = """
replicas.clear()
model = DenseClassifier(
    hidden_layer_sizes=(8,), batch_size=50, epochs=2, random_state=0, warm_start=True,
    callbacks=[("c", Count())],
)
steps = [False, True, True, False]
one, mixed = clone(model), clone(model)
for on_both in steps:
    one.fit(X, y)
    if on_both:
        with strategy.scope():
            mixed = pickle.loads(pickle.dumps(mixed)).fit(X, y)
    else:
        mixed.fit(X, y)
print(json.dumps([furthest(one.predict_proba(X), mixed.predict_proba(X)), replicas]))
"""

SEARCHED = """
replicas.clear()


def activation(x):
    replicas.append(tf.distribute.get_strategy().num_replicas_in_sync)
    return keras.ops.relu(x)


search = HyperbandSearchCV(
    DenseClassifier(
        hidden_layer_sizes=(8,), batch_size=40, epochs=3, random_state=0,
        dropout=0.2, early_stopping=False, activation=activation,
    ),
    {"learning_rate": [1e-4, 1e-3, 1e-2, 1e-1]},
    cv=2,
    random_state=0,
)
with strategy.scope():
    search.fit(X, y)
print(json.dumps([search.best_score_, search.score(X, y), 2 in replicas]))
"""


@pytest.fixture(scope="module")
def printed(forks):
    """What each part of the code above prints, in one process."""
    code = TWO_DEVICES + TRAINED + CONTINUED + SEARCHED
    return [json.loads(line) for line in forks.run(code).splitlines()[-3:]]


def test_two_devices_train_what_one_trains(printed):
    apart, replicas = printed[0]
    assert replicas == [1, 2] * 3
    for name, differences in apart.items():
        assert max(differences) < 1e-4, name


def test_training_goes_on_with_and_without_them(printed):
    apart, replicas = printed[1]
    assert apart < 1e-4
    assert replicas == [1, 1, 1, 2, 1, 2, 1, 1]


def test_a_search_trains_on_both(printed):
    best, score, on_both = printed[2]
    assert on_both
    assert best > 0.8
    assert score > 0.8
