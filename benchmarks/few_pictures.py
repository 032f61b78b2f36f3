"""What a few images of one's own hand are worth, and to whom.

Of the photographs of two authors, ``hackmit`` and ``t32rahman``, 1, 5 and 20 of each
letter are learned, and the accuracy on the others is measured, but for near-duplicates
of those learned. Four ways:

- from scratch: a `CNNClassifier`,
- from MobileNet: frozen ImageNet features (`BackboneFeatures`, 96 pixels) and scikit-
  learn's `LogisticRegression`,
- from landmarks: `HandLandmarks`, and `LogisticRegression`,
- from pretrained: ``letters``, trained without both authors, whose training continues,
  as ``skl-signlang train FOLDER --from pretrained`` does.

Means over draws; 0 is the accuracy without any. ``--base`` is the archive of
``python -m benchmarks.train_pretrained --leave-out hackmit t32rahman --out FILE``;
without it, that is trained first.

``python -m benchmarks.few_pictures [--draws 3] [--base FILE]``
"""

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_HOME"] = str(Path(__file__).parents[2] / "shared/models/keras_home")

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._report import SIGN_MNIST, print_table, save
from benchmarks.train_pretrained import train
from benchmarks.unseen_hands import PHOTOS, of_author
from skl_signlang import CNNClassifier
from skl_signlang.cli._pretrained_option import load_to_fine_tune
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.persistence import load
from skl_signlang.persistence import save as save_archive
from skl_signlang.preprocessing import BackboneFeatures, HandLandmarks, ImageDecoder

MODELS = SIGN_MNIST.parents[1] / "models"
COUNTS = (1, 5, 20)
AUTHORS = ("hackmit", "t32rahman")


def linear():
    """Make the head of what is not trained itself."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000))


def scratch(seed):
    """Make a network that knows nothing yet."""
    return CNNClassifier(
        epochs=60,
        batch_size=8,
        lr_schedule="cosine",
        rotation=12,
        translation=0.1,
        zoom=0.2,
        random_state=seed,
    )


def draw(letters, groups, count, seed):
    """Draw so many of each letter, and what is left without their near-duplicates."""
    rng = np.random.RandomState(seed)
    learned = np.concatenate(
        [
            rng.choice(np.flatnonzero(letters == letter), count, replace=False)
            for letter in np.unique(letters)
        ]
    )
    return learned, np.flatnonzero(~np.isin(groups, groups[learned]))


def curves(author, base, n_draws):
    """Return the scores of each way by the number of images of a letter."""
    images, letters = of_author(author)
    pixels = ImageDecoder(40, pad_to_aspect_ratio=True).transform(images)
    groups = near_duplicate_groups(pixels)
    mobilenet = BackboneFeatures(
        "MobileNet", backbone_params={"alpha": 0.25}, image_size=96
    )
    hands = HandLandmarks(
        str(MODELS / "hand_landmark_full.tflite"),
        features=("landmarks", "angles", "distances", "orientation"),
        both_hands=True,
        refine=True,
        find=True,
    )
    ways = {
        "from scratch": (pixels, scratch),
        "from MobileNet": (mobilenet.fit_transform(pixels), lambda _: linear()),
        "from landmarks": (hands.transform(images), lambda _: linear()),
        "from pretrained": (pixels, lambda seed: load_to_fine_tune(base, seed)[-1]),
    }
    found = {name: {} for name in ways}
    nothing = load(base).predict(images) == letters
    found["from pretrained"][0] = [float(np.mean(nothing))]
    for count in COUNTS:
        for seed in range(n_draws):
            learned, others = draw(letters, groups, count, seed)
            for name, (X, make) in ways.items():
                model = make(seed).fit(X[learned], letters[learned])
                score = float(model.score(X[others], letters[others]))
                found[name].setdefault(count, []).append(score)
                print(f"  {count:2} of each letter, {name}: {score:.3f}", flush=True)
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--base", type=Path)
    options = parser.parse_args(argv)
    needed = (PHOTOS, SIGN_MNIST, MODELS / "hand_landmark_full.tflite")
    missing = [path for path in needed if not path.exists()]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    with tempfile.TemporaryDirectory() as folder:
        base = options.base or Path(folder) / "base.signlang"
        if not options.base:
            save_archive(train(SIGN_MNIST, AUTHORS)[0], base)
        result = {
            author: curves(author, str(base), options.draws) for author in AUTHORS
        }
    for author, found in result.items():
        rows = [
            [name]
            + [
                f"{np.mean(curve[count]):.3f}" if count in curve else ""
                for count in (0, *COUNTS)
            ]
            for name, curve in found.items()
        ]
        print_table([f"{author}: images of each letter", "0", *map(str, COUNTS)], rows)
    save("few_pictures", result)


if __name__ == "__main__":
    main()
