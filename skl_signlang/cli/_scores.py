"""Scores of letter predictions, as numbers and as text."""

import numpy as np
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from skl_signlang._language import translate
from skl_signlang.inspection import count_confusions, most_confused

N_CONFUSED_PAIRS = 5


def score_letters(true, predicted):
    """Compare predicted with true letters."""
    letters = np.unique(np.concatenate([true, predicted]))
    columns = precision_recall_fscore_support(
        true, predicted, labels=letters, zero_division=0
    )
    matrix = count_confusions(true, predicted, letters)
    names = ("precision", "recall", "f1", "support")
    rows = np.transpose(columns).tolist()
    return {
        "accuracy": float(accuracy_score(true, predicted)),
        "macro_f1": float(np.mean(columns[2])),
        "per_letter": {
            str(letter): dict(zip(names, [*row[:3], int(row[3])], strict=True))
            for letter, row in zip(letters, rows, strict=True)
        },
        "confused_pairs": [
            {"true": str(a), "predicted": str(b), "count": count}
            for a, b, count in most_confused(matrix, letters, N_CONFUSED_PAIRS)
        ],
    }


def describe_scores(scores):
    """Format scores as text."""
    pairs = [
        "  " + translate("{true} predicted as {predicted}: {count}", **pair)
        for pair in scores["confused_pairs"]
    ]
    return "\n".join(
        [
            f"{translate('accuracy'):<10}{scores['accuracy']:.4f}",
            f"macro-F1  {scores['macro_f1']:.4f}",
            translate("most confused:") if pairs else translate("no errors"),
            *pairs,
        ]
    )
