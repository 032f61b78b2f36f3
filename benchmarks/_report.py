"""What benchmarks share: data, memory, tables, and JSON with the machine behind it."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from skl_signlang._files import write_whole

SIGN_MNIST = Path(__file__).parents[2] / "shared" / "data" / "sign-language-mnist.zip"
WEBCAM = SIGN_MNIST.with_name("webcam_letters.npz")
DIGITS = SIGN_MNIST.with_name("sign_digits.npz")
# Signed as these letters are; nothing is nearer to 1 than D, whose other fingers close
LETTERS_OF_DIGITS = {0: "O", 1: "D", 2: "V", 6: "W", 9: "F"}
ENVIRONMENT = "SKL_SIGNLANG_RESULTS"
RESULTS = Path(os.environ.get(ENVIRONMENT, Path(__file__).parent / "results"))
PACKAGES = ("keras", "numpy", "scikeras", "scikit-learn", "skl_signlang", "tensorflow")


def memory_mb(field):
    """Read from the kernel how much memory this process has.

    Parameters
    ----------
    field : str
        "VmRSS" is what is resident now, "VmHWM" the most that was, "RssAnon" what is
        no file's and cannot be taken back.

    Returns
    -------
    megabytes : float
        Of 1,000,000 bytes.
    """
    # getrusage's peak would count what the parent held when it forked
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith(f"{field}:"))
    return int(found.split()[1]) * 1024 / 1e6


def thin(rows, groups, at_most, random_state):
    """Keep at most so many rows of each group, drawn at random.

    Parameters
    ----------
    rows : ndarray of int
        To choose from.
    groups : ndarray of int, shape (n,)
        The group of each row, whether to choose from or not.
    at_most : int
        How many of each group.
    random_state : RandomState instance
        Draws them.

    Returns
    -------
    rows : ndarray of int
        Those kept, in rising order.
    """
    rows = random_state.permutation(rows)
    order = np.argsort(groups[rows], kind="stable")
    _, starts, counts = np.unique(
        groups[rows[order]], return_index=True, return_counts=True
    )
    rank = np.arange(len(rows)) - np.repeat(starts, counts)
    return np.sort(rows[order[rank < at_most]])


def digits_as_letters():
    """Read those Sign Language Digits that are letters too.

    Returns
    -------
    digits : Bunch
        ``images``, uint8 of shape (n, 64, 64), and ``target``.
    """
    with np.load(DIGITS) as file:
        rows = np.isin(file["y"], list(LETTERS_OF_DIGITS))
        images, numbers = file["X"][rows], file["y"][rows]
    target = np.array([LETTERS_OF_DIGITS[number] for number in numbers])
    return Bunch(images=images, target=target)


def print_table(header, rows):
    """Print columns: the first to the left, the others to the right."""
    rows = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(w) for cell, w in zip(rest, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]), flush=True)


def machine():
    """Describe the machine: processor, cores, memory in GB of 10**9 bytes, system."""
    fields = dict(
        line.split(":", 1)
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if ":" in line
    )
    names = {key.strip(): value.strip() for key, value in fields.items()}
    n_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": names.get("model name", platform.machine()),
        "cores": os.cpu_count(),
        "memory_gb": round(n_bytes / 1e9),
        "system": platform.system(),
    }


def versions():
    """Tell the versions of Python and of the packages that matter."""
    found = {package: version(package) for package in PACKAGES}
    return {"python": platform.python_version(), **found}


def save(name, result, *, seeds=(0,)):
    """Write a result with the machine, the versions and the seeds behind it.

    Parameters
    ----------
    name : str
        The benchmark's.
    result : dict
        What it found.
    seeds : sequence of int, default=(0,)
        Those of what is random in it.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    content = {
        "benchmark": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions(),
        "seeds": list(seeds),
        "result": result,
    }
    with write_whole(RESULTS / f"{name}.json") as file:
        file.write((json.dumps(content, indent=1) + "\n").encode())
