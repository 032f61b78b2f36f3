"""What a few pictures of one's own hand are worth, and to whom.

Of every third picture of ``webcam_letters.npz`` 1, 5 and 20 of each letter are learned,
and the others read, but for near-duplicates of those learned. Four ways:

- from scratch: a `CNNClassifier`,
- from MobileNet: frozen ImageNet features (`BackboneFeatures`, 96 pixels) and scikit-
  learn's `LogisticRegression`,
- from landmarks: `HandLandmarks`, a closer look, and `LogisticRegression`,
- from ours: ``load_pretrained("letters")`` trained on, as ``skl-signlang train FOLDER
  --from pretrained`` does.

Means over draws; 0 is what is read without any. Nothing was chosen by these pictures.

``python -m benchmarks.few_pictures [--draws 3] [--every 3]``
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_HOME"] = str(Path(__file__).parents[2] / "shared/models/keras_home")

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._report import SIGN_MNIST, WEBCAM, print_table, save
from skl_signlang import CNNClassifier
from skl_signlang.cli._pretrained_option import PRETRAINED, load_to_train_on
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.preprocessing import BackboneFeatures, HandLandmarks, ImageDecoder
from skl_signlang.pretrained import load_pretrained

MODELS = SIGN_MNIST.parents[1] / "models"
COUNTS = (1, 5, 20)


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


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--every", type=int, default=3)
    options = parser.parse_args(argv)
    landmarks = MODELS / "hand_landmark_full.tflite"
    missing = [path for path in (WEBCAM, landmarks) if not path.exists()]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    with np.load(WEBCAM) as file:
        images = file["images"][:: options.every]
        letters = file["letters"][:: options.every]
    groups = near_duplicate_groups(images)
    pixels = ImageDecoder(40, pad_to_aspect_ratio=True).transform(images)
    mobilenet = BackboneFeatures(
        "MobileNet", backbone_params={"alpha": 0.25}, image_size=96
    )
    hands = HandLandmarks(
        str(landmarks),
        features=("landmarks", "angles", "distances", "orientation"),
        both_hands=True,
        refine=True,
    )
    ways = {
        "from scratch": (pixels, scratch),
        "from MobileNet": (mobilenet.fit_transform(pixels), lambda _: linear()),
        "from landmarks": (hands.transform(images), lambda _: linear()),
        "from ours": (pixels, lambda seed: load_to_train_on(PRETRAINED, seed)[-1]),
    }
    nothing = np.mean(load_pretrained().predict(images) == letters)
    result = {name: {} for name in ways}
    result["from ours"][0] = {"scores": [float(nothing)]}
    for count in COUNTS:
        for seed in range(options.draws):
            learned, others = draw(letters, groups, count, seed)
            for name, (X, make) in ways.items():
                model = make(seed).fit(X[learned], letters[learned])
                score = float(model.score(X[others], letters[others]))
                result[name].setdefault(count, {"scores": []})["scores"].append(score)
                print(f"  {count:2} of each letter, {name}: {score:.3f}", flush=True)
    rows = [
        [name]
        + [
            f"{np.mean(curve[count]['scores']):.3f}" if count in curve else ""
            for count in (0, *COUNTS)
        ]
        for name, curve in result.items()
    ]
    print_table(["pictures of each letter", "0", *map(str, COUNTS)], rows)
    save("few_pictures", result)


if __name__ == "__main__":
    main()
