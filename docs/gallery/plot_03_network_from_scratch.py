"""
3. A network from scratch
=========================

Two inputs, four units, eight units, one output: a network in NumPy, whose training is
written out by hand. Its gradients are checked against TensorFlow's, and then
``DenseClassifier`` does the same in three lines.

The points are scikit-learn's Gaussian quantiles: a cloud whose inner half is one class
and whose outer half is the other, with no gap between them.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_03.png"

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import make_gaussian_quantiles
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

from skl_signlang import DenseClassifier

X, y = make_gaussian_quantiles(
    n_samples=1000, cov=0.5, n_features=2, n_classes=2, random_state=0
)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
target = y_train[:, np.newaxis].astype(float)
print(f"{len(X_train)} points to learn from, {len(X_test)} to test with")

# %%
# Forward and backward
# --------------------
# Forward, each layer multiplies, adds and bends: "relu" twice, then a sigmoid.
# Backward, the chain rule passes the slope of the loss from the output to the input,
# through what each layer was given on the way.

SIZES = 2, 4, 8, 1


def draw_weights(seed):
    """Weights of each layer by He's rule, biases of zero."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros((1, n_out)))
        for n_in, n_out in pairwise(SIZES)
    ]


def forward(layers, X):
    """Give what goes into each layer, and last what comes out of the network."""
    values = [X]
    for place, (weights, bias) in enumerate(layers):
        z = values[-1] @ weights + bias
        is_last = place == len(layers) - 1
        values.append(1 / (1 + np.exp(-z)) if is_last else np.maximum(z, 0))
    return values


def backward(layers, values, target):
    """Give the gradients of the mean squared error, in the order of the layers."""
    output = values[-1]
    slope = 2 * (output - target) / len(target)
    delta = slope * output * (1 - output)  # the sigmoid's own slope
    gradients = []
    for place in reversed(range(len(layers))):
        gradients.append((values[place].T @ delta, delta.sum(axis=0, keepdims=True)))
        if place:
            delta = (delta @ layers[place][0].T) * (values[place] > 0)  # relu's
    return gradients[::-1]


# %%
# Are they right?
# ---------------
# TensorFlow differentiates the same network by itself. If the chain rule above has no
# slip, both gradients agree to the last digits of a float64.

layers = draw_weights(seed=1)
ours = backward(layers, forward(layers, X_train), target)
variables = [tf.Variable(values) for layer in layers for values in layer]
with tf.GradientTape() as tape:
    hidden = tf.nn.relu(X_train @ variables[0] + variables[1])
    hidden = tf.nn.relu(hidden @ variables[2] + variables[3])
    output = tf.sigmoid(hidden @ variables[4] + variables[5])
    loss = tf.reduce_mean((output - target) ** 2)
theirs = tape.gradient(loss, variables)
furthest = max(
    np.abs(mine - its.numpy()).max()
    for mine, its in zip([g for pair in ours for g in pair], theirs, strict=True)
)
assert furthest < 1e-12
print(f"largest difference of any gradient: {furthest:.1e}")

# %%
# Training
# --------
# Ten thousand epochs of plain gradient descent, each on all points at once.

errors = []
for _ in range(10_000):
    values = forward(layers, X_train)
    errors.append(float(np.mean((values[-1] - target) ** 2)))
    gradients = backward(layers, values, target)
    layers = [
        (weights - 0.5 * by_weights, bias - 0.5 * by_bias)
        for (weights, bias), (by_weights, by_bias) in zip(
            layers, gradients, strict=True
        )
    ]
read = (forward(layers, X_test)[-1] > 0.5).astype(int).ravel()
print(f"mean squared error: {errors[0]:.3f} at first, {errors[-1]:.3f} at last")
print(f"accuracy on points never seen: {accuracy_score(y_test, read):.3f}")

# %%
# The same as an estimator
# ------------------------
# The same layers, with Adam instead of plain descent, batches instead of all points at
# once, and the crossentropy, which has a slope where the squared error is flat.

model = DenseClassifier(
    hidden_layer_sizes=(4, 8),
    kernel_initializer="he_normal",
    learning_rate=0.01,
    batch_size=32,
    epochs=60,
    random_state=0,
)
model.fit(X_train, y_train)
print(f"{model.model_.count_params()} weights, those of the standardization included")
print(f"accuracy on points never seen: {model.score(X_test, y_test):.3f}")

# %%
# Both draw their border as a polygon: a corner for each unit that bends.

figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
axes[0].plot(np.arange(1, len(errors) + 1), errors)
axes[0].set(
    xscale="log", ylim=(0, None), xlabel="epoch", title="from scratch: squared error"
)
side = np.linspace(-3, 3, 120)
grid = np.stack(np.meshgrid(side, side), axis=-1)
axes[1].contourf(
    side,
    side,
    forward(layers, grid.reshape(-1, 2))[-1].reshape(120, 120),
    levels=20,
    vmin=0,
    vmax=1,
    cmap="RdBu",
    alpha=0.5,
)
axes[1].set_title("from scratch: points never seen")
DecisionBoundaryDisplay.from_estimator(
    model,
    X_test,
    response_method="predict_proba",
    class_of_interest=1,
    ax=axes[2],
    cmap="RdBu",
    alpha=0.5,
    levels=20,
    vmin=0,
    vmax=1,
)
axes[2].set_title("DenseClassifier: points never seen")
for ax in axes[1:]:
    ax.scatter(*X_test.T, c=y_test, cmap="RdBu", edgecolors="w", s=25, linewidths=0.7)
    ax.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal")

# %%
# One split says little
# ---------------------
# A network this small starts well or badly by chance: a "relu" that is off for all
# points learns no more. Five seeds show how much of a score is luck.

scores = []
for seed in range(5):
    model.set_params(random_state=seed).fit(X_train, y_train)
    scores.append(model.score(X_test, y_test))
print(f"five seeds: from {min(scores):.3f} to {max(scores):.3f}")
