"""
2. Activations and losses
=========================

A layer multiplies, adds, and bends: the activation is the bend. The loss measures how
bad an answer is, and its slope is all that training ever sees. This draws both, then
lets real data say which matters.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_02.png"

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.preprocessing import StandardScaler

from skl_signlang import DenseClassifier, DenseRegressor
from skl_signlang.datasets import make_playground

# %%
# Activations, and their slopes
# -----------------------------
# Where the slope (dashed) is zero, nothing is learned: "sigmoid" and "tanh" are flat on
# both sides, "relu" on one, and the later ones mend that.

names = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "silu"]
z = np.linspace(-4, 4, 200, dtype=np.float32)
figure, axes = plt.subplots(
    2, 3, figsize=(9, 5), sharex=True, sharey=True, layout="constrained"
)
for ax, name in zip(axes.flat, names, strict=True):
    values = tf.Variable(z)
    with tf.GradientTape() as tape:
        bent = keras.activations.get(name)(values)
    slope = tape.gradient(bent, values)
    ax.plot(z, bent)
    ax.plot(z, slope, "--", color="C1")
    ax.axhline(0, color="0.7", linewidth=0.8, zorder=0)
    ax.axvline(0, color="0.7", linewidth=0.8, zorder=0)
    ax.set(title=name, ylim=(-1.3, 2.5))

# %%
# The last layer bends in its own way: "softmax" makes shares of numbers, which sum to
# one. The largest gains most; it is a soft way to say which is the maximum.

shares = keras.activations.softmax(tf.constant([[2.0, 1.0, -1.0]]))
print("2, 1 and -1 become", ", ".join(f"{share:.3f}" for share in shares[0].numpy()))

# %%
# Losses
# ------
# On the left, of numbers: "mse" squares a miss, so that one large miss outweighs many
# small ones; "mae" counts it as it is; "huber" squares small misses only. On the right,
# of a yes when the answer is yes, by what goes into the sigmoid: the further on the
# wrong side, the more the crossentropy pulls, while the squared error runs flat there,
# where most is to be learned.

miss = np.linspace(-3, 3, 121, dtype=np.float32)[:, np.newaxis]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for name in ("mse", "mae", "huber"):
    left.plot(miss, keras.losses.get(name)(np.zeros_like(miss), miss), label=name)
left.set(xlabel="prediction minus truth", ylabel="loss", ylim=(0, 5))
left.legend()
before = np.linspace(-6, 6, 121, dtype=np.float32)[:, np.newaxis]
probability = keras.activations.sigmoid(tf.constant(before))
for name in ("binary_crossentropy", "mse"):
    loss = keras.losses.get(name)(np.ones_like(before), probability)
    right.plot(before, loss, label=name)
right.set(xlabel="what goes into the sigmoid", ylim=(0, 5))
right.legend()

# %%
# Which activation?
# -----------------
# A disc in a ring, with noise: no straight line parts them. Each network has one hidden
# layer of eight units; "linear" does not bend, and stays a straight line however many
# layers it has. The scores are those of folds that the network did not see, of points
# drawn with noise, so that none can reach one.

X, y = make_playground(600, kind="circle", noise=0.15, random_state=0, return_X_y=True)
folds = StratifiedKFold(3, shuffle=True, random_state=0)
for activation in ("linear", "sigmoid", "tanh", "relu"):
    model = DenseClassifier(
        hidden_layer_sizes=(8,),
        activation=activation,
        learning_rate=0.02,
        batch_size=32,
        epochs=30,
        random_state=0,
    )
    scores = cross_val_score(model, X, y, cv=folds)
    print(
        f"{activation:>8}: {scores.mean():.3f} (folds differ by {np.ptp(scores):.3f})"
    )

# %%
# Which loss?
# -----------
# Real data: how a diabetes went on for a year, of 442 people. In the training half one
# target in ten is spoiled, ten times too large, as slips of a pen are; the test half
# is as it was. "mse" runs after the slips, "huber" and "mae" hardly do.

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=0)
slips = np.random.default_rng(0).choice(len(y_train), len(y_train) // 10, replace=False)
spoiled = y_train.copy()
spoiled[slips] *= 10
for loss in ("mse", "mae", "huber"):
    network = DenseRegressor(
        hidden_layer_sizes=(32,),
        loss=loss,
        l2=1e-3,
        batch_size=32,
        epochs=30,
        random_state=0,
    )
    model = TransformedTargetRegressor(network, transformer=StandardScaler())
    errors = [
        mean_absolute_error(y_test, model.fit(X_train, target).predict(X_test))
        for target in (y_train, spoiled)
    ]
    print(f"{loss:>6}: {errors[0]:5.1f} off without slips, {errors[1]:5.1f} with them")
always_the_median = np.full(len(y_test), np.median(y_train))
print(f"median: {mean_absolute_error(y_test, always_the_median):5.1f} off")
