"""Networks of the user's own: any function that builds one, as an estimator."""

import pickle
from functools import partial

import joblib
import keras
import numpy as np
import pytest
from keras import layers
from own_networks import Subclassed, custom, functional, recurrent, sequential
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import scale

from skl_signlang import (
    DenseClassifier,
    DenseRegressor,
    NetworkClassifier,
    NetworkRegressor,
)
from skl_signlang.networks import dense_network
from skl_signlang.persistence import load, save

FUNCTIONS = [sequential, functional, Subclassed, custom, recurrent]
X, y = load_iris(return_X_y=True)
X = scale(X).astype(np.float32)


def small(model=sequential, **params):
    params = {"epochs": 2, "random_state": 0, **params}
    return NetworkClassifier(model, **params)


def first(kind, estimator):
    """Return the first layer of a kind."""
    return next(layer for layer in estimator.model_.layers if isinstance(layer, kind))


@pytest.mark.slow
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_kind_of_function_learns_and_is_reproducible(function):
    model = small(function, epochs=30, learning_rate=0.02, batch_size=32).fit(X, y)
    probabilities = model.predict_proba(X)
    assert model.score(X, y) > 0.9
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    again = clone(model).fit(X, y)
    assert np.array_equal(again.predict_proba(X), probabilities)
    other = clone(model).set_params(random_state=1, epochs=1).fit(X, y)
    assert not np.allclose(other.predict_proba(X), probabilities)
    assert np.allclose(model.model_.predict(X, verbose=0), probabilities, atol=1e-5)
    copy = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copy.predict_proba(X), probabilities)
    assert copy.set_params(warm_start=True, epochs=1).fit(X, y).n_iter_ == 31


@pytest.mark.parametrize("n_classes", [2, 3])
def test_an_activation_at_the_end_is_not_doubled(n_classes):
    rows = y < n_classes
    ends, bare = (small(f).fit(X[rows], y[rows]) for f in (functional, sequential))
    names = [layer.name for layer in ends.model_.layers]
    assert "output_activation" not in names
    assert bare.model_.layers[-1].name == "output_activation"
    kind = {2: "sigmoid", 3: "softmax"}[n_classes]
    assert bare.model_.layers[-1].activation.__name__ == kind
    assert ends.predict_proba(X[rows]).shape == (rows.sum(), n_classes)


@pytest.mark.parametrize(
    "end",
    [lambda x: keras.ops.softmax(x), layers.Softmax(), layers.Activation("softmax")],
)
def test_softmax_is_recognized_in_each_form(end):
    def build(input_shape, n_outputs):
        inputs = keras.Input(input_shape)
        copy = (
            end
            if not isinstance(end, layers.Layer)
            else type(end).from_config(end.get_config())
        )
        return keras.Model(inputs, copy(layers.Dense(n_outputs)(inputs)))

    network = small(build).fit(X, y).model_
    assert network.layers[-1].name != "output_activation"


class EndsInSoftmax(Subclassed):
    def call(self, inputs, training=False):
        return keras.ops.softmax(super().call(inputs, training=training))


def test_softmax_is_recognized_in_custom_code():
    network = small(EndsInSoftmax).fit(X, y).model_
    assert isinstance(network.layers[-1], EndsInSoftmax)


@pytest.mark.slow
def test_hyperparameters_are_those_of_the_signature():
    model = small()
    params = model.get_params()
    assert (params["model__units"], params["model__dropout"]) == (8, 0.0)
    model.set_params(model__units=3)
    assert model.model_params == {"units": 3}
    assert clone(model).get_params()["model__units"] == 3
    assert "{'units': 3}" in repr(model)
    assert "model_params" in model._repr_html_()
    assert first(layers.Dense, model.fit(X, y)).units == 3
    search = GridSearchCV(small(epochs=1), {"model__units": [2, 5]}, cv=2).fit(X, y)
    units = search.best_params_["model__units"]
    assert first(layers.Dense, search.best_estimator_).units == units


def test_changing_a_copy_leaves_the_original():
    params = {"units": 3}
    model = small(model_params=params)
    clone(model).set_params(model__units=4)
    model.set_params(model__units=5)
    assert params == {"units": 3}


def test_a_model_is_named_by_a_string():
    model = small("own_networks:sequential", model_params={"units": 4}).fit(X, y)
    direct = small(sequential, model_params={"units": 4}).fit(X, y)
    assert np.array_equal(model.predict_proba(X), direct.predict_proba(X))
    assert model.model == "own_networks:sequential"


def test_networks_of_this_package_are_models_too():
    model = small(dense_network, model_params={"hidden_layer_sizes": (4,)}).fit(X, y)
    assert model.model_.get_layer("hidden_1").units == 4


def test_meta_is_passed_where_it_is_asked_for():
    seen = []

    def build(meta, n_outputs):
        seen.append(meta)
        return sequential((meta["n_features_in_"],), n_outputs)

    small(build).fit(X, np.array(["a", "b", "c"])[y])
    assert seen[0]["classes_"].tolist() == ["a", "b", "c"]
    assert (seen[0]["target_type_"], seen[0]["n_outputs_"]) == ("multiclass", 3)


def test_weights_that_the_function_sets_are_kept():
    table = np.random.RandomState(0).normal(size=(5, 3)).astype(np.float32)

    def build(input_shape, n_outputs):
        embedding = layers.Embedding(5, 3, trainable=False)
        model = keras.Sequential(
            [
                keras.Input(input_shape, dtype="int32"),
                embedding,
                layers.Flatten(),
                layers.Dense(n_outputs),
            ]
        )
        embedding.set_weights([table])
        return model

    tokens = np.random.RandomState(0).randint(5, size=(60, 4))
    model = small(build).fit(tokens, tokens[:, 0] % 3)
    assert np.array_equal(first(layers.Embedding, model).get_weights()[0], table)


@pytest.mark.slow
def test_sequences_and_images_come_in_the_shape_that_they_have():
    rng = np.random.RandomState(0)
    series = rng.normal(size=(40, 6, 2))
    model = small(recurrent).fit(series, np.arange(40) % 2)
    assert model.predict(series).shape == (40,)
    with pytest.raises(ValueError, match=r"expecting \(6, 2\)"):
        model.predict(series.reshape(40, 12))

    def build(input_shape, n_outputs):
        assert input_shape == (5, 5, 1)
        flat = layers.Flatten()
        return keras.Sequential(
            [keras.Input(input_shape), flat, layers.Dense(n_outputs)]
        )

    images = rng.randint(256, size=(40, 5, 5, 1)).astype(np.uint8)
    model = small(build, rotation=10.0).fit(images, np.arange(40) % 2)
    assert model.image_shape_ == (5, 5, 1)
    rows = small(build, image_shape=(5, 5)).fit(
        images.reshape(40, 25), np.arange(40) % 2
    )
    assert rows.image_shape_ == (5, 5, 1)
    with pytest.raises(ValueError, match="augmentation is for images"):
        small(rotation=10.0).fit(X, y)


def test_training_has_what_other_estimators_have(tmp_path):
    model = small(
        epochs=4,
        early_stopping=True,
        lr_schedule="cosine",
        average=True,
        class_weight="balanced",
        checkpoint_dir=tmp_path,
    )
    model.fit(X, y, groups=np.arange(150) // 2)
    assert "val_loss" in model.history_
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"last.npz", "best.weights.h5"}
    pieces = small().partial_fit(X, y, classes=[0, 1, 2]).partial_fit(X, y)
    assert pieces.n_iter_ == 2


# --- regression -----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("end", [None, "softplus"])
def test_regressors_keep_the_activation_of_the_network(end):
    def build(input_shape, n_outputs):
        dense = layers.Dense(n_outputs, activation=end)
        hidden = layers.Dense(16, activation="relu")
        return keras.Sequential([keras.Input(input_shape), hidden, dense])

    X, y = load_diabetes(return_X_y=True)
    model = NetworkRegressor(
        build, standardize=True, learning_rate=0.05, random_state=0
    )
    assert model.fit(X, y).score(X, y) > 0.2
    network = model.model_.layers[-1]  # after the standardization
    assert network.layers[-1].activation.__name__ == (end or "linear")


def test_an_activation_that_the_loss_needs_is_added():
    model = NetworkRegressor(sequential, loss="poisson", epochs=1).fit(X, y)
    assert model.model_.layers[-1].activation.__name__ == "exponential"
    assert (model.predict(X) > 0).all()
    two = NetworkRegressor(Subclassed, epochs=1).fit(X, X[:, :2])
    assert two.predict(X).shape == (150, 2)


# --- archives -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_archive_predicts_bit_for_bit_as_before(function, tmp_path):
    path = tmp_path / "own.signlang"
    model = small(function, model_params={"units": 3}, standardize=True).fit(X, y)
    save(model, path)
    copy = load(path, model=function)
    assert np.array_equal(copy.predict_proba(X), model.predict_proba(X))
    assert copy.model is function
    assert np.array_equal(copy.fit(X, y).predict_proba(X), model.predict_proba(X))


def test_an_archive_names_its_function_and_imports_nothing(tmp_path):
    path = tmp_path / "own.signlang"
    save(small("own_networks:sequential", model_params={"units": 3}).fit(X, y), path)
    needed = r"own_networks:sequential, with model_params=\{'units': 3\}"
    with pytest.raises(ValueError, match=needed):
        load(path)
    with pytest.raises(ValueError, match="got own_networks:functional"):
        load(path, model=functional)
    assert load(path, model=[functional, sequential]).model is sequential


def test_searches_are_saved_with_their_functions(tmp_path):
    path = tmp_path / "own.signlang"
    search = GridSearchCV(small(), {"model__units": [2, 3]}, cv=2).fit(X, y)
    save(search, path)
    copy = load(path, model=sequential)
    assert np.array_equal(copy.predict_proba(X), search.predict_proba(X))


def test_archives_name_no_function_that_a_search_would_import(tmp_path):
    names = {"model": ["own_networks:sequential", "own_networks:recurrent"]}
    search = GridSearchCV(small(), names, cv=2).fit(X, y)
    with pytest.raises(ValueError, match="names a function"):
        save(search, tmp_path / "own.signlang")


def test_sizes_in_an_archive_are_checked_before_memory_is_taken(tmp_path):
    path = tmp_path / "own.signlang"
    model = small(model_params={"units": 3}).fit(X, y)
    compiled = model._network.compiled
    hostile = {**compiled.recipe.keywords, "model_params": {"units": 10**11}}
    compiled.recipe = partial(compiled.recipe.func, **hostile)
    try:
        save(model, path)
    finally:
        honest = {**hostile, "model_params": {"units": 3}}
        compiled.recipe = partial(compiled.recipe.func, **honest)
    with pytest.raises(ValueError, match="do not match"):
        load(path, model=sequential)


def test_what_an_archive_cannot_hold_is_named(tmp_path):
    def build(input_shape, n_outputs, units=2):
        return sequential(input_shape, n_outputs, units)

    model = small(build).fit(X, y)
    with pytest.raises(ValueError, match=r"define it with def at the top of a module"):
        save(model, tmp_path / "own.signlang")

    model = small(takes_anything, model_params={"rate": {1: 2}}).fit(X, y)
    with pytest.raises(ValueError, match="holds numbers, strings"):
        save(model, tmp_path / "own.signlang")

    model = small(sequential, loss=squares).fit(X, y)
    with pytest.raises(ValueError, match="a function as loss by 'auto'"):
        save(model, tmp_path / "own.signlang")
    save(model.set_params(loss="auto"), tmp_path / "own.signlang")
    copy = load(tmp_path / "own.signlang", model=sequential)
    assert np.array_equal(copy.predict_proba(X), model.predict_proba(X))


def squares(y_true, y_pred):
    return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def takes_anything(input_shape, n_outputs, rate=None):
    return sequential(input_shape, n_outputs)


# --- bad input ------------------------------------------------------------------------

shared = layers.Dense(3)
one = sequential((4,), 3)


def compiled(input_shape, n_outputs):
    model = sequential(input_shape, n_outputs)
    model.compile("adam", "mse")
    return model


class OwnStep(Subclassed):
    def train_step(self, data):
        return {}


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (lambda n_outputs: None, TypeError, "got None. Is its return"),
        (lambda n_outputs: layers.Dense(3), TypeError, "got Dense"),
        (lambda n_outputs: keras.Model, TypeError, "Return an object of it"),
        (lambda input_shape: sequential(input_shape, 7), ValueError, r"shape \(7,\)"),
        (lambda n_outputs: sequential((9,), n_outputs), ValueError, r"shape \(9,\)"),
        (compiled, ValueError, "Leave compile"),
        (OwnStep, ValueError, "with its own train_step"),
        (
            lambda input_shape: keras.Sequential([keras.Input(input_shape), shared]),
            ValueError,
            "share layers",
        ),
        (lambda: one, ValueError, "share layers"),
        (lambda n_outputs, size: None, ValueError, "needs size"),
        (lambda meta, compile_kwargs: None, ValueError, "the estimator compiles"),
        (lambda n_outputs: 1 / 0, ValueError, "raised ZeroDivisionError"),
        (one, TypeError, "expected a function that builds"),
        ("own_networks", ValueError, "package.module:function"),
        ("own_networks:absent", ValueError, "cannot be imported"),
        ("absent_module:f", ValueError, "cannot be imported"),
        (
            lambda n_outputs: keras.Sequential(
                [keras.Input((4,)), layers.Dense(n_outputs, activation="sigmoid")]
            ),
            ValueError,
            "does not sum to 1",
        ),
    ],
)
def test_errors_name_the_model_and_what_came_back(model, error, message):
    with pytest.raises(error, match=message) as caught:
        small(model).fit(X, y)
    assert str(caught.value).startswith("model")
    assert caught.type is error


def test_one_output_needs_a_sigmoid():
    def build(input_shape, n_outputs):
        end = layers.Dense(n_outputs, activation="softmax")
        return keras.Sequential([keras.Input(input_shape), end])

    with pytest.raises(ValueError, match="of one output is always 1"):
        small(build).fit(X[:100], y[:100])


def test_arguments_that_the_function_does_not_take_are_named():
    with pytest.raises(ValueError, match="near names are units"):
        small().set_params(model__unit=3)
    with pytest.raises(ValueError, match="near names are units"):
        small(model_params={"unit": 3}).fit(X, y)
    with pytest.raises(ValueError, match="the estimator passes"):
        small(model_params={"n_outputs": 3}).fit(X, y)


def test_a_failed_fit_leaves_the_fitted_estimator():
    model = small().fit(X, y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="raised"):
        model.set_params(model=lambda: 1 / 0).fit(X, y)
    assert np.array_equal(model.predict_proba(X), before)


def test_closures_work_in_memory_and_in_workers():
    units = 3

    def build(input_shape, n_outputs):
        return sequential(input_shape, n_outputs, units)

    model = small(build).fit(X, y)
    with joblib.parallel_backend("loky", n_jobs=2):
        (copy,) = joblib.Parallel()([joblib.delayed(clone(model).fit)(X, y)])
    assert np.array_equal(copy.predict_proba(X), model.predict_proba(X))


# --- losses and metrics of classifiers ------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loss", "metrics"),
    [
        ("categorical_focal_crossentropy", ["top_k_categorical_accuracy"]),
        (keras.losses.CategoricalHinge, [keras.metrics.AUC(name="area")]),
        ("sparse_categorical_crossentropy", ["sparse_top_k_categorical_accuracy"]),
        (lambda true, found: keras.ops.mean((true - found) ** 2, axis=-1), None),
        ("auto", [keras.metrics.AUC(name="area"), keras.metrics.Precision(name="p")]),
    ],
)
def test_classifiers_take_losses_and_metrics(loss, metrics):
    model = small(
        loss=loss, metrics=metrics, epochs=25, learning_rate=0.02, early_stopping=True
    )
    assert model.fit(X, y).score(X, y) > 0.8
    for metric in metrics or ():
        name = getattr(metric, "name", metric)
        assert len(model.history_[f"val_{name}"]) == model.n_iter_
    again = clone(model).set_params(class_weight="balanced").fit(X, y)
    assert again.score(X, y) > 0.8


@pytest.mark.parametrize(
    ("kind", "usual"),
    [(DenseClassifier, "accuracy"), (DenseRegressor, "mean_absolute_error")],
)
def test_the_metric_that_is_always_measured_is_measured_once(kind, usual):
    model = kind(epochs=1, metrics=[usual, "mse"]).fit(np.eye(4), [0, 1, 0, 1])
    assert model.history_.keys() == {"loss", usual, "mse"}


def test_parameters_reach_the_loss_and_callbacks_the_metrics():
    stop = keras.callbacks.EarlyStopping("val_area", mode="max", patience=1)
    model = small(
        loss="binary_focal_crossentropy",
        metrics=[keras.metrics.AUC(name="area")],
        callbacks=[("stop", stop)],
    ).set_params(loss__gamma=3.0)
    assert model.fit(X[:100], y[:100])._compile_arguments()[2].gamma == 3.0
    assert "val_area" in model.history_


def test_one_hot_targets_are_told_by_the_activation():
    one_hot = np.eye(3, dtype=int)[y]
    params = {"epochs": 25, "learning_rate": 0.02}
    model = small(output_activation="softmax", **params).fit(X, one_hot)
    assert np.allclose(model.predict_proba(X).sum(axis=1), 1, atol=1e-5)
    assert (model.predict(X).sum(axis=1) == 1).all()
    assert model.score(X, one_hot) > 0.9
    labels = small(**params).fit(X, one_hot)
    assert not np.allclose(labels.predict_proba(X).sum(axis=1), 1, atol=1e-2)
    with pytest.raises(ValueError, match="takes one-hot y"):
        model.fit(X, np.ones((150, 3), int))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"loss": "absent"}, "not a loss of Keras"),
        ({"loss": keras.losses.BinaryCrossentropy(from_logits=True)}, "from_logits"),
        ({"output_activation": "sigmoid"}, "does not fit y"),
    ],
)
def test_losses_and_activations_that_do_not_fit_are_named(params, message):
    with pytest.raises(ValueError, match=message):
        small(**params).fit(X, y)
