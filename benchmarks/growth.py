"""How cost grows: samples, sides of pictures, classes, candidates of a search.

Fits `CNNClassifier` as it comes, for one epoch, to random uint8 pictures, 28 x 28 and
of 24 classes but for what grows; and `GridSearchCV` over a tiny one, 64 pictures of
8 x 8 and one split. ``candidates`` differ in their learning rate and share one traced
graph; ``architectures`` have a graph each. Each case has a process of its own, which a
limit of time or memory may end: then the row says which, and nothing larger is tried.

``trace`` are the seconds that a first fit to one batch takes longer than a second:
building and tracing the graph, once for each structure and process. ``s`` are those of
an epoch, or of the search, after that; the median of up to three, as many as fit into
ten seconds. ``CPU`` is the same of processor seconds, which other work on the machine
disturbs less. ``MB`` is the highest resident memory, ``grown`` that less what was
resident before the first fit, so without libraries and data. ``slope`` is that of the
logarithms since the row above, and in the last line of each case over all rows: 1 is
proportional. The lines below the
table split ``s`` and ``grown`` into what is there always and what comes with each unit.

``python -m benchmarks.growth [--axes samples side ...] [--most-mb 12000]
[--most-seconds 180] [--quick]``
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import memory_mb, print_table, save

SAMPLES, SIDE, CLASSES = 5_000, 28, 24
BATCH_SIZE = 128
N_OF_A_SIDE = 512
# The last of each but the first are beyond what anybody should do
AXES = {
    "samples": (1_000, 3_000, 10_000, 30_000, 100_000, 200_000),
    "side": (28, 56, 112, 224, 448),
    "classes": (2, 10, 24, 100, 500, 5_000),
    "candidates": (10, 30, 100, 300, 1_000),
    "architectures": (3, 10, 30, 100),
}
# What each costs, and to which power of the axis their number grows
UNITS = {
    "samples": ("picture", 1),
    "side": ("pixel", 2),
    "classes": ("class", 1),
    "candidates": ("candidate", 1),
    "architectures": ("architecture", 1),
}
QUICK = {"samples": (1_000, 4_000), "candidates": (5, 20)}
REPEATS, ENOUGH_SECONDS = 3, 10


def make_pictures(n, side, n_classes):
    """Draw random pictures, and labels that go round."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, side, side), dtype=np.uint8)
    return images, np.arange(n) % n_classes


def timed(call):
    """Call, and return seconds and processor seconds."""
    start, cpu_start = time.perf_counter(), time.process_time()
    call()
    cpu, seconds = time.process_time() - cpu_start, time.perf_counter() - start
    return seconds, cpu


def repeated(call):
    """Call up to three times, and return the medians of both kinds of seconds."""
    runs = [timed(call)]
    while len(runs) < REPEATS and sum(s for s, _ in runs) + runs[0][0] < ENOUGH_SECONDS:
        runs.append(timed(call))
    return np.median(runs, axis=0).tolist()


def measure_fit(axis, value):
    """Fit once to a batch, again, and then to all."""
    from skl_signlang import CNNClassifier

    n = {"samples": value, "side": N_OF_A_SIDE}.get(axis, SAMPLES)
    n_classes = value if axis == "classes" else CLASSES
    X, y = make_pictures(n, value if axis == "side" else SIDE, n_classes)
    batch = slice(max(BATCH_SIZE, n_classes))
    model = CNNClassifier(epochs=1, batch_size=BATCH_SIZE, random_state=0)
    CNNClassifier(filters=(2,), kernel_size=1, epochs=1).fit(*make_pictures(8, 8, 2))
    before = memory_mb("VmRSS")
    first, _ = timed(lambda: model.fit(X[batch], y[batch]))
    again, _ = timed(lambda: model.fit(X[batch], y[batch]))
    seconds, cpu = repeated(lambda: model.fit(X, y))
    return {
        "data_mb": X.nbytes / 1e6,
        "parameters": model.model_.count_params(),
        "trace": first - again,
        "seconds": seconds,
        "cpu": cpu,
        "before_mb": before,
    }


def measure_search(axis, value):
    """Search among so many tiny networks."""
    from sklearn.model_selection import GridSearchCV

    from skl_signlang import CNNClassifier

    X, y = make_pictures(64, 8, 2)
    model = CNNClassifier(
        filters=(2,),
        kernel_size=3,
        hidden_layer_sizes=(4,),
        epochs=1,
        random_state=0,
    )
    if axis == "candidates":
        grid = {"learning_rate": np.geomspace(1e-4, 1e-2, value)}
    else:
        grid = {"hidden_layer_sizes": [(units,) for units in range(5, 5 + value)]}
    split = [(np.arange(48), np.arange(48, 64))]
    first, _ = timed(lambda: model.fit(X[:48], y[:48]).score(X[48:], y[48:]))
    again, _ = timed(lambda: model.fit(X[:48], y[:48]).score(X[48:], y[48:]))
    before = memory_mb("VmRSS")
    search = GridSearchCV(model, grid, cv=split, refit=False, error_score="raise")
    seconds, cpu = timed(lambda: search.fit(X, y))
    return {
        "trace": first - again,
        "seconds": seconds,
        "cpu": cpu,
        "before_mb": before,
    }


def measure(axis, value, most_mb):
    """Measure one case in this process, which ends if it takes more memory."""
    threading.Thread(target=stop_beyond, args=(most_mb,), daemon=True).start()
    searches = axis in ("candidates", "architectures")
    row = measure_search(axis, value) if searches else measure_fit(axis, value)
    peak = memory_mb("VmHWM")
    return {**row, "peak_mb": peak, "grown_mb": peak - row.pop("before_mb")}


def stop_beyond(most_mb):
    """End this process as soon as it has more memory than that."""
    while memory_mb("VmRSS") < most_mb:
        time.sleep(0.02)
    print(json.dumps({"broke": f"more than {most_mb:,} MB"}), flush=True)
    os._exit(0)


def measure_apart(axis, value, options):
    """Measure one case in a process of its own, within limits."""
    case = json.dumps([axis, value, options.most_mb])
    command = [sys.executable, "-m", "benchmarks.growth", "--case", case]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=options.most_seconds
        )
    except subprocess.TimeoutExpired:
        return {"broke": f"more than {options.most_seconds:,} s"}
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        return {"broke": f"exit status {done.returncode}: {last}"}
    return json.loads(done.stdout.splitlines()[-1])


def slopes(values, costs):
    """Tell how costs grow: by which power of the values.

    Parameters
    ----------
    values : sequence of float
        What grows, above 0.
    costs : sequence of float
        What each costs, above 0.

    Returns
    -------
    between : list of float
        The slope of the logarithms from each to the next.
    overall : float
        That of the straight line through all of them, by least squares.
    """
    x, y = np.log(values), np.log(costs)
    between = np.diff(y) / np.diff(x)
    return between.tolist(), float(np.polyfit(x, y, 1)[0])


def fixed_and_marginal(values, costs):
    """Split costs into what there always is and what comes with each unit.

    Parameters
    ----------
    values : sequence of float
        What grows.
    costs : sequence of float
        What each costs, above 0.

    Returns
    -------
    fixed, marginal : float
        Of ``cost = fixed + marginal * value``, by least squares of relative errors.
    """
    values, costs = np.asarray(values, float), np.asarray(costs, float)
    A = np.stack([np.ones_like(values), values], axis=1) / costs[:, None]
    fixed, marginal = np.linalg.lstsq(A, np.ones_like(costs), rcond=None)[0]
    return float(fixed), float(marginal)


def measure_axis(axis, options):
    """Measure the cases of an axis, until one breaks; give them their slopes."""
    rows, broke = [], None
    for value in (QUICK if options.quick else AXES)[axis]:
        case = measure_apart(axis, value, options)
        if "broke" in case:
            broke = {"value": value, "reason": case["broke"]}
            break
        rows.append({"value": value, **case})
    found = {"rows": rows, "broke": broke}
    if len(rows) < 2:
        return found
    values = [row["value"] for row in rows]
    units = np.power(values, float(UNITS[axis][1]))
    for cost in ("seconds", "cpu", "grown_mb"):
        costs = [row[cost] for row in rows]
        between, overall = slopes(values, costs)
        fixed, marginal = fixed_and_marginal(units, costs)
        found[cost] = {
            "slopes": between,
            "slope": overall,
            "fixed": fixed,
            "marginal": marginal,
        }
    return found


def print_axis(axis, found):
    """Print the rows of an axis, their slopes, and where it broke."""
    lines = []
    for i, row in enumerate(found["rows"]):
        steps = [
            f"{found[cost]['slopes'][i - 1]:.2f}" if i else ""
            for cost in ("seconds", "cpu", "grown_mb")
        ]
        cells = [f"{row[key]:.2f}" for key in ("trace", "seconds", "cpu")]
        sizes = [f"{row[key]:,.0f}" for key in ("peak_mb", "grown_mb")]
        line = [f"{row['value']:,}", *cells, *steps[:2], *sizes, steps[2]]
        lines.append(line)
    if "seconds" in found:
        overall = [
            f"{found[cost]['slope']:.2f}" for cost in ("seconds", "cpu", "grown_mb")
        ]
        lines.append(["all", "", "", "", *overall[:2], "", "", overall[2]])
    header = ["trace", "s", "CPU", "slope", "slope of CPU", "MB", "grown", "slope"]
    print_table([axis, *header], lines)
    if "seconds" in found:
        unit, (time_, memory) = UNITS[axis][0], (found["seconds"], found["grown_mb"])
        print(
            f"  {time_['fixed']:.2f} s and {1e3 * time_['marginal']:.3g} ms a {unit}; "
            f"{memory['fixed']:.0f} MB and {1e3 * memory['marginal']:.3g} kB a {unit}"
        )
    if found["broke"]:
        print("  {value:,}: {reason}".format(**found["broke"]))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES))
    parser.add_argument("--most-mb", type=int, default=12_000, help="memory of a case")
    parser.add_argument("--most-seconds", type=int, default=180, help="time of a case")
    parser.add_argument(
        "--quick", action="store_true", help="two axes, two small cases each"
    )
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.case:
        print(json.dumps(measure(*options.case)))
        return
    result = {}
    for axis in [a for a in options.axes if a in QUICK or not options.quick]:
        result[axis] = measure_axis(axis, options)
        print_axis(axis, result[axis])
    limits = {"most_mb": options.most_mb, "most_seconds": options.most_seconds}
    save("growth", {"quick": options.quick, **limits, "axes": result})


if __name__ == "__main__":
    main()
