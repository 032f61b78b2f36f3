"""Calibration: whether what is called probable happens as often."""

from typing import NamedTuple

import numpy as np
from sklearn.calibration import calibration_curve

from skl_signlang.report._html import folded, image, paragraph, table

N_BINS = 10


class Calibration(NamedTuple):
    """Probabilities of what was read, beside how often that was right."""

    edges: np.ndarray
    counts: np.ndarray
    probabilities: np.ndarray
    shares: np.ndarray
    error: float


def measure_calibration(reading):
    """Compare probabilities with what happened."""
    if reading.probabilities is None:
        return None
    said = _said_of_what_was_read(reading)
    shares, probabilities = calibration_curve(
        reading.right, said, n_bins=N_BINS, pos_label=True
    )
    # the bins of calibration_curve, which does not tell how much each holds
    edges = np.linspace(0, 1, N_BINS + 1)
    counts = np.bincount(np.searchsorted(edges[1:-1], said), minlength=N_BINS)
    filled = np.flatnonzero(counts)
    counts = counts[filled]
    return Calibration(
        np.c_[edges[filled], edges[filled + 1]],
        counts,
        probabilities,
        shares,
        float(counts @ np.abs(shares - probabilities) / len(said)),
    )


def _said_of_what_was_read(reading):
    classes = np.asarray(reading.estimator.classes_)
    columns = {label: i for i, label in enumerate(classes.tolist())}
    codes = [columns[label] for label in reading.predicted.tolist()]
    return reading.probabilities[np.arange(len(codes)), codes]


def show_calibration(reading, calibration):
    """Draw the reliability curve."""
    if calibration is None:
        name = type(reading.steps[-1]).__name__
        return [
            paragraph(
                f"There is nothing to calibrate: {name} gives no probabilities "
                "(predict_proba). sklearn.calibration.CalibratedClassifierCV adds them."
            )
        ]
    said = float(calibration.counts @ calibration.probabilities / len(reading.y))
    right = float(reading.right.mean())
    rows = [
        (f"{low:.1f} to {high:.1f}", int(count), float(probability), float(share))
        for (low, high), count, probability, share in zip(
            calibration.edges,
            calibration.counts,
            calibration.probabilities,
            calibration.shares,
            strict=True,
        )
    ]
    header = ["probability", reading.samples, "mean probability", "share right"]
    alt = (
        "Reliability curve: the share read rightly over the probability that the "
        f"model gives, in {len(rows)} bins, beside the diagonal where both agree. "
        f"Expected calibration error {calibration.error:.3f}. The table below has the "
        "numbers."
    )
    return [
        paragraph(
            f"Expected calibration error: {calibration.error:.3f}, the mean distance "
            "between the probability of what was read and the share of it that is "
            f"right. The mean probability is {said:.3f} and {right:.3f} are right, so "
            f"the model is {_describe(said - right)}."
        ),
        image(_draw(calibration), alt),
        folded("The numbers", table("Reliability", header, rows)),
    ]


def _describe(gap):
    if abs(gap) < 0.005:
        return "about as sure as it is right"
    return "surer than it is right" if gap > 0 else "less sure than it is right"


def _draw(calibration):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    curve, bars = figure.subplots(1, 2)
    curve.plot([0, 1], [0, 1], ":", color="0.4", label="as sure as right")
    curve.plot(calibration.probabilities, calibration.shares, "s-", label="this model")
    curve.set(
        xlabel="mean probability of what was read",
        ylabel="share right",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        title=f"expected calibration error {calibration.error:.3f}",
    )
    curve.legend(loc="upper left", fontsize=8)
    bars.bar(calibration.edges.mean(axis=1), calibration.counts, width=0.9 / N_BINS)
    bars.set(
        xlabel="probability of what was read",
        ylabel="how many",
        xlim=(-0.02, 1.02),
        title="how sure it is",
    )
    return figure
