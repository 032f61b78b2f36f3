"""The official test of Sign Language MNIST, five seeds, beside the course's networks.

``python -m benchmarks.accuracy [--sign-mnist PATH] [--seeds 0 1 2 3 4] [--quick]``

The test is read once for each figure here, and nothing was chosen with it: the
defaults of CNNClassifier come from ``python -m benchmarks.choose_recipe``.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from benchmarks._report import SIGN_MNIST, print_table, save
from skl_signlang.datasets import load_sign_mnist

COURSE_DENSE = {"hidden_layer_sizes": (256, 128), "standardize": False}
COURSE_CNN = {
    "filters": (128,),
    "kernel_size": 3,
    "padding": "valid",
    "hidden_layer_sizes": (256, 128),
    "conv_dropout": 0.0,
    "dropout": 0.2,
    "l2": 1e-5,
    "batch_norm": False,
    "standardize": False,
    "average": False,
}


def networks():
    """Name each network: its estimator, and whether pixels are scaled to 0-1."""
    from skl_signlang import CNNClassifier, DenseClassifier

    return {
        "the course's dense net": (DenseClassifier(**COURSE_DENSE), True),
        "the course's CNN": (CNNClassifier(**COURSE_CNN), True),
        "DenseClassifier()": (DenseClassifier(), False),
        "CNNClassifier()": (CNNClassifier(), False),
    }


def run(model, scaled, train, test):
    """Train once and read the test once."""
    epochs = model.get_params()["epochs"]
    divisor = np.float32(255) if scaled else np.uint8(1)
    X = train.images / divisor if scaled else train.images
    start = time.perf_counter()
    model.fit(X, train.target)
    seconds = time.perf_counter() - start
    predicted = model.predict(test.images / divisor if scaled else test.images)
    weights = model.model_.trainable_weights
    return {
        "seed": model.random_state,
        "accuracy": accuracy_score(test.target, predicted),
        "macro_f1": f1_score(test.target, predicted, average="macro"),
        "epochs": epochs,
        "fit_seconds": seconds,
        "seconds_for_20_epochs": seconds / epochs * 20,
        "n_parameters": sum(int(np.prod(weight.shape)) for weight in weights),
    }


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--quick", action="store_true", help="one seed, one epoch")
    parser.add_argument(
        "--course-epochs",
        type=int,
        default=20,
        help="of the course's networks; their time is brought to 20, accuracy is not",
    )
    options = parser.parse_args(argv)
    if not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return 0
    train = load_sign_mnist(options.sign_mnist)
    test = load_sign_mnist(options.sign_mnist, subset="test")
    rows, result = [], {}
    for name, (model, scaled) in networks().items():
        # the course's networks are here for their time and their place in the table
        seeds = options.seeds if name.endswith("()") else options.seeds[:1]
        if not name.endswith("()"):
            model.set_params(epochs=options.course_epochs)
        if options.quick:
            seeds = seeds[:1]
            model.set_params(epochs=1)
        runs = result[name] = []
        for seed in seeds:
            runs.append(run(model.set_params(random_state=seed), scaled, train, test))
            print(name, runs[-1], flush=True)
        accuracies = [run["accuracy"] for run in runs]
        rows.append(
            [
                name,
                f"{runs[0]['n_parameters']:,}",
                len(runs),
                f"{np.mean(accuracies):.4f}",
                f"{min(accuracies):.4f}",
                f"{np.mean([run['macro_f1'] for run in runs]):.4f}",
                runs[0]["epochs"],
                f"{np.median([run['fit_seconds'] for run in runs]):.0f}",
            ]
        )
    header = [
        "",
        "parameters",
        "seeds",
        "mean",
        "worst",
        "macro-F1",
        "epochs",
        "seconds",
    ]
    print_table(header, rows)
    course = result["the course's CNN"][0]["seconds_for_20_epochs"]
    slowest = max(run["fit_seconds"] for run in result["CNNClassifier()"])
    print(
        f"the slowest CNNClassifier() took {slowest / course:.2f} of the course's CNN"
    )
    save("accuracy", {"runs": result, "slowest_to_course": slowest / course})
    return 0


if __name__ == "__main__":
    sys.exit(main())
