"""What users of SciKeras, skorch and Keras write, and what they expect of Ctrl-C."""

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from keras import layers
from own_networks import Subclassed, sequential
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    NetworkClassifier,
    NetworkRegressor,
    TransferLearningClassifier,
)
from skl_signlang.export import export
from skl_signlang.inference import LetterPredictor
from skl_signlang.report import write_report

X, y = load_iris(return_X_y=True)
X = X.astype(np.float32)
SMALL = {"epochs": 3, "random_state": 0, "learning_rate": 0.01}


# --- names of others ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("units", r'model_params={"units": ...}'),
        ("model__units", r'model_params={"units": ...}'),
        ("fit__batch_size", "set batch_size, epochs"),
        ("optimizer__beta_1", r"set_params\(optimizer__beta_1=...\)"),
        ("callbacks__stop__patience", "set_params"),
        ("build_fn", "it is called model"),
        ("validation_split", "early_stopping=True, with validation_fraction"),
        ("max_epochs", "it is called epochs"),
        ("lr", "it is called learning_rate"),
        ("iterator_train__shuffle", "batch_size"),
        ("epoch", "near names are epochs"),
    ],
)
def test_parameters_of_other_libraries_are_told_where_they_go(name, hint):
    with pytest.raises(TypeError, match=f"'{name}'; .*{hint}"):
        NetworkClassifier(sequential, **{name: 1})


@pytest.mark.parametrize("name", ["fit__batch_size", "lr", "module"])
def test_set_params_tells_where_parameters_go(name):
    message = f"Invalid parameter '{name}' .*(batch_size|it is called)"
    for model in (NetworkRegressor(sequential), DenseClassifier()):
        with pytest.raises(ValueError, match=message):
            model.set_params(**{name: 1})


def test_callbacks_need_no_names():
    stop = keras.callbacks.EarlyStopping("loss", patience=1)
    ends = [keras.callbacks.TerminateOnNaN() for _ in range(2)]
    model = NetworkClassifier(sequential, callbacks=[stop, *ends], **SMALL)
    names = {name for name in model.get_params() if name.count("__") == 1}
    assert "callbacks__earlystopping" in names
    assert "callbacks__terminateonnan-2" in names
    assert model.fit(X, y).n_iter_ == 3
    assert stop.model is None
    grid = {"callbacks__earlystopping__patience": [1, 2]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, y)
    assert dict(search.best_estimator_.callbacks).keys() >= {"earlystopping"}


# --- losses, metrics and one-hot y of all classifiers ---------------------------------


def backbone(input_shape):
    return keras.Sequential([keras.Input(input_shape), layers.Conv2D(4, 3)])


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [
        DenseClassifier(epochs=1),
        CNNClassifier(filters=(4,), epochs=1),
        TransferLearningClassifier(
            backbone=backbone,
            weights=None,
            pixel_range=(0, 16),
            trainable_layers="all",
            epochs=1,
            fine_tune_epochs=1,
        ),
    ],
)
def test_all_classifiers_take_losses_metrics_and_one_hot_y(model):
    images, digits = load_digits(return_X_y=True)
    images, digits = images[:200], digits[:200]
    area = keras.metrics.AUC(name="area")
    focal = clone(model).set_params(
        loss="categorical_focal_crossentropy",
        metrics=[area, "top_k_categorical_accuracy"],
        early_stopping=True,
        class_weight="balanced",
    )
    history = focal.fit(images, digits).history_
    assert {"val_area", "top_k_categorical_accuracy"} < history.keys()
    one_hot = np.eye(10)[digits]
    softmax = clone(model).set_params(output_activation="softmax")
    found = softmax.fit(images, one_hot).predict_proba(images)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"loss": "categorical_crossentropy"}, "one output, a sigmoid"),
        ({"metrics": ["sparse_categorical_accuracy"]}, "one output, a sigmoid"),
        ({"metrics": ["absent"]}, "not known to Keras"),
        ({"metrics": [keras.metrics.AUC]}, r"expected an object of it, AUC\(\)"),
    ],
)
def test_losses_and_metrics_of_other_outputs_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        DenseClassifier(**params).fit(X, y == 1)


def test_ordinal_codes_are_classes_or_numbers():
    grades = y.astype(float)
    model = NetworkClassifier(sequential, **SMALL).fit(X, grades)
    assert model.classes_.tolist() == [0.0, 1.0, 2.0]
    assert model.predict(X).dtype == grades.dtype
    assert NetworkRegressor(sequential, **SMALL).fit(X, y).predict(X).shape == (150,)


# --- sparse X -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "model",
    [NetworkClassifier(sequential, **SMALL), DenseClassifier(**SMALL)],
)
def test_sparse_rows_train_and_predict_as_dense_ones(model):
    rows = scipy.sparse.random(100, 30, density=0.2, random_state=0, format="csc")
    rows = rows.astype(np.float32)
    labels = (rows.sum(axis=1).A1 if hasattr(rows, "A1") else rows.sum(axis=1)) > 3
    labels = np.asarray(labels).ravel()
    for params in ({}, {"standardize": True, "early_stopping": True}):
        model = clone(model).set_params(**params)
        sparse = clone(model).fit(rows, labels)
        dense = clone(model).fit(rows.toarray(), labels)
        expected = dense.predict_proba(rows.toarray())
        assert np.array_equal(sparse.predict_proba(rows), expected)
        table = pd.DataFrame.sparse.from_spmatrix(rows)
        assert np.array_equal(sparse.predict_proba(table), expected)
        assert sparse.fit(table, labels).n_features_in_ == 30
    texts = ["one fish", "two fish", "red fish", "blue fish"] * 10
    pipeline = make_pipeline(TfidfVectorizer(), clone(model)).fit(
        texts, np.arange(40) % 2
    )
    assert pipeline.predict(texts[:3]).shape == (3,)


# --- Ctrl-C ---------------------------------------------------------------------------


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in an epoch."""

    at = None

    def on_train_batch_end(self, batch, logs=None):
        step = int(self.model.optimizer.iterations.numpy())
        if step == Interrupt.at:
            raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("function", [sequential, Subclassed])
@pytest.mark.parametrize("params", [{}, {"average": True}, {"early_stopping": True}])
def test_ctrl_c_keeps_whole_epochs_where_it_is_told_to(function, params):
    Interrupt.at = 5  # of two or three steps in an epoch
    model = NetworkClassifier(
        function, batch_size=70, callbacks=[Interrupt()], **{**SMALL, **params}
    )
    with pytest.raises(KeyboardInterrupt):
        clone(model).fit(X, y)
    model.set_params(on_interrupt="keep", epochs=6)
    with pytest.warns(ConvergenceWarning, match="after (1 epoch|2 epochs),"):
        model.fit(X, y)
    n_epochs = model.n_iter_
    Interrupt.at = None
    short = clone(model).set_params(epochs=n_epochs).fit(X, y)
    assert model.history_ == short.history_
    assert np.array_equal(model.predict_proba(X), short.predict_proba(X))
    whole = clone(model).fit(X, y)
    model.set_params(warm_start=True, epochs=6 - n_epochs).fit(X, y)
    if not params:
        assert np.array_equal(model.predict_proba(X), whole.predict_proba(X))


def test_ctrl_c_before_the_first_epoch_ends_keeps_nothing():
    Interrupt.at = 1
    model = NetworkClassifier(sequential, callbacks=[Interrupt()], on_interrupt="keep")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    Interrupt.at = None
    assert not model.__sklearn_is_fitted__()


@pytest.mark.slow
def test_ctrl_c_in_the_first_phase_leaves_out_the_second():
    images, digits = load_digits(return_X_y=True)
    Interrupt.at = 3
    model = TransferLearningClassifier(
        backbone=backbone,
        weights=None,
        pixel_range=(0, 16),
        trainable_layers="all",
        epochs=2,
        fine_tune_epochs=1,
        callbacks=[Interrupt()],
        on_interrupt="keep",
    )
    with pytest.warns(ConvergenceWarning, match="after 1 epoch,"):
        model.fit(images[:200], digits[:200])
    Interrupt.at = None
    assert model.n_iter_ == 1
    assert model.predict(images[:5]).shape == (5,)


# --- who takes one label for each sample ----------------------------------------------


@pytest.mark.slow
def test_several_labels_are_refused_where_classes_exclude_each_other(tmp_path):
    images = load_digits().images[:100]
    labels = np.column_stack([np.arange(100) % 2, np.arange(100) % 3 == 0]).astype(int)
    model = CNNClassifier(filters=(4,), epochs=1).fit(images, labels)
    for use in (
        lambda: LetterPredictor(model),
        lambda: write_report(model, images, labels, tmp_path / "report.html"),
        lambda: export(model, tmp_path / "model.onnx"),
    ):
        with pytest.raises(ValueError, match="one label for each sample"):
            use()


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (48, 64, 3), (480, 640)])
def test_one_image_without_its_batch_axis_is_named(shape):
    images = np.random.RandomState(0).randint(0, 256, (12, 8, 8)).astype(np.uint8)
    model = NetworkClassifier(flat, epochs=1).fit(images, np.arange(12) % 2)
    with pytest.raises(ValueError, match=r"expecting \(8, 8\).*image\[None\]"):
        model.predict(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 64, 64), r"ImageResizer\(\(8, 8\)\)\.$"),
        ((2, 8, 8, 3), r'ColorConverter\("gray"\)\.$'),
        ((2, 9, 8, 4), r'ImageResizer\(\(8, 8\)\) and ColorConverter\("gray"\)\.$'),
        ((2, 8, 8, 1), r"Pass X in the form of fit\.$"),
        ((2, 3, 8, 8), r"expecting \(8, 8\)\.$"),
        ((0, 8, 8), r"0 sample\(s\)"),
    ],
)
def test_images_of_another_shape_are_explained(shape, message):
    images = np.random.RandomState(0).randint(0, 256, (12, 8, 8)).astype(np.uint8)
    model = NetworkClassifier(flat, epochs=1).fit(images, np.arange(12) % 2)
    with pytest.raises(ValueError, match=message):
        model.predict(np.zeros(shape, np.uint8))


def flat(input_shape, n_outputs):
    return keras.Sequential(
        [keras.Input(input_shape), layers.Flatten(), layers.Dense(n_outputs)]
    )
