"""`tf.data.Dataset` and `keras.utils.PyDataset` in `fit`."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from own_networks import sequential
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    DenseRegressor,
    NetworkClassifier,
    NetworkRegressor,
    TransferLearningClassifier,
)
from skl_signlang.estimators import _data_sets
from skl_signlang.model_selection import HyperbandSearchCV, leakage_report

DIGITS = load_digits()
X, y = DIGITS.data[:200].astype(np.float32), DIGITS.target[:200]
TRAINING = {"epochs": 2, "batch_size": 32, "learning_rate": 0.01, "random_state": 0}
ROWS = tf.data.Dataset.from_tensor_slices((X, y))


class Batches(keras.utils.PyDataset):
    def __init__(self, *arrays, size=32):
        super().__init__()
        self.arrays, self.size = arrays, size

    def __len__(self):
        return -(-len(self.arrays[0]) // self.size)

    def __getitem__(self, number):
        part = slice(number * self.size, (number + 1) * self.size)
        return tuple(array[part] for array in self.arrays)


class Endless(Batches):
    num_batches = None


def backbone(input_shape):
    convolution = keras.layers.Conv2D(4, 3, strides=2)
    return keras.Sequential([keras.Input(input_shape), convolution])


TRANSFER = TransferLearningClassifier(
    backbone=backbone, weights=None, hidden_layer_sizes=(8,), **TRAINING
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [
        CNNClassifier(filters=(4,), hidden_layer_sizes=(8,), **TRAINING),
        DenseClassifier(hidden_layer_sizes=(8,), **TRAINING),
        DenseRegressor(hidden_layer_sizes=(8,), **TRAINING),
        NetworkClassifier(sequential, **TRAINING),
        NetworkRegressor(sequential, **TRAINING),
        TRANSFER,
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_data_set_trains_as_its_arrays_do(model):
    expected = model.fit(X, y).predict(X)
    for dataset in (ROWS, ROWS.batch(32), ROWS.batch(50, True), Batches(X, y)):
        assert np.array_equal(model.fit(dataset).predict(X), expected)
    in_pipeline = make_pipeline("passthrough", model).fit(ROWS.batch(32))
    assert np.array_equal(in_pipeline.predict(X), expected)


@pytest.fixture
def model():
    return DenseClassifier(hidden_layer_sizes=(8,), **TRAINING)


def test_images_of_a_data_set_keep_their_shape():
    images = tf.data.Dataset.from_tensor_slices((X.reshape(-1, 8, 8, 1), y))
    model = CNNClassifier(filters=(4,), hidden_layer_sizes=(8,), **TRAINING)
    assert model.fit(images.batch(64)).image_shape_ == (8, 8, 1)


def test_large_arrays_of_a_data_set_lie_in_a_file(model, monkeypatch):
    monkeypatch.setattr(_data_sets, "MEMORY", 1000)
    found, labels, _ = _data_sets.arrays_of_dataset(Batches(X, y))
    assert isinstance(found, np.memmap)
    assert np.array_equal(found, X)
    assert np.array_equal(labels, y)
    in_file = model.fit(ROWS).predict_proba(X)
    assert np.array_equal(in_file, model.fit(X, y).predict_proba(X))


def test_a_data_set_larger_than_the_free_place_is_refused(monkeypatch):
    monkeypatch.setattr(_data_sets, "MEMORY", 1000)
    usage = type("Usage", (), {"free": 2000})
    monkeypatch.setattr(_data_sets.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(OSError, match="set TMPDIR"):
        _data_sets.arrays_of_dataset(Batches(X, y))


def test_the_third_part_of_a_batch_is_weights(model):
    weights = (y < 5).astype(float)
    expected = model.fit(X, y, weights).predict_proba(X)
    weighted = tf.data.Dataset.zip(ROWS, tf.data.Dataset.from_tensor_slices(weights))
    weighted = weighted.map(lambda pair, weight: (*pair, weight))
    assert np.array_equal(model.fit(weighted).predict_proba(X), expected)
    with pytest.raises(ValueError, match="validation samples count alike"):
        model.fit(ROWS, X_val=weighted)


def test_validation_is_a_data_set_or_a_part(model):
    given = model.fit(ROWS, X_val=Batches(X[:50], y[:50])).history_
    assert given == model.fit(X, y, X_val=X[:50], y_val=y[:50]).history_
    model.set_params(early_stopping=True)
    assert model.fit(ROWS).history_ == model.fit(X, y).history_


def test_a_data_set_is_a_piece(model):
    model.partial_fit(ROWS.take(100), classes=np.unique(y))
    assert model.partial_fit(Batches(X, y)).n_iter_ == 2


def test_labels_of_a_data_set_may_be_strings(model):
    names = np.array(["zero", "one or more"])[(y > 0).astype(int)]
    named = tf.data.Dataset.from_tensor_slices((X, names))
    assert model.fit(named).classes_.tolist() == ["one or more", "zero"]


def of_unknown_shape():
    return tf.data.Dataset.from_generator(
        lambda: iter([(X, y)]), output_types=(tf.float32, tf.int64)
    )


@pytest.mark.parametrize(
    ("dataset", "arguments", "message"),
    [
        (ROWS.repeat(), {}, "leave repeat"),
        (Endless(X, y), {}, "number of batches of one epoch"),
        (ROWS.take(0), {}, "holds no batch"),
        (ROWS.map(lambda X, y: X), {}, "requires y"),
        (ROWS.map(lambda X, y: ({"a": X}, y)), {}, "holds dict .*inputs names"),
        (ROWS.map(lambda X, y: (tf.sparse.from_dense(X), y)), {}, "make .* sparse"),
        (of_unknown_shape(), {}, "output_signature"),
        (Batches(X, y, y, y), {}, "is a tuple of 4"),
        (Batches(X, y), {"y": y}, "got y beside a data set"),
        (Batches(X, y), {"groups": y}, "data set of other groups as X_val"),
        (X, {"y": y, "X_val": ROWS, "y_val": y}, "got y_val beside a data set"),
        (Batches(X, y), {"validation_data": ROWS}, "or a data set as X_val"),
    ],
)
def test_what_a_data_set_cannot_be_is_named(model, dataset, arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        model.fit(dataset, **arguments)


def test_batches_of_samples_of_several_shapes_are_named(model):
    class Unequal(Batches):
        def __getitem__(self, number):
            return X[:5, : 64 - number], y[:5]

    with pytest.raises(ValueError, match=r"Batch 1 .* \(5, 63\).* Pad or resize"):
        model.fit(Unequal(X, y))


def test_parameters_are_checked_before_a_data_set_is_read(model):
    class Unread(Batches):
        def __getitem__(self, number):
            raise AssertionError

    with pytest.raises(ValueError, match="'epochs' parameter"):
        model.set_params(epochs=-1).fit(Unread(X, y))


def test_cross_validation_takes_arrays(model):
    # scikit-learn's own errors, which docs/own_networks.md quotes
    with pytest.raises(TypeError, match="at least 1 dimension"):
        cross_val_score(model, ROWS.batch(32))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        GridSearchCV(model, {}).fit(Batches(X, y), y)
    with pytest.raises(TypeError, match=r"list of 3 tuples .* give it arrays"):
        GridSearchCV(model, {}, cv=2, error_score="raise").fit(Batches(X, y))


@pytest.mark.parametrize("dataset", [ROWS.batch(32), Batches(X, y)])
def test_what_splits_samples_takes_arrays(model, dataset):
    search = HyperbandSearchCV(model, {"learning_rate": [0.1, 0.01]})
    with pytest.raises(TypeError, match=r"HyperbandSearchCV.fit takes arrays.*batches"):
        search.fit(dataset)
    with pytest.raises(TypeError, match=r"leakage_report takes arrays.*batches"):
        leakage_report(model, dataset, y)
