"""Calibration of predicted probabilities."""

from typing import NamedTuple

import numpy as np
from sklearn.calibration import calibration_curve

from skl_signlang.report._html import Details, Paragraph, Table, embed

N_BINS = 10


class Calibration(NamedTuple):
    """Reliability curve: bin edges (k, 2), and per bin counts, means and accuracies."""

    edges: np.ndarray
    counts: np.ndarray
    probabilities: np.ndarray
    accuracies: np.ndarray
    error: float


def measure_calibration(predictions):
    """Compute the reliability curve and the expected calibration error, or None."""
    if predictions.probabilities is None:
        return None
    confidence = _confidence(predictions)
    accuracies, probabilities = calibration_curve(
        predictions.is_correct, confidence, n_bins=N_BINS, pos_label=True
    )
    # the bins of calibration_curve, which does not return their counts
    edges = np.linspace(0, 1, N_BINS + 1)
    counts = np.bincount(np.searchsorted(edges[1:-1], confidence), minlength=N_BINS)
    filled = np.flatnonzero(counts)
    counts = counts[filled]
    return Calibration(
        np.c_[edges[filled], edges[filled + 1]],
        counts,
        probabilities,
        accuracies,
        float(counts @ np.abs(accuracies - probabilities) / len(confidence)),
    )


def _confidence(predictions):
    classes = np.asarray(predictions.estimator.classes_)
    columns = {label: i for i, label in enumerate(classes.tolist())}
    codes = [columns[label] for label in predictions.y_pred.tolist()]
    return predictions.probabilities[np.arange(len(codes)), codes]


def show_calibration(predictions, calibration):
    """Return the blocks of the section on calibration."""
    if calibration is None:
        name = type(predictions.steps[-1]).__name__
        return [
            Paragraph(
                f"Calibration is not available: {name} has no predict_proba. "
                "sklearn.calibration.CalibratedClassifierCV adds it."
            )
        ]
    confidence = float(
        calibration.counts @ calibration.probabilities / len(predictions.y)
    )
    accuracy = float(predictions.is_correct.mean())
    rows = [
        (f"{low:.1f} to {high:.1f}", int(count), float(probability), float(rate))
        for (low, high), count, probability, rate in zip(
            calibration.edges,
            calibration.counts,
            calibration.probabilities,
            calibration.accuracies,
            strict=True,
        )
    ]
    header = ["probability", predictions.noun, "mean probability", "accuracy"]
    alt = (
        "Reliability curve: accuracy over predicted probability, in "
        f"{len(rows)} bins, beside the diagonal of perfect calibration. "
        f"Expected calibration error {calibration.error:.3f}. The table below has the "
        "numbers."
    )
    return [
        Paragraph(
            f"Expected calibration error: {calibration.error:.3f}, the mean distance "
            "between the probability of the predicted label and the accuracy. The mean "
            f"probability is {confidence:.3f} and the accuracy {accuracy:.3f}: the "
            f"model is {_describe(confidence - accuracy)}."
        ),
        embed(_draw(calibration), alt),
        Details("The numbers", [Table("Reliability", header, rows)]),
    ]


def _describe(gap):
    if abs(gap) < 0.005:
        return "well calibrated on average"
    return "overconfident" if gap > 0 else "underconfident"


def _draw(calibration):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    curve, bars = figure.subplots(1, 2)
    curve.plot([0, 1], [0, 1], ":", color="0.4", label="perfectly calibrated")
    curve.plot(
        calibration.probabilities, calibration.accuracies, "s-", label="this model"
    )
    curve.set(
        xlabel="mean predicted probability",
        ylabel="accuracy",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        title=f"expected calibration error {calibration.error:.3f}",
    )
    curve.legend(loc="upper left", fontsize=8)
    bars.bar(calibration.edges.mean(axis=1), calibration.counts, width=0.9 / N_BINS)
    bars.set(
        xlabel="predicted probability",
        ylabel="count",
        xlim=(-0.02, 1.02),
        title="distribution of probabilities",
    )
    return figure
