"""What a model costs: time for one image and for many, and bytes."""

import os
import platform
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skl_signlang.persistence import save
from skl_signlang.report._html import paragraph, table

BATCH_SIZE = 256
MAX_RUNS, MAX_SECONDS = 30, 2.0  # of one measurement, whichever comes first


class Cost(NamedTuple):
    """Time and size."""

    method: str
    one: float
    batch: float
    batch_size: int
    n_bytes: int | None
    why_not: str
    n_parameters: int | None


def measure_cost(reading):
    """Time a model, and save it to a folder that is then removed."""
    method = "predict" if reading.probabilities is None else "predict_proba"
    call = getattr(reading.estimator, method)
    size = min(BATCH_SIZE, len(reading.y))
    n_bytes, why_not = _weigh(reading.estimator)
    last = reading.steps[-1]
    model = last.model_ if hasattr(type(last), "model_") else None
    return Cost(
        method,
        _seconds(call, reading.take(np.arange(1))),
        _seconds(call, reading.take(np.arange(size))),
        size,
        n_bytes,
        why_not,
        None if model is None else int(model.count_params()),
    )


def _seconds(call, X):
    call(_renew(X, 0))  # what is built at the first time is not timed
    seconds = []
    end = time.perf_counter() + MAX_SECONDS
    while len(seconds) < MAX_RUNS and (not seconds or time.perf_counter() < end):
        renewed = _renew(X, len(seconds) + 1)
        start = time.perf_counter()
        call(renewed)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def _renew(X, run):
    """Change a value of each: backbones keep the features of what they saw lately."""
    if not isinstance(X, np.ndarray) or X.dtype.kind not in "iuf":
        return X
    X = X.copy()
    step = 1e-4 if X.dtype.kind == "f" else 1
    X.reshape(len(X), -1)[:, 0] += np.array(step * (run + 1), X.dtype)
    return X


def _weigh(estimator):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.signlang")
        try:
            save(estimator, path)
        except ValueError as error:
            return None, str(error)
        return path.stat().st_size, ""


def show_cost(reading, cost):
    """Write time and size."""
    samples, n = reading.samples, cost.batch_size
    rows = [
        ("one at a time", write_time(cost.one), f"{1 / cost.one:,.0f}"),
        (f"{n} at once", write_time(cost.batch), f"{n / cost.batch:,.0f}"),
    ]
    parts = [
        table(
            f"Time of {cost.method}, the median of up to {MAX_RUNS} runs",
            ["", "time", f"{samples} a second"],
            rows,
        ),
        paragraph(
            f"On {os.cpu_count()} cores ({platform.machine()}), Python "
            f"{platform.python_version()}, with whatever else this machine was doing.",
            "note",
        ),
    ]
    if cost.n_bytes is None:
        parts.append(paragraph(f"It has no size as an archive: {cost.why_not}"))
    else:
        parts.append(
            paragraph(f"As an archive (.signlang) it has {cost.n_bytes:,} bytes.")
        )
    if cost.n_parameters is not None:
        parts.append(paragraph(f"Its network has {cost.n_parameters:,} parameters."))
    return parts


def write_time(seconds):
    """Write a time in the unit that suits it."""
    for unit, factor in (("s", 1), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def write_size(n_bytes):
    """Write a number of bytes."""
    return f"{n_bytes / 1e3:,.0f} kB" if n_bytes < 1e6 else f"{n_bytes / 1e6:,.1f} MB"
