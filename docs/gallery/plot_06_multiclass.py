"""
6. Many classes
===============

The courses sort newswires into 46 topics. Three things are new against two classes: the
softmax, that topics are as unequal as life is, and that accuracy alone hides what
becomes of the rare ones.

The newswires (Reuters) would have to be downloaded. **A stand-in takes their place**,
made by this rule: 20 topics, the *n*-th in a share of the wires that falls like 1/n;
800 words with a frequency of their own, and for each topic 15 words, drawn at random,
that occur in it far more often than elsewhere. At the end the same with real wines.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_06.png"

import keras
import numpy as np
from sklearn.datasets import load_wine
from sklearn.dummy import DummyClassifier
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold, cross_validate

from skl_signlang import DenseClassifier
from skl_signlang.inspection import ClassBalanceDisplay, ConfusedLettersDisplay

TOPICS = np.array([f"topic {number:02d}" for number in range(1, 21)])


def make_wires(n_samples, random_state):
    """Draw newswires as which words occur, and their topics."""
    words = np.random.default_rng(0)  # what topics speak of is the same in every call
    share = np.tile(np.minimum(0.3, 8 / np.arange(1, 801)), (20, 1))
    for row in share:
        row[words.choice(800, 15, replace=False)] += 0.2
    frequency = 1 / np.arange(1, 21)
    rng = np.random.default_rng(random_state)
    topic = rng.choice(20, n_samples, p=frequency / frequency.sum())
    X = (rng.random((n_samples, 800)) < share[topic]).astype(np.float32)
    return X, TOPICS[topic]


X_train, y_train = make_wires(2500, random_state=1)
X_test, y_test = make_wires(4000, random_state=2)
ClassBalanceDisplay.from_labels(y_train).ax_.tick_params(axis="x", rotation=90)

# %%
# The network of the course
# -------------------------
# Two hidden layers and one output for each topic. Keras wants topics as numbers, and
# the caller remembers which is which.

codes = np.searchsorted(TOPICS, y_train)
keras.utils.set_random_seed(0)
network = keras.Sequential(
    [
        keras.Input((800,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(20, activation="softmax"),
    ]
)
network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
network.fit(X_train, codes, epochs=20, batch_size=128, verbose=0)
read = TOPICS[network.predict(X_test, verbose=0).argmax(axis=1)]


def report(name, read):
    """Print a row of three scores on wires that took no part in training."""
    accuracy = np.mean(read == y_test)
    balanced = balanced_accuracy_score(y_test, read)
    macro = f1_score(y_test, read, average="macro", zero_division=0)
    print(f"{name:<28} {accuracy:8.3f} {balanced:9.3f} {macro:9.3f}")


print(f"{'':<28} accuracy  balanced  macro F1")
always = DummyClassifier().fit(X_train, y_train).predict(X_test)
report("always the first topic", always)
report("the course's network", read)

# %%
# Balanced accuracy and macro F1 count each topic alike, however rare it is.
#
# The same as an estimator
# ------------------------
# Labels stay what they are: ``classes_`` remembers. A hidden layer narrower than the
# number of topics squeezes out what would tell them apart, ``dropout`` rests units,
# ``label_smoothing`` asks for less than certainty, and ``class_weight="balanced"``
# lets a rare topic count as much as a frequent one.

course = {"standardize": False, "epochs": 20, "random_state": 0}
ways = {
    "128 and 128 units": {"hidden_layer_sizes": (128, 128)},
    "128 and 4 units": {"hidden_layer_sizes": (128, 4)},
    "dropout, smoothed labels": {
        "hidden_layer_sizes": (128, 128),
        "dropout": 0.3,
        "label_smoothing": 0.1,
    },
    "the same, balanced": {
        "hidden_layer_sizes": (128, 128),
        "dropout": 0.3,
        "label_smoothing": 0.1,
        "class_weight": "balanced",
    },
}
fitted = {}
for way, parameters in ways.items():
    fitted[way] = DenseClassifier(**course, **parameters).fit(X_train, y_train)
    report(way, fitted[way].predict(X_test))

# %%
# Where the rare topics go:

ConfusedLettersDisplay.from_predictions(
    y_test, fitted["the same, balanced"].predict(X_test)
).ax_.set_ylabel("topic")

# %%
# And with real data
# ------------------
# Italian wines of three growers, 178 bottles, 13 measurements. With so few, one split
# says little; five folds, each measured in all three ways.

X, y = load_wine(return_X_y=True)
y = np.array(["Barolo", "Grignolino", "Barbera"])[y]
model = DenseClassifier(
    hidden_layer_sizes=(32,), batch_size=16, epochs=15, random_state=0
)
scores = cross_validate(
    model,
    X,
    y,
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
    scoring=["accuracy", "balanced_accuracy", "f1_macro"],
)
for name in ("accuracy", "balanced_accuracy", "f1_macro"):
    values = scores[f"test_{name}"]
    print(f"{name:>17}: {values.mean():.3f}, worst fold {values.min():.3f}")
