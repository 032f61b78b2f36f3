"""Latency and size of a model."""

import os
import platform
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skl_signlang.persistence import save
from skl_signlang.report._html import Paragraph, Table

BATCH_SIZE = 256
MAX_RUNS, MAX_SECONDS = 30, 2.0  # per measurement, whichever is reached first


class Cost(NamedTuple):
    """Latency in seconds of one sample and of a batch, size in bytes."""

    method: str
    one: float
    batch: float
    batch_size: int
    n_bytes: int | None
    save_error: str
    n_parameters: int | None


def measure_cost(predictions):
    """Measure the latency of predictions and the size of the archive."""
    method = "predict" if predictions.probabilities is None else "predict_proba"
    call = getattr(predictions.estimator, method)
    size = min(BATCH_SIZE, len(predictions.y))
    n_bytes, save_error = _archive_size(predictions.estimator)
    last = predictions.steps[-1]
    model = last.model_ if hasattr(type(last), "model_") else None
    return Cost(
        method,
        _seconds(call, predictions.take(np.arange(1))),
        _seconds(call, predictions.take(np.arange(size))),
        size,
        n_bytes,
        save_error,
        None if model is None else int(model.count_params()),
    )


def _seconds(call, X):
    call(_perturb(X, 0))  # the first call compiles and is not timed
    seconds = []
    end = time.perf_counter() + MAX_SECONDS
    while len(seconds) < MAX_RUNS and (not seconds or time.perf_counter() < end):
        perturbed = _perturb(X, len(seconds) + 1)
        start = time.perf_counter()
        call(perturbed)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def _perturb(X, run):
    """Change one value per row, because backbones cache the features of recent X."""
    if not isinstance(X, np.ndarray) or X.dtype.kind not in "iuf":
        return X
    X = X.copy()
    step = 1e-4 if X.dtype.kind == "f" else 1
    X.reshape(len(X), -1)[:, 0] += np.array(step * (run + 1), X.dtype)
    return X


def _archive_size(estimator):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.signlang")
        try:
            save(estimator, path)
        except ValueError as error:
            return None, str(error)
        return path.stat().st_size, ""


def show_cost(predictions, cost):
    """Return the blocks of the section on latency and size."""
    samples, n = predictions.noun, cost.batch_size
    rows = [
        ("one at a time", format_time(cost.one), f"{1 / cost.one:,.0f}"),
        (f"{n} at once", format_time(cost.batch), f"{n / cost.batch:,.0f}"),
    ]
    parts = [
        Table(
            f"Time of {cost.method}, the median of up to {MAX_RUNS} runs",
            ["", "time", f"{samples} a second"],
            rows,
        ),
        Paragraph(
            f"Measured on {os.cpu_count()} cores ({platform.machine()}), Python "
            f"{platform.python_version()}; other processes affect the times.",
            "note",
        ),
    ]
    if cost.n_bytes is None:
        parts.append(
            Paragraph(f"The size of the archive is unknown: {cost.save_error}")
        )
    else:
        parts.append(Paragraph(f"The archive (.signlang) has {cost.n_bytes:,} bytes."))
    if cost.n_parameters is not None:
        parts.append(Paragraph(f"The network has {cost.n_parameters:,} parameters."))
    return parts


def format_time(seconds):
    """Format seconds in a suitable unit."""
    for unit, factor in (("s", 1), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def format_size(n_bytes):
    """Format a number of bytes in kB or MB."""
    return f"{n_bytes / 1e3:,.0f} kB" if n_bytes < 1e6 else f"{n_bytes / 1e6:,.1f} MB"
