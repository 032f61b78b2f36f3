"""Train the reader ``letters`` that comes with the package, and say what it reads.

The recipe of `skl_signlang.pretrained.letters`, trained with augmentation on Sign
Language MNIST's train file, up to five pictures of each near-duplicate group, and on
rendered hands seen from all around, with room around each, and on those Sign Language
Digits that are letters too. A sixth of the groups and signers of their own are set
aside; those scores, and no others, may choose. The official test and
``webcam_letters.npz`` are read once, in the end. ``--keep`` writes the reader into the
package.

``python -m benchmarks.train_pretrained [--epochs N] [--keep]``
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import DIGITS, SIGN_MNIST, WEBCAM, digits_as_letters, save, thin
from skl_signlang._letters import LETTERS
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.persistence import card
from skl_signlang.persistence import save as save_archive
from skl_signlang.pretrained import pretrained_path
from skl_signlang.pretrained.letters import make_classifier

MOST_OF_A_GROUP = 5
HELD_OUT = 6  # one group in so many
MARGIN = 1 / 8  # of the side, added on each, for hands that do not fill the picture
N_RENDERED = 18_000
TURN = (75, 35, 25)


def with_margin(images):
    """Repeat the edge of each picture around it."""
    width = round(images.shape[1] * MARGIN)
    return np.pad(images, ((0, 0), (width, width), (width, width)), mode="edge")


def photographs(path):
    """Split what is kept of the train file into groups to learn from, and others."""
    train = load_sign_mnist(path)
    groups = near_duplicate_groups(train.images)
    rng = np.random.RandomState(0)
    rows = thin(np.arange(len(groups)), groups, MOST_OF_A_GROUP, rng)
    aside = np.isin(groups[rows], np.unique(groups)[::HELD_OUT])
    learned, others = rows[~aside], rows[aside]
    return (
        (with_margin(train.images[learned]), train.target[learned]),
        (train.images[others], train.target[others]),
    )


def rendered(n, turn, seed):
    """Render hands."""
    hands = make_fingerspelling(
        n, image_size=48, n_signers=n // 10, max_rotation=turn, random_state=seed
    )
    return hands.images, hands.target


def report(model, sets):
    """Print and return the share of each set that is read."""
    scores, recall = {}, {}
    for name, (images, target) in sets.items():
        predicted = model.predict(images)
        scores[name] = float(np.mean(predicted == target))
        recall[name] = {
            letter: float(np.mean(predicted[target == letter] == letter))
            for letter in LETTERS
            if (target == letter).any()
        }
        print(f"{name}: {scores[name]:.3f}")
        cells = [f"{letter} {share:.2f}" for letter, share in recall[name].items()]
        for row in range(0, len(cells), 8):
            print("  " + "  ".join(cells[row : row + 8]), flush=True)
    return scores, recall


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args(argv)
    missing = [
        path for path in (options.sign_mnist, WEBCAM, DIGITS) if not path.exists()
    ]
    if missing:
        print(f"skipped: needs {', '.join(map(str, missing))}")
        return
    learned, others = photographs(options.sign_mnist)
    hands = rendered(N_RENDERED, TURN, seed=0)
    model = make_classifier(options.epochs)
    decode = model[0].transform
    digits = digits_as_letters()
    parts = learned[0], with_margin(hands[0]), digits.images
    X = np.concatenate([decode(part) for part in parts])
    model.fit(list(X), np.concatenate([learned[1], hands[1], digits.target]))
    test = load_sign_mnist(options.sign_mnist, subset="test")
    with np.load(WEBCAM) as file:
        webcam = file["images"], file["letters"]
    scores, recall = report(
        model,
        {
            "groups set aside": others,
            "rendered signers set aside": rendered(960, (0, 0, 0), seed=9_999),
            "official test": (test.images, test.target),
            "webcam_letters": webcam,
        },
    )
    if options.keep:
        path = pretrained_path("letters")
        save_archive(
            model,
            path,
            metrics=scores,
            data=f"{len(learned[1]):,} pictures of Sign Language MNIST's train file, "
            f"{N_RENDERED:,} rendered hands and {len(digits.target):,} Sign Language "
            "Digits",
            groups="near-duplicates; rendered signers",
        )
        path.with_name("card.md").write_text(card(path), "utf-8")
        print(f"{path.stat().st_size:,} bytes")
    save("train_pretrained", {"scores": scores, "recall": recall})


if __name__ == "__main__":
    main()
