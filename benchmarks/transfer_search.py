"""A search for the best head on a frozen backbone: SciKeras beside ours.

``python -m benchmarks.transfer_search [--rows 1200] [--epochs 15] [--candidates 4]``

8 heads x 3 folds on MobileNet 0.25 with ImageNet's weights, pictures of Sign Language
MNIST's train file at 96 pixels. SciKeras has the backbone inside its network, as its
users do, so that every epoch of every fit runs it. All of its candidates cost the same
but for rounding, so it runs the first ``--candidates`` of the 8; ours runs all. Times
are per candidate, everything included: building, tracing, features, predictions.
Scores are means over the candidates that both ran. Each runs in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.model_selection import GridSearchCV, ParameterGrid, StratifiedKFold

from benchmarks._report import SIGN_MNIST, print_table, save

GRID = {
    "dropout": [0.0, 0.3],
    "hidden_layer_sizes": [(64,), (128,)],
    "learning_rate": [1e-3, 3e-3],
}
KERAS_HOME = SIGN_MNIST.parents[1] / "models" / "keras_home"
SIDE, ALPHA, BATCH_SIZE = 96, 0.25, 128


def data(rows):
    from skl_signlang.datasets import load_sign_mnist

    bunch = load_sign_mnist(SIGN_MNIST)
    chosen = np.random.RandomState(0).permutation(len(bunch.target))[:rows]
    return bunch.images[chosen], bunch.target[chosen]


def scikeras_model(epochs):
    import keras
    from keras import layers
    from scikeras.wrappers import KerasClassifier

    def build(meta, hidden_layer_sizes, dropout):
        pixels = keras.Input((28, 28, 1))
        x = layers.Resizing(SIDE, SIDE)(pixels)
        x = layers.Concatenate()([x] * 3)
        x = layers.Rescaling(1 / 127.5, -1)(x)
        backbone = keras.applications.MobileNet(
            input_shape=(SIDE, SIDE, 3), alpha=ALPHA, include_top=False, pooling="avg"
        )
        backbone.trainable = False
        x = backbone(x)
        for units in hidden_layer_sizes:
            x = layers.Dense(units, activation="relu")(x)
            x = layers.Dropout(dropout)(x)
        outputs = layers.Dense(meta["n_classes_"], activation="softmax")(x)
        return keras.Model(pixels, outputs)

    return KerasClassifier(
        build,
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        epochs=epochs,
        batch_size=BATCH_SIZE,
        verbose=0,
        hidden_layer_sizes=None,
        dropout=None,
        optimizer__learning_rate=None,
    )


def our_model(epochs):
    from skl_signlang import TransferLearningClassifier

    return TransferLearningClassifier(
        backbone="MobileNet",
        backbone_params={"alpha": ALPHA},
        image_size=SIDE,
        standardize=False,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        random_state=0,
    )


def search(which, rows, epochs, n_candidates):
    """Run a search; give its seconds a candidate and the mean scores."""
    import warnings

    X, y = data(rows)
    # one candidate at a time, so that a part of the grid is in the grid's order
    grid = [
        {name: [value] for name, value in candidate.items()}
        for candidate in ParameterGrid(GRID)
    ][:n_candidates]
    if which == "scikeras":
        X = X[..., np.newaxis].astype(np.float32)
        for candidate in grid:
            candidate["optimizer__learning_rate"] = candidate.pop("learning_rate")
    model = {"scikeras": scikeras_model, "ours": our_model}[which](epochs)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras has no weights of its own for 96 pixels
        found = GridSearchCV(model, grid, cv=folds, refit=False).fit(X, y)
    seconds = (time.perf_counter() - start) / len(grid)
    scores = found.cv_results_["mean_test_score"].tolist()
    return {"seconds_per_candidate": seconds, "scores": scores}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1200)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--candidates", type=int, default=4, help="that SciKeras runs")
    parser.add_argument("--only", choices=["scikeras", "ours"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = {"rows": options.rows, "epochs": options.epochs}
    if options.only:
        n = options.candidates
        print(json.dumps(search(options.only, *sizes.values(), n)))
        return
    result = dict(sizes)
    environment = {"KERAS_HOME": str(KERAS_HOME), **os.environ}
    numbers = {"ours": len(ParameterGrid(GRID)), "scikeras": options.candidates}
    for which, n in numbers.items():
        command = [sys.executable, "-m", "benchmarks.transfer_search", "--only", which]
        for name, value in {**sizes, "candidates": n}.items():
            command += [f"--{name}", str(value)]
        output = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env=environment
        )
        result[which] = json.loads(output.stdout.splitlines()[-1])
    ours, theirs = result["ours"], result["scikeras"]
    both = len(theirs["scores"])
    result["times_faster"] = (
        theirs["seconds_per_candidate"] / ours["seconds_per_candidate"]
    )
    rows, means = [], []
    for name, run in (("SciKeras", theirs), ("skl_signlang", ours)):
        means.append(float(np.mean(run["scores"][:both])))
        seconds = f"{run['seconds_per_candidate']:.1f}"
        rows.append([name, len(run["scores"]), seconds, f"{means[-1]:.4f}"])
    result["mean_scores"] = means
    header = ["", "candidates", "seconds each", f"mean score of the first {both}"]
    print_table(header, rows)
    print(f"ours is {result['times_faster']:.1f} times faster a candidate;")
    print(f"scores differ by {100 * (means[1] - means[0]):+.2f} points")
    save("transfer_search", result)


if __name__ == "__main__":
    main()
