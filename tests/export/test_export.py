import json
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    DenseRegressor,
    TransferLearningClassifier,
)
from skl_signlang._letters import LETTERS
from skl_signlang.cli import _export_command, main
from skl_signlang.export import export
from skl_signlang.export._export import _rename_to_version
from skl_signlang.export._exported import open_exported
from skl_signlang.export._exported_images import ImageExport
from skl_signlang.export._exported_tables import TableExport
from skl_signlang.inference import LetterPredictor
from skl_signlang.persistence import save
from skl_signlang.preprocessing import (
    ColorConverter,
    HOGTransformer,
    ImageDecoder,
    ImageReshaper,
    ImageResizer,
    ImageScaler,
)

pytestmark = pytest.mark.slow

FORMATS = ("onnx", "litert", "saved_model")
# SGD is traced in half of the time of Adam
SMALL = {
    "hidden_layer_sizes": (8,),
    "epochs": 2,
    "optimizer": "sgd",
    "random_state": 0,
}
CNN = CNNClassifier(filters=(4,), **SMALL)
DENSE = DenseClassifier(**SMALL)


def draw(*shape, n=60, labels="ABC", seed=0):
    random_state = np.random.RandomState(seed)
    X = random_state.randint(0, 256, (n, *shape)).astype(np.uint8)
    return X, np.resize([*labels], n)


def small_backbone(input_shape):
    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Conv2D(4, 3, activation="relu")]
    )


def run(path, images):
    """Run an exported file or folder, as strangers to this package would."""
    if path.is_file():
        return open_exported(path, trusted=True)(images)
    serve = tf.saved_model.load(str(path / "1")).signatures["serving_default"]
    return serve(pixels=tf.constant(images))["probabilities"].numpy()


@pytest.fixture(scope="module")
def model():
    return CNNClassifier(filters=(4,), **SMALL).fit(*draw(12, 12))


def shrink_colours():
    steps = ImageReshaper(), ColorConverter(), ImageResizer((7, 9)), ImageScaler()
    return make_pipeline(*steps, CNN)


CASES = {
    "a network": (CNN, (12, 12, 1), "ABC"),
    "rows": (DENSE, (12, 12, 1), "ABC"),
    "two classes": (DENSE, (12, 12, 1), "AB"),
    "colors to small shares of gray": (shrink_colours(), (23, 31, 3), "ABC"),
    "gray to large colors": (
        make_pipeline(
            ImageResizer((17, 13)), "passthrough", ColorConverter("rgb"), CNN
        ),
        (12, 12, 1),
        "ABC",
    ),
    "a search": (
        GridSearchCV(make_pipeline(ImageResizer(6), DENSE), {}, cv=2),
        (12, 12, 1),
        "ABC",
    ),
    "a frozen backbone": (
        TransferLearningClassifier(
            backbone=small_backbone, weights=None, batch_norm=True, **SMALL
        ),
        (12, 12, 3),
        "ABC",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_exported_agrees_with_the_estimator(case, tmp_path):
    estimator, shape, labels = CASES[case]
    X, y = draw(*shape, labels=labels)
    estimator.fit(X, y)
    others, _ = draw(*shape, seed=1)
    expected = estimator.predict_proba(others)
    for format in FORMATS:
        export(estimator, tmp_path / format, format=format)
        found = run(tmp_path / format, others)
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FORMATS)


def test_bytes_are_resized_to_the_very_same_bytes(tmp_path):
    """A network that sees one pixel only tells whether that was rounded the same."""
    X, y = draw(30, 41, n=40)
    pipeline = make_pipeline(ImageResizer((7, 11)), DENSE).fit(X, y)
    weights = pipeline[-1].model_.get_weights()
    weights[-2:] = [1000 * weight for weight in weights[-2:]]
    pipeline[-1].model_.set_weights(weights)
    expected = pipeline.predict_proba(X)
    for format in ("onnx", "litert"):
        export(pipeline, tmp_path / "x", format=format)
        assert np.abs(run(tmp_path / "x", X[..., np.newaxis]) - expected).max() < 1e-2


def test_the_letters_and_the_shape_are_in_the_metadata(model, tmp_path):
    import onnxruntime

    for format in FORMATS:
        export(model, tmp_path / format, format=format)
    session = onnxruntime.InferenceSession(tmp_path / "onnx")
    said = session.get_modelmeta().custom_metadata_map
    assert [put.name for put in session.get_inputs()] == ["pixels"]
    assert [put.name for put in session.get_outputs()] == ["probabilities"]
    assert session.get_inputs()[0].type == "tensor(uint8)"
    with zipfile.ZipFile(tmp_path / "litert") as file:
        litert = json.loads(file.read("metadata.json"))
    path = tmp_path / "saved_model" / "1" / "assets.extra" / "metadata.json"
    for found in (
        {name: json.loads(value) for name, value in said.items()},
        litert,
        json.loads(path.read_text()),
    ):
        assert found["letters"] == ["A", "B", "C"]
        assert found["image_shape"] == [12, 12, 1]


def test_the_same_model_makes_the_same_litert_file(model, tmp_path):
    for name in "ab":
        export(model, tmp_path / name, format="litert")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_decoder_is_left_out(tmp_path):
    X, y = draw(12, 12)
    decoded = make_pipeline(ImageDecoder(), CNN).fit(list(X), y)
    export(decoded, tmp_path / "x.onnx")
    found = run(tmp_path / "x.onnx", X[..., np.newaxis])
    np.testing.assert_allclose(found, decoded.predict_proba(list(X)), atol=1e-5)


def test_exporting_leaves_the_estimator_alone(tmp_path):
    estimator = CNNClassifier(filters=(4,), **SMALL).fit(*draw(12, 12))
    export(estimator, tmp_path / "x.onnx")
    assert estimator._network._model is None


# --- tables ---------------------------------------------------------------------------


IRIS, SPECIES = load_iris(return_X_y=True)
# far from zero, negative, of all sizes
FAR = IRIS * [1, -100, 1e-3, 1] + [1e6, 0, 0, -30]
WHOLE = np.rint(IRIS * 10)
EARLY = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())


def with_gaps():
    X = IRIS.copy()
    X[::9, 0] = np.nan
    return X


def by_columns():
    names = ["a", "b", "c", "d"]
    table = pd.DataFrame(with_gaps(), columns=names).assign(e=np.arange(150) % 3)
    columns = ColumnTransformer(
        [
            ("early", EARLY, ["a", "c"]),
            ("late", RobustScaler(), ["b"]),
            ("kinds", OneHotEncoder(drop="first"), ["e"]),
        ],
        remainder="passthrough",
    )
    return make_pipeline(columns, DENSE), table, SPECIES


def regressor(**more):
    return DenseRegressor(**{**SMALL, **more})


TABLES = {
    "rows": lambda: (DENSE, IRIS, SPECIES),
    "rows far from zero": lambda: (
        make_pipeline(StandardScaler(), DENSE),
        FAR,
        SPECIES,
    ),
    "few integers": lambda: (DENSE, WHOLE, SPECIES),
    "shares": lambda: (DENSE, np.tile(IRIS / 8, 9), SPECIES),
    "two classes": lambda: (DENSE, IRIS[:100], SPECIES[:100]),
    "not standardized": lambda: (
        DenseClassifier(**SMALL, standardize=False),
        IRIS,
        SPECIES,
    ),
    "columns by name": by_columns,
    "many steps": lambda: (
        make_pipeline(
            SimpleImputer(strategy="median"),
            PolynomialFeatures(2),
            VarianceThreshold(),
            MinMaxScaler((-1, 1)),
            FeatureUnion(
                [("p", PCA(3, whiten=True)), ("x", "passthrough")],
                transformer_weights={"p": 2.0},
            ),
            MaxAbsScaler(),
            "passthrough",
            DENSE,
        ),
        with_gaps(),
        SPECIES,
    ),
    "weighted columns": lambda: (
        make_pipeline(
            ColumnTransformer(
                [("size", StandardScaler(), [0]), ("own", "passthrough", [2])],
                remainder=MinMaxScaler(),
                transformer_weights={"size": 3.0, "own": 0.5, "remainder": 2.0},
            ),
            DENSE,
        ),
        IRIS,
        SPECIES,
    ),
    "kinds by number": lambda: (
        make_pipeline(
            ColumnTransformer(
                [
                    ("size", StandardScaler(), [0]),
                    ("late", OrdinalEncoder(), [1]),
                    (
                        "rare",
                        OrdinalEncoder(
                            handle_unknown="use_encoded_value", unknown_value=-1
                        ),
                        [2],
                    ),
                ],
                remainder="passthrough",
            ),
            DENSE,
        ),
        WHOLE,
        SPECIES,
    ),
    "gaps of a number": lambda: (
        make_pipeline(
            ColumnTransformer(
                [
                    ("minus", SimpleImputer(missing_values=-1), [0, 1]),
                    ("seven", SimpleImputer(strategy="constant", fill_value=7), [2, 3]),
                ]
            ),
            DENSE,
        ),
        np.where(np.isnan(with_gaps()), -1, IRIS),
        SPECIES,
    ),
    "functions": lambda: (
        make_pipeline(FunctionTransformer(np.log1p), Normalizer(), DENSE),
        IRIS,
        SPECIES,
    ),
    "a convolution over scaled rows": lambda: (
        make_pipeline(StandardScaler(), CNN),
        np.tile(IRIS, 4),
        SPECIES,
    ),
    "a search": lambda: (
        GridSearchCV(make_pipeline(StandardScaler(), DENSE), {}, cv=2),
        IRIS,
        SPECIES,
    ),
    "numbers": lambda: (regressor(), FAR[:, :1] * 1e-6, SPECIES),
    "several numbers": lambda: (regressor(), IRIS[:, :2], IRIS[:, 2:]),
    "a scaled target": lambda: (
        TransformedTargetRegressor(
            make_pipeline(StandardScaler(), regressor()), transformer=StandardScaler()
        ),
        IRIS[:, :3],
        1e4 + 1e3 * IRIS[:, 3],
    ),
    "the logarithm of a target": lambda: (
        make_pipeline(
            StandardScaler(),
            TransformedTargetRegressor(
                regressor(), func=np.log1p, inverse_func=np.expm1
            ),
        ),
        IRIS[:, :3],
        IRIS[:, 3],
    ),
}


def run_rows(path, rows):
    if path.is_file():
        return open_exported(path)(rows)
    serve = tf.saved_model.load(str(path / "1")).signatures["serving_default"]
    (output,) = serve(features=tf.constant(rows)).values()
    return output.numpy()


def in_32_bits(X):
    """Rows as an exported file takes them, and as the estimator does."""
    rows = np.asarray(X, np.float32)
    same = rows.astype(float)
    return rows, pd.DataFrame(same, columns=X.columns) if hasattr(
        X, "columns"
    ) else same


def results(estimator, X):
    if hasattr(estimator, "classes_"):
        return estimator.predict_proba(X)
    return estimator.predict(X).reshape(len(X), -1)


@pytest.mark.parametrize("case", TABLES)
def test_the_function_of_a_table_agrees_with_the_estimator(case):
    estimator, X, y = TABLES[case]()
    estimator.fit(X, y)
    rows, same = in_32_bits(X)
    expected = results(estimator, same)
    subject = TableExport(estimator)
    (found,) = subject.function()(rows).values()
    size = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, atol=1e-4 * size, rtol=0)
    drawn = subject.samples()
    assert drawn.shape[1] == X.shape[1]
    assert np.isfinite(subject.expected(drawn)).all()


@pytest.mark.parametrize(
    "case",
    ["rows", "columns by name", "many steps", "kinds by number", "numbers"],
)
def test_what_is_exported_of_a_table_agrees_with_the_estimator(case, tmp_path):
    estimator, X, y = TABLES[case]()
    estimator.fit(X, y)
    rows, same = in_32_bits(X)
    expected = results(estimator, same)
    for format in FORMATS:
        export(estimator, tmp_path / format, format=format)
        found = run_rows(tmp_path / format, rows)
        size = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, atol=1e-4 * size, rtol=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FORMATS)


@pytest.mark.parametrize("kind", [OneHotEncoder, OrdinalEncoder])
def test_categories_that_an_encoder_refuses_are_not_predicted(kind, tmp_path):
    kinds = np.arange(150)[:, None] % 3
    encoder = ColumnTransformer([("kinds", kind(), [0])], sparse_threshold=0)
    model = make_pipeline(encoder, StandardScaler(), DENSE)
    model.fit(kinds, SPECIES)
    with pytest.raises(ValueError, match="unknown categories"):
        model.predict([[7]])
    rows = np.array([[2], [7]], np.float32)
    for format in FORMATS:
        export(model, tmp_path / format, format=format)
        known, unknown = run_rows(tmp_path / format, rows)
        assert np.isfinite(known).all()
        assert np.isnan(unknown).all()


def test_the_file_of_a_table_says_what_it_takes_and_gives(tmp_path):
    table = pd.DataFrame(IRIS, columns=["a", "b", "c", "d"])
    letters = np.array([*"XYZ"])[SPECIES]
    for model, classes in (
        (DENSE.fit(table, letters), ["X", "Y", "Z"]),
        (regressor().fit(table, SPECIES), None),
    ):
        export(model, tmp_path / "t", format="saved_model")
        (newest,) = sorted((tmp_path / "t").iterdir())[-1:]
        said = json.loads((newest / "assets.extra" / "metadata.json").read_text())
        assert said["n_features"] == 4
        assert said["feature_names"] == ["a", "b", "c", "d"]
        assert said["classes"] == classes
        export(model, tmp_path / "litert", format="litert")
        found = open_exported(tmp_path / "litert")
        assert (found.n_features, found.feature_names) == (4, [*"abcd"])
        assert (None if classes is None else found.classes.tolist()) == classes


def test_a_predictor_of_letters_refuses_a_table(tmp_path):
    model = DENSE.fit(IRIS, SPECIES)
    export(model, tmp_path / "x.onnx")
    with pytest.raises(ValueError, match="takes rows of 4 features, not images"):
        LetterPredictor(tmp_path / "x.onnx")
    for backend in ("auto", "litert"):
        with pytest.raises(ValueError, match="rows of numbers that are not pixels"):
            LetterPredictor(model, backend=backend)


def test_a_table_may_have_weights_of_eight_bits(tmp_path):
    big = {**SMALL, "hidden_layer_sizes": (64, 64)}
    sizes = {}
    for kind in (DenseClassifier, DenseRegressor):
        model = kind(**big).fit(FAR[:, 1:], SPECIES)
        for name, data in (("float", None), ("int8", FAR[:, 1:])):
            path = tmp_path / name
            export(model, path, format="litert", representative_data=data)
            sizes[name] = path.stat().st_size
        assert sizes["int8"] < 0.6 * sizes["float"]
    with pytest.raises(ValueError, match=r"lose .* of their R2; max_accuracy_loss=0 "):
        export(
            model,
            tmp_path / "x",
            format="litert",
            representative_data=FAR[:, 1:],
            max_accuracy_loss=0,
        )
    for data in (FAR, FAR[0], FAR[:0, 1:], "data.csv"):
        with pytest.raises(ValueError, match="must hold rows of 3 numbers; got shape"):
            export(model, tmp_path / "x", format="litert", representative_data=data)


def test_versions_that_come_at_once_have_numbers_of_their_own(tmp_path):
    folders = [tmp_path / name for name in "abcdefgh"]
    for folder in folders:
        folder.mkdir()
        (folder / "file").touch()
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda folder: _rename_to_version(folder, tmp_path / "m"), folders)
        )
    found = sorted(path.name for path in (tmp_path / "m").iterdir())
    assert found == [*"12345678"]


# --- 8 bits ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bright():
    """A network that is sure of its letters, and its images."""
    X, y = draw(12, 12, n=120)
    X[np.arange(120), np.searchsorted([*"ABC"], y) * 4] = 255
    X[:, 1::4] = 0
    model = CNNClassifier(filters=(16,), hidden_layer_sizes=(64,), epochs=30)
    return model.set_params(random_state=0).fit(X, y), X


def test_eight_bits_are_smaller_and_name_the_same_letters(bright, tmp_path):
    model, X = bright
    export(model, tmp_path / "float", format="litert")
    data = {"representative_data": X, "max_accuracy_loss": 0.02}
    export(model, tmp_path / "int8", format="litert", **data)
    sizes = [(tmp_path / name).stat().st_size for name in ("float", "int8")]
    assert sizes[1] < 0.5 * sizes[0]
    found = run(tmp_path / "int8", X[..., np.newaxis])
    assert np.mean(model.classes_[found.argmax(axis=1)] == model.predict(X)) >= 0.98
    # rows of other numbers are the same images
    rows = X.reshape(len(X), -1).astype(float)
    export(model, tmp_path / "rows", format="litert", representative_data=rows)
    assert (tmp_path / "rows").read_bytes() == (tmp_path / "int8").read_bytes()


def test_scales_are_found_with_whatever_a_decoder_takes(bright, tmp_path):
    model, X = bright
    decoded = make_pipeline(ImageDecoder(12), model)
    for name, data in (("arrays", X), ("images", [Image.fromarray(x) for x in X])):
        path = tmp_path / name
        export(decoded, path, format="litert", representative_data=data)
    assert (tmp_path / "arrays").read_bytes() == (tmp_path / "images").read_bytes()


def test_eight_bits_that_lose_too_much_are_not_written(model, tmp_path):
    X, _ = draw(12, 12, n=400, seed=2)
    black = X // 200
    both = np.concatenate([np.repeat(black, 9, axis=0), X])
    with pytest.raises(ValueError, match="are predicted as another letter"):
        export(
            model,
            tmp_path / "x",
            format="litert",
            representative_data=both,
            max_accuracy_loss=0,
        )
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"format": "onnx"}, "is for format='litert'"),
        ({"representative_data": np.zeros((5, 9, 9))}, r"shape \(12, 12, 1\), as"),
        ({"representative_data": np.zeros((0, 12, 12))}, r"got shape \(0, 12, 12\)"),
        ({"representative_data": "data.csv"}, "must hold images of shape"),
        (
            {"representative_data": np.full((1, 144), 0.5)},
            "integers from 0 to 255",
        ),
        ({"representative_data": np.full((1, 144), 300)}, "got values from 300 to 300"),
        ({"max_accuracy_loss": 2}, "must be a fraction from 0 to 1; got 2"),
        ({"max_accuracy_loss": None}, "must be a fraction from 0 to 1; got None"),
    ],
)
def test_wrong_representative_data(model, tmp_path, arguments, reason):
    right = {"format": "litert", "representative_data": draw(12, 12)[0]}
    with pytest.raises(ValueError, match=reason):
        export(model, tmp_path / "x", **right | arguments)
    assert not any(tmp_path.iterdir())


# --- whole or not at all --------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_what_does_not_agree_is_not_written(model, format, tmp_path, monkeypatch):
    path = tmp_path / "x"
    export(model, path, format=format)
    before = sorted(tmp_path.rglob("*"))
    content = path.is_file() and path.read_bytes()
    monkeypatch.setattr(ImageExport, "tolerance", -1)
    with pytest.raises(ValueError, match=r"differs from the estimator by .* written"):
        export(model, path, format=format)
    assert sorted(tmp_path.rglob("*")) == before
    assert not content or path.read_bytes() == content


def test_saved_models_are_numbered(model, tmp_path):
    path = tmp_path / "letters"
    path.mkdir()
    for version in ("1", "2"):
        export(model, str(path), format="saved_model")
        assert (path / version / "saved_model.pb").is_file()
    assert sorted(inner.name for inner in path.iterdir()) == ["1", "2"]
    (path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="exists and is not a folder of versions"):
        export(model, path, format="saved_model")
    with pytest.raises(ValueError, match="exists and is not a folder of versions"):
        export(model, path / "notes.txt", format="saved_model")


def test_a_file_that_is_there_is_replaced_and_nothing_is_added(model, tmp_path):
    for name in ("letters.v2", "noending", "x.signlang"):
        path = tmp_path / name
        path.write_text("old")
        export(model, path, format="litert")
        assert open_exported(path).classes.tolist() == ["A", "B", "C"]
    assert len([*tmp_path.iterdir()]) == 3


def test_bad_places(model, tmp_path):
    for format in FORMATS:
        with pytest.raises(FileNotFoundError, match="no folder"):
            export(model, tmp_path / "none" / "x", format=format)
        with pytest.raises(TypeError, match="must be a string or a path; got 3"):
            export(model, 3, format=format)
    for format in ("onnx", "litert"):
        with pytest.raises(ValueError, match="exists and is not a file"):
            export(model, tmp_path, format=format)
    with pytest.raises(ValueError, match="does not end in"):
        export(model, tmp_path / "x", format=None)
    for format in ("keras", "tflite", "ONNX"):
        with pytest.raises(ValueError, match="format must be one of 'onnx', 'litert'"):
            export(model, tmp_path / "x", format=format)
    assert not any(tmp_path.iterdir())


def test_the_first_step_may_be_there_in_name_only(tmp_path):
    inner = make_pipeline("passthrough", StandardScaler())
    model = make_pipeline("passthrough", inner, DENSE).fit(IRIS, SPECIES)
    export(model, tmp_path / "x.onnx")
    found = open_exported(tmp_path / "x.onnx")(IRIS.astype(np.float32))
    np.testing.assert_allclose(found, model.predict_proba(IRIS), atol=1e-5)


# --- what cannot be exported ----------------------------------------------------------


def test_what_cannot_be_exported(model, tmp_path):
    X, y = draw(12, 12)
    rows = X.reshape(len(X), -1)
    bins = make_pipeline(KBinsDiscretizer(3, encode="ordinal"), DENSE)
    hog = make_pipeline(HOGTransformer(), StandardScaler(), DENSE)
    rare = make_pipeline(OneHotEncoder(min_frequency=0.4, sparse_output=False), DENSE)
    far = np.random.RandomState(0).normal(size=(len(y), 3)) + 1e8
    for estimator, error, reason in (
        (hog.fit(X, y), ValueError, "HOGTransformer cannot be exported, only Color"),
        (
            bins.fit(rows, y),
            ValueError,
            "KBinsDiscretizer cannot .* Apply it sep",
        ),
        (
            rare.fit(np.arange(len(y))[:, None] % 4, y),
            ValueError,
            "infrequent categories",
        ),
        (
            DenseClassifier(**SMALL).fit(far, y),
            ValueError,
            r"Features \[0, 1, 2\] .* float32",
        ),
        (CNNClassifier(), NotFittedError, "not fitted"),
        (LogisticRegression().fit(rows, y), TypeError, "ends in LogisticRegression"),
        (model.model_, TypeError, "export writes fitted networks"),
        (CNNClassifier, TypeError, "export writes fitted networks"),
        ("letters", TypeError, "got 'letters'"),
        (CNN.fit(X / 255, y), ValueError, "fitted on values in 0-1"),
    ):
        for format in FORMATS:
            with pytest.raises(error, match=reason):
                export(estimator, tmp_path / "x", format=format)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("package", "format"),
    [("tf2onnx", "onnx"), ("onnxruntime", "onnx"), ("ai_edge_litert", "litert")],
)
def test_missing_packages_are_named(model, package, format, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    if package == "ai_edge_litert":
        monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ImportError, match=r"skl_signlang\[export\]"):
        export(model, tmp_path / "x", format=format)
    assert not any(tmp_path.iterdir())


# --- without this package -------------------------------------------------------------


@pytest.mark.parametrize("pad", [None, False, True])
def test_the_program_of_the_page_reads_the_same(bright, pad, tmp_path):
    page = Path(__file__).parents[2] / "docs" / "edge.md"
    program = re.search(r"```python\n(.*?)```", page.read_text(), re.DOTALL)[1]
    assert len([line for line in program.splitlines() if line]) == 21
    model, X = bright
    if pad is not None:
        model = make_pipeline(ImageDecoder(12, pad_to_aspect_ratio=pad), model)
    export(model, tmp_path / "x", format="litert")
    wide = Image.fromarray(np.pad(X[0], [(0, 0), (6, 6)])).convert("RGB")
    wide.resize((900, 450)).save(tmp_path / "large.jpg")
    wide.putalpha(Image.radial_gradient("L").resize(wide.size))
    wide.save(tmp_path / "transparent.png")
    without = "import sys; sys.modules['tensorflow'] = None\n"
    names = ["large.jpg", "transparent.png"]
    words = [sys.executable, "-c", without + program, "x", *names]
    ran = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    predictor = LetterPredictor(tmp_path / "x")
    for name, line in zip(names, ran.stdout.splitlines(), strict=True):
        _, letter, probability = line.split()
        expected = predictor.predict(tmp_path / name)
        assert letter == expected.letter
        assert float(probability) == pytest.approx(expected.probability, abs=1e-6)


# --- the command ----------------------------------------------------------------------


def test_the_command_writes_what_predict_reads(bright, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model, X = bright
    save(model, "m.signlang")
    Image.fromarray(X[0]).save("hand.png")
    np.savez("data.npz", images=X, letters=model.predict(X))
    for words in (
        ["onnx"],
        ["litert"],
        ["saved_model"],
        ["litert", "--int8", "data.npz"],
    ):
        path = "-".join(words[:2])
        words = ["export", path, "--model", "m.signlang", "--format", *words]
        assert main(words) == 0
        captured = capsys.readouterr()
        assert captured.out.startswith(f"{path}  {words[5]}  ")
        assert captured.err == ""
    for path in ("m.signlang", "onnx", "litert", "litert---int8"):
        assert main(["predict", "hand.png", "--model", path]) == 0
        assert capsys.readouterr().out.split()[1] == model.predict(X[:1])[0]


def test_the_command_exports_tables_and_regressors(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    save(regressor().fit(IRIS, SPECIES), "m.signlang")
    words = ["export", "x", "--model", "m.signlang", "--format"]
    assert main([*words, "onnx"]) == 0
    assert open_exported(tmp_path / "x").n_features == 4
    assert main([*words, "litert", "--int8", "data.npz", "--overwrite"]) == 2
    assert "this model takes rows of a table" in capsys.readouterr().err


def test_without_a_run_the_reader_of_the_package_is_exported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "x", "--format", "litert"]) == 0
    found = open_exported(tmp_path / "x")
    assert found.classes.tolist() == list(LETTERS)
    assert found.resize_mode == "pad"


@pytest.mark.parametrize(
    ("name", "format"), [("x.onnx", "onnx"), ("X.TFLITE", "litert")]
)
def test_the_extension_is_the_format(
    name, format, model, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    save(model, "m.signlang")
    assert main(["export", name, "--model", "m.signlang"]) == 0
    assert capsys.readouterr().out.startswith(f"{name}  {format}  ")
    other = {"onnx": "litert", "litert": "saved_model"}[format]
    words = ["export", name, "--model", "m.signlang"]
    assert main(words) == 2
    assert f"{name} exists already; --overwrite" in capsys.readouterr().err
    assert main([*words, "--overwrite"]) == 0
    with pytest.raises(ValueError, match=f"extension of '{format}'; .*'{other}'"):
        export(model, name, other)
    export(model, name)


def test_the_command_takes_the_largest_loss_of_accuracy(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = []
    monkeypatch.setattr(
        _export_command, "export_model", lambda *_, **k: given.append(k) or 1 / 0
    )
    save(model, "m.signlang")
    with pytest.raises(ZeroDivisionError):
        main(["export", "x.onnx", "--model", "m.signlang", "--max-accuracy-loss", ".2"])
    assert given[0]["max_accuracy_loss"] == 0.2


def test_what_the_command_refuses(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    save(model, "m.signlang")
    for words, reason in (
        (["x", "--model", "none"], "There is no file none."),
        (["no/x", "--model", "m.signlang"], "there is no folder no"),
        (["x.tflite"], "has the extension of litert; got --format onnx"),
    ):
        assert main(["export", *words, "--format", "onnx"]) == 2
        assert reason in capsys.readouterr().err
    assert main(["export", "x"]) == 2
    said = capsys.readouterr().err
    assert said.endswith("pass --format onnx, litert or saved_model.\n")
    for words in (["--format", "onnx"], ["x", "--format", "tflite"]):
        with pytest.raises(SystemExit, match="2"):
            main(["export", *words])
    assert [path.name for path in tmp_path.iterdir()] == ["m.signlang"]
