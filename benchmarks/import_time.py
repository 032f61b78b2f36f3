"""Seconds that imports and the command take, and whether TensorFlow comes along.

``python -m benchmarks.import_time``
"""

import os
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks._report import print_table, save

IMPORTS = ["skl_signlang", "skl_signlang.datasets", "sklearn", "scikeras.wrappers"]
SCRIPT = """
import sys, time
start = time.perf_counter()
import {module}
print(time.perf_counter() - start, "tensorflow" in sys.modules)
"""


def measure(module):
    """Import once in a fresh process."""
    output = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(module=module)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return float(output[-2]), output[-1] == "True"


COMMANDS = {
    "python, nothing": "pass",
    "skl-signlang --help": "from skl_signlang.cli import main; main(['--help'])",
}


def start(code):
    """Time a whole process."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    return time.perf_counter() - begin


def main():
    runs = {module: [] for module in IMPORTS}
    for _ in range(6):
        for module in IMPORTS:
            runs[module].append(measure(module))
    result = {
        module: {
            # the first run fills the disk's cache
            "median_seconds": float(np.median([seconds for seconds, _ in run[1:]])),
            "imports_tensorflow": run[-1][1],
        }
        for module, run in runs.items()
    }
    print_table(
        ["import", "seconds", "TensorFlow"],
        [
            [
                module,
                f"{run['median_seconds']:.3f}",
                "yes" if run["imports_tensorflow"] else "no",
            ]
            for module, run in result.items()
        ],
    )
    starts = {name: [] for name in COMMANDS}
    for _ in range(6):
        for name, code in COMMANDS.items():
            starts[name].append(start(code))
    result["starts"] = {
        name: float(np.median(seconds[1:])) for name, seconds in starts.items()
    }
    print_table(
        ["a whole process", "seconds"],
        [[name, f"{seconds:.3f}"] for name, seconds in result["starts"].items()],
    )
    save("import_time", result)


if __name__ == "__main__":
    main()
