"""Memory and threads of one process that fits networks of many structures.

``python -m benchmarks.structures [--structures 200] [--cnn]``

Each structure is fitted once for an epoch of 64 rows; the last 32 stay compiled. The
goal: less than 400 MB of growth after the first 32, and no growth of threads.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import memory_mb, print_table, save

SHOWN = (1, 8, 32, 64, 100, 150, 200)


def measure(n_structures, cnn):
    """Fit, and read memory and threads after some of the structures."""
    from skl_signlang import CNNClassifier, DenseClassifier

    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (64, 8, 8), dtype=np.uint8), np.arange(64) % 4
    rows = []
    for number in range(1, n_structures + 1):
        if cnn:
            model = CNNClassifier(filters=(2,), hidden_layer_sizes=(number,))
        else:
            model = DenseClassifier(hidden_layer_sizes=(number,))
        model.set_params(epochs=1, random_state=0).fit(X, y)
        if number in SHOWN or number == n_structures:
            threads = len(os.listdir("/proc/self/task"))
            rows.append([number, round(memory_mb("VmRSS")), threads])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--structures", type=int, default=200, metavar="N")
    parser.add_argument("--cnn", action="store_true", help="small CNNs, not dense ones")
    options = parser.parse_args()
    rows = measure(options.structures, options.cnn)
    print_table(["structures", "MB", "threads"], rows)
    save("structures", {"rows": rows, "cnn": options.cnn})


if __name__ == "__main__":
    main()
