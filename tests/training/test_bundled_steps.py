"""Several steps of training in a call: what looks on cannot tell, but for its time."""

import keras
import numpy as np
import pytest
from sklearn.base import clone

from skl_signlang import DenseClassifier, DenseRegressor
from skl_signlang.training import _bundled_steps
from skl_signlang.training._bundled_steps import has_batch_hooks

N, BATCH_SIZE, STEPS = 250, 16, 16  # two calls; the last batch is smaller


class Batches(keras.callbacks.Callback):
    """Note what it hears; stop after so many batches."""

    def __init__(self, last=None):
        super().__init__()
        self.last, self.heard, self.losses = last, [], []

    def on_train_batch_end(self, batch, logs=None):
        self.heard.append(batch)
        self.losses.append(float(logs["loss"]))
        self.model.stop_training = len(self.heard) == self.last


def data():
    rng = np.random.default_rng(0)
    return rng.random((N, 6), dtype=np.float32), np.arange(N) % 3


def fitted(**parameters):
    model = DenseClassifier(
        hidden_layer_sizes=(8,), batch_size=BATCH_SIZE, epochs=2, random_state=0
    )
    return model.set_params(**parameters).fit(*data())


def test_who_hears_of_batches_hears_of_each_and_changes_nothing():
    batches = Batches()
    watched, alone = fitted(callbacks=[("batches", batches)]), fitted()
    (_, heard), *_ = watched.callbacks_
    assert heard.heard == [*range(STEPS)] * 2
    assert heard.losses[STEPS - 1] == watched.history_["loss"][0]
    assert watched.history_ == alone.history_
    X, _ = data()
    np.testing.assert_array_equal(watched.predict_proba(X), alone.predict_proba(X))


def test_a_batch_can_be_the_last_one():
    model = fitted(callbacks=[("batches", Batches(last=5))])
    (_, heard), *_ = model.callbacks_
    assert len(heard.heard) == 5
    assert model.n_iter_ == 1


@pytest.mark.parametrize("bundle", [1, 3, 100])
def test_how_many_steps_a_call_has_does_not_show(monkeypatch, bundle):
    expected = fitted(early_stopping=True)
    monkeypatch.setattr(_bundled_steps, "BUNDLE", bundle)
    model = fitted(early_stopping=True)
    assert "val_loss" in model.history_
    assert model.history_ == expected.history_
    X, _ = data()
    np.testing.assert_array_equal(model.predict_proba(X), expected.predict_proba(X))


def test_numbers_of_steps_share_a_graph():
    X, y = data()
    model = DenseClassifier(
        hidden_layer_sizes=(9,), batch_size=BATCH_SIZE, epochs=1, random_state=0
    )
    for n in (N, 40, 130):
        model.set_params(early_stopping=True).fit(X[:n], y[:n])
    (trainer,) = model._network.compiled._trainers.values()
    for function in (trainer.model.train_function, trainer.model.test_function):
        assert function._run.experimental_get_tracing_count() == 1


@pytest.mark.parametrize(
    ("callback", "hears"),
    [
        (keras.callbacks.EarlyStopping(), False),
        (keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate), False),
        (keras.callbacks.TerminateOnNaN(), True),
        (keras.callbacks.LambdaCallback(on_train_batch_end=print), True),
        (Batches(), True),
    ],
)
def test_who_hears_of_batches_is_known(callback, hears):
    assert has_batch_hooks(callback) is hears


def loss_of(power):
    def my_loss(y_true, y_pred):
        return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** power, axis=-1)

    return my_loss


def test_a_loss_that_is_defined_again_is_another_one():
    X, y = data()
    first, again = (
        DenseRegressor(
            hidden_layer_sizes=(4,), loss=loss_of(power), epochs=2, random_state=0
        ).fit(X, y)
        for power in (1, 4)
    )
    assert first.history_["loss"] != again.history_["loss"]


def test_a_refit_makes_no_optimizer(monkeypatch):
    X, y = data()
    model = DenseClassifier(hidden_layer_sizes=(8,), epochs=1, random_state=0).fit(X, y)
    made = []

    def note(self, *args, **kwargs):
        made.append(self)

    monkeypatch.setattr(keras.optimizers.Optimizer, "build", note)
    monkeypatch.setattr(keras.optimizers.Adam, "__init__", note)
    model.fit(X, y)
    slower = clone(model).set_params(learning_rate=1e-5).fit(X, y)
    assert not made
    assert slower.history_["loss"] != model.history_["loss"]
