"""How other people's hands are read by their landmarks, and under what it breaks.

Trains a reader from nothing: `HandLandmarks` of up to four
pictures of each near-duplicate group of Sign Language MNIST's train file and of
rendered hands that are turned away from the viewer, and a `DenseClassifier` on top.
Reads every third picture of the official test and ``webcam_letters.npz`` (other people,
cameras and backgrounds, hands of the other handedness, not cropped). Nothing here was
chosen by either. ``--stress`` then reads the official test as it is turned, shrunk,
mirrored, put before another background, darkened and blurred.

``--choose`` compares recipes instead, by Sign Language MNIST's train file with groups
kept apart and by rendered signers that were never seen.

``python -m benchmarks.unseen_hands [--seeds 0 1 2] [--stress | --choose]``
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image, ImageFilter
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from benchmarks._report import SIGN_MNIST, print_table, save, thin
from skl_signlang import DenseClassifier
from skl_signlang._letters import LETTERS
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.preprocessing import HandLandmarks

WEBCAM = SIGN_MNIST.with_name("webcam_letters.npz")
MODEL = SIGN_MNIST.parents[1] / "models" / "hand_landmark_full.tflite"
MOST_OF_A_GROUP = 4
RENDERED = {"n_samples": 4800, "image_size": 112, "n_signers": 480}
TURN = (60, 25, 15)
UNSEEN = {"n_samples": 960, "image_size": 112, "n_signers": 96, "random_state": 9_999}
N_STRESSED = 240
EVERY = 3  # of the official test, which takes long


def landmarks(refine):
    """Make what describes hands; those to learn from are looked at but once."""
    return HandLandmarks(
        str(MODEL),
        features=("landmarks", "angles", "distances", "orientation"),
        both_hands=True,
        refine=refine,
    )


def head(seed):
    """Make what reads letters from that."""
    return DenseClassifier(
        hidden_layer_sizes=(256, 128),
        dropout=0.3,
        average=True,
        epochs=30,
        random_state=seed,
    )


def photographs(path):
    """Read some of each photograph's copies, and their groups."""
    train = load_sign_mnist(path)
    groups = near_duplicate_groups(train.images)
    rows = thin(
        np.arange(len(groups)), groups, MOST_OF_A_GROUP, np.random.RandomState(0)
    )
    return train.images[rows], train.target[rows], groups[rows]


def recalls(true, predicted):
    """Tell the share of each letter that is read."""
    return {
        letter: float(np.mean(predicted[true == letter] == letter))
        for letter in LETTERS
        if (true == letter).any()
    }


def changed(image, change, amount, random_state):
    """Change one grey picture by so much of something."""
    picture = Image.fromarray(image)
    middle = int(np.median(image[0]))
    if change == "rotation, degrees":
        return np.asarray(picture.rotate(amount, Image.BILINEAR, fillcolor=middle))
    if change == "size of the hand":
        side = round(image.shape[0] / amount)
        canvas = Image.new("L", (side, side), middle)
        canvas.paste(picture, ((side - picture.width) // 2,) * 2)
        return np.asarray(canvas.resize(picture.size, Image.BILINEAR))
    if change == "mirrored":
        return image[:, ::-1].copy()
    if change == "brightness":
        return np.clip(image * float(amount), 0, 255).astype(np.uint8)
    if change == "blur, pixels":
        return np.asarray(picture.filter(ImageFilter.GaussianBlur(amount)))
    side = image.shape[0] * 3 // 2
    noise = random_state.randint(0, 256, (amount, amount)).astype(np.uint8)
    canvas = Image.fromarray(noise).resize((side, side), Image.BICUBIC)
    canvas.paste(picture, ((side - picture.width) // 2,) * 2)
    return np.asarray(canvas)


STRESS = {
    "rotation, degrees": (0, 15, 30, 60, 90, 180),
    "size of the hand": (1.0, 0.8, 0.6, 0.4),
    "mirrored": (1,),
    "background of so many patches": (2, 4, 8),
    "brightness": (0.25, 0.5, 1.5),
    "blur, pixels": (0.5, 1.0, 2.0),
}


def stress(reader, images, target):
    """Read pictures changed in each way."""
    curves = {}
    for change, amounts in STRESS.items():
        curves[change] = {}
        for amount in amounts:
            random_state = np.random.RandomState(0)
            pictures = np.stack(
                [changed(image, change, amount, random_state) for image in images]
            )
            curves[change][amount] = float(np.mean(reader.predict(pictures) == target))
    return curves


def choose(X, y, groups, rendered, unseen):
    """Compare what is learned from, on groups and signers that are set aside."""
    folds = list(
        StratifiedGroupKFold(3, shuffle=True, random_state=0).split(X, y, groups)
    )
    sources = {"photographs": (1, 0), "rendered": (0, 1), "both": (1, 1)}
    rows = []
    for name, (real, made) in sources.items():
        scores = []
        for train, test in folds:
            parts = [(X[train], y[train])] * real + [rendered] * made
            model = head(0).fit(*map(np.concatenate, zip(*parts, strict=True)))
            scores.append((model.score(X[test], y[test]), model.score(*unseen)))
        rows.append([name, *(f"{score:.3f}" for score in np.mean(scores, axis=0))])
    print_table(["learned from", "groups set aside", "rendered signers"], rows)


def report(name, finder, heads, images, target):
    """Print and return how each head reads pictures."""
    described = finder.transform(images)
    predicted = [model.predict(described) for model in heads]
    scores = [float(np.mean(letters == target)) for letters in predicted]
    by_letter = recalls(target, predicted[0])
    print(f"{name}: mean {np.mean(scores):.3f}, worst {min(scores):.3f}")
    cells = [f"{letter} {share:.2f}" for letter, share in by_letter.items()]
    for row in range(0, len(cells), 8):
        print("  " + "  ".join(cells[row : row + 8]), flush=True)
    return {"scores": scores, "recall": by_letter}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args(argv)
    missing = [p for p in (options.sign_mnist, WEBCAM, MODEL) if not p.exists()]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    finder, reading = landmarks(refine=False), landmarks(refine=True)
    images, y, groups = photographs(options.sign_mnist)
    X = finder.transform(images)
    hands = make_fingerspelling(**RENDERED, turn=TURN, random_state=0)
    rendered = finder.transform(hands.images), hands.target
    if options.choose:
        unseen = make_fingerspelling(**UNSEEN)
        choose(X, y, groups, rendered, (finder.transform(unseen.images), unseen.target))
        return
    test = load_sign_mnist(options.sign_mnist, subset="test")
    images, target = test.images[::EVERY], test.target[::EVERY]
    with np.load(WEBCAM) as file:
        webcam = file["images"], file["letters"]
    X, y = np.concatenate([X, rendered[0]]), np.concatenate([y, rendered[1]])
    heads = [head(seed).fit(X, y) for seed in options.seeds]
    reader = make_pipeline(reading, heads[0])
    result = {
        "official test": report("official test", reading, heads, images, target),
        "webcam_letters": report("webcam_letters", reading, heads, *webcam),
    }
    if options.stress:
        rows = np.random.RandomState(0).permutation(len(target))[:N_STRESSED]
        result["stress"] = stress(reader, images[rows], target[rows])
        print(f"{len(rows)} pictures of the official test, changed")
        for change, curve in result["stress"].items():
            cells = "  ".join(f"{by}: {score:.3f}" for by, score in curve.items())
            print(f"  {change:30} {cells}")
    save("unseen_hands", result)


if __name__ == "__main__":
    main()
