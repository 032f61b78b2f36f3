"""
20. Categories of a table
=========================

A network takes numbers, but tables have words: the make of a car, its gearbox. Three
ways turn a DataFrame with categories into inputs of a network of one's own. They differ
in who learns the categories: scikit-learn's ``ColumnTransformer``, Keras'
``FeatureSpace``, or layers of the network. In all three they are learned from the
training fold only, so that cross-validation is right.

**The advertisements are a stand-in**, made by a rule: a young car sells soon, and which
gearbox is wanted depends on the make. No column alone tells the latter.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_20.png"

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from keras import layers
from keras.utils import FeatureSpace
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skl_signlang import NetworkClassifier

MAKES = ["Alba", "Brio", "Cima", "Duero", "Ebro", "Faro"]


def make_cars(n_samples, random_state=0):
    """Draw advertisements, and whether each car was sold within a week."""
    rng = np.random.default_rng(random_state)
    make = rng.integers(0, len(MAKES), n_samples)
    automatic = rng.random(n_samples) < 0.5
    age = rng.integers(0, 16, n_samples)
    km = (age * rng.gamma(4, 3500, n_samples)).round(-2)
    wanted = np.where(automatic == (make % 2 == 0), 1.5, -1.5)
    chance = 1 / (1 + np.exp(-(wanted + 1.5 - age / 8 - km / 100_000)))
    cars = pd.DataFrame(
        {
            "make": np.array(MAKES)[make],
            "gearbox": np.where(automatic, "automatic", "manual"),
            "age": age.astype(float),
            "km": km,
        }
    )
    return cars, (rng.random(n_samples) < chance).astype(int)


X, y = make_cars(1500)
print(X.assign(sold=y).head().to_string(index=False))
print(f"{y.mean():.0%} are sold within a week")


def build(input_shape, n_outputs, units=16):
    """Return a network of one hidden layer for rows of numbers."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(units, activation="relu"),
            layers.Dense(n_outputs),
        ]
    )


training = {"epochs": 20, "learning_rate": 0.01, "batch_size": 32, "random_state": 0}

# %%
# scikit-learn encodes
# --------------------
# ``ColumnTransformer`` is the usual way: one column for each category, and numbers that
# are standardized. A category that the training fold lacks is a row of zeros.

columns = ColumnTransformer(
    [
        ("words", OneHotEncoder(handle_unknown="ignore"), ["make", "gearbox"]),
        ("numbers", StandardScaler(), ["age", "km"]),
    ]
)
encoded = make_pipeline(columns, NetworkClassifier(build, **training))

# %%
# Keras' FeatureSpace encodes
# ---------------------------
# ``FeatureSpace`` has more to offer: crosses of categories, hashes, bins of numbers. It
# is adapted to a data set of dicts, so a small transformer puts it into a Pipeline. Its
# parameters are plain values, and each copy that a fold or a search makes is adapted
# anew.


class FeatureSpaceEncoder(TransformerMixin, BaseEstimator):
    """Encode the columns of a DataFrame by a FeatureSpace."""

    def __init__(self, categories, numbers, crosses=()):
        self.categories = categories
        self.numbers = numbers
        self.crosses = crosses

    def fit(self, X, y=None):
        """Learn the categories, and means and variances of numbers."""
        import tensorflow as tf

        features = {name: FeatureSpace.string_categorical() for name in self.categories}
        features |= {name: FeatureSpace.float_normalized() for name in self.numbers}
        crosses = [
            FeatureSpace.cross(feature_names=names, crossing_dim=32)
            for names in self.crosses
        ]
        self.space_ = FeatureSpace(features, crosses=crosses, output_mode="concat")
        rows = tf.data.Dataset.from_tensor_slices(self._columns(X))
        self.space_.adapt(rows.batch(256))
        return self

    def transform(self, X):
        """Return one row of numbers for each of `X`."""
        return np.asarray(self.space_(self._columns(X)))

    def _columns(self, X):
        words = {name: X[name].to_numpy(dtype=str) for name in self.categories}
        return words | {name: X[name].to_numpy("float32") for name in self.numbers}


space = FeatureSpaceEncoder(
    ["make", "gearbox"], ["age", "km"], crosses=(("make", "gearbox"),)
)
crossed = make_pipeline(space, NetworkClassifier(build, **training))

# %%
# The network encodes
# -------------------
# The DataFrame goes to the network as it is. ``inputs`` names the columns of each
# input, and ``fit`` adapts ``StringLookup`` to the words that reach it. Categories
# become points of a plane that training moves. An archive of this network takes tables
# of words.


def build_embedding(input_shape, n_outputs, units=16):
    """Return a network with an embedding of each category."""
    inputs, parts = {}, []
    for name, shape in input_shape.items():
        if name == "numbers":
            inputs[name] = keras.Input(shape, name=name)
            parts.append(layers.BatchNormalization()(inputs[name]))
            continue
        inputs[name] = keras.Input(shape, name=name, dtype="string")
        codes = layers.StringLookup(max_tokens=10)(inputs[name])
        parts.append(layers.Flatten()(layers.Embedding(10, 2)(codes)))
    x = layers.Dense(units, activation="relu")(layers.Concatenate()(parts))
    return keras.Model(inputs, layers.Dense(n_outputs)(x))


embedded = NetworkClassifier(
    build_embedding,
    inputs={"make": ["make"], "gearbox": ["gearbox"], "numbers": ["age", "km"]},
    **training,
)

# %%
# Accuracy on unseen cars
# -----------------------
# All three train the same hidden layer for as many epochs.

models = {
    "ColumnTransformer": encoded,
    "FeatureSpace, crossed": crossed,
    "StringLookup, Embedding": embedded,
}
folds = StratifiedKFold(3, shuffle=True, random_state=0)
scores = {}
for name, model in models.items():
    result = cross_validate(model, X, y, cv=folds)
    scores[name] = result["test_score"]
    print(
        f"{name:>24} {scores[name].mean():.3f}, folds "
        f"{' '.join(f'{score:.3f}' for score in scores[name])}"
    )
print(f"{'always the same answer':>24} {max(y.mean(), 1 - y.mean()):.3f}")

figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.boxplot(list(scores.values()), orientation="horizontal", tick_labels=list(scores))
ax.axvline(max(y.mean(), 1 - y.mean()), color="k", linestyle=":", linewidth=0.8)
ax.set_xlabel("accuracy of three folds; dotted: always the same answer")
plt.show()
