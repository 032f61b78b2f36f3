"""
4. The playground
=================

Circle, xor, gaussian and spiral: the four problems of the `TensorFlow playground
<https://playground.tensorflow.org>`_, where one watches a network bend its border epoch
by epoch. Here the same film, drawn by an estimator that is fitted a little further for
each frame.

Half of the points train, as on the page, and the other half tests. ``skl-signlang
playground`` opens such a page on your machine.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_04.png"

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.colors import LinearSegmentedColormap
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skl_signlang import DenseClassifier
from skl_signlang.datasets import make_playground

KINDS = ["circle", "xor", "gaussian", "spiral"]
N_FRAMES, EPOCHS_A_FRAME = 24, 5
COLOURS = LinearSegmentedColormap.from_list("page", ["#f59322", "#e8eaeb", "#0877bd"])

parts = {
    kind: train_test_split(
        *make_playground(400, kind=kind, noise=0.1, random_state=0, return_X_y=True),
        test_size=0.5,
        random_state=0,
    )
    for kind in KINDS
}

# %%
# One network for all four
# ------------------------
# The page lets you choose layers and inputs for each problem, and its spiral asks for
# patience or for sines of the coordinates. This network is one and the same for all
# four, with the two coordinates only. ``warm_start`` makes each ``fit`` go on where the
# last one ended, so that after each, the probability can be asked on a grid.

side = np.linspace(-6, 6, 61)
grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
probabilities = {kind: [] for kind in KINDS}
scores = {kind: [] for kind in KINDS}
for kind, (X_train, X_test, y_train, y_test) in parts.items():
    model = DenseClassifier(
        hidden_layer_sizes=(24, 24),
        activation="tanh",
        learning_rate=0.02,
        batch_size=20,
        epochs=EPOCHS_A_FRAME,
        warm_start=True,
        random_state=0,
    )
    for _ in range(N_FRAMES):
        model.fit(X_train, y_train)
        probabilities[kind].append(model.predict_proba(grid)[:, 1].reshape(61, 61))
        scores[kind].append(model.score(X_test, y_test))

# %%
# The film
# --------
# Orange and blue are the classes, as on the page; the paler the ground, the less sure
# the network is. The points drawn are those of the test. In a script, ``save`` writes
# the film to a file.

figure, axes = plt.subplots(2, 2, figsize=(6, 6.2), layout="constrained")
grounds, titles = {}, {}
for ax, kind in zip(axes.flat, KINDS, strict=True):
    _, X_test, _, y_test = parts[kind]
    grounds[kind] = ax.imshow(
        probabilities[kind][0],
        extent=(-6, 6, -6, 6),
        origin="lower",
        cmap=COLOURS,
        vmin=0,
        vmax=1,
        alpha=0.7,
    )
    ax.scatter(*X_test.T, c=y_test, cmap=COLOURS, s=18, edgecolors="w", linewidths=0.7)
    ax.set(xlim=(-6, 6), ylim=(-6, 6), xticks=[], yticks=[])
    titles[kind] = ax.set_title(kind)


def draw(frame):
    """Show what the networks say after so many epochs."""
    for kind in KINDS:
        grounds[kind].set_data(probabilities[kind][frame])
        epoch = (frame + 1) * EPOCHS_A_FRAME
        titles[kind].set_text(f"{kind}, epoch {epoch}: {scores[kind][frame]:.2f}")
    return [*grounds.values(), *titles.values()]


film = FuncAnimation(figure, draw, frames=N_FRAMES, interval=200)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "playground.gif"
    film.save(path, writer="pillow", dpi=60)
    print(f"{N_FRAMES} frames in {path.stat().st_size / 1024:.0f} KiB")

# %%
# Accuracy on unseen data
# -----------------------
# Accuracy on the half that no network trained on, after the first frame and after the
# last, beside a straight line, which is enough for "gaussian" and for nothing else.

for kind, (X_train, X_test, y_train, y_test) in parts.items():
    line = LogisticRegression().fit(X_train, y_train).score(X_test, y_test)
    first, last = scores[kind][0], scores[kind][-1]
    print(f"{kind:>8}: line {line:.2f}, network {first:.2f}, then {last:.2f}")

# %%
# The film ends where its frames are over, not where the score is best: which epoch is,
# the test half must not decide. ``early_stopping=True`` asks a part of the training
# half, as in the first example.
