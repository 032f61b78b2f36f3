"""How other people's hands are read by their landmarks, and under what it breaks.

Trains the reader ``letters-landmarks`` from nothing: `HandLandmarks` of up to five
pictures of each near-duplicate group of Sign Language MNIST's train file, of rendered
hands seen from all around, and of those Sign Language Digits that are letters too, and
two `DenseClassifier` that vote: one reads a glance at each picture, the other a closer
look. Reads every third picture of the official test and ``webcam_letters.npz`` (other
people, cameras and backgrounds, hands of the other handedness, not cropped).
``--stress`` then reads the official test as it is turned, shrunk, mirrored, put before
another background, darkened and blurred. ``--keep`` writes the reader into the package.

``--choose`` compares recipes instead, by groups of Sign Language MNIST's train file
that are set aside, by rendered signers that were never seen, and, unless they are
learned, by the students of Sign Language Digits.

``python -m benchmarks.unseen_hands [--seeds 0 1 2] [--stress] [--keep] | --choose``
"""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image, ImageFilter
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks._report import (
    DIGITS,
    SIGN_MNIST,
    WEBCAM,
    digits_as_letters,
    print_table,
    save,
    thin,
)
from skl_signlang._letters import LETTERS
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.persistence import card
from skl_signlang.persistence import save as save_archive
from skl_signlang.pretrained import pretrained_path
from skl_signlang.pretrained.letters_landmarks import (
    join_heads,
    make_head,
    make_landmarks,
)

MODEL = SIGN_MNIST.parents[1] / "models" / "hand_landmark_full.tflite"
MOST_OF_A_GROUP = 5
CLOSER = 2  # of so many photographs, one is looked at closely too
# The most by which hands are turned, in degrees, and the seed that draws them
RENDERED = {(60, 25, 15): 0, (100, 40, 30): 11}
N_RENDERED = 4800
N_UNSEEN = 960
N_STRESSED = 240
EVERY = 3  # of the official test, which takes long


class Looks(NamedTuple):
    """Hands, described after a glance and after a closer look."""

    glance: np.ndarray
    closer: np.ndarray


def look(images, closer=slice(None)):
    """Describe pictures, and those of some rows by a closer look too."""
    glance = make_landmarks(False, MODEL).transform(images)
    some = images[closer]
    return Looks(
        glance, make_landmarks(True, MODEL).transform(some) if len(some) else glance[:0]
    )


def fit(parts, seed):
    """Train a reader of glances, and one of closer looks, which learns from both."""
    X = [part.glance for part, _, _ in parts]
    y = [target for _, target, _ in parts]
    first = make_head(seed).fit(np.concatenate(X), np.concatenate(y))
    X += [part.closer for part, _, _ in parts]
    y += [target[closer] for _, target, closer in parts]
    second = make_head(seed).fit(np.concatenate(X), np.concatenate(y))
    return first, second


def read(heads, looks):
    """Let both vote."""
    votes = [model.predict_proba(X) for model, X in zip(heads, looks, strict=True)]
    return heads[0].classes_[np.mean(votes, axis=0).argmax(axis=1)]


def photographs(path):
    """Read some of each photograph's copies, and their groups."""
    train = load_sign_mnist(path)
    groups = near_duplicate_groups(train.images)
    rows = thin(
        np.arange(len(groups)), groups, MOST_OF_A_GROUP, np.random.RandomState(0)
    )
    return train.images[rows], train.target[rows], groups[rows]


def rendered():
    """Render hands seen from all around."""
    hands = [
        make_fingerspelling(
            N_RENDERED,
            image_size=112,
            n_signers=N_RENDERED // 10,
            max_rotation=turn,
            random_state=seed,
        )
        for turn, seed in RENDERED.items()
    ]
    return tuple(
        np.concatenate([h[part] for h in hands]) for part in ("images", "target")
    )


def recalls(true, predicted):
    """Tell the share of each letter that is read."""
    return {
        letter: float(np.mean(predicted[true == letter] == letter))
        for letter in LETTERS
        if (true == letter).any()
    }


def changed(image, change, amount, random_state):
    """Change one gray picture by so much of something."""
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


def stress(heads, images, target):
    """Read pictures changed in each way."""
    curves = {}
    for change, amounts in STRESS.items():
        curves[change] = {}
        for amount in amounts:
            random_state = np.random.RandomState(0)
            pictures = np.stack(
                [changed(image, change, amount, random_state) for image in images]
            )
            letters = read(heads, look(pictures))
            curves[change][amount] = float(np.mean(letters == target))
    return curves


def choose(photos, y, groups, made, digits):
    """Compare what is learned from, on groups, signers and students set aside."""
    hands = make_fingerspelling(
        N_UNSEEN, image_size=112, n_signers=N_UNSEEN // 10, random_state=9_999
    )
    looks = look(hands.images)
    folds = list(
        StratifiedGroupKFold(3, shuffle=True, random_state=0).split(y, y, groups)
    )
    sources = {
        "photographs": (),
        "photographs, rendered": (made,),
        "photographs, rendered, digits": (made, digits),
    }
    rows = []
    for name, others in sources.items():
        scores = []
        for train, test in folds:
            learned = [(photos.glance[train], y[train])]
            learned += [(part.glance, target) for part, target, _ in others]
            model = make_head(0).fit(*map(np.concatenate, zip(*learned, strict=True)))
            scores.append(
                (
                    model.score(photos.glance[test], y[test]),
                    model.score(looks.glance, hands.target),
                    model.score(digits[0].glance, digits[1]),
                )
            )
        cells = [f"{score:.3f}" for score in np.mean(scores, axis=0)]
        rows.append([name, *cells[:2], cells[2] if digits not in others else ""])
    print_table(
        ["learned from", "groups set aside", "rendered signers", "students"], rows
    )


def report(name, looks, readers, target):
    """Print and return how each reader reads pictures."""
    predicted = [read(heads, looks) for heads in readers]
    scores = [float(np.mean(letters == target)) for letters in predicted]
    by_letter = recalls(target, predicted[0])
    print(f"{name}: mean {np.mean(scores):.3f}, worst {min(scores):.3f}")
    cells = [f"{letter} {share:.2f}" for letter, share in by_letter.items()]
    for row in range(0, len(cells), 8):
        print("  " + "  ".join(cells[row : row + 8]), flush=True)
    return {"scores": scores, "recall": by_letter}


def keep(heads, result, data):
    """Write the reader into the package; the landmark model lies in the data home."""
    path = pretrained_path("letters-landmarks")
    save_archive(
        join_heads(heads),
        path,
        metrics={name: part["scores"][0] for name, part in result.items()},
        data=data,
        groups="near-duplicates; rendered signers",
    )
    path.with_name("card.md").write_text(card(path), "utf-8")
    print(f"{path}: {path.stat().st_size:,} bytes")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args(argv)
    needed = (options.sign_mnist, WEBCAM, DIGITS, MODEL)
    missing = [path for path in needed if not path.exists()]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    images, y, groups = photographs(options.sign_mnist)
    closer = slice(None, None, CLOSER)
    photos = look(images, closer), y, closer
    hands = rendered()
    made = look(hands[0], slice(0)), hands[1], slice(0)
    numbers = digits_as_letters()
    digits = look(numbers.images), numbers.target, slice(None)
    if options.choose:
        choose(photos[0], y, groups, made, digits)
        return
    parts = [photos, made, digits]
    readers = [fit(parts, seed) for seed in options.seeds]
    test = load_sign_mnist(options.sign_mnist, subset="test")
    images, target = test.images[::EVERY], test.target[::EVERY]
    with np.load(WEBCAM) as file:
        webcam = file["images"], file["letters"]
    result = {
        "official test": report("official test", look(images), readers, target),
        "webcam_letters": report("webcam_letters", look(webcam[0]), readers, webcam[1]),
    }
    if options.keep:
        data = (
            f"{len(y):,} pictures of Sign Language MNIST's train file, "
            f"{len(hands[1]):,} rendered hands and {len(numbers.target):,} Sign "
            "Language Digits"
        )
        keep(readers[0], result, data)
    if options.stress:
        rows = np.random.RandomState(0).permutation(len(target))[:N_STRESSED]
        result["stress"] = stress(readers[0], images[rows], target[rows])
        print(f"{len(rows)} pictures of the official test, changed")
        for change, curve in result["stress"].items():
            cells = "  ".join(f"{by}: {score:.3f}" for by, score in curve.items())
            print(f"  {change:30} {cells}")
    save("unseen_hands", result)


if __name__ == "__main__":
    main()
