"""What the estimators promise beyond scikit-learn's own checks."""

import copy
import inspect
import pickle
import random
from contextlib import suppress
from pathlib import Path

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from own_networks import sequential
from scipy.sparse import csr_matrix
from scipy.special import expit, softmax
from sklearn import set_config
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import (
    load_diabetes,
    load_digits,
    make_multilabel_classification,
)
from sklearn.ensemble import BaggingClassifier, VotingClassifier
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    check_cv,
    cross_validate,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from skl_signlang import (
    CNNClassifier,
    CNNRegressor,
    DenseClassifier,
    DenseRegressor,
    NetworkClassifier,
    NetworkRegressor,
)
from skl_signlang.callbacks import KerasCallback
from skl_signlang.persistence import load, save
from skl_signlang.training._trainer import Trainer

SMALL = {
    "filters": (4,),
    "hidden_layer_sizes": (8,),
    "conv_dropout": 0.1,
    "dropout": 0.1,
    "batch_norm": False,
    "epochs": 2,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def digits():
    """300 gray images of 8x8 pixels, as bytes, and their digits."""
    bunch = load_digits()
    return (bunch.images[:300] * 15).astype(np.uint8), bunch.target[:300]


@pytest.fixture(scope="module")
def fitted(digits):
    return CNNClassifier(**SMALL).fit(*digits)


def same_bits(first, second):
    return all(
        np.array_equal(a, b)
        for a, b in zip(
            first.model_.get_weights(), second.model_.get_weights(), strict=True
        )
    )


# --- parameters -------------------------------------------------------------------


@pytest.mark.slow
def test_routed_parameters_survive_clone_and_reach_the_optimizer(digits):
    model = CNNClassifier(**SMALL).set_params(optimizer__beta_1=0.5)
    copied = clone(model)
    assert copied.get_params()["optimizer__beta_1"] == 0.5
    optimizer, rate, _ = copied.fit(*digits)._compile_arguments()
    assert optimizer.beta_1 == 0.5
    assert rate == copied.learning_rate
    assert not same_bits(copied, CNNClassifier(**SMALL).fit(*digits))


@pytest.mark.slow
@pytest.mark.parametrize(
    "optimizer",
    ["sgd", keras.optimizers.RMSprop, keras.optimizers.Adam(0.01, beta_1=0.5)],
)
def test_optimizers_by_name_class_and_instance(digits, optimizer):
    model = clone(DenseClassifier(optimizer=optimizer, epochs=1)).fit(*digits)
    assert model.n_iter_ == 1


@pytest.mark.slow
def test_a_loss_takes_parameters_by_its_short_name():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(100, 3)), rng.normal(size=100)
    model = DenseRegressor(loss="huber", epochs=1, random_state=0)
    small = clone(model).set_params(loss__delta=0.1).fit(X, y)
    large = clone(model).set_params(loss__delta=1e3).fit(X, y)
    assert small.history_["loss"][0] < large.history_["loss"][0] / 2


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"epochs": 0}, "'epochs' parameter of CNNClassifier must be an int"),
        ({"dropout": 1.0}, "'dropout' parameter"),
        ({"filters": (0,)}, "filters must hold a positive integer"),
        ({"filters": ((),)}, "filters must hold a positive integer"),
        ({"hidden_layer_sizes": (2.5,)}, "hidden_layer_sizes must hold positive"),
        ({"image_shape": (3, 3)}, r"image_shape=\(3, 3\)"),
        ({"optimizer": "adamant"}, "adamant"),
        ({"activation": "rilu"}, "rilu"),
        ({"optimizer__beta_9": 1}, "beta_9"),
        ({"optimizer": keras.optimizers.Adam(), "optimizer__beta_1": 0.5}, "routed"),
        ({"class_weight": {77: 2.0}}, "not in class_weight"),
    ],
)
def test_bad_parameters_are_named(digits, params, message):
    with pytest.raises(ValueError, match=message):
        CNNClassifier(**SMALL).set_params(**params).fit(*digits)


def test_an_unknown_parameter_is_refused():
    with pytest.raises(ValueError, match="Invalid parameter 'optimzer'"):
        CNNClassifier().set_params(optimzer__beta_1=0.5)


# --- input ------------------------------------------------------------------------


@pytest.mark.slow
def test_equal_values_in_any_form_give_equal_answers(digits):
    X, y = digits
    forms = {
        "rows": X.reshape(len(X), -1),
        "gray": X,
        "channel": X[..., np.newaxis],
        "float32": X.astype(np.float32),
        "float64": X.astype(float),
        "int64": X.reshape(len(X), -1).astype(int),
        "list": X[:].tolist(),
    }
    expected = CNNClassifier(**SMALL).fit(X, y).predict_proba(X)
    for form in forms.values():
        model = CNNClassifier(**SMALL).fit(form, y)
        assert model.image_shape_ == (8, 8, 1)
        assert model.n_features_in_ == 64
        for other in forms.values():
            assert np.array_equal(model.predict_proba(other), expected)


def test_data_frames_and_memory_maps(digits, fitted, tmp_path):
    X, _ = digits
    frame = pd.DataFrame(X.reshape(len(X), -1))
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    expected = fitted.predict_proba(X)
    assert np.array_equal(fitted.predict_proba(frame), expected)
    assert np.array_equal(fitted.predict_proba(mapped), expected)
    refitted = CNNClassifier(**SMALL).fit(mapped, digits[1])
    assert np.array_equal(refitted.predict_proba(X), expected)


def test_dense_networks_take_images_too(digits):
    X, y = digits
    model = DenseClassifier(epochs=1, random_state=0).fit(X, y)
    rows = model.predict_proba(X.reshape(len(X), -1))
    assert np.array_equal(model.predict_proba(X), rows)


@pytest.mark.slow
def test_colour_images(digits):
    X, y = digits
    color = np.stack([X, X // 2, 255 - X], axis=-1)
    model = CNNClassifier(**SMALL).fit(color, y)
    assert model.image_shape_ == (8, 8, 3)
    flat = CNNClassifier(**SMALL).fit(color.reshape(len(X), -1), y)
    assert np.array_equal(model.predict_proba(color), flat.predict_proba(color))


def test_image_shape_tells_what_rows_are(digits):
    X, y = digits
    model = CNNClassifier(**SMALL, image_shape=(4, 16)).fit(X.reshape(-1, 64), y)
    assert model.image_shape_ == (4, 16, 1)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.zeros((3, 9, 9)), "is expecting"),
        (np.zeros((3, 16, 4)), r"shape \(16, 4, 1\)"),
        (np.zeros((3, 8, 8, 3)), "is expecting"),
        (np.zeros((3, 63)), "63 features"),
        (np.zeros((0, 8, 8)), "0 sample"),
        (np.full((3, 8, 8), np.nan), "NaN"),
        (np.full((3, 64), np.inf), "infinity"),
        (np.full((3, 64), "a"), "numeric"),
        (np.zeros(64), "Reshape your data"),
    ],
)
def test_bad_input_is_named(fitted, X, message):
    with pytest.raises(ValueError, match=message):
        fitted.predict(X)


def test_another_scale_than_the_training_datas_warns(digits, fitted):
    X, y = digits
    with pytest.warns(UserWarning, match="lies in 0-1, but this CNNClassifier"):
        fitted.predict(X / 255)
    unit = CNNClassifier(**SMALL).fit(X / 255, y)
    with pytest.warns(UserWarning, match="lies in 0-255"):
        unit.predict(X)


def test_a_black_image_is_no_other_scale(fitted):
    assert len(fitted.predict(np.zeros((2, 8, 8)))) == 2


def test_standardizing_makes_the_scale_of_the_pixels_irrelevant(digits):
    X, y = digits
    small = CNNClassifier(**SMALL).fit(X / 255, y)
    large = CNNClassifier(**SMALL).fit(X.astype(float), y)
    assert np.allclose(
        small.predict_proba(X / 255), large.predict_proba(X.astype(float)), atol=1e-3
    )


# --- targets ----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "labels",
    [
        ["A", "B", "C"],
        [7, -1, 3],
        [True, False],
        [1.0, 2.0, 5.0],
        np.array(["2024-02-29", "2025-01-01"], dtype="datetime64[D]"),
        np.array(["A", "B"], dtype=object),
        pd.Series(["A", "B"], dtype="category"),
        pd.Series([3, 5], dtype="Int64"),
    ],
)
def test_labels_that_scorers_take(digits, labels):
    X, y = digits
    target = pd.Series(labels).iloc[y % len(labels)]
    if not isinstance(labels, pd.Series):
        target = np.asarray(labels)[y % len(labels)]
    model = CNNClassifier(**SMALL).fit(X, target)
    assert set(model.classes_.tolist()) == set(np.asarray(labels).tolist())
    assert 0 <= model.score(X, target) <= 1
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (len(X), len(labels))
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def objects(*labels):
    """An object array of 300 labels, one after the other."""
    target = np.empty(300, dtype=object)
    target[:] = [labels[i % len(labels)] for i in range(300)]
    return target


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(300), "only one class"),
        (np.linspace(0, 1, 300), "Unknown label type"),
        (objects("A", None), "missing labels"),
        (objects("A", float("nan")), "missing labels"),
        (objects("A", pd.NA), "missing labels"),
        (np.array(["2024", "NaT"] * 150, dtype="datetime64[D]"), "missing labels"),
        (objects(1, 2), r"Unknown label type.*holds int: .*y\.astype\(int\)"),
        (objects(True, False), "Unknown label type.*holds bool"),
        (objects("A", 3), "several types, int, str"),
        (objects(b"A", b"B"), "represented as bytes"),
        (np.array([b"A", b"B"] * 150), "represented as bytes"),
        (objects(("thumb", 1), ("fist", 2)), "label"),
        (np.full((300, 2), 2), r"got an array of shape \(300, 2\)"),
        (np.arange(299) % 3, "inconsistent numbers of samples"),
        (None, "requires y to be passed"),
    ],
)
def test_bad_targets_are_named(digits, y, message):
    with pytest.raises((ValueError, TypeError), match=message):
        CNNClassifier(**SMALL).fit(digits[0], y)
    with pytest.raises((ValueError, TypeError)):
        CNNClassifier(**SMALL).partial_fit(digits[0], y, classes=y)


def test_regression_keeps_the_form_of_the_target():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(100, 3)), rng.normal(size=(100, 2))
    model = DenseRegressor(epochs=1)
    assert model.fit(X, y).predict(X).shape == (100, 2)
    assert model.fit(X, y[:, :1]).predict(X).shape == (100, 1)
    assert model.fit(X, y[:, 0]).predict(X).shape == (100,)


# --- weights ----------------------------------------------------------------------


def test_weights_count_and_nobodys_arrays_change(digits):
    X, y = digits
    weights = np.where(y == 3, 50.0, 1.0)
    class_weight = {3: 2.0}
    copies = X.copy(), y.copy(), weights.copy(), dict(class_weight)
    model = CNNClassifier(**SMALL, class_weight=class_weight)
    model.set_params(epochs=5).fit(X, y, sample_weight=weights)
    assert np.mean(model.predict(X) == 3) > 0.5
    assert np.array_equal(X, copies[0])
    assert np.array_equal(y, copies[1])
    assert np.array_equal(weights, copies[2])
    assert class_weight == copies[3]


def test_class_weights_equal_sample_weights(digits):
    X, y = digits
    by_class = CNNClassifier(**SMALL, class_weight={3: 5.0}).fit(X, y)
    by_sample = CNNClassifier(**SMALL).fit(X, y, np.where(y == 3, 5.0, 1.0))
    assert same_bits(by_class, by_sample)


def test_weights_of_zero_leave_samples_out(digits):
    X, y = digits
    kept = np.arange(len(y)) % 3 > 0
    noise = np.where(kept.reshape(-1, *[1] * (X.ndim - 1)), X, X[::-1])
    some = CNNClassifier(**SMALL).fit(noise, y, kept.astype(float))
    others = CNNClassifier(**SMALL).fit(X[kept], y[kept])
    np.testing.assert_allclose(
        some.predict_proba(X), others.predict_proba(X), atol=1e-4
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros(300), "zero"),
        (np.full(300, -1.0), "[Nn]egative"),
        (np.ones(5), "sample_weight.shape"),
    ],
)
def test_bad_weights_are_named(digits, weights, message):
    with pytest.raises(ValueError, match=message):
        CNNClassifier(**SMALL).fit(*digits, sample_weight=weights)


# --- randomness -------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_whatever_ran_before(digits):
    X, y = digits
    first = CNNClassifier(**SMALL).fit(X, y)
    keras.utils.set_random_seed(99)
    CNNClassifier(**{**SMALL, "random_state": None}).fit(X, y)
    CNNClassifier(**{**SMALL, "random_state": 5}).fit(X[:100], y[:100])
    assert same_bits(first, CNNClassifier(**SMALL).fit(X, y))
    assert same_bits(first, clone(first).fit(X, y))
    assert not same_bits(first, clone(first).set_params(random_state=1).fit(X, y))


@pytest.mark.slow
def test_no_global_generator_moves(digits):
    # a structure that was not seen before, so that it is built here
    model = CNNClassifier(**{**SMALL, "filters": (5,)})
    numpy_before = np.random.get_state()[1].copy()
    python_before = random.getstate()
    model.fit(*digits).predict(digits[0])
    pickle.loads(pickle.dumps(model))
    assert model.model_ is not None
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    assert random.getstate() == python_before


def test_a_random_state_instance_moves_on(digits):
    state = np.random.RandomState(0)
    model = CNNClassifier(**{**SMALL, "random_state": state})
    first = copy.deepcopy(model.fit(*digits))
    assert not same_bits(first, model.fit(*digits))


# --- networks belong to their estimators ------------------------------------------


def test_a_later_fit_changes_no_network_that_somebody_holds(digits):
    X, y = digits
    model = CNNClassifier(**SMALL).fit(X, y)
    other = clone(model).set_params(random_state=1).fit(X, y)
    held = model.model_
    weights = held.get_weights()
    expected = model.predict_proba(X)
    model.set_params(random_state=2).fit(X, y)
    assert model.model_ is not held
    assert all(map(np.array_equal, held.get_weights(), weights))
    assert np.allclose(held.predict(X[..., None], verbose=0), expected, atol=1e-6)
    assert not same_bits(model, other)


def test_a_change_to_the_network_shows_in_predictions(digits):
    model = CNNClassifier(**SMALL).fit(*digits)
    model.model_.set_weights([0 * weight for weight in model.model_.get_weights()])
    assert np.allclose(model.predict_proba(digits[0]), 0.1)


def test_known_structures_are_not_traced_again(digits, monkeypatch):
    X, y = digits
    model = CNNClassifier(**{**SMALL, "filters": (6,)}).fit(X, y)
    graph = model._network.compiled
    (trainer,) = graph._trainers.values()

    def trace(*args):
        raise AssertionError("Keras calls this while it traces")

    monkeypatch.setattr(trainer.model, "train_step", trace)
    for rate in (1e-3, 1e-2):
        model.set_params(learning_rate=rate).fit(X[:200], y[:200])
    assert model._network.compiled is graph
    assert list(graph._trainers.values()) == [trainer]


def test_predictions_do_not_depend_on_the_order_of_samples(digits, fitted):
    X, _ = digits
    order = np.random.RandomState(0).permutation(len(X))
    expected = fitted.predict_proba(X)
    assert np.array_equal(fitted.predict_proba(X[order]), expected[order])
    one_by_one = np.vstack([fitted.predict_proba(X[i : i + 1]) for i in range(20)])
    assert np.allclose(one_by_one, expected[:20], atol=1e-6)


@pytest.mark.slow
def test_threads_fit_side_by_side(digits):
    def fit(seed):
        model = CNNClassifier(**{**SMALL, "random_state": seed})
        return model.fit(*digits)

    alone = [fit(seed) for seed in range(4)]
    together = joblib.Parallel(n_jobs=4, backend="threading")(
        joblib.delayed(fit)(seed) for seed in range(4)
    )
    assert all(map(same_bits, alone, together))


# --- training on ------------------------------------------------------------------


def test_training_in_pieces_is_training_at_once(digits):
    X, y = digits
    once = CNNClassifier(**{**SMALL, "epochs": 4}).fit(X, y)
    warm = CNNClassifier(**SMALL, warm_start=True).fit(X, y).fit(X, y)
    piecewise = CNNClassifier(**SMALL)
    for _ in range(4):
        piecewise.partial_fit(X, y, classes=np.unique(y))
    for model in (warm, piecewise):
        assert same_bits(model, once)
        assert model.history_ == once.history_
        assert model.n_iter_ == len(model.history_["loss"]) == 4


def test_the_average_lies_between_the_weights_of_the_epochs(digits):
    X, y = digits
    params = {**SMALL, "average": False}
    by_epoch = [
        CNNClassifier(**{**params, "epochs": epochs}).fit(X, y).model_.get_weights()
        for epochs in (1, 2, 3)
    ]
    average = CNNClassifier(**{**SMALL, "epochs": 3}).fit(X, y).model_
    for index, variable in enumerate(average.weights):
        if any(variable is trained for trained in average.trainable_weights):
            values = np.stack([weights[index] for weights in by_epoch])
            margin = 1e-6 * np.abs(values).max()
            assert (variable.numpy() >= values.min(axis=0) - margin).all()
            assert (variable.numpy() <= values.max(axis=0) + margin).all()
            assert not np.array_equal(variable.numpy(), values[-1])


def test_training_goes_on_from_a_network_that_its_holder_changed(digits):
    X, y = digits
    model = CNNClassifier(**SMALL, learning_rate=1e-9).fit(X, y)
    zeros = [np.zeros_like(weights) for weights in model.model_.get_weights()]
    model.model_.set_weights(zeros)
    model.partial_fit(X, y)
    trained = model.model_.trainable_weights
    assert max(np.abs(weights.numpy()).max() for weights in trained) < 1e-6


def test_training_goes_on_after_pickling(digits):
    X, y = digits
    model = CNNClassifier(**SMALL).fit(X, y)
    loaded = pickle.loads(pickle.dumps(model))
    assert same_bits(model.partial_fit(X, y), loaded.partial_fit(X, y))


def test_partial_fit_wants_all_classes_first(digits):
    X, y = digits
    with pytest.raises(ValueError, match="classes must be passed"):
        CNNClassifier(**SMALL).partial_fit(X, y)
    model = CNNClassifier(**SMALL).partial_fit(X[y < 5], y[y < 5], classes=range(10))
    assert len(model.partial_fit(X, y).classes_) == 10
    with pytest.raises(ValueError, match="not among the classes"):
        model.partial_fit(X, y + 5)


@pytest.mark.slow
def test_going_on_with_another_network_is_refused(digits):
    model = CNNClassifier(**SMALL, warm_start=True).fit(*digits)
    with pytest.raises(ValueError, match="another network than the fitted one"):
        model.set_params(filters=(3,)).fit(*digits)


def test_an_interrupted_fit_leaves_the_estimator_as_it_was(digits, monkeypatch):
    X, y = digits
    model = CNNClassifier(**SMALL).fit(X, y)
    before = dict(vars(model))
    expected = model.predict_proba(X)

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "train", interrupt)
        for train_on in (model.fit, model.partial_fit):
            with pytest.raises(KeyboardInterrupt):
                train_on(X[:, :4, :4] if train_on == model.fit else X, y)
        fresh = CNNClassifier(**SMALL)
        with pytest.raises(KeyboardInterrupt):
            fresh.fit(X, y)
    assert vars(model) == before
    assert np.array_equal(model.predict_proba(X), expected)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        fresh.predict(X)
    assert not hasattr(fresh, "model_")


def test_diverging_is_an_error(digits):
    X, y = digits
    model = DenseRegressor(learning_rate=1e30, optimizer="sgd", epochs=3)
    with pytest.raises(ValueError, match="The training diverged"):
        model.fit(X, y * 1e6)


def not_a_number(y_true, y_pred):
    """A loss without a value, whose gradient is 0: the weights stay finite."""
    return keras.ops.mean(0 * y_pred, axis=-1) + float("nan")


def too_large(y_true, y_pred):
    """A loss beyond all numbers with a gradient of 0."""
    return keras.ops.mean(0 * y_pred, axis=-1) + float("inf")


@pytest.mark.slow
@pytest.mark.parametrize("loss", [not_a_number, too_large])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_loss_that_is_not_a_number_is_an_error(digits, loss, early_stopping):
    model = DenseRegressor(loss=loss, epochs=2, early_stopping=early_stopping)
    with pytest.raises(ValueError, match=r"diverged: loss (nan|inf)"):
        model.fit(*digits)
    with pytest.raises(ValueError, match="The training diverged"):
        model.set_params(early_stopping=False).partial_fit(*digits)
    assert not hasattr(model, "history_")


def far(y_true, y_pred):
    """A squared error that has no value for a target of 99."""
    nan = keras.ops.where(y_true == 99, float("nan"), 0.0)
    return keras.ops.mean((y_true - y_pred) ** 2 + nan, axis=-1)


@pytest.mark.slow
def test_a_validation_loss_that_is_not_a_number_is_an_error(digits):
    X, y = digits
    with pytest.raises(ValueError, match="The training diverged: loss nan"):
        DenseRegressor(loss=far, epochs=1).fit(X, y, X_val=X[:9], y_val=y[:9] * 0 + 99)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_network_that_learns_no_more_is_told(optimizer):
    X, y = load_diabetes(return_X_y=True)
    model = DenseRegressor(loss="poisson", optimizer=optimizer, random_state=0)
    model.set_params(learning_rate=1.0, epochs=4)
    with pytest.warns(ConvergenceWarning, match="last loss is 2.*lower learning_rate"):
        model.fit(X, y)
    # early losses of small steps from far away are no such thing
    for loss in ("poisson", "mse", "mae", "msle", "huber"):
        model.set_params(loss=loss, learning_rate=1e-5).fit(X, y + 900)


def test_labels_that_are_missing_are_told_before_what_is_wrong_with_the_rest(digits):
    X, y = digits
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        DenseClassifier().fit(X, [0])
    for path in ("train.csv", Path("train.csv")):
        with pytest.raises(TypeError, match=r"takes arrays; got 'train\.csv'. Load"):
            DenseClassifier().fit(path, y)


# --- arguments of fit -------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"epochs": 3},
            r"CNNClassifier.fit got epochs; set it in the constructor: "
            r"CNNClassifier\(epochs=3\)",
        ),
        ({"callbacks": []}, r"CNNClassifier\(callbacks=...\)"),
        ({"class_weight": "balanced"}, r"class_weight='balanced'"),
        ({"validation_data": ()}, "pass X_val and y_val to fit"),
        ({"validation_split": 0.1}, "early_stopping=True"),
        ({"shuffle": True}, "random_state"),
        ({"sample_weights": 1}, "near names are sample_weight"),
        ({"workers": 2}, "workers, .*n_jobs of a search"),
        ({"validation_freq": 2}, "each epoch is validated"),
        ({"eval_set": []}, "pass X_val and y_val to fit"),
    ],
)
def test_arguments_that_belong_elsewhere(digits, arguments, message):
    with pytest.raises(TypeError, match=message):
        CNNClassifier(**SMALL).fit(*digits, **arguments)


def test_partial_fit_says_what_only_fit_takes(digits):
    with pytest.raises(TypeError, match="groups; only fit takes it"):
        DenseRegressor().partial_fit(*digits, groups=digits[1])
    with pytest.raises(TypeError, match=r"DenseRegressor\.partial_fit got epochs"):
        DenseRegressor().partial_fit(*digits, epochs=3)


@pytest.mark.parametrize("method", ["fit", "partial_fit", "predict", "predict_proba"])
@pytest.mark.parametrize("inputs", [(), range(9)], ids=["few", "many"])
def test_wrong_numbers_of_arguments_name_the_class(method, inputs):
    with pytest.raises(TypeError, match=rf"^CNNClassifier\.{method}: .*X") as error:
        getattr(CNNClassifier(), method)(*inputs)
    assert "Network" not in str(error.value)


class Batches(keras.utils.PyDataset):
    """A dataset of Keras."""


def test_streams_are_refused(digits, fitted):
    X, y = digits
    dataset = tf.data.Dataset.from_tensor_slices((X, y)).batch(32)
    for stream in (iter(dataset), (batch for batch in [(X, y)])):
        for method in (fitted.fit, fitted.partial_fit):
            with pytest.raises(TypeError, match=r"takes arrays; got a .*memory map"):
                method(stream)
    for stream in (dataset, iter(dataset), Batches()):
        with pytest.raises(TypeError, match=r"takes arrays; got a .*memory map"):
            fitted.predict(stream)
    X, y = map(np.concatenate, zip(*dataset.as_numpy_iterator(), strict=True))
    assert np.array_equal(X, digits[0])


def test_arguments_of_fit_stay_explicit():
    names = list(inspect.signature(CNNClassifier().fit).parameters)
    assert names == ["X", "y", "sample_weight", "groups", "X_val", "y_val"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"optimizer": "sgdd"}, r"optimizer='sgdd' .*near names are SGD"),
        ({"activation": "rilu"}, r"activation='rilu' .*relu"),
        ({"kernel_initializer": "he_norml"}, "he_normal"),
        ({"optimizer": np.str_("adem")}, r"optimizer='adem' .*adam"),
        ({"optimizer": "keras.optimizers.Adam"}, r"near names are Adam"),
        ({"callbacks": [KerasCallback("EarlyStoping")]}, r"near names are EarlyStop"),
    ],
)
def test_misspelt_names_are_met_with_near_ones(digits, params, message):
    with pytest.raises(ValueError, match=f"(?i){message}"):
        CNNClassifier(**SMALL).set_params(**params).fit(*digits)


def test_samples_and_labels_in_one_tuple_are_named(digits):
    for method in ("fit", "partial_fit"):
        with pytest.raises(TypeError, match=rf"no y: pass {method}\(X, y\)"):
            getattr(DenseClassifier(), method)(tuple(digits), None)


def test_routed_parameters_are_shown():
    model = DenseClassifier(epochs=3, optimizer="sgd")
    model.set_params(optimizer__momentum=np.float64(0.9))
    expected = "DenseClassifier(epochs=3, optimizer='sgd', optimizer__momentum=0.9)"
    assert repr(model) == expected
    alone = DenseClassifier().set_params(optimizer__beta_1=0.5)
    assert repr(alone) == "DenseClassifier(optimizer__beta_1=0.5)"


# --- scales -----------------------------------------------------------------------


def table():
    """300 rows of three features and a target, all of ordinary size."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(300, 3))
    return X, X[:, 0] - 2 * X[:, 1] + 0.1 * rng.normal(size=300)


EXTREMES = {
    "tiny": lambda X: X * 1e-18,
    "denormal": lambda X: X * 1e-310,
    "large": lambda X: X * 1e20,
    "largest": lambda X: X * 1e307,
    "far": lambda X: X + 1e7,
    "far below": lambda X: X - 1e12,
    "time": lambda X: (X * 1e3 + 1.6e12).astype(np.int64),
    "unsigned": lambda X: ((X + 10) * 1e17).astype(np.uint64),
    "float32": lambda X: (X * 1e-30).astype(np.float32),
}


@pytest.mark.slow
@pytest.mark.parametrize("extreme", EXTREMES.values(), ids=EXTREMES)
def test_the_scale_of_features_is_irrelevant(extreme, tmp_path):
    X, y = table()
    model = DenseClassifier(hidden_layer_sizes=(8,), epochs=15, random_state=0)
    model.set_params(learning_rate=0.01)
    plain = model.fit(X, y > 0).predict_proba(X)
    assert model._scaling is None
    probabilities = model.fit(extreme(X), y > 0).predict_proba(extreme(X))
    assert np.abs(probabilities - plain).max() < 0.02
    save(model, tmp_path / "model.signlang")
    again = load(tmp_path / "model.signlang").predict_proba(extreme(X))
    assert np.array_equal(again, probabilities)


@pytest.mark.slow
def test_the_scale_of_pixels_is_irrelevant(digits):
    X, y = digits
    X = X.astype(float)
    plain = CNNClassifier(**SMALL).fit(X, y)
    for extreme in (EXTREMES["tiny"], EXTREMES["large"], EXTREMES["far"]):
        model = CNNClassifier(**SMALL, brightness=1e-9).fit(extreme(X), y)
        got = model.predict_proba(extreme(X))
        assert np.allclose(got, plain.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize("extreme", ["tiny", "large", "far"])
@pytest.mark.parametrize(
    "model",
    [
        DenseClassifier(hidden_layer_sizes=(4,), standardize=False),
        NetworkClassifier(sequential),
        NetworkRegressor(sequential),
        CNNClassifier(filters=(4,), standardize=False),
    ],
    ids=lambda model: type(model).__name__,
)
def test_extreme_inputs_that_are_not_standardized_warn(model, extreme):
    X, y = table()
    y = y if is_regressor(model) else y > 0
    X = X.repeat(12, axis=1).reshape(-1, 6, 6) if "CNN" in repr(model) else X
    model = clone(model).set_params(epochs=1)
    model.fit(X, y)
    with (
        suppress(ValueError),  # of a loss that is NaN
        pytest.warns(UserWarning, match="set standardize=True"),
    ):
        model.fit(EXTREMES[extreme](X), y)


def test_ordinary_features_reach_the_network_as_they_are():
    X, y = table()
    X = np.column_stack([X, X[:, 0] * 1e-18, np.full(len(X), 1e20), np.ones(len(X))])
    model = DenseRegressor(epochs=1).fit(X, y)
    inputs = model._as_inputs(X)
    assert np.array_equal(inputs[:, [0, 1, 2, 5]], X[:, [0, 1, 2, 5]].astype("f"))
    assert 0.1 < np.abs(inputs[:, 3]).max() <= 1
    assert not inputs[:, 4].any()


@pytest.mark.slow
def test_samples_of_weight_zero_do_not_scale_the_others():
    X, y = table()
    outlier = X.copy()
    outlier[0] = 1e30
    weights = np.arange(len(X)) > 0
    model = DenseRegressor(epochs=2, random_state=0)
    assert model.fit(outlier, y, weights)._scaling is None
    got = model.predict(X)
    np.testing.assert_allclose(got, model.fit(X, y, weights).predict(X), atol=1e-5)


def test_values_far_beyond_the_training_data_are_named():
    X, y = table()
    model = DenseRegressor(epochs=1).fit(X * 1e-18, y)
    with pytest.raises(ValueError, match=r"1e\+300, too far from those of the train"):
        model.predict(np.full((1, 3), 1e300))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "extreme"),
    [
        *(("mse", name) for name in ("tiny", "large", "largest", "far", "time")),
        ("mae", "large"),
        (keras.losses.MeanSquaredError(), "tiny"),
    ],
)
def test_the_scale_of_a_target_is_irrelevant(loss, extreme):
    X, y = table()
    y = EXTREMES[extreme](y)
    model = DenseRegressor(hidden_layer_sizes=(16,), loss=loss, epochs=30)
    model.set_params(learning_rate=0.02, random_state=0).fit(X, y)
    error = np.abs(model.predict(X) / 2 - y / 2) / (y.max() / 2 - y.min() / 2)
    assert error.mean() < 0.05


def small_regressors():
    yield table()[0], DenseRegressor(hidden_layer_sizes=(4,), epochs=2, random_state=0)
    images = np.random.RandomState(0).randint(0, 256, (200, 6, 6), dtype=np.uint8)
    yield images, CNNRegressor(filters=(2,), hidden_layer_sizes=(), epochs=1)


@pytest.mark.slow
@pytest.mark.parametrize("exponent", [-980, -660, 660, 980])
def test_r2_does_not_depend_on_the_size_of_the_target(exponent):
    for X, model in small_regressors():
        target = table()[1][: len(X)] * 2.0**20
        model.set_params(random_state=0).fit(X, target)
        size = 2.0**exponent
        extreme = clone(model).fit(X, target * size)
        np.testing.assert_array_equal(extreme.predict(X), model.predict(X) * size)
        assert extreme.score(X, target * size) == model.score(X, target)
        assert model.score(X, target) == r2_score(target, model.predict(X))
        few = extreme.score(X[:9], target[:9] * size, sample_weight=range(9))
        assert few == model.score(X[:9], target[:9], sample_weight=range(9))


def test_r2_of_several_targets_is_the_mean():
    X, y = table()
    columns = np.c_[y * 2.0**700, y * 2.0**-700]
    model = DenseRegressor(epochs=1, random_state=0)
    with pytest.warns(UserWarning, match=r"ranges from .* to .* StandardScaler"):
        model.fit(X, columns)
    assert np.isfinite(model.score(X, columns))
    model.fit(X, columns[:, :1])
    with pytest.raises(ValueError, match="different number of output"):
        model.score(X, columns)
    assert -np.inf < model.score(X, columns[:, 1]) < -1e100


def test_targets_that_no_loss_can_take_are_named():
    X, y = table()
    with (
        pytest.warns(UserWarning, match="does not scale them with loss='huber'"),
        pytest.raises(ValueError, match=r"y holds values .* too large for float32"),
    ):
        DenseRegressor(loss="huber", epochs=1).fit(X, y * 1e200)


def test_losses_of_scaled_targets_are_in_the_units_of_the_target():
    X, y = table()
    model = DenseRegressor(epochs=3, random_state=0)
    large = model.fit(X, y * 2.0**20, X_val=X, y_val=y * 2.0**20)
    error = np.abs(large.predict(X) - y * 2.0**20)
    assert np.isclose(large.history_["val_mean_absolute_error"][-1], error.mean())
    assert np.isclose(large.history_["val_loss"][-1], (error**2).mean())


def test_an_extreme_target_of_another_loss_warns():
    X, y = table()
    with pytest.warns(UserWarning, match="TransformedTargetRegressor"):
        DenseRegressor(loss="huber", epochs=1).fit(X, y * 1e20)


# --- losses -----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "activation"),
    [
        ("mse", "linear"),
        ("huber", "linear"),
        ("poisson", "exponential"),
        (keras.losses.Poisson, "exponential"),
        (keras.losses.Poisson(), "exponential"),
        (keras.losses.poisson, "exponential"),
        ("msle", "exponential"),
        ("bce", "sigmoid"),
        ("binary_crossentropy", "sigmoid"),
        (keras.losses.BinaryCrossentropy(from_logits=True), "linear"),
        (far, "linear"),
    ],
)
def test_the_output_fits_the_loss(loss, activation, tmp_path):
    X, y = table()
    model = DenseRegressor(loss=loss, epochs=2, random_state=0).fit(X, y > 0)
    assert model.model_.layers[-1].activation.__name__ == activation
    predicted = model.predict(X)
    if activation != "linear":
        assert (predicted >= 0).all()
    if loss is not far:
        save(model, tmp_path / "model.signlang")
        model = load(tmp_path / "model.signlang")
    copied = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copied.predict(X), predicted)
    assert copied.get_params()["output_activation"] == "auto"


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["kl_divergence", "categorical_crossentropy"])
def test_distributions_are_predicted_as_such(loss):
    X, y = table()
    target = np.column_stack([y > 0, y <= 0])
    model = DenseRegressor(loss=loss, epochs=2).fit(X, target)
    assert np.allclose(model.predict(X).sum(axis=1), 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "activation", "target"),
    [
        ("poisson", "auto", [151.0, 0.002]),
        ("poisson", "softplus", [151.0, 0.002]),
        ("mse", "sigmoid", [0.9, 0.001]),
        ("kl_divergence", "auto", [0.999, 0.001]),
    ],
)
def test_the_output_begins_at_the_means_of_the_targets(loss, activation, target):
    X = np.zeros((20, 3))  # so that the bias alone speaks
    model = DenseRegressor(loss=loss, output_activation=activation)
    model.set_params(epochs=1, learning_rate=1e-12, random_state=0)
    assert np.allclose(model.fit(X, [target] * 20).predict(X), target, rtol=1e-3)


def test_an_output_without_any_positive_target_is_finite():
    X, y = table()
    model = DenseRegressor(loss="poisson", epochs=2, random_state=0).fit(X, 0 * y)
    assert np.abs(model.predict(X)).max() < 1e-3


def test_an_output_activation_of_ones_own():
    X, y = table()
    model = DenseRegressor(loss="poisson", output_activation="softplus", epochs=1)
    assert model.fit(X, y**2).model_.layers[-1].activation.__name__ == "softplus"
    model.set_params(loss="bce").set_params(loss__from_logits=True)
    assert model.set_params(output_activation="auto")._output_activation() == "linear"


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        ("poisson", -1.5, r"loss='poisson' needs y of 0 or more; y holds -1\.5"),
        ("msle", -1, "needs y of 0 or more"),
        ("binary_crossentropy", 2, "needs y from 0 to 1; y holds 2"),
        ("hinge", 2, "needs y from -1 to 1"),
        ("kl_divergence", 1, "two columns or more"),
        ("sparse_categorical_crossentropy", 1, "use a classifier"),
        ("poison", 1, "loss='poison' is not a loss of Keras; near names are poisson"),
    ],
)
def test_targets_that_a_loss_does_not_allow_are_named(loss, y, message):
    X, target = table()
    target = np.abs(target) / 10
    target[3] = y
    model = DenseRegressor(loss=loss, epochs=1)
    with pytest.raises(ValueError, match=message):
        model.fit(X, target)
    with pytest.raises(ValueError, match=message):
        model.partial_fit(X, target)


# --- keeping ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "copied",
    [
        lambda model, path: pickle.loads(pickle.dumps(model)),
        lambda model, path: copy.deepcopy(model),
        lambda model, path: joblib.load(joblib.dump(model, path / "model")[0]),
    ],
    ids=["pickle", "deepcopy", "joblib"],
)
def test_copies_predict_the_same_bits(digits, fitted, tmp_path, copied):
    other = copied(fitted, tmp_path)
    assert np.array_equal(
        other.predict_proba(digits[0]), fitted.predict_proba(digits[0])
    )
    assert other._network.compiled is fitted._network.compiled
    assert other.history_ == fitted.history_


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_bits(digits, fitted, tmp_path, forks):
    np.save(tmp_path / "X.npy", digits[0])
    np.save(tmp_path / "expected.npy", fitted.predict_proba(digits[0]))
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(fitted))
    script = """if True:
        import pickle, sys
        import numpy as np
        model = pickle.load(open(sys.argv[1] + "/model.pickle", "rb"))
        got = model.predict_proba(np.load(sys.argv[1] + "/X.npy"))
        assert np.array_equal(got, np.load(sys.argv[1] + "/expected.npy"))
    """
    forks.run(script, tmp_path)


def test_the_pickle_holds_keras_bytes_that_load_safely(digits, fitted, monkeypatch):
    load_model = keras.saving.load_model
    modes = []

    def watched(path, **kwargs):
        modes.append(kwargs.get("safe_mode"))
        return load_model(path, **kwargs)

    monkeypatch.setattr(keras.saving, "load_model", watched)
    state = fitted.__getstate__()
    assert state["_network"]["keras"][:2] == b"PK"
    pickle.loads(pickle.dumps(fitted))
    assert modes == [True]


# --- in scikit-learn's company ----------------------------------------------------


@pytest.mark.slow
def test_classifiers_are_split_by_class(digits):
    assert is_classifier(CNNClassifier())
    assert isinstance(
        check_cv(3, digits[1], classifier=is_classifier(CNNClassifier())),
        StratifiedKFold,
    )
    model = CNNClassifier(**{**SMALL, "epochs": 8})
    search = GridSearchCV(model, {"learning_rate": [1e-2]}, cv=2)
    X, y = digits
    order = np.argsort(y, kind="stable")
    search.fit(X[order], y[order])
    assert search.best_score_ > 0.15  # unstratified folds share no class: 0


@pytest.mark.slow
def test_nested_search_in_a_pipeline(digits):
    X, y = digits
    pipeline = Pipeline([("scale", MinMaxScaler()), ("cnn", CNNClassifier(**SMALL))])
    grid = {"cnn__learning_rate": [1e-3, 1e-2], "cnn__optimizer__beta_1": [0.5, 0.9]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X.reshape(-1, 64), y)
    assert set(search.best_params_) == set(grid)
    best = search.best_estimator_["cnn"]
    assert (
        best.get_params()["optimizer__beta_1"]
        == (search.best_params_["cnn__optimizer__beta_1"])
    )
    random_search = RandomizedSearchCV(
        CNNClassifier(**SMALL), {"dropout": [0, 0.3]}, n_iter=2, cv=2, random_state=0
    )
    assert random_search.fit(X, y).best_score_ > 0


def test_worker_processes_agree_with_this_one(digits):
    X, y = digits
    grid = {"learning_rate": [1e-3, 1e-2]}
    one, two = (
        GridSearchCV(CNNClassifier(**SMALL), grid, cv=2, n_jobs=n_jobs).fit(X, y)
        for n_jobs in (1, 2)
    )
    for result in ("split0_test_score", "split1_test_score"):
        assert np.allclose(one.cv_results_[result], two.cv_results_[result], atol=0.02)


@pytest.mark.slow
def test_ensembles_take_them(digits):
    X, y = digits
    rows = X.reshape(len(X), -1)
    model = CNNClassifier(**SMALL)
    ensembles = [
        VotingClassifier(
            [("cnn", model), ("line", LogisticRegression(max_iter=2000))], voting="soft"
        ),
        CalibratedClassifierCV(model, cv=2),
        BaggingClassifier(model, n_estimators=2, random_state=0),
    ]
    for ensemble in ensembles:
        probabilities = ensemble.fit(rows, y).predict_proba(rows)
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_sample_weight_is_routed(digits):
    X, y = digits
    weights = np.where(y == 3, 1000.0, 1e-3)
    set_config(enable_metadata_routing=True)
    try:
        model = (
            CNNClassifier(**{**SMALL, "epochs": 8, "batch_size": 16})
            .set_fit_request(sample_weight=True)
            .set_score_request(sample_weight=True)
        )
        result = cross_validate(
            Pipeline([("cnn", model)]),
            X,
            y,
            cv=2,
            params={"sample_weight": weights},
            return_estimator=True,
        )
    finally:
        set_config(enable_metadata_routing=False)
    for pipeline in result["estimator"]:
        assert (pipeline.predict(X) == 3).mean() > 0.5


@pytest.mark.slow
def test_a_cosine_ends_with_small_steps(digits):
    X, y = digits
    params = {**SMALL, "epochs": 4, "conv_dropout": 0.0, "dropout": 0.0}
    model = CNNClassifier(**params, lr_schedule="cosine").fit(X, y)
    rates = model.history_["learning_rate"]
    np.testing.assert_allclose(
        rates, 1e-3 * np.array([1, 0.853553, 0.5, 0.146447]), 1e-4
    )
    plain = CNNClassifier(**params).fit(X, y)
    assert model.history_["loss"][0] == plain.history_["loss"][0]
    assert model.history_["loss"][-1] != plain.history_["loss"][-1]
    # what a trainer was left with does not reach the next fit
    again = CNNClassifier(**params).fit(X, y)
    assert again.history_["loss"] == plain.history_["loss"]


def test_a_schedule_needs_a_rate(digits):
    model = CNNClassifier(
        **SMALL, optimizer=keras.optimizers.SGD(0.1), lr_schedule="cosine"
    )
    with pytest.raises(ValueError, match="needs a learning_rate that is a number"):
        model.fit(*digits)


# --- several labels, and logits -------------------------------------------------------


@pytest.fixture(scope="module")
def labels():
    X, y = make_multilabel_classification(300, 10, n_classes=4, random_state=0)
    return X.astype(np.float32), y


@pytest.mark.slow
def test_each_label_has_a_probability(labels):
    X, y = labels
    model = DenseClassifier(epochs=20, early_stopping=True, random_state=0).fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == y.shape
    assert np.array_equal(model.predict(X), probabilities > 0.5)
    assert f1_score(y, model.predict(X), average="macro") > 0.6
    assert "val_binary_accuracy" in model.history_
    again = clone(model).fit(X, csr_matrix(y))
    assert np.array_equal(again.predict(X), model.predict(X))
    model.set_params(epochs=2)
    scores = cross_validate(model, X, y, scoring="f1_macro", cv=2)["test_score"]
    assert np.isfinite(scores).all()


def test_other_forms_of_several_labels_are_named(labels):
    X, y = labels
    model = DenseClassifier(epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="y is multilabel"):
        DenseClassifier(epochs=1, class_weight="balanced").fit(X, y)
    with pytest.raises(ValueError, match="y has 3 columns"):
        model.set_params(warm_start=True).fit(X, y[:, :3])
    with pytest.raises(ValueError, match="was fitted on columns of 0 and 1"):
        model.fit(X, y[:, 0])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_logits_give_the_probabilities(digits, n_classes):
    X, y = digits[0], digits[1] % n_classes
    model = DenseClassifier(epochs=1).fit(X, y)
    logits = model.decision_function(X).astype(np.float64)
    found = model.predict_proba(X)
    if n_classes == 2:
        assert np.allclose(expit(logits), found[:, 1], atol=1e-6)
    else:
        assert np.allclose(softmax(logits, axis=1), found, atol=1e-6)


@pytest.mark.parametrize("kind", [DenseClassifier, DenseRegressor])
@pytest.mark.parametrize("frame", [(48, 64, 1), (48, 32, 2), (48, 16, 4)])
def test_an_image_whose_rows_are_as_long_as_samples_is_one_image(kind, frame):
    X, y = np.arange(24 * 64).reshape(24, 64), np.arange(24) % 2
    model = kind(hidden_layer_sizes=(2,), epochs=1, random_state=0)
    images = np.zeros(frame, np.uint8)
    model.fit(X, y).predict(X.reshape(24, 8, 8))
    for image in (images, images.astype(float), images.tolist()):
        with pytest.raises(ValueError, match=r"looks like one image.*image\[None\]"):
            model.predict(image)
    # samples of this shape are those of fit
    model.fit(X.reshape(24, *frame[1:]), y)
    assert len(model.predict(images)) == 48
