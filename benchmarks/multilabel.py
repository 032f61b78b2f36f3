"""Several labels beside scikit-learn's MLPClassifier: macro-F1 and time.

``python -m benchmarks.multilabel [--rows 2000 10000 30000] [--seeds 5]``

20 labels from 40 features by `make_multilabel_classification`; the same hidden layers,
batch size, epochs, optimizer and learning rate on standardized features, and as many
rows to test on. "first" includes the tracing of the network, which differs between
seeds and numbers of rows by a few units; "again" is a second fit.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import itertools
import time
import warnings

import numpy as np
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from benchmarks._report import print_table, save

EPOCHS, BATCH, RATE = 20, 128, 1e-3


def networks(hidden, seed):
    """Name a new network of each library."""
    from skl_signlang import DenseClassifier, NetworkClassifier

    same = {"learning_rate": RATE, "epochs": EPOCHS, "batch_size": BATCH}
    return {
        "DenseClassifier": DenseClassifier(
            hidden_layer_sizes=hidden, standardize=False, random_state=seed, **same
        ),
        "NetworkClassifier": NetworkClassifier(
            build, model_params={"hidden": hidden}, random_state=seed, **same
        ),
        "MLPClassifier": MLPClassifier(
            hidden,
            learning_rate_init=RATE,
            max_iter=EPOCHS,
            batch_size=BATCH,
            n_iter_no_change=EPOCHS,
            alpha=0,
            random_state=seed,
        ),
    }


def build(input_shape, n_outputs, hidden):
    """Return the layers of MLPClassifier."""
    import keras

    inner = [keras.layers.Dense(units, activation="relu") for units in hidden]
    return keras.Sequential(
        [keras.Input(input_shape), *inner, keras.layers.Dense(n_outputs)]
    )


def data(n_rows, seed):
    """Return features and labels to train on and to test on."""
    X, y = make_multilabel_classification(
        2 * n_rows, n_features=40, n_classes=20, n_labels=4, random_state=seed
    )
    scaler = StandardScaler().fit(X[:n_rows])
    X = scaler.transform(X).astype(np.float32)
    return X[:n_rows], y[:n_rows], X[n_rows:], y[n_rows:]


def measure(n_rows, n_seeds, widths):
    """Return macro-F1 and seconds of each library, one for each seed."""
    found = {}
    for seed in range(n_seeds):
        X, y, X_test, y_test = data(n_rows, seed)
        for name, network in networks((next(widths), 64), seed).items():
            seconds = []
            for _ in range(2):
                start = time.perf_counter()
                network.fit(X, y)
                seconds.append(time.perf_counter() - start)
            f1 = f1_score(y_test, network.predict(X_test), average="macro")
            found.setdefault(name, []).append((f1, *seconds))
    return found


def main():
    """Print a row for each number of rows and library, and save all values."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[2000, 10_000, 30_000])
    parser.add_argument("--seeds", type=int, default=5)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    table, results, widths = [], {}, itertools.count(128)
    for n_rows in chosen.rows:
        found = results[n_rows] = measure(n_rows, chosen.seeds, widths)
        for name, runs in found.items():
            f1, first, again = np.array(runs).T
            table.append(
                [
                    f"{n_rows:,}",
                    name,
                    f"{f1.mean():.3f} ± {f1.std():.3f}",
                    f"{np.median(first):.2f}",
                    f"{np.median(again):.2f}",
                ]
            )
    print_table(["rows", "classifier", "macro-F1", "first s", "again s"], table)
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"load of the machine at the end: {load}, {os.cpu_count()} processors")
    save("multilabel", {"settings": vars(chosen), "runs": results})


if __name__ == "__main__":
    main()
