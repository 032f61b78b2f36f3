"""Memory of a fit on a memory map that is larger than what it may take.

``python -m benchmarks.large_memmap [--gigabytes 4]``

The map is a sparse file of RGB pictures of 224 x 224 pixels. One epoch of a tiny
network goes through all of it, while a thread reads ``RssAnon``: the memory that is no
file's and that the kernel cannot take back. What the map occupies is page cache.
"""

import argparse
import math
import os
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import memory_mb, print_table, save

SHAPE = (224, 224, 3)
ALLOWED_MB = 600


@contextmanager
def watched():
    """Yield a list that grows by the anonymous memory every 20 ms."""
    seen, done = [memory_mb("RssAnon")], threading.Event()

    def watch():
        while not done.wait(0.02):
            seen.append(memory_mb("RssAnon"))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def make_map(path, n_bytes):
    """Make a sparse file of pictures, each with one bright pixel."""
    shape = int(n_bytes) // math.prod(SHAPE), *SHAPE
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    X[:, 0, 0] = 255
    X.flush()
    return np.load(path, mmap_mode="r")


def measure(gigabytes, batch_size=8):
    """Fit for one epoch; give its seconds and the most that memory grew."""
    from skl_signlang import CNNClassifier

    model = CNNClassifier(
        filters=(2,),
        kernel_size=1,
        pool_size=8,
        hidden_layer_sizes=(8,),
        conv_dropout=0,
        batch_norm=False,
        batch_size=batch_size,
        epochs=1,
        random_state=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        X = make_map(Path(folder, "X.npy"), gigabytes * 1e9)
        y = np.arange(len(X)) % 2
        with watched() as seen:
            model.fit(X[: 2 * batch_size], y[: 2 * batch_size])
            warm, start = len(seen), time.perf_counter()
            model.fit(X, y)
            seconds = time.perf_counter() - start
    return {
        "gigabytes": X.nbytes / 1e9,
        "pictures": len(X),
        "seconds": seconds,
        "growth_mb": max(seen) - seen[0],
        "growth_after_warm_up_mb": max(seen[warm:]) - seen[warm - 1],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=4)
    result = measure(parser.parse_args().gigabytes)
    print_table(
        ["", "GB", "seconds", "MB grown", "of these after a first fit"],
        [
            [
                "CNNClassifier",
                f"{result['gigabytes']:.2f}",
                f"{result['seconds']:.0f}",
                f"{result['growth_mb']:.0f}",
                f"{result['growth_after_warm_up_mb']:.0f}",
            ]
        ],
    )
    verdict = "less" if result["growth_mb"] < ALLOWED_MB else "NOT less"
    print(f"that is {verdict} than {ALLOWED_MB} MB")
    save("large_memmap", result)


if __name__ == "__main__":
    main()
