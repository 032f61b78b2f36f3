"""Backbones that others trained, as heads' features and as networks that learn on."""

import copy
import importlib
import os
import pickle
import re
import shutil
import urllib.error
import warnings

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skl_signlang import CNNClassifier, TransferLearningClassifier
from skl_signlang.inference import LetterPredictor
from skl_signlang.networks import (
    _feature_cache,
    backbone_network,
    dense_network,
    transfer_network,
)
from skl_signlang.networks._extractor import Extractor
from skl_signlang.networks._pixels import SCALES, prepare_pixels, scale_of
from skl_signlang.persistence import load, save
from skl_signlang.preprocessing import BackboneFeatures
from skl_signlang.serving._served_model import ServedModel
from skl_signlang.training._trainer import Trainer


def tiny(input_shape, filters=4):
    """A backbone with all that is awkward: names by Keras, norms, dropout."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(filters, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.Dropout(0.1),
        ]
    )


SMALL = {
    "backbone": tiny,
    "pooling": "flatten",
    "hidden_layer_sizes": (8,),
    "epochs": 2,
    "fine_tune_epochs": 2,
    "random_state": 0,
}
MOBILENET = {"weights": None, "image_size": 32, "backbone_params": {"alpha": 0.25}}
CONVOLUTIONS = ["conv2d", "depthwise_conv2d"]
WITH_NORMS = ["conv2d", "batch_normalization", "depthwise_conv2d"]


@pytest.fixture(scope="module")
def digits():
    """200 gray images of 8x8 pixels, as bytes, and their digits."""
    bunch = load_digits()
    return (bunch.images[:200] * 15).astype(np.uint8), bunch.target[:200]


@pytest.fixture(autouse=True)
def fresh_cache(monkeypatch):
    """No test knows the features of another."""
    monkeypatch.setattr(_feature_cache, "_rows", type(_feature_cache._rows)())
    monkeypatch.setattr(_feature_cache, "_n_bytes", 0)


@pytest.fixture
def computed(monkeypatch):
    """A list that gets the number of images each time features are computed."""
    counts, compute = [], Extractor._compute

    def counting(self, X, rows):
        counts.append(len(rows))
        return compute(self, X, rows)

    monkeypatch.setattr(Extractor, "_compute", counting)
    return counts


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A backbone in a file, which archives and other processes can name."""
    path = tmp_path_factory.mktemp("backbones") / "backbone.keras"
    model = tiny((8, 8, 3))
    keras.Model(model.inputs[0], model.outputs[0], name="backbone").save(path)
    return str(path)


@pytest.fixture
def saved_model(tmp_path):
    """The folder of a SavedModel that takes 8x8 gray or color images in 0-1."""
    inputs = keras.Input((8, 8, 3))
    maps = layers.Conv2D(5, 3, kernel_initializer=keras.initializers.GlorotUniform(1))
    keras.Model(inputs, maps(inputs)).export(tmp_path / "hub", verbose=False)
    return tmp_path / "hub"


def backbone_of(model):
    return model.model_.get_layer("backbone_network").get_layer("backbone")


def changed(first, second):
    """Name the layers of the backbone whose weights differ."""
    return [
        one.name
        for one, other in zip(
            backbone_of(first).layers, backbone_of(second).layers, strict=True
        )
        if not all(map(np.array_equal, one.get_weights(), other.get_weights()))
    ]


def same_bits(first, second):
    pairs = zip(first.model_.get_weights(), second.model_.get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


# --- networks ---------------------------------------------------------------------


@pytest.mark.slow
def test_the_courses_network_has_its_parameters():
    features = backbone_network(
        (150, 150, 3),
        backbone="InceptionV3",
        weights=None,
        backbone_layer="mixed7",
        pooling="flatten",
        image_size=150,
    )
    head = dense_network(
        features.output_shape[1:],
        24,
        hidden_layer_sizes=(128,),
        dropout=0.2,
        standardize=False,
    )
    assert transfer_network(features, head).count_params() == 13_795_384


def test_pixels_come_as_the_family_of_the_backbone_wants_them():
    rng = np.random.RandomState(0)
    images = rng.randint(256, size=(2, 5, 4, 3)).astype(np.float32)
    seen = set()
    for build in filter(callable, vars(keras.applications).values()):
        family = importlib.import_module(build.__module__)
        scale = scale_of(family.preprocess_input)
        inputs = keras.Input((5, 4, 3))
        forms = {(0, 255): images, (-1, 1): images / 127.5 - 1}
        for pixel_range, values in forms.items():
            outputs = prepare_pixels(
                inputs,
                image_size=(5, 4),
                n_channels=3,
                pixel_range=pixel_range,
                scale=scale,
            )
            got = keras.Model(inputs, outputs)(values)
            np.testing.assert_allclose(
                got, family.preprocess_input(images.copy()), atol=1e-3
            )
        seen.add(scale)
    assert seen == {"0-255", "caffe", "tf", "torch"} < set(SCALES)


@pytest.mark.parametrize(
    "shape",
    [(28, 28, 1), (9, 7, 3), (300, 200, 3), (64, 64, 4), (50, 90, 2), (1, 1, 1)],
)
def test_images_of_any_form_are_brought_to_the_backbones(shape):
    inputs = keras.Input(shape)
    outputs = prepare_pixels(
        inputs, image_size=(32, 40), n_channels=3, pixel_range=(0, 255), scale="0-255"
    )
    network = keras.Model(inputs, outputs)
    assert network.output_shape == (None, 32, 40, 3)
    np.testing.assert_allclose(network(np.full((1, *shape), 77.0)), 77, atol=1e-3)
    assert keras.models.model_from_json(network.to_json()).count_params() == 0


def test_a_pattern_of_single_pixels_shrinks_to_its_mean():
    inputs = keras.Input((96, 96, 1))
    outputs = prepare_pixels(
        inputs, image_size=(30, 32), n_channels=1, pixel_range=(0, 255), scale="0-255"
    )
    checks = 255.0 * (np.indices((96, 96)).sum(axis=0) % 2)
    shrunk = np.array(keras.Model(inputs, outputs)(checks[None, ..., None]))
    assert np.abs(shrunk - 127.5).max() < 20


def test_layers_have_the_names_that_keras_gives_in_a_fresh_process():
    for _ in range(2):
        network = backbone_network((8, 8, 1), backbone=tiny, backbone_layer="conv2d")
    assert network.get_layer("backbone").layers[-1].name == "conv2d"
    one, other = (backbone_network((8, 8, 4), backbone=tiny) for _ in range(2))
    assert one.to_json() == other.to_json()


def test_trainable_layers_are_those_with_weights_from_the_end():
    def trainable(n, **options):
        features = backbone_network((8, 8, 1), backbone=tiny)
        head = dense_network(features.output_shape[1:], 2, standardize=False)
        transfer_network(features, head, trainable_layers=n, **options)
        found = features.get_layer("backbone").layers
        return [layer.name for layer in found if layer.trainable_variables]

    assert trainable(0) == []
    assert trainable(1) == ["depthwise_conv2d"]
    assert trainable(2) == trainable("all") == CONVOLUTIONS
    assert trainable(1, train_norms=True) == ["depthwise_conv2d"]
    assert trainable("all", train_norms=True) == WITH_NORMS
    with pytest.raises(ValueError, match="only 2 layers with weights"):
        trainable(3)


# --- two phases -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trainable_layers", "weights", "expected"),
    [
        (0, "imagenet", []),
        (1, "imagenet", ["depthwise_conv2d"]),
        ("all", "imagenet", CONVOLUTIONS),
        ("all", None, WITH_NORMS),
    ],
)
def test_the_second_phase_changes_what_is_trainable(
    digits, trainable_layers, weights, expected
):
    params = {**SMALL, "weights": weights}
    frozen = TransferLearningClassifier(**params).fit(*digits)
    model = TransferLearningClassifier(**params, trainable_layers=trainable_layers)
    model.fit(*digits)
    assert changed(frozen, model) == expected
    assert model.n_iter_ == len(model.history_["loss"]) == (4 if expected else 2)
    assert model.history_["loss"][:2] == frozen.history_["loss"]


@pytest.mark.slow
def test_the_phases_have_their_own_steps(digits):
    model = TransferLearningClassifier(
        **SMALL, trainable_layers=1, lr_schedule="cosine", fine_tune_learning_rate=1e-5
    ).fit(*digits)
    rates = model.history_["learning_rate"]
    np.testing.assert_allclose(rates, [1e-3, 5e-4, 1e-5, 5e-6], rtol=1e-5)


@pytest.mark.slow
def test_two_phases_learn(digits):
    X, y = digits
    model = TransferLearningClassifier(
        **{**SMALL, "epochs": 20}, trainable_layers="all", batch_size=16
    )
    assert model.fit(X[:150], y[:150]).score(X[150:], y[150:]) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("trainable_layers", [0, 1])
def test_training_in_pieces_is_training_at_once(digits, trainable_layers):
    X, y = digits
    once = TransferLearningClassifier(**SMALL, trainable_layers=trainable_layers)
    once.fit(X, y)
    piecewise = clone(once)
    for _ in range(once.n_iter_):
        piecewise.partial_fit(X, y, classes=np.unique(y))
        piecewise = pickle.loads(pickle.dumps(piecewise))
    assert same_bits(piecewise, once)
    assert piecewise.history_ == once.history_


@pytest.mark.slow
def test_a_trained_head_goes_on_with_more_layers(digits):
    X, y = digits
    model = TransferLearningClassifier(**SMALL, warm_start=True).fit(X, y)
    frozen = copy.deepcopy(model)
    assert model.fit(X, y).n_iter_ == 4
    model.set_params(trainable_layers=1).fit(X, y)
    assert model.n_iter_ == 6
    assert changed(frozen, model) == ["depthwise_conv2d"]
    model.set_params(trainable_layers="all").fit(X, y)
    assert changed(frozen, model) == CONVOLUTIONS
    tuned = copy.deepcopy(model)
    model.set_params(trainable_layers=0).fit(X, y)
    assert changed(tuned, model) == []
    assert model.n_iter_ == 10
    assert not same_bits(tuned, model)
    with pytest.raises(ValueError, match="another network than the fitted one"):
        model.set_params(pooling="avg").fit(X, y)
    with pytest.raises(ValueError, match="another network than the fitted one"):
        frozen.set_params(hidden_layer_sizes=(3,)).fit(X, y)


@pytest.mark.parametrize("trainable_layers", [0, "all"])
def test_known_structures_are_not_traced_again(digits, monkeypatch, trainable_layers):
    params = {**SMALL, "weights": None, "trainable_layers": trainable_layers}
    TransferLearningClassifier(**params).fit(*digits)

    def no_more(*args):
        raise AssertionError("a trainer would be traced")

    monkeypatch.setattr(Trainer, "__init__", no_more)
    other = {**params, "random_state": 1, "learning_rate": 1e-2}
    TransferLearningClassifier(**other).fit(*digits)


# --- features are computed once ---------------------------------------------------


def test_a_fit_computes_the_features_once(digits, computed):
    X, y = digits
    model = TransferLearningClassifier(**{**SMALL, "epochs": 5}).fit(X, y)
    assert sum(computed) == len(np.unique(X, axis=0))
    model.predict(X)
    clone(model).set_params(dropout=0.5).fit(X[::-1], y[::-1])
    assert sum(computed) == len(np.unique(X, axis=0))


@pytest.mark.slow
def test_a_search_computes_the_features_once(digits, computed):
    X, y = digits
    grid = {"dropout": [0.1, 0.2], "hidden_layer_sizes": [(4,), (8,)]}
    GridSearchCV(TransferLearningClassifier(**SMALL), grid, cv=2).fit(X, y)
    assert sum(computed) == len(np.unique(X, axis=0))


@pytest.mark.slow
def test_a_pipelines_memory_keeps_features(digits, computed, tmp_path):
    X, y = digits
    pipeline = Pipeline(
        [
            ("features", BackboneFeatures(tiny, pooling="flatten")),
            ("line", LogisticRegression(max_iter=1000)),
        ],
        memory=str(tmp_path),
    )
    search = GridSearchCV(pipeline, {"line__C": [0.1, 1]}, cv=2, refit=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joblib reports what is slow to store
        search.fit(X, y)
        seen = sum(computed)
        _feature_cache._rows.clear()
        search.fit(X, y)
    assert seen == len(np.unique(X, axis=0))
    # from memory come those of fit, so that those of the test parts alone are left
    assert sum(computed) <= 2 * seen
    assert search.cv_results_["mean_test_score"].min() > 0.5


def test_the_cache_is_bounded(digits, computed, monkeypatch):
    X, _ = digits
    features = BackboneFeatures(tiny, pooling="flatten").fit(X[..., None])
    expected = features.transform(X[..., None])
    room = 50 * expected[0].nbytes
    monkeypatch.setattr(_feature_cache, "_rows", type(_feature_cache._rows)())
    monkeypatch.setattr(_feature_cache, "_n_bytes", 0)
    monkeypatch.setattr(_feature_cache, "MAX_CACHED_BYTES", room)
    for start in (0, 40, 80, 0):
        got = features.transform(X[start : start + 40, ..., None])
        assert np.array_equal(got, expected[start : start + 40])
        kept = sum(row.nbytes for row in _feature_cache._rows.values())
        assert kept == _feature_cache._n_bytes <= room
    # more than there is room for does not push out what is there
    before = list(_feature_cache._rows)
    assert np.array_equal(features.transform(X[..., None]), expected)
    assert list(_feature_cache._rows) == before


def test_features_depend_on_nothing_but_the_image_and_the_backbone(digits):
    X = digits[0][..., np.newaxis]
    options = {"pooling": "flatten", "random_state": 0, "weights": None}
    one, other = (BackboneFeatures(tiny, **options).fit(X) for _ in range(2))
    expected = one.transform(X)
    order = np.random.RandomState(0).permutation(len(X))
    for rows in (order, order[:17], order[:101]):
        _feature_cache._rows.clear()
        assert np.array_equal(other.transform(X[rows]), expected[rows])
    few = np.vstack([one.transform(X[i : i + 1]) for i in range(5)])
    assert np.allclose(few, expected[:5], atol=1e-6)
    third = BackboneFeatures(tiny, **{**options, "random_state": 1}).fit(X)
    assert not np.allclose(third.transform(X), expected)
    darker = BackboneFeatures(tiny, **options, pixel_range=(0, 300)).fit(X)
    assert not np.allclose(darker.transform(X), expected)


def test_many_features_go_to_a_file(digits, monkeypatch):
    X, y = digits
    expected = TransferLearningClassifier(**SMALL).fit(X, y)
    monkeypatch.setattr(_feature_cache, "MAX_CACHED_BYTES", 0)
    monkeypatch.setattr("skl_signlang.networks._extractor.MAX_FEATURE_BYTES", 0)
    extractor = expected._network.parts()[0]
    assert isinstance(extractor(X[..., None]), np.memmap)
    model = TransferLearningClassifier(**SMALL).fit(X, y)
    assert same_bits(model, expected)


def test_no_fold_sees_anothers_weights(digits):
    X, y = digits
    model = TransferLearningClassifier(**SMALL, trainable_layers="all")
    folds = list(StratifiedKFold(2).split(X, y))
    result = cross_validate(model, X, y, cv=folds, return_estimator=True)
    for (train, _), fitted in zip(folds, result["estimator"], strict=True):
        assert same_bits(fitted, clone(model).fit(X[train], y[train]))


@pytest.mark.slow
def test_worker_processes_agree_with_this_one(digits, file):
    X, y = digits
    model = TransferLearningClassifier(**{**SMALL, "backbone": file})
    cuts = [layer.name for layer in keras.saving.load_model(file).layers[2:4]]
    one, two = (
        GridSearchCV(model, {"backbone_layer": cuts}, cv=2, n_jobs=n_jobs).fit(X, y)
        for n_jobs in (1, 2)
    )
    for result in ("split0_test_score", "split1_test_score"):
        assert np.allclose(one.cv_results_[result], two.cv_results_[result], atol=0.05)


# --- randomness and keeping -------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("trainable_layers", [0, "all"])
def test_the_same_seed_gives_the_same_bits_whatever_ran_before(
    digits, trainable_layers
):
    params = {**SMALL, "weights": None, "trainable_layers": trainable_layers}
    first = TransferLearningClassifier(**params).fit(*digits)
    keras.utils.set_random_seed(99)
    other = TransferLearningClassifier(**{**params, "random_state": 5}).fit(*digits)
    assert same_bits(first, clone(first).fit(*digits))
    assert not same_bits(first, other)


COPIES = {
    "pickle": lambda model, path: pickle.loads(pickle.dumps(model)),
    "deepcopy": lambda model, path: copy.deepcopy(model),
    "archive": lambda model, path: save(model, path) or load(path),
}


@pytest.mark.slow
@pytest.mark.parametrize("trainable_layers", [0, 1])
@pytest.mark.parametrize("kind", COPIES)
def test_copies_predict_the_same_bits(
    digits, file, tmp_path, monkeypatch, trainable_layers, kind
):
    X, y = digits
    model = TransferLearningClassifier(**{**SMALL, "backbone": file})
    model.set_params(trainable_layers=trainable_layers).fit(X, y)
    expected = model.predict_proba(X)
    load_model, modes = keras.saving.load_model, []

    def watched(path, **kwargs):
        modes.append(kwargs.get("safe_mode"))
        return load_model(path, **kwargs)

    monkeypatch.setattr(keras.saving, "load_model", watched)
    other = COPIES[kind](model, tmp_path / "model.signlang")
    assert modes == [True]
    assert np.array_equal(other.predict_proba(X), expected)
    assert same_bits(other, model)
    assert np.array_equal(other.predict_proba(X), expected)
    direct = model.model_.predict(X[..., None], verbose=0)
    assert np.allclose(direct, expected, atol=1e-5)


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same_bits(digits, tmp_path, forks):
    X, y = digits
    model = TransferLearningClassifier(
        **SMALL, **MOBILENET, backbone_layer="conv_pw_1_relu"
    )
    model.set_params(backbone="MobileNet").fit(X, y)
    np.savez(tmp_path / "data.npz", X=X, expected=model.predict_proba(X))
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    (tmp_path / "new.pickle").write_bytes(pickle.dumps((clone(model), y)))
    script = """if True:
        import pickle, sys
        import numpy as np
        folder = sys.argv[1]
        data = np.load(folder + "/data.npz")
        model = pickle.load(open(folder + "/model.pickle", "rb"))
        assert np.array_equal(model.predict_proba(data["X"]), data["expected"])
        new, y = pickle.load(open(folder + "/new.pickle", "rb"))
        new.fit(data["X"], y)
        assert np.array_equal(new.predict_proba(data["X"]), data["expected"])
    """
    forks.run(script, tmp_path)


def test_a_change_to_the_network_shows_in_predictions(digits):
    X, y = digits
    model = TransferLearningClassifier(**SMALL).fit(X, y)
    expected = model.predict_proba(X)
    layer = model.model_.get_layer("backbone_network").get_layer("backbone").layers[2]
    kernel, *rest = layer.get_weights()
    layer.set_weights([kernel + 1, *rest])
    got = model.predict_proba(X)
    assert not np.allclose(got, expected)
    direct = model.model_.predict(X[..., None], verbose=0)
    assert np.allclose(got, direct, atol=1e-5)
    head = model.model_.get_layer("dense_network")
    head.set_weights([0 * weight for weight in head.get_weights()])
    assert np.allclose(model.predict_proba(X), 0.1)
    untouched = TransferLearningClassifier(**SMALL).fit(X, y)
    assert np.array_equal(untouched.predict_proba(X), expected)


def test_a_pipeline_of_features_is_kept_by_name_and_hash(digits, tmp_path):
    X, y = digits
    file = tmp_path / "backbone.keras"
    tiny((8, 8, 3)).save(file)
    steps = [("features", BackboneFeatures(str(file), pooling="flatten"))]
    pipeline = Pipeline([*steps, ("line", LogisticRegression(max_iter=1000))]).fit(X, y)
    save(pipeline, tmp_path / "pipeline.signlang")
    again = load(tmp_path / "pipeline.signlang", saved_model=file)
    assert np.array_equal(again.predict_proba(X), pipeline.predict_proba(X))
    names = pipeline["features"].get_feature_names_out()
    assert len(names) == pipeline["line"].n_features_in_
    assert names[0] == "backbonefeatures0"
    keras.utils.set_random_seed(7)
    tiny((8, 8, 3)).save(file)
    with pytest.raises(ValueError, match="differ from those in fit"):
        again.predict(X)
    file.unlink()
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        again.predict(X)


class Tiny:
    """A class, since the name of a function in the ids of checks has an address."""

    def __new__(cls, input_shape):
        return tiny(input_shape)


@pytest.mark.slow
@parametrize_with_checks([BackboneFeatures(Tiny, weights=None, pooling="flatten")])
def test_scikit_learns_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


# --- files, folders, weights ------------------------------------------------------


@pytest.mark.slow
def test_a_network_of_ones_own_is_a_backbone(digits, tmp_path):
    X, y = digits
    cnn = CNNClassifier(filters=(4,), hidden_layer_sizes=(8,), epochs=1, random_state=0)
    cnn.fit(X, y).model_.save(tmp_path / "own.keras")
    options = {
        "backbone": tmp_path / "own.keras",
        "backbone_layer": "hidden_1_activation",
    }
    features = BackboneFeatures(**options).fit_transform(X)
    network = keras.Model(
        cnn.model_.input, cnn.model_.get_layer("hidden_1_activation").output
    )
    assert np.allclose(features, network.predict(X[..., None], verbose=0), atol=1e-5)
    model = TransferLearningClassifier(**{**SMALL, **options}, trainable_layers="all")
    assert model.fit(X, y).model_.get_layer("backbone_network").count_params() > 0
    with pytest.raises(ValueError, match="color, but the backbone takes gray"):
        model.fit(np.stack([X] * 3, axis=-1), y)


@pytest.mark.slow
def test_a_saved_model_stays_outside(digits, saved_model, tmp_path):
    X, y = digits
    params = {**SMALL, "backbone": str(saved_model)}
    model = TransferLearningClassifier(**params).fit(X, y)
    layer = keras.layers.TFSMLayer(str(saved_model), call_endpoint="serving_default")
    maps = layer(np.repeat(X[..., None], 3, axis=-1) / np.float32(255))["output_0"]
    features = BackboneFeatures(str(saved_model), pooling="flatten").fit_transform(X)
    assert np.allclose(features, np.reshape(maps, (len(X), -1)), atol=1e-5)
    expected = model.predict_proba(X)
    direct = model.model_.predict(X[..., None], verbose=0)
    assert np.allclose(direct, expected, atol=1e-5)
    content = pickle.dumps(model)
    path, elsewhere = tmp_path / "model.signlang", tmp_path / "elsewhere"
    save(model, path)
    shutil.copytree(saved_model, elsewhere)
    moved = load(path, saved_model=elsewhere)
    assert moved.backbone == str(elsewhere)
    for copied in (pickle.loads(content), moved):
        assert np.array_equal(copied.predict_proba(X), expected)
        assert copied.partial_fit(X, y).n_iter_ == 3
    with pytest.raises(ValueError, match=r"saved_model=FOLDER") as caught:
        load(path)
    assert not re.search("[0-9a-f]{64}", str(caught.value))
    with pytest.raises(ValueError, match="saved_model=FOLDER"):
        LetterPredictor(path)
    predictor = LetterPredictor(path, saved_model=elsewhere)
    assert predictor.predict(X[0].astype(np.uint8)).letter in map(str, model.classes_)
    served = ServedModel(path, saved_model=elsewhere)
    assert served.loaded.classes == [str(label) for label in model.classes_]
    (saved_model / "assets").mkdir(exist_ok=True)
    (saved_model / "assets" / "new").touch()
    with pytest.raises(ValueError, match="not the one used in fit: its SHA-256"):
        pickle.loads(content)
    with pytest.raises(ValueError, match="not the one used in fit: its SHA-256"):
        load(path, saved_model=saved_model)
    shutil.rmtree(saved_model)
    with pytest.raises(FileNotFoundError, match=f"SavedModel {saved_model} is missing"):
        pickle.loads(content)
    with pytest.raises(FileNotFoundError, match="no folder"):
        load(path, saved_model=saved_model)


def test_an_archive_of_features_needs_its_saved_model(digits, saved_model, tmp_path):
    X, y = digits
    features = BackboneFeatures(str(saved_model), pooling="flatten")
    model = make_pipeline(features, GaussianNB()).fit(X, y)
    search = GridSearchCV(model, {"gaussiannb__var_smoothing": [1e-9]}, cv=2).fit(X, y)
    elsewhere = shutil.copytree(saved_model, tmp_path / "elsewhere")
    for fitted in (model, search):
        save(fitted, tmp_path / "x.signlang")
        with pytest.raises(ValueError, match="saved_model=FOLDER"):
            load(tmp_path / "x.signlang")
        copied = load(tmp_path / "x.signlang", saved_model=elsewhere)
        assert np.array_equal(copied.predict(X), fitted.predict(X))
    assert copied.estimator[0].backbone == str(elsewhere)
    (elsewhere / "assets" / "new").touch()
    with pytest.raises(ValueError, match="not the one used in fit"):
        load(tmp_path / "x.signlang", saved_model=elsewhere)


@pytest.mark.slow
def test_fit_opens_no_path_that_came_in_an_archive(digits, tmp_path):
    X, y = digits
    tiny((8, 8, 3)).save(tmp_path / "tiny.keras")
    params = {**SMALL, "backbone": str(tmp_path / "tiny.keras")}
    model = TransferLearningClassifier(**params).fit(X, y)
    save(model, tmp_path / "model.signlang")
    copied = load(tmp_path / "model.signlang")
    assert np.array_equal(copied.predict_proba(X), model.predict_proba(X))
    for loaded in (copied, clone(copied), pickle.loads(pickle.dumps(copied))):
        with pytest.raises(ValueError, match="was set by the archive"):
            loaded.fit(X, y)
    assert clone(copied).set_params(backbone=params["backbone"]).fit(X, y).n_iter_ > 0


def test_outputs_of_a_saved_model_have_names(digits, tmp_path):
    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32)])
    def serve(images):
        return {"logits": images[:, 0, 0], "maps": images[:, :4, :4] * 2}

    module = tf.Module()
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": serve})
    X = digits[0]
    maps = BackboneFeatures(
        str(tmp_path), backbone_layer="maps", pooling="max"
    ).fit_transform(X)
    np.testing.assert_allclose(
        maps[:, 0], X[:, :4, :4].max(axis=(1, 2)) / 127.5, atol=1e-6
    )
    with pytest.raises(ValueError, match=r"several outputs.*: logits, maps"):
        BackboneFeatures(str(tmp_path)).fit(X)
    with pytest.raises(ValueError, match="near names are maps"):
        BackboneFeatures(str(tmp_path), backbone_layer="map").fit(X)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_imagenet_weights_that_are_a_pipe_are_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    os.mkfifo(tmp_path / "models" / "mobilenet.h5")
    with pytest.raises(ValueError, match=r"mobilenet\.h5 is a named pipe"):
        backbone_network((32, 32, 3), backbone="MobileNetV2")


def test_weights_from_a_file(digits, tmp_path):
    X, y = digits
    source = tiny((8, 8, 3))
    source.save_weights(tmp_path / "tiny.weights.h5")
    model = TransferLearningClassifier(**SMALL, weights=tmp_path / "tiny.weights.h5")
    got = backbone_of(model.fit(X, y)).get_weights()
    assert all(map(np.array_equal, got, source.get_weights()))
    tiny((8, 8, 3)).save_weights(tmp_path / "tiny.weights.h5")
    again = backbone_of(clone(model).fit(X, y)).get_weights()
    assert not np.array_equal(again[0], got[0])


@pytest.fixture
def files(tmp_path):
    """Files that are no good backbones, and no good weights."""
    inputs = keras.Input((8, 8, 3))
    good = tiny((8, 8, 3))
    good.save(tmp_path / "good.keras")
    doubled = keras.Model(inputs, layers.Lambda(lambda x: x * 2)(inputs))
    doubled.save(tmp_path / "lambda.keras")
    keras.Sequential([keras.Input((4,)), layers.Dense(2)]).save(
        tmp_path / "table.keras"
    )
    content = (tmp_path / "good.keras").read_bytes()
    (tmp_path / "half.keras").write_bytes(content[: len(content) // 2])
    (tmp_path / "noise.weights.h5").write_bytes(content[:100])
    tiny((8, 8, 3), filters=5).save_weights(tmp_path / "other.weights.h5")
    with h5py.File(tmp_path / "whole.h5", "w") as file:
        file.attrs["model_config"] = "{}"
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"backbone": "MobilNet"}, "near names are MobileNet, MobileNetV2"),
        ({"backbone": "nowhere.keras"}, "'nowhere.keras': there is no such file"),
        ({"backbone": "{}/empty"}, "neither a .keras file nor a folder"),
        ({"backbone": "{}/whole.h5"}, "h5 models are never loaded"),
        ({"backbone": "{}/lambda.keras"}, "Lambda, which is refused"),
        ({"backbone": "{}/table.keras"}, "not a network for images"),
        ({"backbone": "{}/half.keras"}, "cannot be loaded as a backbone"),
        ({"backbone": "{}/good.keras", "image_size": 9}, "takes images of 8x8"),
        ({"backbone": "{}/good.keras", "backbone_params": {"a": 1}}, "not for files"),
        ({"backbone": "{}/good.keras", "trainable_layers": 9}, "has only 2 layers"),
        ({"backbone": lambda shape: None}, "must be a functional or Sequential"),
        ({"backbone": lambda shape: tiny((9, 9, 3))}, "is a network for"),
        ({"backbone_params": {"filtres": 3}}, "unexpected keyword argument 'filtres'"),
        ({"backbone_layer": "conv2"}, "near names are conv2d"),
        ({"weights": "imagenot"}, "Expected 'imagenet', None or the path"),
        ({"weights": "{}/good.keras"}, "Whole networks .* are passed as backbone"),
        ({"weights": "{}/whole.h5"}, "whole Keras model"),
        ({"weights": "{}/noise.weights.h5"}, "cannot be read as a file of weights"),
        ({"weights": "{}/other.weights.h5"}, "do not fit the backbone"),
        ({"pixel_range": (255, 0)}, r"smaller first; got \(255, 0\)"),
        ({"pixel_range": (0, np.nan)}, "two finite numbers"),
        ({"image_size": (8, 8, 3)}, "image_size must be a number of pixels or"),
        ({"pooling": "mean"}, "'pooling' parameter of TransferLearningClassifier"),
        ({"trainable_layers": -1}, "'trainable_layers' parameter"),
        ({"preprocessing": "keras"}, "'preprocessing' parameter"),
        ({"trainable_layers": 3}, "has only 2 layers with weights"),
        ({"backbone": "MobileNet", **MOBILENET, "image_size": 16}, "at least 32x32"),
        (
            {"backbone": "MobileNet", "backbone_params": {"pooling": "avg"}},
            "may not hold pooling",
        ),
    ],
)
def test_what_cannot_be_used_is_named_before_training(
    digits, files, monkeypatch, params, message
):
    def no_training(*args, **kwargs):
        raise AssertionError("training has begun")

    monkeypatch.setattr(Trainer, "train", no_training)
    params = {
        name: value.format(files) if isinstance(value, str) else value
        for name, value in params.items()
    }
    model = TransferLearningClassifier(**{**SMALL, **params})
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        model.fit(*digits)
    assert not hasattr(model, "model_")


def test_weights_that_are_nowhere_are_named_with_their_folder(
    digits, monkeypatch, tmp_path
):
    from keras.src.utils import file_utils

    def offline(*args):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(file_utils, "urlretrieve", offline)
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    model = TransferLearningClassifier(**{**SMALL, "backbone": "MobileNet"})
    name = "mobilenet_1_0_224_tf_no_top.h5"
    message = f"no network.*Put the file {name} into the folder {tmp_path}/models"
    with pytest.raises(FileNotFoundError, match=message):
        model.fit(*digits)


def test_values_outside_of_the_pixel_range_warn(digits):
    X, y = digits
    model = TransferLearningClassifier(**SMALL)
    with pytest.warns(UserWarning, match="values from 0 to 0.941, but pixel_range"):
        model.fit(X / 255, y)
    with pytest.warns(UserWarning, match="values from 0 to 240"):
        clone(model).set_params(pixel_range=(0, 1)).fit(X, y)
    with pytest.warns(UserWarning, match="values from 0 to 0.941"):
        BackboneFeatures(tiny).fit(X / 255)


def test_the_pixel_range_makes_the_scale_irrelevant(digits):
    X, y = digits
    bytes_ = TransferLearningClassifier(**SMALL).fit(X, y)
    shares = TransferLearningClassifier(**SMALL, pixel_range=(0, 1)).fit(X / 255, y)
    assert np.allclose(
        bytes_.predict_proba(X), shares.predict_proba(X / 255), atol=1e-3
    )


# --- ImageNet's weights -----------------------------------------------------------


@pytest.fixture(scope="module")
def keras_home():
    """The folder with Keras' own MobileNet 0.25; skips where it is absent."""
    from conftest import SHARED_DATA

    home = SHARED_DATA.parent / "models" / "keras_home"
    if not home.exists():
        pytest.skip("needs ../shared/models/keras_home: not present")
    return home


@pytest.mark.slow
def test_imagenets_weights_give_kerass_own_features(keras_home):
    weights = keras_home / "models" / "mobilenet_2_5_224_tf_no_top.h5"
    colors = np.random.RandomState(0).randint(
        256, size=(3, 224, 224, 3), dtype=np.uint8
    )
    features = BackboneFeatures(weights=str(weights), backbone_params={"alpha": 0.25})
    got = features.fit_transform(colors)
    network = keras.applications.MobileNet(
        alpha=0.25, include_top=False, weights=str(weights), pooling="avg"
    )
    prepared = keras.applications.mobilenet.preprocess_input(colors.astype(np.float32))
    assert got.std() > 0.1
    assert np.allclose(got, network.predict(prepared, verbose=0), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "n_warnings"), [(None, 0), (96, 1)])
def test_imagenets_weights_by_name(size, n_warnings, keras_home, monkeypatch):
    from keras.src.utils import file_utils

    # Keras reads the variable when it is imported
    monkeypatch.setenv("KERAS_HOME", str(keras_home))
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(keras_home))
    X = np.random.RandomState(0).randint(256, size=(12, 28, 28), dtype=np.uint8)
    y = np.arange(12) % 2
    model = TransferLearningClassifier(
        backbone_params={"alpha": 0.25}, image_size=size, epochs=40, dropout=0
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert model.fit(X, y).score(X, y) > 0.9
    told = [w for w in caught if "Weights for input shape" in str(w.message)]
    assert len(told) == n_warnings
