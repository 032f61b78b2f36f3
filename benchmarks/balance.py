"""What balancing does for rare letters, on rendered hands of unbalanced letters.

Six letters that look alike, the rarest twenty times rarer than the most frequent. The
same CNN is trained as it is, with ``class_weight="balanced"``, and behind
imbalanced-learn's over- and undersampling in a Pipeline on flat rows. It is scored on
signers that it never saw, all letters equally often. Then one rare letter against the
others, with the usual threshold and with one that is tuned in cross-validation.

``python -m benchmarks.balance [--seeds 0 1 2]``
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import TunedThresholdClassifierCV

from benchmarks._report import print_table, save
from skl_signlang import CNNClassifier, DenseClassifier
from skl_signlang.datasets import make_fingerspelling

LETTERS = "AEMNST"
RARE = LETTERS[-1]
COUNTS = np.geomspace(600, 30, len(LETTERS)).astype(int)
N_TEST = 1200
TEST_SEED = 10_000


def unbalanced(seed):
    """Keep so many pictures of each letter; the last of them is the rarest."""
    hands = make_fingerspelling(
        600 * len(LETTERS), letters=LETTERS, n_signers=90, random_state=seed
    )
    rows = [
        np.flatnonzero(hands.target == letter)[:count]
        for letter, count in zip(LETTERS, COUNTS, strict=True)
    ]
    rows = np.concatenate(rows)
    return hands.data[rows], hands.target[rows]


def ways(seed):
    """Name each way of balancing, and the estimator that does so."""
    cnn = {"conv_dropout": 0.0, "epochs": 15, "random_state": seed}
    return {
        "as it is": CNNClassifier(**cnn),
        "class_weight": CNNClassifier(class_weight="balanced", **cnn),
        "oversampling": make_pipeline(
            RandomOverSampler(random_state=seed), CNNClassifier(**cnn)
        ),
        "undersampling": make_pipeline(
            RandomUnderSampler(random_state=seed), CNNClassifier(**cnn)
        ),
    }


def thresholds(seed):
    """One letter against the others: the usual threshold, and a tuned one."""
    dense = DenseClassifier(hidden_layer_sizes=(64,), epochs=10, random_state=seed)
    return {
        "threshold .5": dense,
        "threshold tuned": TunedThresholdClassifierCV(
            dense, scoring="balanced_accuracy", cv=3, random_state=seed
        ),
    }


def score(true, predicted, rare):
    """Compare what was read with what was signed."""
    return {
        "accuracy": accuracy_score(true, predicted),
        "macro_f1": f1_score(true, predicted, average="macro"),
        "recall_of_rarest": float(np.mean(predicted[true == rare] == rare)),
    }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args(argv)
    test = make_fingerspelling(
        N_TEST, letters=LETTERS, n_signers=60, random_state=TEST_SEED
    )
    runs = []
    for seed in options.seeds:
        X, y = unbalanced(seed)
        tasks = (
            (ways(seed), y, test.target, RARE),
            (thresholds(seed), y == RARE, test.target == RARE, True),
        )
        for models, labels, true, rare in tasks:
            for name, model in models.items():
                predicted = model.fit(X, labels).predict(test.data)
                runs.append({"way": name, "seed": seed, **score(true, predicted, rare)})
    measures = ("accuracy", "macro_f1", "recall_of_rarest")
    rows = []
    for name in dict.fromkeys(run["way"] for run in runs):
        own = [run for run in runs if run["way"] == name]
        rows.append(
            [name, *(f"{np.mean([run[m] for run in own]):.3f}" for m in measures)]
        )
    counts = dict(zip(LETTERS, COUNTS.tolist(), strict=True))
    print(f"{counts}, {len(options.seeds)} seeds")
    print_table(["", "accuracy", "macro-F1", f"recall of {RARE}"], rows)
    save("balance", {"letters": LETTERS, "counts": COUNTS.tolist(), "runs": runs})


if __name__ == "__main__":
    main()
