"""Columns of text, which layers of a network of one's own split into words."""

import pickle

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from own_networks import sequential
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

from skl_signlang import NetworkClassifier, NetworkRegressor
from skl_signlang.export import export
from skl_signlang.networks import _own_texts, check_vocabularies
from skl_signlang.persistence import load, save

pytestmark = pytest.mark.slow

GOOD, BAD = ["fine", "great", "lovely"], ["awful", "poor", "sad"]
RNG = np.random.RandomState(0)
y = RNG.randint(2, size=80)
X = np.array([" ".join(RNG.choice(GOOD if good else BAD, 3)) for good in y])
TRAINING = {"epochs": 10, "batch_size": 16, "learning_rate": 0.03, "random_state": 0}
TABLE = pd.DataFrame(
    {
        "title": X,
        "price": RNG.normal(size=80),
        "kind": RNG.choice(["a", "b"], 80),
        "count": RNG.randint(5, size=80),
    }
)
INPUTS = {"title": ["title"], "numbers": ["price", "count"], "kind": ["kind"]}


def words(input_shape, n_outputs, units=4):
    text = keras.Input(input_shape, dtype="string")
    x = layers.TextVectorization(max_tokens=50, output_sequence_length=4)(text)
    x = layers.GlobalAveragePooling1D()(layers.Embedding(50, units)(x))
    return keras.Model(text, layers.Dense(n_outputs)(x))


def counts(input_shape, n_outputs):
    split = layers.TextVectorization(
        output_mode="count", max_tokens=20, pad_to_max_tokens=True
    )
    text = keras.Input((), dtype="string")
    return keras.Sequential([text, split, layers.Dense(n_outputs)])


class Subclassed(keras.Model):
    def __init__(self, n_outputs):
        super().__init__()
        self.split = layers.TextVectorization(max_tokens=50, output_sequence_length=4)
        self.embedding = layers.Embedding(50, 4)
        self.last = layers.Dense(n_outputs)

    def call(self, inputs):
        return self.last(keras.ops.mean(self.embedding(self.split(inputs)), axis=1))


def mixed(input_shape, n_outputs):
    title = keras.Input(input_shape["title"], name="title", dtype="string")
    numbers = keras.Input(input_shape["numbers"], name="numbers")
    kind = keras.Input((), name="kind", dtype="string")
    split = layers.TextVectorization(max_tokens=50, output_sequence_length=4)
    x = layers.GlobalAveragePooling1D()(layers.Embedding(50, 4)(split(title)))
    one_hot = layers.StringLookup(
        max_tokens=4, output_mode="one_hot", pad_to_max_tokens=True
    )
    x = layers.Concatenate()([x, numbers, one_hot(kind)])
    return keras.Model([numbers, title, kind], layers.Dense(n_outputs)(x))


@pytest.mark.parametrize("function", [words, counts, Subclassed])
def test_strings_in_any_form_are_learned(function):
    model = NetworkClassifier(function, **TRAINING)
    expected = model.fit(X, y).predict_proba(X)
    assert model.score(X, y) == 1
    for given in (X.tolist(), pd.Series(X), X[:, np.newaxis], pd.DataFrame({"t": X})):
        again = clone(model).fit(given, y)
        assert np.array_equal(again.predict_proba(given), expected)


def test_a_regressor_takes_text():
    model = NetworkRegressor(words, **TRAINING).fit(X, 1e6 * y)
    assert model.score(X, 1e6 * y) > 0.7


def test_the_vocabulary_is_that_of_the_samples_that_are_trained_on():
    words_of_each = np.array([f"w{i}" for i in range(80)])
    model = NetworkClassifier(words, **{**TRAINING, "epochs": 1})
    model.set_params(early_stopping=True, validation_fraction=0.25)
    model.fit(words_of_each, y)
    (terms,) = model._vocabularies
    assert (
        len(terms.split(_own_texts.SEPARATOR)) == 48
    )  # of 60, and 2 that are reserved
    weights = (np.arange(80) < 10).astype(float)
    model.set_params(early_stopping=False).fit(words_of_each, y, weights)
    assert set(model._vocabularies[0].split("\0")) == {f"w{i}" for i in range(10)}


def test_the_vocabulary_is_kept_by_copies_and_archives(tmp_path):
    model = NetworkClassifier(words, **TRAINING).fit(X, y)
    expected = model.predict_proba(X)
    save(model, tmp_path / "own.signlang")
    loaded = load(tmp_path / "own.signlang", model=words)
    for copy in (pickle.loads(pickle.dumps(model)), loaded):
        assert np.array_equal(copy.predict_proba(X), expected)
    found = loaded.model_(keras.ops.convert_to_tensor(X[:, np.newaxis]))
    assert np.allclose(np.ravel(found), expected[:, 1], atol=1e-6)
    assert np.array_equal(clone(loaded).fit(X, y).predict_proba(X), expected)


def test_the_vocabulary_stays_when_training_resumes():
    model = NetworkClassifier(words, **TRAINING, warm_start=True).fit(X, y)
    kept = model._vocabularies
    assert model.fit(np.char.add(X, " new"), y)._vocabularies == kept
    assert model.n_iter_ == 20
    pieces = clone(model).partial_fit(X, y, classes=[0, 1])
    assert pieces.partial_fit(X[:10], y[:10])._vocabularies == kept


def test_a_table_has_columns_of_text_and_of_numbers(tmp_path):
    model = NetworkClassifier(mixed, inputs=INPUTS, **TRAINING)
    assert cross_val_score(model, TABLE, y, cv=2).mean() > 0.9
    expected = model.fit(TABLE, y).predict_proba(TABLE)
    assert [sorted(terms.split("\0")) for terms in model._vocabularies] == [
        sorted(GOOD + BAD),
        ["a", "b"],
    ]
    save(model, tmp_path / "own.signlang")
    copy = load(tmp_path / "own.signlang", model=mixed)
    assert np.array_equal(copy.predict_proba(TABLE), expected)
    dearer = model.predict_proba(TABLE.assign(price=TABLE["price"] + 100))
    assert not np.allclose(dearer, expected)


def test_layers_may_have_a_vocabulary_of_their_own():
    def given(input_shape, n_outputs):
        split = layers.TextVectorization(vocabulary=GOOD, output_mode="multi_hot")
        text = keras.Input((), dtype="string")
        return keras.Sequential([text, split, layers.Dense(n_outputs)])

    model = NetworkClassifier(given, **TRAINING).fit(X, y)
    assert model._vocabularies == ()
    assert model.score(X, y) == 1


def tf_idf(input_shape, n_outputs):
    split = layers.TextVectorization(
        output_mode="tf_idf", max_tokens=20, pad_to_max_tokens=True
    )
    text = keras.Input((), dtype="string")
    return keras.Sequential([text, split, layers.Dense(n_outputs)])


@pytest.mark.parametrize(
    ("params", "given", "message"),
    [
        ({"model": tf_idf}, X, "begin a Pipeline with TfidfVectorizer"),
        ({"model": sequential}, X, "dtype='string'"),
        ({"model": words}, np.zeros((80, 1)), "dtype='float32'"),
        ({"standardize": True}, X, "is for numbers"),
        ({"image_shape": (1, 1)}, X, "is for numbers"),
        ({"rotation": 0.1}, X, "augmentation is for images"),
        ({"model": mixed}, TABLE, "set inputs="),
        (
            {"model": mixed, "inputs": {"title": [0, 1], "numbers": [3], "kind": [2]}},
            TABLE,
            "columns of numbers and columns of text",
        ),
        ({"model": words}, [""] * 80, "learned 0 terms"),
        ({"model": words}, [*X[:79], None], "Row 79 of X has None in column 0"),
        (
            {"model": mixed, "inputs": INPUTS},
            TABLE.assign(price=np.nan),
            "Column 1 of X contains NaN",
        ),
    ],
)
def test_what_does_not_fit_text_is_named(params, given, message):
    with pytest.raises(ValueError, match=message):
        NetworkClassifier(**{"model": words, **params}).fit(given, y)


def test_what_takes_numbers_refuses_networks_of_text(tmp_path):
    model = NetworkClassifier(words, **TRAINING).fit(X, y)
    with pytest.raises(ValueError, match="X holds numbers, but"):
        model.predict(np.zeros((3, 1)))
    with pytest.raises(ValueError, match="expecting 1 features"):
        model.predict(np.column_stack([X, X]))
    with pytest.raises(ValueError, match="export takes models of numbers"):
        export(model, tmp_path / "model.onnx")


@pytest.mark.parametrize("vocabularies", ["words", (b"words",), (["w"],), ("w" * 11,)])
def test_vocabularies_in_archives_are_bounded_strings(vocabularies, monkeypatch):
    monkeypatch.setattr(_own_texts, "LARGEST", 10)
    with pytest.raises(ValueError, match="vocabularies are not strings"):
        check_vocabularies(vocabularies)
