"""Grouped score, and score under random splits."""

from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import f1_score
from sklearn.preprocessing import normalize

from skl_signlang.report._html import Paragraph, Table, embed
from skl_signlang.report._predictions import MAX_COMPARED_VALUES, evenly

N_DRAWS = 2000  # bootstrap samples of groups
FEW_GROUPS = 20  # with fewer, the bootstrap interval is too narrow
N_WORST = 5
MAX_QUERIES = 1000  # samples whose nearest neighbors are searched
CHUNK_VALUES = 2**22

_CROSS_VALIDATION = (
    Paragraph(
        "Cross-validation with random and grouped splits fits the model ten times and "
        "is not part of this report. To run it:",
        "note",
    ),
    Paragraph(
        "from skl_signlang.model_selection import leakage_report\n"
        "leakage_report(estimator, X, y, groups=groups)",
        "code",
    ),
)


class Score(NamedTuple):
    """Accuracies from 0 to 1 with 95 % intervals; the last fields are per group."""

    ungrouped: float
    ungrouped_interval: tuple
    grouped: float | None
    grouped_interval: tuple | None
    macro_f1: float
    most_frequent: float
    names: np.ndarray | None
    accuracies: np.ndarray | None
    sizes: np.ndarray | None


def measure_score(predictions):
    """Compute the scores and their intervals."""
    n_correct, n = int(predictions.is_correct.sum()), len(predictions.y)
    interval = binomtest(n_correct, n).proportion_ci(method="wilson")
    by_group = (None,) * 5
    if predictions.groups is not None and len(np.unique(predictions.groups)) > 1:
        by_group = _count_by_group(predictions.is_correct, predictions.groups)
    grouped, grouped_interval, *groups = by_group
    return Score(
        n_correct / n,
        (float(interval.low), float(interval.high)),
        grouped,
        grouped_interval,
        float(
            f1_score(
                predictions.y,
                predictions.y_pred,
                labels=predictions.labels,
                average="macro",
                zero_division=0,
            )
        ),
        float(np.unique(predictions.y, return_counts=True)[1].max() / n),
        *groups,
    )


def _count_by_group(is_correct, groups):
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    accuracies = np.bincount(codes, is_correct) / sizes
    return float(accuracies.mean()), _interval(accuracies), names, accuracies, sizes


def _interval(accuracies):
    """Compute the 95 % bootstrap interval of the mean over groups."""
    n = len(accuracies)
    if accuracies.min() == 1:
        # no variance: the rule of three bounds the rate of groups with errors
        return max(0.0, 1 - 3 / n), 1.0
    random_state = np.random.RandomState(0)
    means = [accuracies[random_state.randint(n, size=n)].mean() for _ in range(N_DRAWS)]
    return tuple(np.quantile(means, (0.025, 0.975)).tolist())


def show_score(predictions, score):
    """Return the blocks of the section on scores."""
    samples = predictions.noun
    rows = [
        (
            "Grouped score",
            score.grouped,
            _format_interval(score.grouped_interval),
            "mean accuracy of the groups: the accuracy to expect on "
            f"{_describe_unseen(predictions)}",
        ),
        (
            "Score under random splits",
            score.ungrouped,
            _format_interval(score.ungrouped_interval),
            f"accuracy on all {len(predictions.y):,} {samples}: the accuracy to expect "
            f"on more {samples} of the same groups",
        ),
        ("Macro-F1", score.macro_f1, "", "unweighted mean of F1 over labels"),
        (
            "Most frequent label",
            score.most_frequent,
            "",
            "accuracy of a constant prediction",
        ),
    ]
    header = ["", "score", "95\u00a0% interval", "meaning"]
    parts = [
        Table("Scores of the fitted model", header, rows),
        _warn_of_training_data(samples),
        *map(Paragraph, _describe_groups(predictions, score)),
    ]
    if score.grouped is not None and predictions.groups_are_given:
        parts += _show_groups(predictions, score)
    return [*parts, *_show_neighbors(predictions), *_CROSS_VALIDATION]


def _describe_unseen(predictions):
    if predictions.groups_are_given:
        return "unseen groups, such as unseen signers"
    return f"{predictions.noun} without near-duplicates in these data"


def _format_interval(interval):
    return "" if interval is None else "{:.3f}\u00a0to\u00a0{:.3f}".format(*interval)


def _describe_groups(predictions, score):
    """Yield where groups come from, or why there is no grouped score."""
    samples = predictions.noun
    if predictions.groups is None and predictions.images is None:
        yield (
            "There is no grouped score: no groups were given, and near-duplicates can "
            "only be found among images; these rows are not images. If some samples "
            "belong together, pass groups."
        )
    elif predictions.groups is None:
        yield (
            "There is no grouped score: no groups were given, and there are too many "
            "pixels to search for near-duplicates. Pass groups."
        )
    elif score.grouped is None:
        yield f"There is no grouped score: all {samples} are of one group."
    else:
        yield _describe_source(predictions, len(score.names))
        if score.accuracies.min() == 1:
            yield (
                "No group has an error, so the interval of the grouped score is the "
                "rule of three: 1 - 3 / number of groups."
            )
        elif len(score.names) < FEW_GROUPS:
            yield (
                f"{len(score.names)} groups are few: the interval of the grouped score "
                "is too narrow."
            )


def _describe_source(predictions, n_groups):
    n = len(predictions.y)
    if predictions.groups_are_given:
        return f"The {n_groups:,} groups came with the data."
    if n_groups == n:
        return (
            "No groups were given, and no two images are near-duplicates: each image "
            "is its own group, and both scores are equal. If several images show the "
            "same signer, pass the signers as groups."
        )
    return (
        f"No groups were given; {n_groups:,} groups of near-duplicates were found by "
        "their pixels. If several images show the same signer, pass the signers as "
        "groups."
    )


def _show_groups(predictions, score):
    order = np.lexsort((score.sizes, score.accuracies))
    rows = [
        (str(score.names[i]), int(score.sizes[i]), float(score.accuracies[i]))
        for i in order[:N_WORST]
    ]
    alt = (
        f"Accuracy of each of the {len(order):,} groups, the worst first: from "
        f"{score.accuracies.min():.3f} to {score.accuracies.max():.3f}, with lines at "
        f"the grouped score, {score.grouped:.3f}, and the score under random splits, "
        f"{score.ungrouped:.3f}."
    )
    return [
        embed(_draw_groups(score, score.accuracies[order]), alt),
        Table(
            "The groups with the lowest accuracy",
            ["group", predictions.noun, "accuracy"],
            rows,
        ),
    ]


def _draw_groups(score, accuracies):
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 2.8), layout="constrained")
    ax = figure.subplots()
    ranks = np.arange(1, len(accuracies) + 1)
    ax.axhspan(*score.grouped_interval, color="C0", alpha=0.15, linewidth=0)
    ax.axhline(score.grouped, color="C0", label=f"grouped score {score.grouped:.3f}")
    ax.axhline(
        score.ungrouped,
        color="C1",
        linestyle="--",
        label=f"random splits {score.ungrouped:.3f}",
    )
    ax.plot(ranks, accuracies, ".", color="0.3", markersize=5)
    lowest = max(-0.03, np.floor(10 * accuracies[0] - 1) / 10)
    ax.set(
        xlabel="rank of the group, lowest accuracy first",
        ylabel="accuracy",
        ylim=(lowest, 1.02),
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right", fontsize=8)
    return figure


def _show_neighbors(predictions):
    """Return the table of nearest-neighbor accuracy with and without groups."""
    if predictions.images is None or predictions.groups is None:
        return []
    n_groups = len(np.unique(predictions.groups))
    if (
        not 1 < n_groups < len(predictions.y)
        or predictions.images.size > MAX_COMPARED_VALUES
    ):
        return []
    accuracies = _compare_neighbors(
        predictions.images, predictions.y, predictions.groups
    )
    rows = [
        ("Random split", accuracies[0], "nearest of all other images"),
        ("Grouped split", accuracies[1], "nearest of the other groups"),
        ("Gap", accuracies[0] - accuracies[1], "leakage through near-duplicates"),
    ]
    return [
        Table(
            "Accuracy of a nearest-neighbor classifier on these data, with and without "
            "images of the same group",
            ["", "accuracy", "neighbor"],
            rows,
        ),
        Paragraph(
            "The gap does not depend on this model. If it is large, scores under "
            "random splits of such data are too optimistic.",
            "note",
        ),
    ]


def _compare_neighbors(images, y, groups):
    """Compute 1-NN accuracies by correlation: among all others, among other groups."""
    rows = images.reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    rows = normalize(rows, copy=False)
    queries = evenly(len(rows), MAX_QUERIES)
    nearest = np.empty((2, len(queries)), dtype=int)
    size = max(1, CHUNK_VALUES // len(rows))
    for start in range(0, len(queries), size):
        part = queries[start : start + size]
        similarity = rows[part] @ rows.T
        similarity[np.arange(len(part)), part] = -np.inf
        nearest[0, start : start + size] = similarity.argmax(axis=1)
        similarity[groups[part][:, None] == groups] = -np.inf
        nearest[1, start : start + size] = similarity.argmax(axis=1)
    return (y[nearest] == y[queries]).mean(axis=1).tolist()


def _warn_of_training_data(samples):
    return Paragraph(
        f"These scores are valid only if the model was not trained on these {samples} "
        f"or on near-duplicates of them: hold out {samples} with their groups."
    )
