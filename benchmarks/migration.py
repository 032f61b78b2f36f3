"""Ten kinds of SciKeras scripts: ours, SciKeras, skorch and Keras alone.

``python -m benchmarks.migration [KIND ...] [--seeds 5] [--environment FOLDER]``

``benchmarks/migration_scripts`` holds a script for each kind and library, with the same
data, layers, epochs and batch size. SciKeras and skorch run in an environment of their
own, with the scikit-learn that SciKeras works with, which is made where FOLDER is
absent. All seeds of a script run in one process, after the imports: "first" is the
first of them, "again" the median of the others. Scores are equal where the means over
the seeds differ by at most .01 and by at most two standard errors.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks._report import print_table, save

SCRIPTS = Path(__file__).with_name("migration_scripts")
KINDS = (
    "binary",
    "multiclass",
    "regression",
    "multi_output",
    "images",
    "text",
    "time_series",
    "class_weights",
    "callbacks",
    "nested_search",
)
SIDES = {
    "here": "skl_signlang",
    "scikeras": "SciKeras",
    "skorch": "skorch",
    "keras": "Keras",
}
OTHERS = ("scikeras", "skorch")
"""Those that run in the other environment."""

PINNED = ("scikeras==0.13.0", "scikit-learn==1.5.2", "skorch==1.4.0", "torch==2.13.0")
MAX_DIFFERENCE, MAX_ERRORS = 0.01, 2
CHILD = """
import importlib, json, sys, time, warnings
from importlib.metadata import version

source, n_seeds, library = sys.argv[1], int(sys.argv[2]), sys.argv[3]
warnings.simplefilter("ignore")
code = open(source).read()
for line in code.splitlines():
    if line.startswith(("import ", "from ")):
        exec(line)
scores, seconds = [], []
for seed in range(n_seeds):
    names, began = {"__name__": "script"}, time.perf_counter()
    text = code.replace("SEED = 0", f"SEED = {seed}", 1)
    exec(compile(text, source, "exec"), names)
    seconds.append(time.perf_counter() - began)
    scores.append(float(names["score"]))
status = dict(
    line.split(":", 1) for line in open("/proc/self/status") if ":" in line
)
peak = int(status["VmHWM"].split()[0]) * 1024 / 1e6
print(json.dumps({
    "scores": scores, "seconds": seconds, "peak_mb": peak,
    "versions": {name: version(name) for name in (library, "scikit-learn")},
}))
"""


def make_environment(folder):
    """Make the environment of the others, and return its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        pinned = [
            *PINNED,
            *(f"{one}=={version(one)}" for one in ("keras", "tensorflow")),
        ]
        command = [python, "-m", "pip", "install", "--quiet", *pinned]
        subprocess.run(command, check=True)
    return python


def count_lines(path):
    """Count the lines of a script that hold code."""
    lines = path.read_text().splitlines()[1:]
    return sum(bool(line.strip()) for line in lines)


def run(python, kind, side, n_seeds):
    """Run a script with several seeds in a process of its own."""
    path = SCRIPTS / f"{kind}_{side}.py"
    command = [python, "-c", CHILD, path, str(n_seeds), SIDES[side]]
    environment = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    output = subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    found = json.loads(output.stdout.splitlines()[-1])
    return {"lines": count_lines(path), **found}


def compare(ours, theirs):
    """Return the difference of two means, its standard error, and if they are equal."""
    ours, theirs = np.array(ours["scores"]), np.array(theirs["scores"])
    difference = float(ours.mean() - theirs.mean())
    error = float(
        np.sqrt(ours.var(ddof=1) / len(ours) + theirs.var(ddof=1) / len(ours))
    )
    equal = abs(difference) <= min(MAX_DIFFERENCE, MAX_ERRORS * error)
    return {
        "difference": difference,
        "standard_error": error,
        "equal": bool(equal or difference == 0),
    }


def show(result):
    """Print the tables."""
    rows = []
    for kind, sides in result["kinds"].items():
        for side, found in sides.items():
            first, *again = found["seconds"]
            rows.append(
                [
                    f"{kind}, {SIDES[side]}",
                    found["lines"],
                    f"{first:.1f}",
                    f"{np.median(again or [first]):.2f}",
                    f"{found['peak_mb']:.0f}",
                    f"{np.mean(found['scores']):.3f}",
                    f"{min(found['scores']):.3f}",
                ]
            )
    print_table(["", "lines", "first s", "again s", "MB", "score", "worst"], rows)
    print()
    print_table(
        ["ours beside SciKeras", "difference", "standard error", "equal"],
        [
            [
                kind,
                f"{one['difference']:+.4f}",
                f"{one['standard_error']:.4f}",
                "yes" if one["equal"] else "no",
            ]
            for kind, one in result["comparisons"].items()
        ],
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--environment", type=Path)
    options = parser.parse_args()
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(
            f"unknown {', '.join(sorted(unknown))}; kinds are {', '.join(KINDS)}"
        )
    if options.seeds < 2:
        parser.error("--seeds must be at least 2, to tell a standard error")
    with tempfile.TemporaryDirectory() as folder:
        others = make_environment(options.environment or Path(folder, "venv"))
        pythons = {side: others if side in OTHERS else sys.executable for side in SIDES}
        kinds = {
            kind: {
                side: run(pythons[side], kind, side, options.seeds) for side in SIDES
            }
            for kind in options.kinds or KINDS
        }
    comparisons = {
        kind: compare(sides["here"], sides["scikeras"]) for kind, sides in kinds.items()
    }
    result = {"kinds": kinds, "comparisons": comparisons}
    show(result)
    save("migration", result, seeds=range(options.seeds))


if __name__ == "__main__":
    main()
