"""What a CNN that saw nothing but rendered hands reads of photographs.

Trains ``CNNClassifier()`` on ``make_fingerspelling`` alone and reads rendered signers
that it never saw, and the official test of Sign Language MNIST; chance is 1 in 24. No
photograph trains the network. The hands themselves were shaped, by eye and by score, on
Sign Language MNIST's train file, so the figure flatters them for other photographs.

``python -m benchmarks.rendered_to_real [--sign-mnist PATH] [--n-samples N]``
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.metrics import accuracy_score, f1_score

from benchmarks._report import SIGN_MNIST, save
from skl_signlang._letters import LETTERS
from skl_signlang.datasets import load_sign_mnist, make_fingerspelling

UNSEEN_SEED = 1_000_000  # rendered signers that no training seed draws
N_UNSEEN = 2400
PICTURES_PER_SIGNER = 40


def rendered(n_samples, seed, mirror):
    """Render hands of as many signers as make forty pictures each."""
    n_signers = max(1, n_samples // PICTURES_PER_SIGNER)
    return make_fingerspelling(
        n_samples, n_signers=n_signers, mirror=mirror, random_state=seed
    )


def score(model, data):
    """Read pictures; return accuracy, macro-F1 and the recall of each letter."""
    predicted = model.predict(data.images)
    hit = predicted == data.target
    return {
        "accuracy": float(accuracy_score(data.target, predicted)),
        "macro_f1": float(f1_score(data.target, predicted, average="macro")),
        "recall": {
            letter: float(hit[data.target == letter].mean()) for letter in LETTERS
        },
    }


def run(seed, tests, options):
    """Train with one seed and score on each test."""
    from skl_signlang import CNNClassifier

    start = time.perf_counter()
    hands = rendered(options.n_samples, seed, options.mirror)
    render_seconds = time.perf_counter() - start
    model = CNNClassifier(epochs=options.epochs, random_state=seed)
    model.fit(hands.images, hands.target)
    fit_seconds = time.perf_counter() - start - render_seconds
    return {
        "seed": seed,
        "render_seconds": render_seconds,
        "fit_seconds": fit_seconds,
        **{name: score(model, data) for name, data in tests.items()},
    }


def summarize(runs, name):
    """Mean and worst over the seeds, and the mean recall of each letter."""
    summary = {}
    for measure in ("accuracy", "macro_f1"):
        values = [run[name][measure] for run in runs]
        summary[measure] = {"mean": float(np.mean(values)), "worst": min(values)}
    summary["recall"] = {
        letter: float(np.mean([run[name]["recall"][letter] for run in runs]))
        for letter in LETTERS
    }
    return summary


def report(summaries):
    """Print the table."""
    print(f"{'':24}{'accuracy':>18}{'macro-F1':>18}")
    print(f"{'':24}" + f"{'mean':>10}{'worst':>8}" * 2)
    for name, summary in summaries.items():
        cells = [summary[measure] for measure in ("accuracy", "macro_f1")]
        figures = "".join(f"{cell['mean']:10.3f}{cell['worst']:8.3f}" for cell in cells)
        print(f"{name:24}{figures}")
    for name, summary in summaries.items():
        print(f"recall, {name}:")
        cells = [f"{letter} {value:.2f}" for letter, value in summary["recall"].items()]
        for row in range(0, len(cells), 8):
            print("  " + "  ".join(cells[row : row + 8]))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--n-samples", type=int, default=20000)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--mirror", type=float, default=0.5, help="share of left hands")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args(argv)
    if not options.sign_mnist.exists():
        print(f"skipped: needs Sign Language MNIST at {options.sign_mnist}")
        return 0
    tests = {
        "unseen rendered signers": rendered(N_UNSEEN, UNSEEN_SEED, options.mirror),
        "official test": load_sign_mnist(options.sign_mnist, subset="test"),
    }
    runs = []
    for seed in options.seeds:
        runs.append(run(seed, tests, options))
        figures = ", ".join(
            f"{name} {runs[-1][name]['accuracy']:.3f}" for name in tests
        )
        print(f"seed {seed}: {figures}", flush=True)
    summaries = {name: summarize(runs, name) for name in tests}
    report(summaries)
    save(
        "rendered_to_real",
        {
            "n_samples": options.n_samples,
            "epochs": options.epochs,
            "mirror": options.mirror,
            "summary": summaries,
            "runs": runs,
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
