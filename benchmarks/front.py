"""Accuracy beside latency and bytes, of networks from 5 thousand to a million weights.

``python -m benchmarks.front [--sign-mnist PATH] [--seeds 0 1] [--out FOLDER]``

One recipe, that of `benchmarks.record`, and ever wider layers, trained on up to eight
pictures of each group of near-duplicates of Sign Language MNIST's train file. Each is
read by 8-bit LiteRT on the official test, and one picture of 28x28 is timed through
`LetterPredictor`, all sizes in turn. The smallest one that keeps .99 is told for what
it is: a figure of this table, chosen by looking at it.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import SIGN_MNIST, print_table, save, thin
from benchmarks.choose_recipe import BATCH_SIZE, ROWS_PER_GROUP
from benchmarks.record import RECIPE
from skl_signlang import CNNClassifier
from skl_signlang.datasets import load_sign_mnist
from skl_signlang.export import export
from skl_signlang.inference import LetterPredictor
from skl_signlang.model_selection import near_duplicate_groups

SIZES = [  # filters of the three blocks, units
    ((4, 8, 12), 16),
    ((6, 12, 20), 32),
    ((10, 16, 32), 64),
    ((16, 24, 48), 128),
    ((20, 32, 64), 256),
    ((24, 40, 80), 1200),
]
EPOCHS = 16
KEPT = 0.99
REPEATS = 300
OUT = Path(__file__).parents[1] / "docs" / "images"


def train(filters, units, seed, data):
    """Train one size."""
    return CNNClassifier(
        **RECIPE,
        filters=filters,
        hidden_layer_sizes=(units,),
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        random_state=seed,
    ).fit(*data)


def measure(model, pictures, test, folder):
    """Read the test as it is and with 8 bits, on scales of training pictures."""
    path = Path(folder) / "model.tflite"
    export(
        model,
        path,
        format="litert",
        representative_data=pictures[:: len(pictures) // 500, ..., None],
        max_accuracy_loss=0.1,
    )
    predictor = LetterPredictor(path)
    named = [found.letter for found in predictor.predict_many(list(test.images))]
    weights = model.model_.trainable_weights
    return predictor, {
        "n_parameters": sum(int(np.prod(weight.shape)) for weight in weights),
        "bytes": path.stat().st_size,
        "accuracy": float(model.score(test.images, test.target)),
        "accuracy_8_bits": float(np.mean(np.array(named) == test.target)),
    }


def latencies(predictors, image):
    """Time one picture, all sizes in turn."""
    seconds = [[] for _ in predictors]
    for _ in range(REPEATS):
        for predictor, runs in zip(predictors, seconds, strict=True):
            start = time.perf_counter()
            predictor.predict(image)
            runs.append(time.perf_counter() - start)
    return [float(np.median(runs)) for runs in seconds]


def draw(rows, folder):
    """Draw accuracy against latency and weights."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True)
    for ax, key, label in (
        (axes[0], "n_parameters", "trainable weights"),
        (axes[1], "milliseconds", "ms a picture, 8-bit LiteRT"),
    ):
        x = [row[key] for row in rows]
        ax.plot(x, [row["mean"] for row in rows], "o-", label="mean")
        ax.plot(x, [row["worst"] for row in rows], "v:", label="worst")
        ax.axhline(KEPT, color="0.7", linewidth=1)
        ax.set(xlabel=label)
    axes[0].set_xscale("log")
    axes[0].set_ylabel("official test, 8 bits")
    axes[0].legend()
    figure.tight_layout()
    figure.savefig(folder / "front.png", dpi=110)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the picture")
    options = parser.parse_args(argv)
    if not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return
    whole = load_sign_mnist(options.sign_mnist)
    test = load_sign_mnist(options.sign_mnist, subset="test")
    groups = near_duplicate_groups(whole.images)
    kept = np.arange(len(groups))
    kept = thin(kept, groups, ROWS_PER_GROUP, np.random.RandomState(0))
    data = whole.images[kept], whole.target[kept]
    rows, predictors = [], []
    with tempfile.TemporaryDirectory() as folder:
        for filters, units in SIZES:
            found = []
            for seed in options.seeds:
                model = train(filters, units, seed, data)
                predictor, run = measure(model, data[0], test, folder)
                found.append(run)
            predictors.append(predictor)
            scores = [run["accuracy_8_bits"] for run in found]
            rows.append(
                {
                    "filters": filters,
                    "units": units,
                    "n_parameters": found[0]["n_parameters"],
                    "bytes": max(run["bytes"] for run in found),
                    "mean": float(np.mean(scores)),
                    "worst": min(scores),
                    "runs": found,
                }
            )
            print(rows[-1], flush=True)
        for row, seconds in zip(
            rows, latencies(predictors, test.images[0]), strict=True
        ):
            row["milliseconds"] = 1000 * seconds
    print_table(
        ["filters, units", "parameters", "bytes", "ms", "8 bits", "worst", "32 bits"],
        [
            [
                f"{row['filters']}, {row['units']}",
                f"{row['n_parameters']:,}",
                f"{row['bytes']:,}",
                f"{row['milliseconds']:.3f}",
                f"{row['mean']:.4f}",
                f"{row['worst']:.4f}",
                f"{np.mean([run['accuracy'] for run in row['runs']]):.4f}",
            ]
            for row in rows
        ],
    )
    smallest = next((row for row in rows if row["mean"] >= KEPT), None)
    if smallest is None:
        print(f"none keeps {KEPT}")
    else:
        print(f"the smallest that keeps {KEPT}: {smallest['n_parameters']:,} weights")
    draw(rows, options.out)
    save("front", {"rows": rows, "n_samples": len(kept)}, seeds=options.seeds)


if __name__ == "__main__":
    main()
