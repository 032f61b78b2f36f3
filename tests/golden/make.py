"""Write the golden archive of the format's current version, and what it predicts.

``python tests/golden/make.py`` was run once for each version: the files stand for the
archives that users have.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.pipeline import make_pipeline

from skl_signlang import CNNClassifier
from skl_signlang.persistence import save
from skl_signlang.persistence._manifest import FORMAT_VERSION
from skl_signlang.preprocessing import ImageResizer

FOLDER = Path(__file__).parent


def draw():
    """Eight images of 8 x 8 pixels that no generator of random numbers draws."""
    return (np.arange(8 * 64).reshape(8, 64) ** 2 % 251).astype(np.uint8)


def make():
    """Fit a small Pipeline, and write it and its probabilities."""
    X, y = np.tile(draw(), (6, 1)), np.tile(list("ABCLABCL"), 6)
    network = CNNClassifier(
        filters=(2,), hidden_layer_sizes=(4,), dropout=0.1, epochs=2, random_state=0
    )
    model = make_pipeline(ImageResizer(6), network).fit(X, y)
    name = FOLDER / f"version_{FORMAT_VERSION}"
    save(model, name.with_suffix(".signlang"), data="Patterns of no meaning.")
    proba = model.predict_proba(draw()).tolist()
    name.with_suffix(".json").write_text(json.dumps(proba) + "\n")


if __name__ == "__main__":
    make()
