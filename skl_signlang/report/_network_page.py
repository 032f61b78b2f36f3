"""Inside the network: how it was trained, and where it looks."""

import numpy as np

from skl_signlang.inspection import (
    SaliencyDisplay,
    TrainingHistoryDisplay,
    convolutions_of,
)
from skl_signlang.report._html import image, paragraph
from skl_signlang.report._predictions import evenly

N_SALIENT = 8


def show_history(reading):
    """Draw how the training went."""
    from matplotlib.figure import Figure

    last = reading.steps[-1]
    name = type(last).__name__
    history = getattr(last, "history_", None) or {}
    n_epochs = max(map(len, history.values()), default=0)
    if not n_epochs:
        return [paragraph(f"{name} keeps no history of its training.")]
    n_metrics = len({metric.removeprefix("val_") for metric in history})
    figure = Figure(figsize=(max(4.5, 3.1 * n_metrics), 3), layout="constrained")
    display = TrainingHistoryDisplay({name: history}).plot(ax=figure.subplots())
    ends = ", ".join(f"{metric} {values[-1]:.4g}" for metric, values in history.items())
    parts = [
        paragraph(f"{n_epochs} epochs; in the last one {ends}."),
        image(figure, f"Curves over {n_epochs} epochs of {', '.join(history)}."),
    ]
    if not display.best_epochs_:
        parts.append(
            paragraph(
                "Nothing was held out for validation while it trained, so these "
                "curves say how well it learned, not how well it reads.",
                "note",
            )
        )
    return parts


def show_saliency(reading):
    """Draw where a network found what it read, for hits and for misses."""
    reason = _why_not(reading)
    if reason:
        return [paragraph(reason)]
    hits, misses = np.flatnonzero(reading.right), np.flatnonzero(~reading.right)
    parts = [
        paragraph(
            "Below each image the same under a map of heat (Grad-CAM): what is "
            "bright spoke for what was read, and where all is dark nothing did. A "
            "network that looks beside the hand has learned the background."
        )
    ]
    if len(hits):
        parts += [
            paragraph(f"Hits, evenly taken from {len(hits):,}:"),
            _draw_saliency(reading, evenly(hits, N_SALIENT), "read rightly"),
        ]
    else:
        parts.append(paragraph("There are no hits: nothing was read rightly."))
    if len(misses):
        sure = reading.probabilities[misses].max(axis=1)
        surest = misses[np.argsort(-sure, kind="stable")[:N_SALIENT]]
        parts += [
            paragraph(f"Misses, of {len(misses):,} those of which it was surest:"),
            _draw_saliency(reading, surest, "read wrongly"),
        ]
    else:
        parts.append(paragraph("There are no misses: everything was read rightly."))
    return parts


def _why_not(reading):
    last = reading.steps[-1]
    name = type(last).__name__
    if not hasattr(type(last), "model_"):
        return (
            f"There is nothing to look into: Grad-CAM needs a convolutional network of "
            f"this package, and {name} is none."
        )
    try:
        convolutions_of(last.model_)
    except ValueError:
        return (
            f"There is nothing to look into: Grad-CAM needs convolutions, and the "
            f"network of this {name} has none."
        )
    return None


def _draw_saliency(reading, rows, what):
    from matplotlib.figure import Figure

    X = reading.take(rows)
    for step in reading.steps[:-1]:
        X = step.transform(X)
    figure = Figure(figsize=(1.15 * len(rows), 2.5), layout="constrained")
    display = SaliencyDisplay.from_estimator(
        reading.steps[-1], X, reading.y[rows], ax=figure.subplots()
    )
    read = ", ".join(
        f"{true} read as {read}" if true != read else f"{true}"
        for true, read in zip(reading.y[rows], display.y_pred, strict=True)
    )
    alt = f"{len(rows)} images {what}, each above its map of heat: {read}."
    return image(figure, alt, "photographs")
