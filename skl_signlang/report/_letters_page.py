"""Letter by letter: how well each is read, and as which others."""

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from skl_signlang.inspection import (
    ConfusedLettersDisplay,
    count_confusions,
    most_confused,
)
from skl_signlang.report._html import folded, image, paragraph, table

MAX_ROWS = 40  # of a table that is read as a whole
N_WORST = 20
N_PAIRS = 10  # in the table; the image shows half of them
MAX_LISTED = 40


def show_letters(reading):
    """Write precision, recall, F1 and support of each label."""
    rows = _score_each(reading)
    kind = "letter" if reading.are_letters else "class"
    header = [kind, "precision", "recall", "F1", "support"]
    worst = sorted(rows, key=lambda row: (row[3], -row[4]))[:N_WORST]
    if len(rows) <= MAX_ROWS:
        parts = [table(f"Each {kind}", header, rows, bars="F1")]
    else:
        parts = [
            table(f"The {N_WORST} that are read worst", header, worst, bars="F1"),
            folded(f"All {len(rows)}", table(f"Each {kind}", header, rows)),
        ]
    parts.insert(
        0,
        paragraph(
            f"Precision: of what was read as this {kind}, the share that shows it. "
            f"Recall: of what shows this {kind}, the share that was read as it. F1: "
            f"their harmonic mean. Support: how many {reading.samples} show it."
        ),
    )
    lowest = [row for row in worst[:3] if row[3] < 1]
    if lowest:
        text = ", ".join(f"{row[0]} ({row[3]:.3f})" for row in lowest)
        parts.insert(1, paragraph(f"Lowest F1: {text}."))
    return [*parts, *map(paragraph, _say_what_is_missing(reading))]


def _score_each(reading):
    columns = precision_recall_fscore_support(
        reading.y, reading.predicted, labels=reading.labels, zero_division=np.nan
    )
    return [
        (str(label), *map(float, row[:3]), int(row[3]))
        for label, row in zip(reading.labels, np.transpose(columns), strict=True)
    ]


def _say_what_is_missing(reading):
    classes = np.asarray(reading.estimator.classes_)
    absent = classes[~np.isin(classes, reading.y)]
    if absent.size:
        yield (
            f"Not shown in these data, so nothing is known of them: {_list(absent)}."
        )
    unknown = np.setdiff1d(reading.y, classes)
    if unknown.size:
        yield (
            f"The model does not know {_list(unknown)}, and reads them as something "
            "else: they count as errors."
        )


def _list(labels):
    names = ", ".join(map(str, labels[:MAX_LISTED]))
    return names if len(labels) <= MAX_LISTED else f"{names} and others"


def show_confusions(reading):
    """Draw which labels are read as which, with images."""
    from matplotlib.figure import Figure

    labels = reading.labels.tolist()
    matrix = count_confusions(reading.y, reading.predicted, labels)
    pairs = most_confused(matrix, labels, N_PAIRS)
    n_wrong = int((~reading.right).sum())
    figure = Figure(figsize=_size(reading, len(labels)), layout="constrained")
    ConfusedLettersDisplay.from_predictions(
        reading.y,
        reading.predicted,
        X=reading.shown_images if pairs else None,
        ax=figure.subplots(),
    )
    alt = (
        f"Confusion matrix of {len(labels)} labels: {n_wrong:,} of {len(reading.y):,} "
        "read wrongly."
    )
    if pairs and reading.shown_images is not None:
        alt += " Beside it images of the most frequent errors, listed below."
    kind = "chart" if reading.shown_images is None or not pairs else "photographs"
    parts = [image(figure, alt, kind)]
    if not pairs:
        return [paragraph("Nothing was confused: there is no error."), *parts]
    totals = dict(zip(labels, matrix.sum(axis=1).tolist(), strict=True))
    rows = [
        (str(true), str(read), count, count / totals[true])
        for true, read, count in pairs
    ]
    header = ["shown", "read as", "times", "share of those shown"]
    parts.append(table("The most frequent errors", header, rows))
    if reading.shown_images is None:
        parts.append(paragraph("There are no images to show: these data hold none."))
    return parts


def _size(reading, n_labels):
    """Give the matrix a side that its labels can be read at, in inches."""
    side = float(np.clip(2.5 + 0.27 * n_labels, 3.6, 7.5))
    if reading.shown_images is None or reading.right.all():
        return side * 1.15, side
    return side * 1.35, side
