"""Which cross-validation tells what the official test tells.

Thirteen models are scored three times on Sign Language MNIST: by random folds of
the train file, by folds that keep near-duplicates together, and on the official test.
For each protocol the table ends with the mean absolute gap to the test and the Spearman
correlation of its ranking with the test's. Networks are trained for few epochs: what is
compared here are the protocols, not the models.

``python -m benchmarks.honest_scores [--sign-mnist PATH] [--quick]``
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from benchmarks._report import SIGN_MNIST, save
from benchmarks.accuracy import COURSE_CNN as COURSE_CNN_OF_0_TO_1
from skl_signlang import CNNClassifier, DenseClassifier
from skl_signlang.datasets import load_sign_mnist
from skl_signlang.model_selection import near_duplicate_groups
from skl_signlang.preprocessing import HOGTransformer

N_SPLITS = {"random": 3, "grouped": 5}  # of three, each learns from too few photographs
N_QUICK = 4000  # pictures, in --quick
# Pixels come as they are here, from 0 to 255
COURSE_CNN = {**COURSE_CNN_OF_0_TO_1, "standardize": True}


def pca(*steps):
    return make_pipeline(PCA(50, random_state=0), *steps)


def models(epochs, course_epochs):
    """Classical models, then networks."""
    common = {"epochs": epochs, "random_state": 0}
    return {
        "1-nearest neighbour": KNeighborsClassifier(1),
        "PCA(50) + GaussianNB": pca(GaussianNB()),
        "PCA(50) + LDA": pca(LinearDiscriminantAnalysis()),
        "ExtraTrees(100)": ExtraTreesClassifier(100, random_state=0, n_jobs=2),
        "PCA(50) + SVC(C=10)": pca(StandardScaler(), SVC(C=10)),
        "PCA(100) + LogisticRegression": make_pipeline(
            PCA(100, random_state=0),
            StandardScaler(),
            LogisticRegression(max_iter=300),
        ),
        "PCA(100) + LinearSVC": make_pipeline(
            PCA(100, random_state=0), StandardScaler(), LinearSVC(dual=False)
        ),
        "HOG + LogisticRegression": make_pipeline(
            HOGTransformer(), LogisticRegression(max_iter=300)
        ),
        "HOG + LDA": make_pipeline(HOGTransformer(), LinearDiscriminantAnalysis()),
        "course's dense": DenseClassifier(hidden_layer_sizes=(256, 128), **common),
        "DenseClassifier, dropout": DenseClassifier(dropout=0.3, **common),
        "CNNClassifier": CNNClassifier(**common),
        "course's CNN": CNNClassifier(
            **COURSE_CNN, epochs=course_epochs, random_state=0
        ),
    }


def cross_validate(model, X, y, folds):
    """Return the mean accuracy over the folds."""
    return float(np.mean([model.fit(X[a], y[a]).score(X[b], y[b]) for a, b in folds]))


def compare(rows, protocol):
    """Mean absolute gap to the test, the largest, and the correlation of ranks."""
    ours = np.array([row[protocol] for row in rows.values()])
    test = np.array([row["test"] for row in rows.values()])
    gap = np.abs(ours - test)
    return {
        "mean_gap": float(gap.mean()),
        "largest_gap": float(gap.max()),
        "rank_correlation": float(spearmanr(ours, test).statistic),
    }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--epochs", type=int, default=6, help="of the networks")
    parser.add_argument("--course-epochs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="one picture in seven")
    options = parser.parse_args(argv)
    if not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return
    train = load_sign_mnist(options.sign_mnist, subset="train")
    test = load_sign_mnist(options.sign_mnist, subset="test")
    X, y = train.data, train.target
    groups = near_duplicate_groups(train.images)
    if options.quick:
        rows = np.random.RandomState(0).permutation(len(y))[:N_QUICK]
        X, y, groups = X[rows], y[rows], groups[rows]
    splitters = {
        "random": StratifiedKFold(N_SPLITS["random"], shuffle=True, random_state=0),
        "grouped": StratifiedGroupKFold(
            N_SPLITS["grouped"], shuffle=True, random_state=0
        ),
    }
    folds = {
        name: list(splitter.split(X, y, groups)) for name, splitter in splitters.items()
    }
    print(f"{'':32}{'random CV':>10}{'grouped CV':>12}{'test':>8}")
    rows = {}
    for name, model in models(options.epochs, options.course_epochs).items():
        start = time.perf_counter()
        row = {kind: cross_validate(model, X, y, folds[kind]) for kind in folds}
        row["test"] = float(model.fit(X, y).score(test.data, test.target))
        row["seconds"] = time.perf_counter() - start
        rows[name] = row
        print(
            f"{name:32}{row['random']:10.3f}{row['grouped']:12.3f}{row['test']:8.3f}",
            flush=True,
        )
    summary = {protocol: compare(rows, protocol) for protocol in splitters}
    for protocol, figures in summary.items():
        print(
            f"{protocol}: mean gap {figures['mean_gap']:.3f}, largest "
            f"{figures['largest_gap']:.3f}, rank correlation "
            f"{figures['rank_correlation']:.3f}"
        )
    save(
        "honest_scores",
        {
            "n_splits": N_SPLITS,
            "n_samples": len(y),
            "epochs": options.epochs,
            "course_epochs": options.course_epochs,
            "models": rows,
            "summary": summary,
        },
    )


if __name__ == "__main__":
    main()
