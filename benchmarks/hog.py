"""What a linear classifier makes of HOG features of Sign Language MNIST, and how fast.

The network-free reference: ``HOGTransformer`` and scikit-learn's LogisticRegression,
both as they come, fitted on the training pictures and scored on the official test. CPU
seconds are those of this process, all its threads together; with ``--n-jobs`` the HOG
features are others' work.

``--choose`` compares settings instead, on training pictures alone: up to six of each
group of near-duplicates, in a cross-validation that keeps groups together. The defaults
of ``HOGTransformer`` are its first row.

``python -m benchmarks.hog [--sign-mnist PATH] [--n-jobs N] [--choose]``
"""

import argparse
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score

from benchmarks._report import SIGN_MNIST, print_table, save, thin
from skl_signlang.datasets import load_sign_mnist
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.preprocessing import HOGTransformer

NAMES = ("orientations", "pixels_per_cell", "cells_per_block", "block_norm")
SETTINGS = [
    (12, 4, 2, "L2"),
    (6, 4, 2, "L2"),
    (9, 4, 2, "L2"),
    (16, 4, 2, "L2"),
    (12, 3, 2, "L2"),
    (12, 5, 2, "L2"),
    (12, 7, 2, "L2"),
    (12, 4, 1, "L2"),
    (12, 4, 3, "L2"),
    (12, 4, 4, "L2"),
    (12, 4, 2, "L1"),
    (12, 4, 2, "L1-sqrt"),
    (12, 4, 2, "L2-Hys"),
]
MOST_OF_A_GROUP = 6


def choose(path, n_jobs):
    """Compare settings on training pictures, near-duplicates kept together."""
    train = load_sign_mnist(path)
    groups = near_duplicate_groups(train.images)
    rows = np.arange(len(groups))
    rows = thin(rows, groups, MOST_OF_A_GROUP, np.random.RandomState(0))
    X, y, groups = train.images[rows], train.target[rows], groups[rows]
    folds = StratifiedGroupKFold(4, shuffle=True, random_state=0)
    table = []
    for values in SETTINGS:
        setting = dict(zip(NAMES, values, strict=True))
        start = time.perf_counter()
        hog = HOGTransformer(**setting, n_jobs=n_jobs).fit(X)
        features = hog.transform(X)
        scores = cross_val_score(
            LogisticRegression(max_iter=300), features, y, groups=groups, cv=folds
        )
        table.append(
            {
                **setting,
                "n_features": features.shape[1],
                "grouped_accuracy": round(float(scores.mean()), 4),
                "seconds": round(time.perf_counter() - start, 1),
            }
        )
        print(*table[-1].values(), flush=True)
    print_table(table[0], [row.values() for row in table])
    save("hog_choice", {"n": len(rows), "rows": table})


def measure(path, n_jobs):
    """Fit on the training pictures, score on the official test."""
    train = load_sign_mnist(path)
    test = load_sign_mnist(path, subset="test")
    start, cpu = time.perf_counter(), time.process_time()
    hog = HOGTransformer(n_jobs=n_jobs).fit(train.images)
    features = hog.transform(train.images)
    described = time.perf_counter()
    model = LogisticRegression().fit(features, train.target)
    fitted, used = time.perf_counter(), time.process_time() - cpu
    predicted = model.predict(hog.transform(test.images))
    read = time.perf_counter()
    result = {
        "n_jobs": n_jobs,
        "n_features": features.shape[1],
        "iterations": int(model.n_iter_.max()),
        "test_accuracy": round(float(np.mean(predicted == test.target)), 4),
        "test_macro_f1": round(
            float(f1_score(test.target, predicted, average="macro")), 4
        ),
        "seconds_hog_of_train": round(described - start, 1),
        "seconds_logistic_regression": round(fitted - described, 1),
        "seconds_fit": round(fitted - start, 1),
        "seconds_predict_test": round(read - fitted, 1),
        "cpu_seconds_fit": round(used, 1),
    }
    print_table(("figure", "value"), result.items())
    save("hog", result)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--n-jobs", type=int, default=None)
    parser.add_argument("--choose", action="store_true", help="compare settings")
    arguments = parser.parse_args()
    if not arguments.sign_mnist.exists():
        print(f"skipped: {arguments.sign_mnist} is absent")
        return
    run = choose if arguments.choose else measure
    run(arguments.sign_mnist, arguments.n_jobs)


if __name__ == "__main__":
    main()
