"""What reading pictures costs beside the usual way to read the same file.

Each case is a reader of this package and its rival, run in turns, each run in a process
of its own. ``s`` is the median of a first call, without imports; ``ratio`` the median
over the pairs of the reader's seconds divided by its rival's, and ``cpu`` the same of
processor seconds, which other work on the machine disturbs less; ``MB`` is the highest
resident memory during the call less that before it, ``ratio`` that of the two.

``python -m benchmarks.readers [--sign-mnist PATH] [--pairs N]``
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from benchmarks._report import SIGN_MNIST, memory_mb, print_table, save

TRAIN = "sign_mnist_train.csv"


def by_load_csv(path):
    from skl_signlang.datasets import load_csv

    return lambda: load_csv(path)


def by_load_sign_mnist(path):
    from skl_signlang.datasets import load_sign_mnist

    return lambda: load_sign_mnist(path)


def by_pandas(path):
    import pandas as pd

    return lambda: pd.read_csv(path)


def by_pandas_uint8(path):
    import pandas as pd

    return lambda: pd.read_csv(path, dtype=np.uint8)


READERS = {
    "load_csv": by_load_csv,
    "load_sign_mnist": by_load_sign_mnist,
    "pandas.read_csv": by_pandas,
    "pandas.read_csv, uint8": by_pandas_uint8,
}
CASES = [  # reader, rival, file: a row of the table each
    ("load_csv", "pandas.read_csv", TRAIN),
    ("load_csv", "pandas.read_csv, uint8", TRAIN),
    ("load_csv", "pandas.read_csv", f"{TRAIN}.gz"),
    ("load_sign_mnist", "pandas.read_csv", TRAIN),
]


def measure(reader, path):
    """Measure one first call in this process."""
    read = READERS[reader](path)
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
    before = memory_mb("VmRSS")
    start, cpu_start = time.perf_counter(), time.process_time()
    result = read()
    cpu, seconds = time.process_time() - cpu_start, time.perf_counter() - start
    del result
    return {"seconds": seconds, "cpu": cpu, "growth_mb": memory_mb("VmHWM") - before}


def measure_apart(reader, path):
    """Measure one first call in a process of its own."""
    run = json.dumps([reader, str(path)])
    command = [sys.executable, "-m", "benchmarks.readers", "--run", run]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def compare(reader, rival, path, pairs):
    """Measure a reader and its rival in turns, so that both meet the same load."""
    Path(path).read_bytes()  # into the cache of the disk
    names = (reader, rival)
    runs = [[measure_apart(name, path) for name in names] for _ in range(pairs)]
    seconds, cpu, growth = (
        np.array([[run[key] for run in pair] for pair in runs])
        for key in ("seconds", "cpu", "growth_mb")
    )
    growth = growth.max(axis=0)
    return {
        "reader": reader,
        "rival": rival,
        "file": Path(path).name,
        "seconds": np.median(seconds, axis=0).round(3).tolist(),
        "ratio": round(float(np.median(seconds[:, 0] / seconds[:, 1])), 3),
        "cpu_ratio": round(float(np.median(cpu[:, 0] / cpu[:, 1])), 3),
        "growth_mb": growth.round(1).tolist(),
        "growth_ratio": round(float(growth[0] / growth[1]), 3),
    }


def unpack(archive, folder):
    """Put the files of the cases into a folder."""
    with zipfile.ZipFile(archive) as opened:
        name = next(n for n in opened.namelist() if Path(n).name == TRAIN)
        content = opened.read(name)
    Path(folder, TRAIN).write_bytes(content)
    Path(folder, f"{TRAIN}.gz").write_bytes(gzip.compress(content, compresslevel=6))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--run", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(measure(*arguments.run)))
        return
    if not arguments.sign_mnist.exists():
        print(f"nothing is measured: {arguments.sign_mnist} is absent")
        return
    with tempfile.TemporaryDirectory() as folder:
        unpack(arguments.sign_mnist, folder)
        rows = [
            compare(reader, rival, Path(folder, file), arguments.pairs)
            for reader, rival, file in CASES
        ]
    print_table(
        [
            *("reader", "rival", "file", "s", "rival s", "ratio", "cpu"),
            *("MB", "rival MB", "ratio"),
        ],
        [
            [
                *(row[key] for key in ("reader", "rival", "file")),
                *row["seconds"],
                row["ratio"],
                row["cpu_ratio"],
                *row["growth_mb"],
                row["growth_ratio"],
            ]
            for row in rows
        ],
    )
    save("readers", {"pairs": arguments.pairs, "rows": rows})


if __name__ == "__main__":
    main()
