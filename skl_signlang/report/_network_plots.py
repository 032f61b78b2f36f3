"""Training history and saliency."""

import numpy as np

from skl_signlang.inspection import (
    SaliencyDisplay,
    TrainingHistoryDisplay,
    convolutions_of,
)
from skl_signlang.report._html import Paragraph, embed
from skl_signlang.report._predictions import evenly

N_SALIENT = 8


def show_history(predictions):
    """Return the blocks of the section on the training history."""
    from matplotlib.figure import Figure

    last = predictions.steps[-1]
    name = type(last).__name__
    history = getattr(last, "history_", None) or {}
    n_epochs = max(map(len, history.values()), default=0)
    if not n_epochs:
        return [Paragraph(f"{name} has no training history.")]
    n_metrics = len({metric.removeprefix("val_") for metric in history})
    figure = Figure(figsize=(max(4.5, 3.1 * n_metrics), 3), layout="constrained")
    display = TrainingHistoryDisplay({name: history}).plot(ax=figure.subplots())
    ends = ", ".join(f"{metric} {values[-1]:.4g}" for metric, values in history.items())
    parts = [
        Paragraph(f"{n_epochs} epochs; in the last one {ends}."),
        embed(figure, f"Curves over {n_epochs} epochs of {', '.join(history)}."),
    ]
    if not display.best_epochs_:
        parts.append(
            Paragraph(
                "No validation split was held out during training, so these curves "
                "show the fit to the training data only.",
                "note",
            )
        )
    return parts


def show_saliency(predictions):
    """Return the blocks of the section on saliency."""
    reason = _reason_without_saliency(predictions)
    if reason:
        return [Paragraph(reason)]
    correct, errors = (
        np.flatnonzero(predictions.is_correct),
        np.flatnonzero(~predictions.is_correct),
    )
    parts = [
        Paragraph(
            "Below each image is its Grad-CAM heatmap: bright regions support the "
            "predicted label. If they lie outside the hand, the network has learned "
            "the background."
        )
    ]
    if len(correct):
        parts += [
            Paragraph(f"Correct predictions, evenly sampled from {len(correct):,}:"),
            _draw_saliency(
                predictions, evenly(correct, N_SALIENT), "classified correctly"
            ),
        ]
    else:
        parts.append(Paragraph("There are no correct predictions."))
    if len(errors):
        confidence = predictions.probabilities[errors].max(axis=1)
        confident_errors = errors[np.argsort(-confidence, kind="stable")[:N_SALIENT]]
        parts += [
            Paragraph(f"Errors with the highest probability, of {len(errors):,}:"),
            _draw_saliency(predictions, confident_errors, "misclassified"),
        ]
    else:
        parts.append(Paragraph("There are no errors."))
    return parts


def _reason_without_saliency(predictions):
    last = predictions.steps[-1]
    name = type(last).__name__
    if not hasattr(type(last), "model_"):
        return (
            "Saliency is not available: Grad-CAM needs a convolutional network of "
            f"skl_signlang, and {name} is not one."
        )
    try:
        convolutions_of(last.model_)
    except ValueError:
        return (
            "Saliency is not available: Grad-CAM needs convolutions, and the network "
            f"of {name} has none."
        )
    return None


def _draw_saliency(predictions, rows, outcome):
    from matplotlib.figure import Figure

    X = predictions.take(rows)
    for step in predictions.steps[:-1]:
        X = step.transform(X)
    figure = Figure(figsize=(1.15 * len(rows), 2.5), layout="constrained")
    display = SaliencyDisplay.from_estimator(
        predictions.steps[-1], X, predictions.y[rows], ax=figure.subplots()
    )
    labels = ", ".join(
        f"{true} predicted as {predicted}" if true != predicted else f"{true}"
        for true, predicted in zip(predictions.y[rows], display.y_pred, strict=True)
    )
    alt = f"{len(rows)} images {outcome}, each above its heatmap: {labels}."
    return embed(figure, alt, "images")
