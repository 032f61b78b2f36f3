"""Networks of several inputs or several outputs."""

import pickle

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from keras.losses import CategoricalCrossentropy as CrossEntropy
from own_networks import sequential
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_signlang import CNNRegressor, DenseRegressor, NetworkClassifier
from skl_signlang import NetworkRegressor as Regressor
from skl_signlang.callbacks import TensorBoard
from skl_signlang.persistence import load, save
from skl_signlang.preprocessing import BackboneFeatures

pytestmark = pytest.mark.slow

DIGITS = load_digits()
X, y = DIGITS.data[:300], DIGITS.target[:300]
INPUTS = {"image": slice(0, 56), "rest": slice(56, 64)}
TRAINING = {"batch_size": 32, "learning_rate": 0.01, "random_state": 0}


def two_inputs(input_shape, n_outputs, units=16):
    image = keras.Input(input_shape["image"], name="image")
    rest = keras.Input(input_shape["rest"], name="rest")
    x = layers.Dense(units, activation="relu")(image)
    x = layers.Concatenate()([x, rest])
    return keras.Model([rest, image], layers.Dense(n_outputs)(x))


class TakesDict(keras.Model):
    def __init__(self, n_outputs):
        super().__init__()
        self.hidden = layers.Dense(16, activation="relu")
        self.last = layers.Dense(n_outputs)

    def call(self, inputs):
        x = [self.hidden(inputs["image"]), inputs["rest"]]
        return self.last(keras.ops.concatenate(x, axis=-1))


def heads(input_shape, n_outputs):
    inputs = keras.Input(input_shape)
    x = layers.Dense(32, activation="relu")(inputs)
    return keras.Model(inputs, [layers.Dense(n)(x) for n in n_outputs])


class Heads(keras.Model):
    def __init__(self, n_outputs):
        super().__init__()
        self.hidden = layers.Dense(32, activation="relu")
        self.ends = [layers.Dense(n, activation="softmax") for n in n_outputs]

    def call(self, x):
        x = self.hidden(x)
        return [end(x) for end in self.ends]


# --- several inputs -------------------------------------------------------------------


@pytest.mark.parametrize("function", [two_inputs, TakesDict])
def test_columns_of_rows_are_the_inputs(function, tmp_path):
    model = NetworkClassifier(
        function, inputs=INPUTS, standardize=True, epochs=15, **TRAINING
    )
    assert cross_val_score(model, X, y, cv=2).mean() > 0.7
    expected = model.fit(X, y).predict_proba(X)
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.predict_proba(X), expected)
    save(model, tmp_path / "own.signlang")
    copy = load(tmp_path / "own.signlang", model=function)
    assert np.array_equal(copy.predict_proba(X), expected)
    assert np.array_equal(clone(copy).fit(X, y).predict_proba(X), expected)


def test_columns_have_names_in_pipelines_and_searches():
    names = [f"p{i}" for i in range(64)]
    table = pd.DataFrame(X, columns=names)
    scale = make_column_transformer(
        (StandardScaler(), names[56:]),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    inputs = {"image": names[:56], "rest": names[56:]}
    model = NetworkClassifier(two_inputs, inputs=inputs, epochs=1, **TRAINING)
    grid = {"networkclassifier__model__units": [4, 8]}
    search = GridSearchCV(make_pipeline(scale, model), grid, cv=2).fit(table, y)
    assert search.predict(table).shape == y.shape
    by_position = clone(model).set_params(inputs=INPUTS).fit(X, y)
    by_name = model.fit(table, y)
    assert np.array_equal(by_name.predict_proba(table), by_position.predict_proba(X))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (None, "set inputs="),
        ({"a": [0], "b": [1]}, "give each keras.Input the name"),
        ({"image": [0, 99], "rest": [1]}, "X has 64"),
        ({"image": ["p0"], "rest": [1]}, "no names of columns"),
        ({"image": [], "rest": [1]}, "holds no column"),
        ({1: [0]}, "by the name of an input"),
    ],
)
def test_inputs_that_do_not_fit_the_network_are_named(inputs, message):
    def build(input_shape, n_outputs):
        shape = input_shape if isinstance(input_shape, dict) else {}
        return two_inputs({"image": (56,), "rest": (8,), **shape}, n_outputs)

    with pytest.raises(ValueError, match=message):
        NetworkClassifier(build, inputs=inputs).fit(X, y)


def test_several_arrays_are_told_how_to_be_one_array():
    arrays = {"image": X[:, :56].reshape(-1, 7, 8), "rest": X[:, 56:]}
    with pytest.raises(TypeError) as error:
        NetworkClassifier(two_inputs).fit(arrays, y)
    assert "inputs={'image': slice(0, 56), 'rest': slice(56, 64)}" in str(error.value)
    for parts in (list(arrays.values()), tuple(arrays.values())):
        with pytest.raises(TypeError, match=r"inputs=\{'0': slice\(0, 56\), '1'"):
            NetworkClassifier(two_inputs).fit(parts, y)


def test_sequences_of_several_lengths_are_told_to_be_padded():
    rows = [[1, 2, 3], [1, 2], [4]]
    objects = np.empty(3, dtype=object)
    objects[:] = rows
    for X in (rows, tuple(rows), objects, pd.Series(rows, index=[5, 6, 7])):
        with pytest.raises(ValueError, match=r"of 1 to 3 values; .*pad_sequences"):
            NetworkClassifier(sequential).fit(X, [0, 1, 0])
    objects[:] = [[1, 2], [3, 4], [5, 6]]
    model = NetworkClassifier(sequential, epochs=1).fit(objects, [0, 1, 0])
    assert model.predict(objects).shape == (3,)


# --- several outputs ------------------------------------------------------------------

Y = np.column_stack([y, y % 3])


@pytest.mark.parametrize("function", [heads, Heads])
def test_columns_of_classes_are_outputs(function, tmp_path):
    model = NetworkClassifier(
        function, epochs=15, early_stopping=True, label_smoothing=0.05, **TRAINING
    )
    assert cross_val_score(model, X, Y, cv=2).mean() > 0.6
    model.fit(X, Y)
    assert model.score(X, Y) > 0.9
    assert "val_accuracy" in model.history_
    found = model.predict_proba(X)
    assert [part.shape for part in found] == [(300, 10), (300, 3)]
    for part, logits in zip(found, model.decision_function(X), strict=True):
        powers = np.exp(logits)
        assert np.allclose(part, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)
    save(model, tmp_path / "own.signlang")
    copy = load(tmp_path / "own.signlang", model=function)
    assert all(map(np.array_equal, copy.predict_proba(X), found))


def test_columns_of_classes_keep_their_types():
    table = pd.DataFrame({"digit": y, "name": np.array(["x", "y", "z"])[y % 3]})
    model = NetworkClassifier(heads, epochs=15, **TRAINING).fit(X, table)
    assert model.classes_[1].tolist() == ["x", "y", "z"]
    assert (model.predict(X) == table.to_numpy()).mean() > 0.9
    balanced = clone(model).set_params(class_weight="balanced", epochs=1)
    given = clone(balanced).set_params(class_weight=[{0: 2.0}, {"x": 3.0}])
    assert not np.array_equal(
        balanced.fit(X, table).predict_proba(X)[1],
        given.fit(X, table).predict_proba(X)[1],
    )


def test_columns_of_classes_come_in_pieces_and_in_tensorboard(tmp_path):
    board = [("board", TensorBoard(tmp_path))]
    model = NetworkClassifier(heads, epochs=2, callbacks=board, **TRAINING).fit(X, Y)
    pieces = clone(model).set_params(callbacks=None)
    for _ in range(2):
        pieces.partial_fit(X, Y, classes=[np.arange(10), np.arange(3)])
    assert all(map(np.array_equal, pieces.predict_proba(X), model.predict_proba(X)))
    with pytest.raises(ValueError, match="not the same"):
        pieces.partial_fit(X, Y, classes=[np.arange(9), np.arange(3)])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"model": sequential}, r"expected a list of outputs of shape \(10,\), \(3,\)"),
        ({"class_weight": {1: 2.0}}, "a list with a dict for each"),
        ({"class_weight": [{1: 2.0}]}, "2 columns of classes"),
        ({"metrics": ["mse"]}, "a list with a list of metrics for each"),
        ({"metrics": [["mse"]]}, "2 columns of classes"),
        ({"loss": "mse"}, "a list with a loss for each"),
        ({"loss": ["mse"]}, "2 columns of classes"),
        ({"loss": ["mse", "msee"]}, "loss='msee' is not a loss"),
        ({"metrics": [["mse"], ["msee"]]}, "msee"),
        ({"loss": ["mse", CrossEntropy(from_logits=True)]}, "Leave from_logits out"),
    ],
)
def test_what_does_not_fit_the_outputs_is_named(params, message):
    def one(input_shape, n_outputs):
        return sequential(input_shape, 4)

    params = {**params, "model": one if "model" in params else heads}
    with pytest.raises(ValueError, match=message):
        NetworkClassifier(**params).fit(X, Y)


@pytest.mark.parametrize("name", ["loss", "metrics", "class_weight"])
def test_lists_for_outputs_need_columns_of_classes(name):
    values = {"loss": ["mse"], "metrics": [["mse"]], "class_weight": [{0: 2.0}]}
    model = NetworkClassifier(sequential, **{name: values[name]})
    with pytest.raises(ValueError, match=f"{name}=.* is for several outputs"):
        model.fit(X, y)


def wrong(y_true, y_pred):
    """Return how many columns of a sample are far from right."""
    return keras.ops.sum(keras.ops.abs(y_true - y_pred) > 0.5, axis=-1)


def test_losses_and_metrics_of_each_output(tmp_path):
    losses = ["sparse_categorical_crossentropy", CrossEntropy(label_smoothing=0.1)]
    metrics = [["accuracy", "auc"], [wrong, keras.metrics.TopKCategoricalAccuracy(2)]]
    model = NetworkClassifier(heads, loss=losses, metrics=metrics, epochs=15)
    model.set_params(early_stopping=True, **TRAINING).fit(X, Y)
    names = ["accuracy_0", "auc_0", "wrong_1", "top_k_categorical_accuracy_1"]
    assert set(model.history_) == {
        *("loss", "accuracy", *names),
        *(f"val_{name}" for name in ("loss", "accuracy", *names)),
    }
    assert model.score(X, Y) > 0.8
    model.set_params(early_stopping=False, epochs=1, learning_rate=1e-9)
    last = {name: run[0] for name, run in clone(model).fit(X, Y).history_.items()}
    right = clone(model).fit(X, Y).predict(X) == Y
    assert np.isclose(last["accuracy_0"], right[:, 0].mean(), atol=0.02)
    copy = pickle.loads(pickle.dumps(model.fit(X, Y)))
    assert clone(copy).fit(X, Y).history_ == model.history_
    model.set_params(metrics=[[], ["auc"]])
    save(model.fit(X, Y), tmp_path / "own.signlang")
    again = load(tmp_path / "own.signlang", model=heads)
    assert again.history_ == model.history_


def test_the_loss_of_each_output_is_minimized():
    def score(*losses):
        model = NetworkClassifier(heads, loss=list(losses), epochs=15, **TRAINING)
        return (model.fit(X, Y).predict(X) == Y).mean(axis=0)

    def nothing(y_true, y_pred):
        return 0 * keras.ops.sum(y_pred, axis=-1)

    first, second = score("auto", nothing)
    assert first > 0.8 > second
    first, second = score(nothing, "auto")
    assert second > 0.8 > first
    both = NetworkClassifier(heads, epochs=15, **TRAINING).fit(X, Y)
    assert np.array_equal((both.predict(X) == Y).mean(axis=0), score("auto", "auto"))


def test_outputs_of_labels_and_numbers_are_put_side_by_side():
    def ones(input_shape, n_outputs):
        return heads(input_shape, [1] * n_outputs)

    labels = np.column_stack([y % 2, y > 4, y % 3 == 0]).astype(int)
    model = NetworkClassifier(ones, epochs=15, **TRAINING).fit(X, labels)
    assert model.score(X, labels) > 0.9
    regressor = Regressor(ones, standardize=True, epochs=20, **TRAINING)
    assert regressor.fit(X, labels).score(X, labels) > 0.7


# --- several targets of images --------------------------------------------------------


def centers(images):
    """Return the row and the column of the center of the ink."""
    ink = images.reshape(-1, 64) / images.sum(axis=(1, 2))[:, None]
    return ink @ np.indices((8, 8)).reshape(2, 64).T


def test_targets_of_images_are_learned_from_pixels_and_from_features(tmp_path):
    images = DIGITS.images[:600]
    targets = centers(images)
    model = CNNRegressor(filters=(8,), epochs=10, **TRAINING)
    assert model.fit(images, targets).score(images, targets) > 0.7
    save(model, tmp_path / "own.signlang")
    copy = load(tmp_path / "own.signlang")
    assert np.array_equal(copy.predict(images), model.predict(images))
    turned = clone(model).set_params(epochs=1, rotation=10.0, metrics=["mse"])
    assert "mse" in turned.fit(images, targets[:, 0]).history_

    def backbone(input_shape):
        convolution = layers.Conv2D(8, 3, strides=2)
        return keras.Sequential([keras.Input(input_shape), convolution])

    features = BackboneFeatures(
        backbone, weights=None, pooling="flatten", pixel_range=(0, 16)
    )
    pipeline = make_pipeline(features, DenseRegressor(epochs=10, **TRAINING))
    assert pipeline.fit(images, targets).score(images, targets) > 0.7


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e-18, 1e18, 1e200])
def test_targets_of_any_size_are_scaled(scale):
    X = np.random.RandomState(0).normal(size=(60, 3))
    y = X[:, 0]

    def score(y):
        model = Regressor(regression_of_any_size, epochs=30, random_state=0)
        model.set_params(learning_rate=0.03, batch_size=20)
        return model.fit(X, y).score(X, y)

    assert score(y) > 0.5
    assert score(y * scale) > 0.5


def regression_of_any_size(input_shape, n_outputs):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Dense(n_outputs)(inputs))
