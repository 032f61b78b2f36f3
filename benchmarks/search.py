"""A search for the course's dense net: SciKeras with GridSearchCV beside Hyperband.

``python -m benchmarks.search [--quick] [--seeds 3]``

One space (units 64 to 512, dropout .2 to .6, learning rate 1e-4 to 1e-2), one set of
folds that keep near-duplicates of Sign Language MNIST's train file together, and one
budget of epochs. The pictures are those of one group in three. SciKeras trains a grid
of 27 candidates for 20 epochs each in 3 folds. `HyperbandSearchCV` draws candidates of
`DenseClassifier` as it comes, which standardises its pixels, and is stopped as soon as
the best has the score that the grid found, or once the budget is spent; then it did not
reach it, and was 0 times as fast. It draws candidates of the very network of the grid
too, and has a fifth of the epochs for that. Each search runs in a process of its own,
everything included: tracing, training, scoring. Where others use the machine, CPU
seconds are the better measure. ``--quick`` takes one group in nine, 8 candidates and 9
epochs.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from scipy.stats import loguniform, uniform
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from benchmarks._report import SIGN_MNIST, print_table, save
from skl_signlang.model_selection import HyperbandSearchCV, near_duplicate_groups

SPACE = {
    "hidden_layer_sizes": [(units,) for units in range(64, 513, 64)],
    "dropout": uniform(0.2, 0.4),
    "learning_rate": loguniform(1e-4, 1e-2),
}
GRIDS = {
    False: {
        "units": [64, 256, 512],
        "dropout": [0.2, 0.4, 0.6],
        "optimizer__learning_rate": [1e-4, 1e-3, 1e-2],
    },
    True: {
        "units": [64, 512],
        "dropout": [0.2, 0.6],
        "optimizer__learning_rate": [1e-4, 1e-3],
    },
}
EPOCHS = {False: 20, True: 9}
ONE_GROUP_IN = {False: 3, True: 9}
N_FOLDS, BATCH_SIZE = 3, 128
NETWORKS = {"as it comes": (["--as-it-comes"], 1), "the grid's network": ([], 5)}


def data(quick):
    """Read pixels from 0 to 1, letters, and folds."""
    from skl_signlang.datasets import load_sign_mnist

    bunch = load_sign_mnist(SIGN_MNIST)
    groups = near_duplicate_groups(bunch.images)
    kept = np.isin(groups, np.unique(groups)[:: ONE_GROUP_IN[quick]])
    X = (bunch.data[kept] / 255).astype(np.float32)
    y, groups = bunch.target[kept], groups[kept]
    cv = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=0)
    return X, y, list(cv.split(X, y, groups))


@contextmanager
def timed(result):
    """Write seconds and CPU seconds into a result."""
    start = time.perf_counter(), time.process_time()
    yield
    result["seconds"] = time.perf_counter() - start[0]
    result["cpu_seconds"] = time.process_time() - start[1]


def scikeras_model(epochs):
    import keras
    from keras import layers
    from scikeras.wrappers import KerasClassifier

    def build(meta, units, dropout):
        return keras.Sequential(
            [
                keras.Input((784,)),
                layers.Dense(units, activation="relu"),
                layers.Dropout(dropout),
                layers.Dense(meta["n_classes_"], activation="softmax"),
            ]
        )

    return KerasClassifier(
        build,
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        epochs=epochs,
        batch_size=BATCH_SIZE,
        verbose=0,
        units=None,
        dropout=None,
        optimizer__learning_rate=None,
    )


def search_grid(quick):
    """Run SciKeras; give its seconds, its best score and the epochs it trained."""
    X, y, folds = data(quick)
    grid = GRIDS[quick]
    search = GridSearchCV(
        scikeras_model(EPOCHS[quick]), grid, cv=folds, refit=False, scoring="accuracy"
    )
    result = {}
    with timed(result):
        search.fit(X, y)
    epochs = len(search.cv_results_["params"]) * N_FOLDS * EPOCHS[quick]
    return {**result, "score": float(search.best_score_), "epochs": epochs}


class Reached(Exception):
    """The score to reach is reached, or no budget is left."""


class TimedSearch(HyperbandSearchCV):
    """Writes down the best score and the epochs, and ends when it is time."""

    target, budget = 1.0, np.inf
    best, epochs = 0.0, 0

    def _on_row(self, rungs):
        newest = rungs.rows[-1]
        before = [
            row.epochs for row in rungs.rows[:-1] if row.candidate == newest.candidate
        ]
        self.epochs += (newest.epochs - max(before, default=0)) * N_FOLDS
        self.best = max(self.best, self._mean_score(newest))
        if self.best >= self.target or self.epochs >= self.budget:
            raise Reached


def search_by_hyperband(quick, as_it_comes, seed, target, budget):
    """Search until the target is reached, with new candidates while there is budget."""
    from skl_signlang import DenseClassifier

    X, y, folds = data(quick)
    network = DenseClassifier(
        standardize=as_it_comes,
        epochs=EPOCHS[quick],
        batch_size=BATCH_SIZE,
        random_state=0,
    )
    best, epochs, result = 0.0, 0, {}
    with timed(result):
        while best < target and epochs < budget:
            search = TimedSearch(
                network,
                SPACE,
                cv=folds,
                refit=False,
                random_state=seed,
                scoring="accuracy",
            )
            search.target, search.budget = target, budget - epochs
            with suppress(Reached):
                search.fit(X, y)
            best, epochs = max(best, search.best), epochs + search.epochs
            seed += 1000
    return {**result, "score": best, "epochs": epochs}


def run(*words):
    """Run one search in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.search", *map(str, words)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(output.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small, in minutes")
    parser.add_argument("--seeds", type=int, default=3, help="searches by Hyperband")
    parser.add_argument("--only", choices=["grid", "hyperband"], help=argparse.SUPPRESS)
    parser.add_argument("--as-it-comes", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--target", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--budget", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only == "grid":
        print(json.dumps(search_grid(options.quick)))
        return
    if options.only == "hyperband":
        network = options.quick, options.as_it_comes
        limits = options.seed, options.target, options.budget
        print(json.dumps(search_by_hyperband(*network, *limits)))
        return
    quick = ["--quick"] if options.quick else []
    grid = run("--only", "grid", *quick)
    ours = {}
    for name, (words, part) in NETWORKS.items():
        limits = ["--target", grid["score"], "--budget", grid["epochs"] // part]
        ours[name] = [
            run("--only", "hyperband", "--seed", seed, *limits, *quick, *words)
            for seed in range(options.seeds)
        ]
    named = [("SciKeras, GridSearchCV", grid)]
    for name, runs in ours.items():
        named += [(f"Hyperband, {name}, seed {i}", one) for i, one in enumerate(runs)]
    rows = [
        [
            name,
            f"{one['seconds']:.1f}",
            f"{one['cpu_seconds']:.1f}",
            one["epochs"],
            f"{one['score']:.4f}",
        ]
        for name, one in named
    ]
    header = ["", "seconds", "CPU seconds", "epochs of a fold", "grouped score"]
    print_table(header, rows)
    result = {"quick": options.quick, "grid": grid, "ours": ours, "ratios": {}}
    for name, runs in ours.items():
        reached = [one["score"] >= grid["score"] for one in runs]
        ratios, cpu_ratios = (
            [r * grid[kind] / one[kind] for r, one in zip(reached, runs, strict=True)]
            for kind in ("seconds", "cpu_seconds")
        )
        print(f"{name}: {sum(reached)} of {len(runs)} reached the score of the grid;")
        print(
            f"times faster: median {np.median(ratios):.1f}, worst {min(ratios):.1f}; "
            f"in CPU time {np.median(cpu_ratios):.1f} and {min(cpu_ratios):.1f}"
        )
        result["ratios"][name] = {"seconds": ratios, "cpu_seconds": cpu_ratios}
    save("search_quick" if options.quick else "search", result)


if __name__ == "__main__":
    main()
