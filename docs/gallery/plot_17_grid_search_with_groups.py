"""
17. A grid search in a Pipeline, with groups
============================================

Which size of image, how many filters, how much dropout? A search answers what its
folds ask. If they hold copies of one hand on both sides, it finds the network that
remembers best; with ``groups`` it finds the one that reads new hands best.

Where ``../shared``, or the folder that ``SKL_SIGNLANG_SHARED`` names, has
``data/sign_digits.npz`` (Sign Language Digits, Mavi 2020: 218 students showing
numbers), a part of those are used, with about ten consecutive files for a student. Else
**rendered hands stand in**, each filmed for three frames: the same image, moved by up
to a pixel, with other noise. The output says which.
"""

# sphinx_gallery_thumbnail_path = "images/thumbnails/example_17.png"

import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sklearn
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch

from skl_signlang import CNNClassifier
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.inspection import SampleGridDisplay
from skl_signlang.model_selection import split_samples
from skl_signlang.preprocessing import ImageResizer

path = Path(os.environ.get("SKL_SIGNLANG_SHARED", "../shared"))
path = path / "data" / "sign_digits.npz"
if path.exists():
    with np.load(path) as file:
        few = np.flatnonzero(file["y"] < 5)
        hands = Bunch(images=file["X"][few], target=file["y"][few])
        numbers = [
            int(Path(str(name)).stem.split("_")[-1]) for name in file["filename"]
        ]
        hands.groups = np.array(numbers)[few] // 10
    print("Sign Language Digits, 0 to 4")
else:
    still = make_fingerspelling(
        320, letters="ABFLY", n_signers=64, image_size=32, random_state=0
    )
    rng = np.random.default_rng(0)
    frames = [
        np.roll(image, rng.integers(-1, 2, 2), axis=(0, 1)) + rng.normal(0, 4, (32, 32))
        for image in np.repeat(still.images, 3, axis=0)
    ]
    hands = Bunch(
        images=np.clip(frames, 0, 255).astype(np.uint8),
        target=np.repeat(still.target, 3),
        groups=np.repeat(still.groups, 3),
    )
    print("rendered hands, three frames of each")
train, test = split_samples(hands, (0.6, 0.4), random_state=0)
print(f"{len(train.target)} images of {train.n_groups} signers to search with")
print(f"{len(test.target)} images of {test.n_groups} others, for the end")
SampleGridDisplay.from_samples(
    train.images, train.target, n_samples=20, n_columns=10, random_state=0
)

# %%
# The Pipeline and the grid
# -------------------------
# Parameters of a step are reached by its name. The course's way is a function that
# builds a network, and a loop around it; here each fold resizes and trains what the
# candidate says, and the best is fitted once more on all.

pipeline = Pipeline(
    [
        ("resize", ImageResizer()),
        (
            "cnn",
            CNNClassifier(
                filters=(8, 16),
                kernel_size=3,
                hidden_layer_sizes=(32,),
                batch_size=32,
                epochs=8,
                random_state=0,
            ),
        ),
    ]
)
grid = {"resize__image_size": [14, 24], "cnn__learning_rate": [2e-3, 1e-2]}

# %%
# Two searches
# ------------
# One in folds at random, one in folds that no signer straddles: ``groups`` go to
# ``fit`` and from there to the splitter.

random = GridSearchCV(
    pipeline, grid, cv=StratifiedKFold(2, shuffle=True, random_state=0)
)
random.fit(train.images, train.target)
grouped = GridSearchCV(
    pipeline, grid, cv=StratifiedGroupKFold(2, shuffle=True, random_state=0)
)
grouped.fit(train.images, train.target, groups=train.groups)
for name, search in (("random folds", random), ("no signer straddles", grouped)):
    test_score = search.score(test.images, test.target)
    print(f"{name:>20}: score {search.best_score_:.3f}, new signers {test_score:.3f}")
    print(f"{'':>20}  {search.best_params_}")

# %%
# By as much as the upper score is above the lower one, random folds knew the
# signers. (Two folds make both of them severe: their networks learn from half of the
# images, and the best one in the end from all.) The test was asked once for each
# search, at the very end; had it chosen anything, it would be too high itself.

figure, axes = plt.subplots(1, 2, figsize=(10, 3), layout="constrained", sharey=True)
for ax, (name, search) in zip(
    axes, {"random folds": random, "no signer straddles": grouped}.items(), strict=True
):
    table = pd.DataFrame(search.cv_results_).pivot(
        index="param_resize__image_size",
        columns="param_cnn__learning_rate",
        values="mean_test_score",
    )
    image = ax.imshow(table, vmin=0.2, vmax=1, cmap="viridis", aspect="auto")
    ax.set(
        title=name,
        xlabel="learning rate",
        xticks=range(len(table.columns)),
        xticklabels=[f"{rate:g}" for rate in table.columns],
        yticks=range(len(table.index)),
        yticklabels=list(table.index),
    )
    for (row, column), score in np.ndenumerate(table.to_numpy()):
        color = "k" if score > 0.6 else "w"
        ax.text(column, row, f"{score:.3f}", ha="center", va="center", color=color)
axes[0].set_ylabel("pixels")
figure.colorbar(image, ax=axes, label="accuracy")

# %%
# Groups down to the network
# --------------------------
# With ``early_stopping`` the network itself solds out samples, and there too a signer
# must not stand on both sides. scikit-learn's metadata routing brings the groups down
# to it; the networks of this package ask for them by themselves, as its splitters do.

with sklearn.config_context(enable_metadata_routing=True):
    stopping = GridSearchCV(
        Pipeline(pipeline.steps).set_params(
            cnn__early_stopping=True,
            cnn__validation_fraction=0.2,
            cnn__learning_rate=1e-2,
        ),
        {"cnn__patience": [2, 4]},
        cv=StratifiedGroupKFold(2, shuffle=True, random_state=0),
    )
    stopping.fit(train.images, train.target, groups=train.groups)
print(f"patience {stopping.best_params_['cnn__patience']}:", end=" ")
print(f"score {stopping.best_score_:.3f},", end=" ")
print(f"new signers {stopping.score(test.images, test.target):.3f}")
