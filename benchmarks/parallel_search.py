"""GridSearchCV with two worker processes against one: paired runs.

``python -m benchmarks.parallel_search [--pairs 3]``
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from benchmarks._report import print_table, save

GRID = {"learning_rate": [3e-4, 1e-3, 3e-3], "dropout": [0.2, 0.4]}


def search(n_jobs, X, y):
    """Run the grid once; give its seconds and its mean scores."""
    from skl_signlang import CNNClassifier

    model = CNNClassifier(epochs=12, random_state=0)
    grid = GridSearchCV(model, GRID, cv=3, n_jobs=n_jobs, refit=False)
    start = time.perf_counter()
    grid.fit(X, y)
    return time.perf_counter() - start, grid.cv_results_["mean_test_score"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    digits = load_digits()
    X, y = np.kron(digits.images, np.ones((2, 2))).astype(np.float32), digits.target
    seconds = {1: [], 2: []}
    for _ in range(options.pairs):
        for n_jobs, runs in seconds.items():
            runs.append(search(n_jobs, X, y)[0])
    ratios = np.divide(seconds[2], seconds[1])
    rows = [
        [f"n_jobs={n_jobs}", f"{np.median(runs):.1f}"]
        for n_jobs, runs in seconds.items()
    ]
    print_table(["18 fits of a CNN", "seconds"], rows)
    print(f"n_jobs=2 takes {np.median(ratios):.2f} of the time of n_jobs=1 (median)")
    save("parallel_search", {"seconds": seconds, "ratio": float(np.median(ratios))})


if __name__ == "__main__":
    main()
