"""What each way of regularising does for the course's dense network.

The same network is trained as it is, with L1, L2 or both, dropout, batch
normalisation, augmentation and early stopping. Each is scored on what it was trained
on, on photographs of the train file that it never saw, and on the official test. Seed
i leaves out the photographs of fold i. Where there is a strength to choose, folds of
another shuffle of the train file choose it; the test chooses nothing.

``python -m benchmarks.regularisation [--sign-mnist PATH] [--out FOLDER]
[--seeds 0 1 2 3 4] [--epochs 10] [--quick]``
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks._report import SIGN_MNIST, print_table, save
from benchmarks.accuracy import COURSE_DENSE
from benchmarks.display_gallery import OUT, save_small
from skl_signlang import DenseClassifier
from skl_signlang.datasets import load_sign_mnist
from skl_signlang.model_selection import near_duplicate_groups

N_SPLITS = 5
N_CHOOSING = 2  # folds, of another shuffle, on which strengths are chosen
N_QUICK = 4000  # pictures, in --quick
PARTS = {  # what each is in the picture, and its colour
    "training": ("photographs trained on", "0.6"),
    "validation": ("never seen, of the same file", "C0"),
    "test": ("official test", "C1"),
}
# One candidate, or a few of rising strength; the course's own are .2 and 1e-5
VARIANTS = {
    "none": [{}],
    "L1": [{"l1": 1e-6}, {"l1": 1e-5}, {"l1": 1e-4}],
    "L2": [{"l2": 1e-5}, {"l2": 1e-4}, {"l2": 1e-3}],
    "L1 + L2": [{"l1": 1e-6, "l2": 1e-5}, {"l1": 1e-5, "l2": 1e-4}],
    "dropout": [{"dropout": 0.2}, {"dropout": 0.4}, {"dropout": 0.6}],
    "batch norm": [{"batch_norm": True}],
    "augmentation": [{"augmentation": 0.05}, {"augmentation": 0.1}],
    "early stopping": [{"early_stopping": True}],
}


def augmenter(amount, seed):
    """Shift, zoom and turn pictures at random, in Keras' own layers.

    Parameters
    ----------
    amount : float
        Largest shift and change of size, as a fraction; each hundredth is also a
        degree of the largest angle, either way.
    seed : int
        Decides all that is drawn.

    Returns
    -------
    change : callable
        From pictures (n, height, width) to changed ones, others in each call.
    """
    turn, shift, zoom = np.random.RandomState(seed).randint(2**31 - 1, size=3)
    kept = {"fill_mode": "nearest"}
    layers = keras.layers
    network = keras.Sequential(
        [
            layers.RandomRotation(amount * 100 / 360, seed=int(turn), **kept),
            layers.RandomTranslation(amount, amount, seed=int(shift), **kept),
            layers.RandomZoom(amount, seed=int(zoom), **kept),
        ]
    )
    return lambda images: np.asarray(network(images[..., np.newaxis], training=True))


def train(candidate, X, y, groups, *, epochs, seed):
    """Train the course's dense network with one candidate's regularisation.

    Parameters
    ----------
    candidate : dict
        Parameters of DenseClassifier, or "augmentation", which it has not: then each
        epoch is a ``partial_fit`` on copies of all pictures that were changed anew.
    X : ndarray of float32, shape (n, height, width)
        Pictures, from 0 to 1.
    y, groups : ndarray of shape (n,)
        Their letters and photographs.
    epochs, seed : int
        As the estimator's.

    Returns
    -------
    model : DenseClassifier
        Fitted.
    """
    params = dict(candidate)
    amount = params.pop("augmentation", None)
    model = DenseClassifier(**COURSE_DENSE, **params, epochs=epochs, random_state=seed)
    if amount is None:
        return model.fit(X, y, groups=groups)
    change = augmenter(amount, seed)
    for _ in range(epochs):
        model.partial_fit(change(X), y, classes=np.unique(y))
    return model


def choose(candidates, X, y, groups, folds, *, epochs):
    """Return the candidate that reads most of unseen photographs, and what each reads.

    Parameters
    ----------
    candidates : list of dict
        As `train` takes.
    X, y, groups : ndarray
        The train file.
    folds : list of tuple of ndarray
        Rows to train on and rows to read.
    epochs : int
        Of each training.

    Returns
    -------
    best : dict
        One of the candidates.
    scores : list of tuple of dict and float
        Each candidate and its mean accuracy; empty if there is nothing to choose.
    """
    if len(candidates) == 1:
        return candidates[0], []
    scores = []
    for candidate in candidates:
        read = [
            train(candidate, X[a], y[a], groups[a], epochs=epochs, seed=0).score(
                X[b], y[b]
            )
            for a, b in folds
        ]
        scores.append((candidate, float(np.mean(read))))
        print(*scores[-1], flush=True)
    return max(scores, key=lambda pair: pair[1])[0], scores


def draw(runs):
    """Draw each run as three points, and the means as lines.

    Parameters
    ----------
    runs : list of dict
        With "variant", "seed" and an accuracy for each of the three parts.

    Returns
    -------
    figure : matplotlib.figure.Figure
        A row for each variant.
    """
    names = list(dict.fromkeys(run["variant"] for run in runs))
    figure, ax = plt.subplots(figsize=(11, 6), layout="constrained")
    for i, (part, (label, color)) in enumerate(PARTS.items()):
        for row, name in enumerate(names):
            values = [run[part] for run in runs if run["variant"] == name]
            height, mean = row + 0.24 * (i - 1), np.mean(values)
            ax.plot(values, [height] * len(values), "o", color=color, alpha=0.6)
            ax.plot([mean] * 2, [height - 0.11, height + 0.11], color="k", lw=2)
            if row == 0:
                ax.axvline(mean, color=color, lw=0.8, ls=":")
                ax.plot([], [], "o", color=color, label=label)
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlabel("accuracy (points: seeds; bars: their means; dotted: means of none)")
    figure.legend(loc="outside upper center", ncols=len(PARTS))
    return figure


def summarize(runs):
    """Make a row of means and of the test's extremes for each variant."""
    rows = []
    for name in dict.fromkeys(run["variant"] for run in runs):
        own = [run for run in runs if run["variant"] == name]
        test = [run["test"] for run in own]
        rows.append(
            [
                name,
                ", ".join(f"{k} {v}" for k, v in own[0]["candidate"].items()),
                *(f"{np.mean([run[part] for run in own]):.3f}" for part in PARTS),
                f"{min(test):.3f}-{max(test):.3f}",
                f"{np.mean([run['epochs'] for run in own]):.1f}",
                f"{np.median([run['cpu_seconds'] for run in own]):.0f}",
            ]
        )
    return rows


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the picture")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="one picture in seven")
    options = parser.parse_args(argv)
    if not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return 0
    plt.switch_backend("Agg")
    bunch = load_sign_mnist(options.sign_mnist, subset="train")
    test = load_sign_mnist(options.sign_mnist, subset="test")
    X, y = bunch.images / np.float32(255), bunch.target
    X_test = test.images / np.float32(255)
    groups = near_duplicate_groups(bunch.images)
    if options.quick:
        rows = np.random.RandomState(0).permutation(len(y))[:N_QUICK]
        X, y, groups = X[rows], y[rows], groups[rows]
    folds, choosing = (
        list(
            StratifiedGroupKFold(N_SPLITS, shuffle=True, random_state=shuffle).split(
                X, y, groups
            )
        )
        for shuffle in (0, 1)
    )
    chosen = {
        name: choose(
            candidates, X, y, groups, choosing[:N_CHOOSING], epochs=options.epochs
        )
        for name, candidates in VARIANTS.items()
    }
    runs = []
    for seed in options.seeds:
        a, b = folds[seed % N_SPLITS]
        for name, (best, _) in chosen.items():
            start = time.process_time()
            model = train(best, X[a], y[a], groups[a], epochs=options.epochs, seed=seed)
            runs.append(
                {
                    "variant": name,
                    "candidate": best,
                    "seed": seed,
                    "cpu_seconds": time.process_time() - start,
                    "epochs": model.n_iter_,
                    "training": model.score(X[a], y[a]),
                    "validation": model.score(X[b], y[b]),
                    "test": model.score(X_test, test.target),
                }
            )
            print(runs[-1], flush=True)
    header = ["", "chosen", *PARTS, "test from-to", "epochs", "CPU seconds"]
    print_table(header, summarize(runs))
    options.out.mkdir(parents=True, exist_ok=True)
    save_small(draw(runs), options.out / "regularisation.png")
    scores = {
        name: [{**candidate, "validation": score} for candidate, score in scores]
        for name, (_, scores) in chosen.items()
    }
    save("regularisation", {"epochs": options.epochs, "choosing": scores, "runs": runs})
    return 0


if __name__ == "__main__":
    sys.exit(main())
