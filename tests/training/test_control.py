"""Validation, stopping, rates, clipping and smoothing."""

import keras
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang.estimators import TransferLearningClassifier
from skl_signlang.estimators import _base as base
from skl_signlang.training._training_data import TrainingData
from skl_signlang.training._validation_split import hold_out_validation

SMALL = {"hidden_layer_sizes": (8,), "epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:300], y[:300]


@pytest.fixture
def parts(monkeypatch):
    """What was held out in each fit."""
    seen = []

    def watched(*args, **kwargs):
        seen.append(hold_out_validation(*args, **kwargs))
        return seen[-1]

    monkeypatch.setattr(base, "hold_out_validation", watched)
    return seen


def same_bits(first, second):
    pairs = zip(first._network.values, second._network.values, strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def small_body(input_shape):
    convolution = keras.layers.Conv2D(4, 3, activation="relu")
    return keras.Sequential([keras.Input(input_shape), convolution])


ESTIMATORS = [
    CNNClassifier(filters=(4,), **SMALL),
    DenseClassifier(**SMALL),
    DenseClassifier(**SMALL, average=True),
    DenseRegressor(**SMALL),
    TransferLearningClassifier(
        backbone=small_body, weights=None, trainable_layers="all", **SMALL
    ).set_params(fine_tune_epochs=2),
]


# --- what is held out ------------------------------------------------------------


def test_a_part_is_stratified_and_shares_no_sample(digits):
    codes = digits[1]
    samples = TrainingData(digits[0], codes, np.ones(300, np.float32))
    train, validation = hold_out_validation(
        samples, 0.2, groups=None, codes=codes, classes=np.arange(10), seed=0
    )
    assert set(train.rows).isdisjoint(validation.rows)
    assert len(train.rows) + len(validation.rows) == 300
    shares = np.bincount(codes[validation.rows]) / np.bincount(codes)
    assert np.abs(shares - 0.2).max() < 0.04


def test_samples_without_weight_are_in_no_part(digits):
    weights = np.where(np.arange(300) % 3, 1.5, 0).astype(np.float32)
    samples = TrainingData(*digits, weights)
    train, validation = hold_out_validation(
        samples, 0.2, groups=None, codes=None, classes=None, seed=0
    )
    assert set(train.rows) | set(validation.rows) == set(np.flatnonzero(weights))
    assert train.weights[train.rows].mean() == pytest.approx(1)


@pytest.mark.parametrize("classes", [np.arange(10), None])
def test_groups_are_not_divided(digits, classes):
    groups = np.arange(300) // 4
    codes = None if classes is None else digits[1]
    samples = TrainingData(*digits, np.ones(300, np.float32))
    train, validation = hold_out_validation(
        samples, 0.2, groups=groups, codes=codes, classes=classes, seed=0
    )
    assert set(groups[train.rows]).isdisjoint(groups[validation.rows])
    assert len(validation.rows) == pytest.approx(60, abs=8)
    if classes is not None:
        assert len(set(digits[1][validation.rows])) == 10


# --- stopping ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_validation_is_measured_on_what_predicts(digits, estimator, parts):
    model = clone(estimator).set_params(early_stopping=True).fit(*digits)
    ((_, validation),) = parts
    names = {"loss", "val_loss", *(f"val_{name}" for name in model._history_metrics)}
    assert names <= set(model.history_)
    lengths = {len(values) for values in model.history_.values()}
    assert lengths == {model.n_iter_}
    rows = validation.rows
    X, y = digits[0][rows], digits[1][rows]
    best = int(np.argmin(model.history_["val_loss"]))
    if isinstance(model, DenseRegressor):
        got = np.abs(model.predict(X) - y).mean()
        expected = model.history_["val_mean_absolute_error"][best]
    else:
        if isinstance(model, TransferLearningClassifier):
            # the best of the second phase
            best = 3 + int(np.argmin(model.history_["val_loss"][3:]))
        got, expected = model.score(X, y), model.history_["val_accuracy"][best]
    assert got == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("average", [True, False])
def test_the_best_epoch_is_restored_after_patience(digits, average):
    X, y = digits
    params = {**SMALL, "epochs": 60, "learning_rate": 0.05, "average": average}
    stop = DenseClassifier(**params, early_stopping=True, patience=2).fit(X, y)
    losses = stop.history_["val_loss"]
    best = int(np.argmin(losses))
    assert stop.n_iter_ == len(losses) == best + 3 < 60
    short = clone(stop).set_params(epochs=best + 1, patience=60).fit(X, y)
    assert same_bits(stop, short)
    # training goes on from the best epoch
    pairs = zip(
        stop._network.values_to_train, short._network.values_to_train, strict=True
    )
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_min_delta_asks_for_more(digits):
    model = DenseClassifier(**SMALL, early_stopping=True, min_delta=100.0, patience=1)
    assert model.fit(*digits).n_iter_ == 2


def test_given_samples_are_validated_on_and_all_others_trained_on(digits, parts):
    X, y = digits
    given = {"X_val": X[200:], "y_val": y[200:]}
    seen = DenseClassifier(**SMALL).fit(X[:200], y[:200], **given)
    assert not parts
    assert len(seen.history_["val_accuracy"]) == 3
    assert seen.score(X[200:], y[200:]) == pytest.approx(
        seen.history_["val_accuracy"][-1]
    )
    assert same_bits(seen, DenseClassifier(**SMALL).fit(X[:200], y[:200]))


def test_weights_count_in_validation(digits, parts):
    X, y = digits
    weights = np.where(y < 5, 1.0, 0.0)
    model = DenseClassifier(**SMALL, early_stopping=True, class_weight={0: 3.0})
    model.set_params(class_weight={0: 3.0, **dict.fromkeys(range(1, 10), 1.0)})
    model.fit(X, y, sample_weight=weights)
    ((train, validation),) = parts
    assert set(y[train.rows]) == set(y[validation.rows]) == set(range(5))
    ratio = validation.weights[y == 0].max() / validation.weights[y == 1].max()
    assert ratio == pytest.approx(3)


def test_training_on_keeps_the_part(digits, parts):
    model = DenseClassifier(**SMALL, early_stopping=True, warm_start=True)
    model.fit(*digits).fit(*digits)
    assert len(parts) == 2
    assert np.array_equal(parts[0][1].rows, parts[1][1].rows)
    assert model.n_iter_ == len(model.history_["val_loss"]) == 6
    assert model.history_["loss"][3] < model.history_["loss"][0]


def test_a_history_has_an_entry_for_each_epoch(digits):
    X, y = digits
    model = DenseClassifier(**SMALL, warm_start=True).fit(X, y)
    model.fit(X, y, X_val=X[:50], y_val=y[:50])
    assert np.isnan(model.history_["val_loss"][:3]).all()
    assert np.isfinite(model.history_["val_loss"][3:]).all()


def test_partial_fit_does_not_stop_early(digits):
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
        DenseClassifier(early_stopping=True).partial_fit(*digits, classes=range(10))


def test_validation_traces_nothing_anew(digits, monkeypatch):
    X, y = digits
    model = DenseClassifier(**{**SMALL, "hidden_layer_sizes": (9,)})
    model.set_params(early_stopping=True, patience=1).fit(X, y)
    (trainer,) = model._network.compiled._trainers.values()

    def trace(*args):
        raise AssertionError("Keras calls this while it traces")

    monkeypatch.setattr(trainer.model, "train_step", trace)
    monkeypatch.setattr(trainer.model, "test_step", trace)
    changes = {"patience": 2, "reduce_lr": True, "learning_rate": 0.1}
    model.set_params(**changes, validation_fraction=0.3).fit(X[:250], y[:250])
    assert list(model._network.compiled._trainers.values()) == [trainer]


# --- routing ----------------------------------------------------------------------


@pytest.mark.parametrize("step", [StandardScaler(), FunctionTransformer(np.sqrt)])
def test_groups_and_validation_pass_through_a_pipeline(digits, parts, step):
    X, y = digits
    groups = np.arange(300) // 4
    with config_context(enable_metadata_routing=True):
        dense = DenseClassifier(**SMALL, early_stopping=True)
        dense.set_fit_request(groups=True, X_val=True, y_val=True)
        pipeline = Pipeline(
            [("step", step), ("dense", dense)], transform_input=["X_val"]
        )
        pipeline.fit(X, y, groups=groups)
        ((train, validation),) = parts
        assert set(groups[train.rows]).isdisjoint(groups[validation.rows])
        pipeline.fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
        assert len(parts) == 1
    best = int(np.argmin(dense.history_["val_loss"]))
    score = pipeline.score(X[200:], y[200:])
    assert score == pytest.approx(dense.history_["val_accuracy"][best])


def test_searches_route_groups_to_splits_and_to_fits(digits, parts):
    X, y = digits
    groups = np.arange(300) // 4
    pipeline = Pipeline([("dense", DenseClassifier(**SMALL, early_stopping=True))])
    with config_context(enable_metadata_routing=True):
        grid = {"dense__patience": [1, 2]}
        search = GridSearchCV(pipeline, grid, cv=GroupKFold(2), refit=False)
        search.fit(X, y, groups=groups)
        scores = cross_validate(
            pipeline, X, y, cv=GroupKFold(2), params={"groups": groups}
        )
    assert len(parts) == 4 + 2
    folds = [groups[fold] for fold, _ in GroupKFold(2).split(X, y, groups)]
    for (train, validation), own in zip(parts, [*folds] * 3, strict=True):
        assert set(own[train.rows]).isdisjoint(own[validation.rows])
    assert np.isfinite(scores["test_score"]).all()


# --- rates, clipping, smoothing ---------------------------------------------------


def test_a_cycle_rises_and_falls(digits):
    model = DenseClassifier(**{**SMALL, "epochs": 6}, lr_schedule="one_cycle")
    rates = np.array(model.fit(*digits).history_["learning_rate"])
    assert rates[0] == pytest.approx(1e-3 / 25)
    assert rates.max() == rates[2] == pytest.approx(1e-3)
    assert (np.diff(rates[:3]) > 0).all()
    assert (np.diff(rates[2:]) < 0).all()


def test_a_plateau_lowers_the_rate(digits):
    model = DenseClassifier(**{**SMALL, "epochs": 6}, reduce_lr=0.5, min_delta=100.0)
    rates = model.set_params(patience=4).fit(*digits).history_["learning_rate"]
    np.testing.assert_allclose(rates, 1e-3 * np.array([1, 1, 1, 0.5, 0.5, 0.25]), 1e-5)
    again = clone(model).set_params(reduce_lr=False).fit(*digits)
    assert again.history_["loss"][:3] == model.history_["loss"][:3]
    assert again.history_["loss"][-1] != model.history_["loss"][-1]


def test_short_gradients_make_short_steps(digits):
    params = {**SMALL, "optimizer": "sgd", "epochs": 1, "batch_size": 300}
    free = DenseClassifier(**params, learning_rate=0.1).fit(*digits)
    cut = DenseClassifier(**params, learning_rate=0.1, clipnorm=1e-3).fit(*digits)
    start = DenseClassifier(**params, learning_rate=1e-12).fit(*digits)

    def longest(model):
        return max(
            np.linalg.norm(a.numpy() - b.numpy())
            for a, b in zip(
                model.model_.trainable_variables,
                start.model_.trainable_variables,
                strict=True,
            )
        )

    assert longest(cut) <= 1.01e-4 < longest(free)


@pytest.mark.parametrize("n_classes", [2, 10])
def test_smoothing_keeps_probabilities_from_the_ends(digits, n_classes):
    X, y = digits
    X, y = X[y < n_classes], y[y < n_classes]
    params = {**SMALL, "epochs": 60, "learning_rate": 0.01}
    sure = DenseClassifier(**params).fit(X, y)
    smooth = DenseClassifier(**params, label_smoothing=0.2).fit(X, y)
    assert smooth.score(X, y) > 0.95
    target = 1 - 0.2 + 0.2 / n_classes
    assert sure.predict_proba(X).max(axis=1).mean() > 0.98
    assert smooth.predict_proba(X).max(axis=1).mean() < target + 0.05
    entropy = -(target * np.log(target)) - (0.2 / n_classes) * (n_classes - 1) * np.log(
        0.2 / n_classes
    )
    assert smooth.history_["loss"][-1] > entropy


def test_optimizers_that_differ_in_their_rate_only(digits):
    def last_loss(rate):
        model = DenseClassifier(**SMALL, optimizer=keras.optimizers.SGD(rate))
        return model.fit(*digits).history_["loss"][-1]

    still, moving = last_loss(1e-9), last_loss(0.1)
    assert moving < still
    assert last_loss(1e-9) == still


# --- bad input --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "fit", "message"),
    [
        ({"early_stopping": True}, {"n": 20}, "validation_fraction=0.1 .* class"),
        ({"early_stopping": True}, {"n": 12}, "of each class"),
        ({"early_stopping": True}, {"groups": "y"}, "2 groups or more of each class"),
        ({"early_stopping": True}, {"groups": "one"}, "needs 2 groups or more"),
        ({"early_stopping": True}, {"groups": "short"}, "inconsistent numbers"),
        ({}, {"groups": "short"}, "inconsistent numbers"),
        ({"validation_fraction": 1.0}, {}, "'validation_fraction' parameter"),
        ({"patience": 0}, {}, "'patience' parameter"),
        ({"min_delta": -1.0}, {}, "'min_delta' parameter"),
        ({"clipnorm": 0.0}, {}, "'clipnorm' parameter"),
        ({"label_smoothing": 1.0}, {}, "'label_smoothing' parameter"),
        ({"reduce_lr": 1.5}, {}, "'reduce_lr' parameter"),
        ({"reduce_lr": True, "lr_schedule": "cosine"}, {}, "reduce_lr=True and lr_sch"),
        ({"lr_schedule": "one_cycle", "epochs": 2}, {}, "lr_schedule.*longer than"),
        (
            {
                "optimizer__learning_rate": keras.optimizers.schedules.CosineDecay(
                    0.1, 1000
                )
            },
            {},
            "learning_rate, CosineDecay, takes 1000 steps and is longer",
        ),
        ({"clipnorm": 1.0, "optimizer": keras.optimizers.Adam()}, {}, "clipnorm"),
        ({}, {"X_val": True}, "X_val needs y_val"),
        ({}, {"y_val": True}, "y_val needs X_val"),
    ],
)
def test_what_cannot_be_is_named_before_training(digits, params, fit, message):
    X, y = digits
    n = fit.get("n", 300)
    kinds = {"y": y, "one": np.zeros(n), "short": np.arange(9)}
    given = {"groups": kinds[fit["groups"]]} if "groups" in fit else {}
    given |= {"X_val": X} if "X_val" in fit else {}
    given |= {"y_val": y} if "y_val" in fit else {}
    model = DenseClassifier(**SMALL).set_params(**params)
    with pytest.raises(ValueError, match=message):
        model.fit(X[:n], y[:n], **given)
    assert not hasattr(model, "n_iter_")


@pytest.mark.parametrize(
    ("X_val", "y_val"),
    [
        (lambda X: X[:9, :5], lambda y: y[:9]),
        (lambda X: X[:9], lambda y: y[:8]),
        (lambda X: X[:9], lambda y: y[:9] + 50),
    ],
)
def test_bad_validation_samples_are_named(digits, X_val, y_val):
    X, y = digits
    with pytest.raises(ValueError, match="X_val and y_val: "):
        DenseClassifier(**SMALL).fit(X, y, X_val=X_val(X), y_val=y_val(y))


def test_weight_decay_shrinks_the_weights(digits):
    params = {"epochs": 3, "hidden_layer_sizes": (16,), "random_state": 0}
    sizes = [
        sum(
            float(np.square(w).sum())
            for w in DenseClassifier(**params, weight_decay=rate)
            .fit(*digits)
            .model_.get_weights()
            if w.ndim == 2
        )
        for rate in (None, 0.0, 0.5)
    ]
    assert sizes[0] == sizes[1] > sizes[2]


def test_scikeras_leaves_the_classes_of_keras(forks):
    code = """
import copy, pickle
import keras
from keras import Model, losses, metrics, optimizers
kinds = Model, losses.Loss, metrics.Metric, optimizers.Optimizer
names = "__deepcopy__", "__reduce__"
before = [vars(kind).get(name) for kind in kinds for name in names]
import skl_signlang.training as training
training.RoutingMixin
after = [vars(kind).get(name) for kind in kinds for name in names]
assert all(old is new for old, new in zip(before, after))
rate = keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.9)
optimizer = keras.optimizers.SGD(rate, momentum=0.25)
for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
    assert twin.get_config() == optimizer.get_config()
"""
    forks.run(code)
