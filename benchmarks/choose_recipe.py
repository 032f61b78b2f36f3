"""Which recipe ``CNNClassifier()`` has by default, and by how much it won.

Candidates of at most 120,000 trainable parameters are trained on Sign Language MNIST's
train file alone. They are ranked by grouped cross-validation: near-duplicates of one
photograph never straddle a split, since a random split would call every candidate
perfect. The official test plays no part here; `benchmarks.accuracy` reads it.

``--record`` compares ways to train that network longer instead, with augmentation and
a schedule, on two folds; `benchmarks.record` reads the test with the best.

``python -m benchmarks.choose_recipe [--sign-mnist PATH] [--quick] [--record]``
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks._report import SIGN_MNIST, save, thin
from skl_signlang import CNNClassifier
from skl_signlang.cli._train_command import CYCLE, FOR_IMAGES
from skl_signlang.datasets import load_sign_mnist
from skl_signlang.model_selection import near_duplicate_groups

MAX_PARAMETERS = 120_000
THRESHOLD = 0.98  # correlation above which two pictures are near-duplicates
N_SPLITS = 4
ROWS_PER_GROUP = 8  # a photograph has fifty near-copies; these stand for them all
BATCH_SIZE = 64  # thinned data hold fewer batches: half the size, twice the steps
EPOCHS = 16

BASE = {
    "filters": (16, 24, 48),
    "kernel_size": 5,
    "hidden_layer_sizes": (128,),
    "conv_dropout": 0.3,
    "dropout": 0.4,
    "batch_norm": True,
}
CANDIDATES = {
    "as it comes": BASE,
    "3x3": {**BASE, "filters": (16, 32, 64), "kernel_size": 3},
    "7x7": {**BASE, "filters": (12, 20, 40), "kernel_size": 7},
    "no dropout": {**BASE, "conv_dropout": 0.0, "dropout": 0.0},
    "less dropout": {**BASE, "dropout": 0.3},
    "more dropout": {**BASE, "conv_dropout": 0.4},
    "no batch_norm": {**BASE, "batch_norm": False},
    "batch_norm before the output only": {**BASE, "batch_norm": "hidden"},
    "two convolutions in the last block": {
        **BASE,
        "filters": (16, 32, (48, 64)),
        "kernel_size": 3,
        "hidden_layer_sizes": (96,),
    },
}
MILD = {name: FOR_IMAGES[name] for name in ("rotation", "translation", "zoom")}
STRONG = {
    "rotation": 15,
    "translation": 0.15,
    "zoom": 0.2,
    "shear": 10,
    "brightness": 0.15,
    "contrast": 0.3,
}
RECORD = {
    "one cycle": {**BASE, **CYCLE},
    "one cycle, mild augmentation": {**BASE, **CYCLE, **MILD},
    "one cycle, strong augmentation": {**BASE, **CYCLE, **STRONG},
    "one cycle, mild, half the dropout": {
        **BASE,
        **CYCLE,
        **MILD,
        "conv_dropout": 0.15,
        "dropout": 0.3,
    },
    "one cycle, mild, little dropout": {**BASE, **CYCLE, **FOR_IMAGES},
}
RECORD_EPOCHS, RECORD_FOLDS = 24, 2


def folds(y, groups, n_splits):
    """Cut by whole groups, with all letters on both sides, and thin both sides."""
    random_state = np.random.RandomState(0)
    splitter = StratifiedGroupKFold(n_splits, shuffle=True, random_state=0)
    for parts in splitter.split(np.zeros(len(y)), y, groups):
        yield [thin(rows, groups, ROWS_PER_GROUP, random_state) for rows in parts]


def trainable_parameters(params, image_shape, n_classes):
    """Count what a recipe trains on pictures of this shape."""
    from skl_signlang.networks import cnn_network

    layers = {name: params[name] for name in BASE}
    network = cnn_network((*image_shape, 1), n_classes, **layers)
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)


def measure(params, images, y, splits, *, epochs, seeds):
    """Train one candidate on each split with each seed."""
    runs = []
    for fold, (train, test) in enumerate(splits):
        for seed in seeds:
            model = CNNClassifier(
                **params, epochs=epochs, batch_size=BATCH_SIZE, random_state=seed
            )
            start = time.perf_counter()
            model.fit(images[train], y[train])
            seconds = time.perf_counter() - start
            probabilities = model.predict_proba(images[test])
            predicted = model.classes_[probabilities.argmax(axis=1)]
            runs.append(
                {
                    "fold": fold,
                    "seed": seed,
                    "accuracy": accuracy_score(y[test], predicted),
                    "macro_f1": f1_score(y[test], predicted, average="macro"),
                    "log_loss": log_loss(y[test], probabilities, labels=model.classes_),
                    "seconds_per_epoch": seconds / epochs,
                }
            )
    return runs


def summarize(params, runs, n_parameters):
    """Put the runs of one candidate into one row of the table."""
    accuracies = [run["accuracy"] for run in runs]
    return {
        "params": params,
        "n_parameters": n_parameters,
        "mean_accuracy": float(np.mean(accuracies)),
        "worst_accuracy": float(np.min(accuracies)),
        "mean_macro_f1": float(np.mean([run["macro_f1"] for run in runs])),
        "mean_log_loss": float(np.mean([run["log_loss"] for run in runs])),
        "seconds_per_epoch": float(
            np.median([run["seconds_per_epoch"] for run in runs])
        ),
        "runs": runs,
    }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument(
        "--quick", action="store_true", help="one fold, one seed and two epochs"
    )
    parser.add_argument("--record", action="store_true", help="ways to train longer")
    options = parser.parse_args(argv)
    candidates, epochs, n_folds = CANDIDATES, EPOCHS, 3
    if options.record:
        candidates, epochs, n_folds = RECORD, RECORD_EPOCHS, RECORD_FOLDS
    if options.quick:
        epochs, n_folds = 2, 1
    if not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return
    train = load_sign_mnist(options.sign_mnist, subset="train")
    groups = near_duplicate_groups(train.images, threshold=THRESHOLD)
    splits = list(folds(train.target, groups, N_SPLITS))[:n_folds]
    print(f"{len(np.unique(groups)):,} groups, {len(splits)} folds, thinned")
    print(f"{'':34}   mean  worst  log loss  parameters  s/epoch")
    rows = {}
    for name, params in candidates.items():
        n_parameters = trainable_parameters(
            params, train.images.shape[1:], len(train.target_names)
        )
        if n_parameters > MAX_PARAMETERS:
            raise ValueError(f"{name!r} has {n_parameters:,} parameters.")
        runs = measure(
            params,
            train.images,
            train.target,
            splits,
            epochs=epochs,
            seeds=(0,),
        )
        row = rows[name] = summarize(params, runs, n_parameters)
        print(
            f"{name:34} {row['mean_accuracy']:6.4f} {row['worst_accuracy']:6.4f} "
            f"{row['mean_log_loss']:9.3f} {n_parameters:11,} "
            f"{row['seconds_per_epoch']:8.2f}",
            flush=True,
        )
    best = max(rows, key=lambda name: rows[name]["mean_accuracy"])
    print(f"best: {best}")
    result = {
        "threshold": THRESHOLD,
        "rows_per_group": ROWS_PER_GROUP,
        "quick": options.quick,
        "candidates": rows,
        "best": best,
    }
    save("choose_recipe_of_record" if options.record else "choose_recipe", result)


if __name__ == "__main__":
    main()
