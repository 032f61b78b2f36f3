"""Accuracy on other people's hands, from landmarks.

Trains the classifier ``letters-landmarks`` from nothing: `HandLandmarks`, which finds
the hand with the palm detector, of Sign Language MNIST's train file (up to five images
of each near-duplicate group), rendered hands seen from all around, those Sign Language
Digits that are letters too, and the photographs of ``data/photos`` to learn from. Each
image is seen as that of a right and of a left hand. Two `DenseClassifier` learn from
both, and each votes on one of them.

Leaves each source of photographs (an author) out of training in turn, and prints the
accuracy on it; these scores, and no others, may choose. ``--final`` reads the measuring
sets, once for each classifier that is reported: every third image of the official test,
``webcam_letters.npz`` and ``measure_signflow.zip`` by signer, and adds a row to
docs/results/measured.md. ``--stress`` changes images of the official test. ``--keep``
writes the classifier of the first seed into the package. ``--cache`` is a folder for
features of the images to learn from.

``python -m benchmarks.unseen_hands [--seeds 0 1 2] [--final] [--stress] [--keep]
[--cache FOLDER]``
"""

import argparse
import os
import re
import subprocess
import tempfile
from datetime import date
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image, ImageFilter

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
from skl_signlang.datasets import (
    load_image_folder,
    load_sign_mnist,
    make_fingerspelling,
)
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.persistence import card
from skl_signlang.persistence import save as save_archive
from skl_signlang.pretrained import pretrained_path
from skl_signlang.pretrained.letters_landmarks import (
    SIDES,
    join_heads,
    make_head,
    make_landmarks,
)

MODEL = SIGN_MNIST.parents[1] / "models" / "hand_landmark_full.tflite"
PHOTOS = SIGN_MNIST.with_name("photos")
MEASURED = Path(__file__).parents[1] / "docs" / "results" / "measured.md"
# Authors and their files; davidlee_phone is of the same author
AUTHORS = {
    "davidlee": ("davidlee", "davidlee_phone"),
    "hackmit": ("hackmit",),
    "t32rahman": ("t32rahman",),
    "longhong": ("longhong",),
}
SOURCES = (
    "sign_mnist: Sign Language MNIST's train file (CC0); rendered: rendered hands; "
    "digits: Sign Language Digits (Mavi 2020, Apache-2.0); davidlee: American Sign "
    "Language Letters v1 and a phone's photographs (David Lee, public domain and MIT); "
    "hackmit (Parth Shah, MIT); t32rahman (MIT); longhong (MIT)"
)
"""The sources with their licenses, for the cards of classifiers."""

MOST_OF_A_GROUP = 5
# The most by which hands are turned, in degrees, and the seed that draws them
RENDERED = {(60, 25, 15): 0, (100, 40, 30): 11}
N_RENDERED = 4800
N_STRESSED = 240
EVERY = 3  # of the official test, which takes long


class Source(NamedTuple):
    """Features as right and as left hands, (n, 2, n_features), and letters."""

    features: np.ndarray
    letters: np.ndarray


def look(images):
    """Describe the hands in images, as right and as left hands."""
    rows = make_landmarks(MODEL).transform(images)
    return rows.reshape(len(rows), len(SIDES), -1)


def fit(sources, seed):
    """Train two heads, each on both sides of all hands."""
    X = np.concatenate([source.features for source in sources])
    y = np.concatenate([source.letters for source in sources])
    X, y = X.reshape(-1, X.shape[2]), np.repeat(y, len(SIDES))
    return [make_head(len(SIDES) * seed + i).fit(X, y) for i in range(len(SIDES))]


def predict(heads, features):
    """Return the letters of a vote of two heads, each on one side."""
    votes = [head.predict_proba(features[:, i]) for i, head in enumerate(heads)]
    return heads[0].classes_[np.mean(votes, axis=0).argmax(axis=1)]


def photographs(path):
    """Return some of each photograph's copies in the train file."""
    train, _, rows = thinned(path)
    return train.images[rows], train.target[rows]


def thinned(path):
    """Return the train file, its groups, and the rows of a few images of each."""
    train = load_sign_mnist(path)
    groups = near_duplicate_groups(train.images)
    rng = np.random.RandomState(0)
    return train, groups, thin(np.arange(len(groups)), groups, MOST_OF_A_GROUP, rng)


def render(turn, seed):
    """Render hands that are turned by so much at most."""
    hands = make_fingerspelling(
        N_RENDERED,
        image_size=112,
        n_signers=N_RENDERED // 10,
        max_rotation=turn,
        random_state=seed,
    )
    return hands.images, hands.target


def rendered():
    """Render hands seen from all around."""
    parts = [render(turn, seed) for turn, seed in RENDERED.items()]
    return tuple(map(np.concatenate, zip(*parts, strict=True)))


def of_author(name):
    """Return the photographs of an author that show letters."""
    images, letters = [], []
    for file in AUTHORS[name]:
        found = load_image_folder(PHOTOS / f"{file}.zip", color=True)
        images += list(found.images)
        letters += list(found.target)
    known = [letter in LETTERS for letter in letters]
    return [image for image, one in zip(images, known, strict=True) if one], np.array(
        letters
    )[known]


def digits():
    """Return those digits that are letters too."""
    found = digits_as_letters()
    return found.images, found.target


def sources(path, cache):
    """Return the sources to learn from by name, with features from a cache."""
    load = {
        "sign_mnist": lambda: photographs(path),
        "rendered": rendered,
        "digits": digits,
        **{name: (lambda name=name: of_author(name)) for name in AUTHORS},
    }
    return {name: _source(cache / f"{name}.npz", get) for name, get in load.items()}


def _source(file, load):
    """Load the features of a source, or compute and store them."""
    if not file.exists():
        images, letters = load()
        np.savez(file, features=look(images), letters=letters)
    with np.load(file) as found:
        return Source(found["features"], found["letters"])


def leave_one_out(known, seeds):
    """Train without each author in turn; return the accuracy on that author."""
    scores = {}
    for author in AUTHORS:
        learned = [known[name] for name in known if name != author]
        features, letters = known[author]
        scores[author] = [
            float(np.mean(predict(fit(learned, seed), features) == letters))
            for seed in seeds
        ]
        print(f"without {author}: {np.mean(scores[author]):.3f}", flush=True)
    means = np.mean(list(scores.values()), axis=0)
    print_table(
        ["author left out", "mean", "worst seed"],
        [
            *(
                [author, f"{np.mean(found):.3f}", f"{min(found):.3f}"]
                for author, found in scores.items()
            ),
            ["mean of authors", f"{means.mean():.3f}", f"{means.min():.3f}"],
        ],
    )
    return scores


def recalls(true, predicted):
    """Return the recall of each letter."""
    return {
        letter: float(np.mean(predicted[true == letter] == letter))
        for letter in LETTERS
        if (true == letter).any()
    }


def print_recalls(by_letter):
    """Print the recall of each letter."""
    cells = [f"{letter} {recall:.2f}" for letter, recall in by_letter.items()]
    for row in range(0, len(cells), 8):
        print("  " + "  ".join(cells[row : row + 8]), flush=True)


def load_signflow():
    """Return the photographs, letters and signers of signflow."""
    flow = load_image_folder(PHOTOS / "measure_signflow.zip", color=True)
    signers = [re.search(r"signer(\d+)_", file)[1] for file in flow.filenames]
    return flow.images, flow.target, np.array(signers)


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
    """Compute the accuracy on images changed in each way."""
    curves = {}
    for change, amounts in STRESS.items():
        curves[change] = {}
        for amount in amounts:
            random_state = np.random.RandomState(0)
            pictures = np.stack(
                [changed(image, change, amount, random_state) for image in images]
            )
            letters = predict(heads, look(pictures))
            curves[change][amount] = float(np.mean(letters == target))
    return curves


def report(name, heads_of_seeds, images, target):
    """Print and return the accuracy of each seed, and the recalls of the first."""
    features = look(images)
    predicted = [predict(heads, features) for heads in heads_of_seeds]
    scores = [float(np.mean(letters == target)) for letters in predicted]
    by_letter = recalls(target, predicted[0])
    print(f"{name}: mean {np.mean(scores):.3f}, worst {min(scores):.3f}")
    print_recalls(by_letter)
    return {"scores": scores, "recall": by_letter}, predicted


def measure(heads_of_seeds, path):
    """Read the measuring sets."""
    test = load_sign_mnist(path, subset="test")
    result = {}
    result["official test"], _ = report(
        "official test", heads_of_seeds, test.images[::EVERY], test.target[::EVERY]
    )
    with np.load(WEBCAM) as file:
        images, target = file["images"], file["letters"]
    result["webcam_letters"], _ = report(
        "webcam_letters", heads_of_seeds, images, target
    )
    images, target, signers = load_signflow()
    result["signflow"], predicted = report("signflow", heads_of_seeds, images, target)
    by_signer = {
        signer: [
            float(np.mean((letters == target)[signers == signer]))
            for letters in predicted
        ]
        for signer in np.unique(signers)
    }
    means = np.mean(list(by_signer.values()), axis=0)
    worst = np.min(list(by_signer.values()), axis=0)
    result["signflow"] |= {"by_signer": by_signer, "mean_of_signers": means.tolist()}
    print(
        f"signflow: mean of signers {means.mean():.3f}, worst signer {worst.min():.3f}"
    )
    _append_measured(result, means, worst)
    return result


def _append_measured(result, means, worst):
    """Append date, commit and figures to the list of readings."""
    scores = [result[name]["scores"] for name in ("official test", "webcam_letters")]
    cells = [f"{np.mean(found):.3f}, worst {min(found):.3f}" for found in scores]
    signflow = f"{means.mean():.3f}, worst signer {worst.min():.3f}"
    add_reading("letters-landmarks", *cells, signflow)


def add_reading(name, *cells):
    """Append date, commit and figures of a classifier to the list of readings."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    row = [f"{date.today()}", commit or "unknown", f"`{name}`", *cells]
    with MEASURED.open("a", encoding="utf-8") as file:
        file.write(f"| {' | '.join(row)} |\n")


def keep(heads, result, known):
    """Write the classifier into the package; the models lie in the data home."""
    path = pretrained_path("letters-landmarks")
    counts = ", ".join(f"{name} {len(one.letters):,}" for name, one in known.items())
    save_archive(
        join_heads(heads),
        path,
        metrics={
            name: result[name]["scores"][0]
            for name in ("official test", "webcam_letters", "signflow")
        },
        data=f"Images: {counts}. {SOURCES}",
        groups="near-duplicates; rendered signers; authors",
    )
    path.with_name("card.md").write_text(card(path), "utf-8")
    print(f"{path}: {path.stat().st_size:,} bytes")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cache", type=Path)
    for option in ("--final", "--stress", "--keep"):
        parser.add_argument(option, action="store_true")
    options = parser.parse_args(argv)
    needed = (options.sign_mnist, WEBCAM, DIGITS, MODEL, PHOTOS)
    missing = [path for path in needed if not path.exists()]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    if options.keep and not options.final:
        parser.error("--keep needs --final: the card of the classifier has its scores")
    with tempfile.TemporaryDirectory() as folder:
        cache = options.cache or Path(folder)
        cache.mkdir(parents=True, exist_ok=True)
        known = sources(options.sign_mnist, cache)
    result = {"left out": leave_one_out(known, options.seeds)}
    heads_of_seeds = [fit(known.values(), seed) for seed in options.seeds]
    if options.final:
        result |= measure(heads_of_seeds, options.sign_mnist)
    if options.keep:
        keep(heads_of_seeds[0], result, known)
    if options.stress:
        test = load_sign_mnist(options.sign_mnist, subset="test")
        images, target = test.images[::EVERY], test.target[::EVERY]
        rows = np.random.RandomState(0).permutation(len(target))[:N_STRESSED]
        result["stress"] = stress(heads_of_seeds[0], images[rows], target[rows])
        print(f"{len(rows)} images of the official test, changed")
        for change, curve in result["stress"].items():
            cells = "  ".join(f"{by}: {score:.3f}" for by, score in curve.items())
            print(f"  {change:30} {cells}")
    save("unseen_hands", result, seeds=options.seeds)


if __name__ == "__main__":
    main()
