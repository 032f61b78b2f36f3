from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image
from sklearn.utils import Bunch

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang.preprocessing import ImageResizer

TABLE = pd.DataFrame({"length": np.arange(8.0), "width": np.arange(8.0)[::-1]})
IMAGES = np.zeros((8, 6, 6), np.uint8)
LABELS = list("ABABABAB")
SMALL = {"epochs": 1, "random_state": 0}
NOT_ARRAYS = [
    ("hands.zip", r"'hands\.zip'.*(load_samples|load_image_folder.*ImageDecoder)"),
    (Path("hands"), r"(holds text \(|got )'hands'"),
    (["a.png", "b.png"], r"holds text \('a.png'\)"),
    ([Path("a.png")], r"holds text \('a.png'\)"),
    (np.array(["a.png", "b.png"]), r"holds text \('a.png'\)"),
    (pd.Series(["a.png", "b.png"]), r"holds text \('a.png'\)"),
    (b"\x89PNG", "holds text"),
    (Image.new("L", (6, 6)), r"Pillow image of size \(6, 6\).*np\.asarray\(image\)"),
    (None, "is None"),
    (Bunch(images=IMAGES, target=LABELS), r"keys images, target; .*X\['images'\]"),
    ({"length": [1.0]}, r"dict with the keys length; .*pd\.DataFrame\(X\)"),
    ({"A", "B"}, "a set, which has no order"),
    (np.zeros((8, 2), "m8[s]"), r"dtype timedelta64\[s\]; expected numbers"),
]


@pytest.mark.parametrize(("X", "message"), NOT_ARRAYS)
def test_what_is_no_array_is_named_with_what_to_pass(X, message):
    model = CNNClassifier(filters=(2,), **SMALL).fit(IMAGES, LABELS)
    for method in (
        lambda: CNNClassifier(**SMALL).fit(X, LABELS),
        lambda: model.predict(X),
        lambda: ImageResizer(3).fit(X),
    ):
        with pytest.raises(TypeError, match=message) as raised:
            method()
        assert len(str(raised.value)) < 400


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["left", "right"] * 4, r"'hand' \(str.*OneHotEncoder"),
        (pd.Categorical(["left", "right"] * 4), r"'hand' \(category\)"),
        (pd.date_range("2024", periods=8), r"'hand' \(datetime64"),
        (list(IMAGES), r"'hand' \(arrays\). .*np\.stack\(X\['hand'\]\)"),
    ],
)
@pytest.mark.parametrize("kind", [DenseClassifier, DenseRegressor])
def test_columns_that_are_not_numbers_are_named(kind, values, message):
    table = TABLE.assign(hand=values)
    with pytest.raises(ValueError, match=f"not numbers: {message}"):
        kind(**SMALL).fit(table, np.arange(8) % 2)
    with pytest.raises(ValueError, match=f"not numbers: {message}"):
        kind(**SMALL).fit(table[["hand"]], np.arange(8) % 2)


def test_numbers_in_any_column_are_taken():
    expected = DenseClassifier(**SMALL).fit(TABLE, LABELS).predict_proba(TABLE)
    for table in (
        TABLE.astype(object),
        TABLE.astype(str),
        TABLE.astype("category"),
        TABLE.astype("Float64"),
    ):
        found = DenseClassifier(**SMALL).fit(table, LABELS).predict_proba(table)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(12, 4), (12, 2, 2), (12, 2, 2, 1)])
def test_tensors_are_arrays(shape):
    X = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    y = np.arange(12) % 3
    model = CNNClassifier(filters=(2,), hidden_layer_sizes=(2,), epochs=1)
    model.set_params(random_state=0, image_shape=(2, 2)).fit(X, y)
    expected = model.predict_proba(X)
    tensors = tf.constant(X), tf.constant(y)
    assert np.array_equal(model.fit(*tensors).predict_proba(tensors[0]), expected)
