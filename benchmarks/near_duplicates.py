"""What `near_duplicate_groups` costs, in time and memory, as pictures grow in number.

Each case runs in a process of its own, three times. ``copies`` are smooth pictures of
28x28 with 20 noisy copies each at another brightness and contrast; ``noise`` is the
worst case, pictures about which no few axes tell anything; ``sign mnist`` is the train
file of Sign Language MNIST, or a random part of it. ``growth`` is the highest resident
memory during a call less that before it; ``exponent`` is the slope of log seconds over
log n since the row above.

``python -m benchmarks.near_duplicates [--sign-mnist PATH] [--quick]``
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks._report import SIGN_MNIST, memory_mb, save
from skl_signlang.model_selection import near_duplicate_groups

SIZES = {
    "sign mnist": (1_000, 3_000, 10_000, 27_455),
    "copies": (1_000, 3_000, 10_000, 30_000, 100_000),
    "noise": (1_000, 3_000, 10_000),
}
SHIFTED = ("sign mnist", 27_455, 1)
QUICK = 3_000
REPEATS = 3


def make_copies(n, rng):
    coarse = rng.random((n // 20 + 1, 5, 5))
    weights = np.array(
        [np.interp(np.linspace(0, 4, 28), range(5), row) for row in np.eye(5)]
    )
    smooth = np.einsum("nij,ih,jw->nhw", coarse, weights, weights, optimize=True)
    images = np.repeat(smooth, 20, axis=0)[:n]
    for start in range(0, n, 1000):
        part = images[start : start + 1000]
        gain, offset = rng.uniform((100, 0), (200, 50), (len(part), 2)).T[
            ..., None, None
        ]
        part += rng.normal(0, 0.02, part.shape)
        part[:] = part * gain + offset
    return images[rng.permutation(n)].clip(0, 255).astype(np.uint8)


def make_images(kind, n, path):
    rng = np.random.default_rng(0)
    if kind == "copies":
        return make_copies(n, rng)
    if kind == "noise":
        return rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
    from skl_signlang.datasets import load_sign_mnist

    images = load_sign_mnist(path, subset="train").images
    return images[np.sort(rng.permutation(len(images))[:n])]


def measure(kind, n, shift, path):
    """Measure one case in this process."""
    images = make_images(kind, n, path)
    near_duplicate_groups(images[:300])  # what a first call loads does not count
    seconds, growth = [], []
    for _ in range(REPEATS):
        Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
        before, start = memory_mb("VmRSS"), time.perf_counter()
        groups = near_duplicate_groups(images, shift=shift)
        seconds.append(time.perf_counter() - start)
        growth.append(memory_mb("VmHWM") - before)
    return {
        "kind": kind,
        "n": n,
        "shift": shift,
        "seconds": round(float(np.median(seconds)), 3),
        "growth_mb": round(max(growth), 1),
        "groups": int(groups.max()) + 1,
    }


def measure_apart(kind, n, shift, path):
    """Measure one case in a process of its own."""
    case = json.dumps([kind, n, shift, str(path)])
    command = [sys.executable, "-m", "benchmarks.near_duplicates", "--case", case]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def cases(path, quick):
    for kind, sizes in SIZES.items():
        if kind == "sign mnist" and not path.exists():
            print(f"sign mnist is left out: {path} is absent")
            continue
        yield from ((kind, n, 0) for n in sizes if n <= QUICK or not quick)
    if path.exists() and not quick:
        yield SHIFTED


def exponent(row, last):
    if last is None or (row["kind"], row["shift"]) != (last["kind"], last["shift"]):
        return None
    ratio = np.log(row["seconds"] / last["seconds"]) / np.log(row["n"] / last["n"])
    return round(float(ratio), 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sign-mnist", type=Path, default=SIGN_MNIST)
    parser.add_argument("--quick", action="store_true", help=f"n up to {QUICK}")
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        print(json.dumps(measure(*arguments.case)))
        return
    rows = []
    print(f"{'pictures':12}{'n':>8}{'shift':>6}{'s':>9}{'growth MB':>11}", end="")
    print(f"{'groups':>8}{'exponent':>10}")
    for case in cases(arguments.sign_mnist, arguments.quick):
        row = measure_apart(*case, arguments.sign_mnist)
        row["exponent"] = exponent(row, rows[-1] if rows else None)
        rows.append(row)
        print(
            f"{row['kind']:12}{row['n']:8}{row['shift']:6}{row['seconds']:9.2f}"
            f"{row['growth_mb']:11.0f}{row['groups']:8}{row['exponent'] or '':>10}",
            flush=True,
        )
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    save("near_duplicates", {"threads": threads, "rows": rows})


if __name__ == "__main__":
    main()
