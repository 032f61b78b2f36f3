"""How many hands `make_fingerspelling` renders a second on one core.

One process that is pinned to one core, and its libraries to one thread, renders gray
pictures of each size in turn, again and again. ``median`` and ``worst`` are pictures a
second; ``of CPU`` is the median of pictures a second of the processor's own time, which
other work on the machine disturbs less.

``python -m benchmarks.renderer [--repeats 7] [--quick]``
"""

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np

from benchmarks._report import print_table, save

PICTURES = {28: 960, 96: 96, 224: 24}  # by side in pixels
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
QUICK = 3


def measure(repeats):
    """Render each size in turn, on one core of this process."""
    from skl_signlang.datasets import make_fingerspelling

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    runs = {side: [] for side in PICTURES}
    for seed in range(repeats + 1):
        for side, n in PICTURES.items():
            start, cpu_start = time.perf_counter(), time.process_time()
            make_fingerspelling(n, image_size=side, random_state=seed)
            cpu, seconds = time.process_time() - cpu_start, time.perf_counter() - start
            if seed:  # the first call warms up
                runs[side].append((n / seconds, n / cpu))
    return [
        {
            "side": side,
            "pictures": PICTURES[side],
            "median": float(np.median([rate for rate, _ in run])),
            "worst": min(rate for rate, _ in run),
            "median_of_cpu": float(np.median([rate for _, rate in run])),
            "runs": run,
        }
        for side, run in runs.items()
    ]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} repeats")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    repeats = QUICK if options.quick else options.repeats
    if options.run:
        print(json.dumps(measure(repeats)))
        return
    command = [sys.executable, "-m", "benchmarks.renderer", "--run"]
    command += ["--repeats", str(repeats)]
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | ONE_THREAD,
    )
    rows = json.loads(done.stdout)
    print_table(
        ["side, pixels", "median", "worst", "of CPU"],
        [
            [
                row["side"],
                *(f"{row[key]:,.0f}" for key in ("median", "worst", "median_of_cpu")),
            ]
            for row in rows
        ],
    )
    save("renderer", {"repeats": repeats, "rows": rows})


if __name__ == "__main__":
    main()
