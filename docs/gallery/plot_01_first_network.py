"""
1. A first network
==================

A hidden layer, ten outputs, handwritten digits: where every course begins. Here it is
in plain Keras, then as a scikit-learn estimator, and then scored on people that it
never saw, which takes one line more and costs a few points.

The courses download MNIST. scikit-learn brings real digits along, smaller ones: 1,797
of 8 by 8 pixels with values from 0 to 16, written by 13 people.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_01.png"

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import (
    GroupKFold,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)

from skl_signlang import DenseClassifier
from skl_signlang.inspection import (
    ConfusedLettersDisplay,
    SampleGridDisplay,
    TrainingHistoryDisplay,
)

X, y = load_digits(return_X_y=True)
SampleGridDisplay.from_samples(X, y, n_samples=20, n_columns=10, random_state=0)
print(f"{len(X)} digits of {X.shape[1]} pixels, values {X.min():g} to {X.max():g}")

# %%
# The network of the course
# -------------------------
# Pixels are brought to 0-1 by hand, a fifth of the digits is held out, and the
# network is trained on the others for 20 epochs.

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.2, stratify=y, random_state=0
)
keras.utils.set_random_seed(0)
network = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
network.compile(
    optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
network.fit(X_train / 16, y_train, epochs=20, batch_size=32, verbose=0)
_, accuracy = network.evaluate(X_test / 16, y_test, verbose=0)
print(f"{network.count_params()} weights")
print(f"accuracy on the digits held out {accuracy:.3f}")

# %%
# The same as an estimator
# ------------------------
# ``DenseClassifier`` is this network with ``fit``, ``predict`` and ``score``. Its first
# layer standardizes the pixels with what ``fit`` saw, so there is nothing to divide by
# 16 and nothing to forget when new images come. ``early_stopping`` sets a tenth of
# the training digits aside, watches the loss on them, and keeps the best epoch.

model = DenseClassifier(
    hidden_layer_sizes=(64,),
    batch_size=32,
    epochs=20,
    early_stopping=True,
    random_state=0,
)
model.fit(X_train, y_train)
print(f"accuracy on the digits held out {model.score(X_test, y_test):.3f}")
TrainingHistoryDisplay.from_estimator(model)

# %%
# What is confused with what, each mistake beside the digit that it looks like most:

display = ConfusedLettersDisplay.from_estimator(model, X_test, y_test, n_pairs=4)
display.ax_.set_ylabel("written")

# %%
# Accuracy on unseen data
# -----------------------
# A test of digits by the same 13 people says how well *their* other digits are read.
# The file does not tell who wrote what, but it was filled person by person, so that
# neighbors in it are mostly of one hand. Thirteen blocks of neighbors therefore come
# near to the writers, and ``GroupKFold`` keeps each block on one side.

model = DenseClassifier(
    hidden_layer_sizes=(64,), batch_size=32, epochs=10, random_state=0
)
writers = np.arange(len(X)) * 13 // len(X)
scores = {
    "digits at random": cross_val_score(
        model, X, y, cv=StratifiedKFold(5, shuffle=True, random_state=0)
    ),
    "other writers": cross_val_score(model, X, y, groups=writers, cv=GroupKFold(5)),
}
for name, values in scores.items():
    print(f"{name:>16}: {values.mean():.3f}, worst fold {values.min():.3f}")

# %%
# The lower line is what to expect of people who were not asked for digits before.

figure, ax = plt.subplots(figsize=(6.4, 2.4), layout="constrained")
for row, values in enumerate(scores.values()):
    ax.plot(values, np.full(5, row), "o", alpha=0.7, color=f"C{row}")
    ax.plot(values.mean(), row, "|", markersize=30, color=f"C{row}")
_ = ax.set(
    yticks=[0, 1],
    yticklabels=list(scores),
    ylim=(1.5, -0.5),
    xlabel="accuracy of each fold; the line is their mean",
)
