"""What all benchmarks share: data, tables, and JSON with the machine behind it."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from skl_signlang._files import write_whole

SIGN_MNIST = Path(__file__).parents[2] / "shared" / "data" / "sign-language-mnist.zip"
RESULTS = Path(__file__).parent / "results"
PACKAGES = ("keras", "numpy", "scikeras", "scikit-learn", "skl_signlang", "tensorflow")


def print_table(header, rows):
    """Print columns: the first to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(w) for cell, w in zip(rest, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]), flush=True)


def save(name, result):
    """Write a result with the machine and the versions behind it.

    Parameters
    ----------
    name : str
        The benchmark's.
    result : dict
        What it found.
    """
    RESULTS.mkdir(exist_ok=True)
    content = {
        "benchmark": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": {"cores": os.cpu_count(), "processor": platform.machine()},
        "versions": {package: version(package) for package in PACKAGES},
        "result": result,
    }
    with write_whole(RESULTS / f"{name}.json") as file:
        file.write((json.dumps(content, indent=1) + "\n").encode())
