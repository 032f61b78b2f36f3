"""Metrics per class, and the confusion matrix."""

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from skl_signlang.inspection import (
    ConfusedLettersDisplay,
    count_confusions,
    most_confused,
)
from skl_signlang.report._html import Details, Paragraph, Table, embed

MAX_ROWS = 40  # of a table that is not folded
N_WORST = 20
N_PAIRS = 10  # in the table; the image shows half of them
MAX_LISTED = 40


def show_class_metrics(predictions):
    """Return the blocks with precision, recall, F1 and support of each label."""
    rows = _score_each(predictions)
    kind = "letter" if predictions.are_letters else "class"
    header = [kind, "precision", "recall", "F1", "support"]
    worst = sorted(rows, key=lambda row: (row[3], -row[4]))[:N_WORST]
    if len(rows) <= MAX_ROWS:
        parts = [Table(f"Each {kind}", header, rows, bars="F1")]
    else:
        parts = [
            Table(f"The {N_WORST} with the lowest F1", header, worst, bars="F1"),
            Details(f"All {len(rows)}", [Table(f"Each {kind}", header, rows)]),
        ]
    parts.insert(
        0,
        Paragraph(
            f"Precision: fraction of the {predictions.noun} predicted as this {kind} "
            f"that are of it. Recall: fraction of the {predictions.noun} of this "
            f"{kind} that are predicted as it. F1: their harmonic mean. Support: "
            f"number of {predictions.noun} of this {kind}."
        ),
    )
    lowest = [row for row in worst[:3] if row[3] < 1]
    if lowest:
        text = ", ".join(f"{row[0]} ({row[3]:.3f})" for row in lowest)
        parts.insert(1, Paragraph(f"Lowest F1: {text}."))
    return [*parts, *map(Paragraph, _describe_missing_labels(predictions))]


def _score_each(predictions):
    columns = precision_recall_fscore_support(
        predictions.y,
        predictions.y_pred,
        labels=predictions.labels,
        zero_division=np.nan,
    )
    return [
        (str(label), *map(float, row[:3]), int(row[3]))
        for label, row in zip(predictions.labels, np.transpose(columns), strict=True)
    ]


def _describe_missing_labels(predictions):
    classes = np.asarray(predictions.estimator.classes_)
    absent = classes[~np.isin(classes, predictions.y)]
    if absent.size:
        yield (
            f"Not shown in these data, so nothing is known of them: {_list(absent)}."
        )
    unknown = np.setdiff1d(predictions.y, classes)
    if unknown.size:
        yield (f"The model does not know {_list(unknown)}; they count as errors.")


def _list(labels):
    names = ", ".join(map(str, labels[:MAX_LISTED]))
    return names if len(labels) <= MAX_LISTED else f"{names} and others"


def show_confusions(predictions):
    """Return the blocks with the confusion matrix and the most frequent errors."""
    from matplotlib.figure import Figure

    labels = predictions.labels.tolist()
    matrix = count_confusions(predictions.y, predictions.y_pred, labels)
    pairs = most_confused(matrix, labels, N_PAIRS)
    n_wrong = int((~predictions.is_correct).sum())
    figure = Figure(figsize=_size(predictions, len(labels)), layout="constrained")
    ConfusedLettersDisplay.from_predictions(
        predictions.y,
        predictions.y_pred,
        X=predictions.drawable_images if pairs else None,
        ax=figure.subplots(),
    )
    alt = (
        f"Confusion matrix of {len(labels)} labels: {n_wrong:,} of "
        f"{len(predictions.y):,} misclassified."
    )
    if pairs and predictions.drawable_images is not None:
        alt += " Beside it images of the most frequent errors, listed below."
    kind = "chart" if predictions.drawable_images is None or not pairs else "images"
    parts = [embed(figure, alt, kind)]
    if not pairs:
        return [Paragraph("There are no errors."), *parts]
    totals = dict(zip(labels, matrix.sum(axis=1).tolist(), strict=True))
    rows = [
        (str(true), str(predicted), count, count / totals[true])
        for true, predicted, count in pairs
    ]
    header = ["true label", "predicted label", "count", "rate"]
    parts.append(Table("The most frequent errors", header, rows))
    if predictions.drawable_images is None:
        parts.append(Paragraph("There are no images to show: the data contain none."))
    return parts


def _size(predictions, n_labels):
    """Return width and height of the figure in inches, so that labels are legible."""
    side = float(np.clip(2.5 + 0.27 * n_labels, 3.6, 7.5))
    if predictions.drawable_images is None or predictions.is_correct.all():
        return side * 1.15, side
    return side * 1.35, side
