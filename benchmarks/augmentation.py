"""What augmentation costs, and what it brings.

Throughput: the same `CNNClassifier()` on the same rendered hands without augmentation
and with all kinds of it, one epoch each in turn, and the median of the pairs.

Score: the plain recipe beside the one called "augmented" in ``docs/training.md``, by
grouped cross-validation on Sign Language MNIST's train file, thinned. The official
test plays no part.

``python -m benchmarks.augmentation [--pairs 9] [--epochs 16] [--folds 3]``
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import SIGN_MNIST, print_table, save
from benchmarks.choose_recipe import BATCH_SIZE, N_SPLITS, THRESHOLD, folds
from skl_signlang import CNNClassifier
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling
from skl_signlang.model_selection import near_duplicate_groups

AUGMENTED = {
    "rotation": 10,
    "translation": 0.1,
    "zoom": 0.15,
    "shear": 5,
    "brightness": 0.15,
    "contrast": 0.3,
    "random_erasing": 0.1,
}
ALL = {**AUGMENTED, "horizontal_flip": 0.5}
N_PICTURES = 8192


def throughput(pairs):
    """Time epochs without and with all kinds, in turn, so that noise meets both."""
    hands = make_fingerspelling(N_PICTURES, random_state=0)
    models = {
        "plain": CNNClassifier(epochs=1, random_state=0),
        "all": CNNClassifier(epochs=1, random_state=0, **ALL),
    }
    seconds = {name: [] for name in models}
    for model in models.values():
        model.fit(hands.images, hands.target)
    for _ in range(pairs):
        for name, model in models.items():
            start = time.perf_counter()
            model.fit(hands.images, hands.target)
            seconds[name].append(time.perf_counter() - start)
    shares = np.divide(seconds["plain"], seconds["all"])
    return {
        "pictures_per_second": {
            name: N_PICTURES / float(np.median(runs)) for name, runs in seconds.items()
        },
        "share": float(np.median(shares)),
        "shares": shares.tolist(),
    }


def scores(path, epochs, n_folds):
    """Score both recipes on the same folds of whole groups."""
    train = load_sign_mnist(path)
    groups = near_duplicate_groups(train.images, threshold=THRESHOLD)
    recipes = {"plain": {}, "augmented": AUGMENTED}
    found = {name: [] for name in recipes}
    for rows, others in list(folds(train.target, groups, N_SPLITS))[:n_folds]:
        for name, params in recipes.items():
            model = CNNClassifier(
                **params, epochs=epochs, batch_size=BATCH_SIZE, random_state=0
            ).fit(train.images[rows], train.target[rows])
            found[name].append(model.score(train.images[others], train.target[others]))
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--folds", type=int, default=3)
    options = parser.parse_args(argv)
    speed = throughput(options.pairs)
    print_table(
        ["", "pictures a second"],
        [[name, f"{rate:.0f}"] for name, rate in speed["pictures_per_second"].items()],
    )
    print(f"with all kinds of augmentation: {speed['share']:.2f} of the throughput")
    result = {"throughput": speed}
    if options.sign_mnist.exists():
        found = scores(options.sign_mnist, options.epochs, options.folds)
        print_table(
            ["grouped accuracy", "mean", "worst"],
            [[k, f"{np.mean(v):.4f}", f"{min(v):.4f}"] for k, v in found.items()],
        )
        result |= {"epochs": options.epochs, "grouped_accuracy": found}
    else:
        print(f"skipped: scores need Sign Language MNIST at {options.sign_mnist}")
    save("augmentation", result)


if __name__ == "__main__":
    main()
