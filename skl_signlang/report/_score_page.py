"""The score of a report: counted by images, and by groups."""

from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import f1_score
from sklearn.preprocessing import normalize

from skl_signlang.report._html import image, paragraph, table
from skl_signlang.report._predictions import MAX_COMPARED_VALUES, evenly

N_DRAWS = 2000  # of groups, for their interval
FEW_GROUPS = 20  # below which such an interval is too narrow
N_WORST = 5
MAX_QUERIES = 1000  # samples whose nearest neighbors are looked for
CHUNK_VALUES = 2**22

_CROSS_VALIDATION = (
    paragraph(
        "What random and grouped cross-validation say of such a model takes ten "
        "trainings, so it is not done here:",
        "note",
    ),
    paragraph(
        "from skl_signlang.model_selection import leakage_report\n"
        "leakage_report(estimator, X, y, groups=groups)",
        "code",
    ),
)


class Score(NamedTuple):
    """Accuracies, 0 to 1, and what is said of them."""

    random: float
    random_interval: tuple
    honest: float | None
    honest_interval: tuple | None
    macro_f1: float
    most_frequent: float
    names: np.ndarray | None
    accuracies: np.ndarray | None
    sizes: np.ndarray | None


def measure_score(reading):
    """Count what was read rightly."""
    n_right, n = int(reading.right.sum()), len(reading.y)
    interval = binomtest(n_right, n).proportion_ci(method="wilson")
    by_group = (None,) * 5
    if reading.groups is not None and len(np.unique(reading.groups)) > 1:
        by_group = _count_by_group(reading.right, reading.groups)
    honest, honest_interval, *groups = by_group
    return Score(
        n_right / n,
        (float(interval.low), float(interval.high)),
        honest,
        honest_interval,
        float(
            f1_score(
                reading.y,
                reading.predicted,
                labels=reading.labels,
                average="macro",
                zero_division=0,
            )
        ),
        float(np.unique(reading.y, return_counts=True)[1].max() / n),
        *groups,
    )


def _count_by_group(right, groups):
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    accuracies = np.bincount(codes, right) / sizes
    return float(accuracies.mean()), _interval(accuracies), names, accuracies, sizes


def _interval(accuracies):
    """Draw groups again and again: where 95 % of the means lie."""
    n = len(accuracies)
    if accuracies.min() == 1:
        # nothing varies: the rule of three says how many groups may have errors
        return max(0.0, 1 - 3 / n), 1.0
    random_state = np.random.RandomState(0)
    means = [accuracies[random_state.randint(n, size=n)].mean() for _ in range(N_DRAWS)]
    return tuple(np.quantile(means, (0.025, 0.975)).tolist())


def show_score(reading, score):
    """Write the scores, and what each of them means."""
    samples = reading.samples
    rows = [
        (
            "Grouped score",
            score.honest,
            _write_interval(score.honest_interval),
            f"each group counts once: what to expect of a group ({_what(reading)}) "
            "that is not in these data",
        ),
        (
            "Score under random splits",
            score.random,
            _write_interval(score.random_interval),
            f"each of the {len(reading.y):,} {samples} counts once, as in a random "
            f"split: true only of more {samples} of the same groups",
        ),
        ("Macro-F1", score.macro_f1, "", "mean F1, each label counts once"),
        (
            "Always the most frequent",
            score.most_frequent,
            "",
            "what a constant answer would score",
        ),
    ]
    header = ["", "score", "95\u00a0% interval", "what it means"]
    parts = [
        table("This model on these data; nothing was trained for it", header, rows),
        _warn(samples),
        *map(paragraph, _describe_groups(reading, score)),
    ]
    if score.honest is not None and reading.groups_are_given:
        parts += _show_groups(reading, score)
    return [*parts, *_show_neighbors(reading), *_CROSS_VALIDATION]


def _what(reading):
    return "such as a signer" if reading.groups_are_given else "near-duplicates"


def _write_interval(interval):
    return "" if interval is None else "{:.3f}\u00a0to\u00a0{:.3f}".format(*interval)


def _describe_groups(reading, score):
    """Say where groups come from, or why there is no grouped score."""
    samples = reading.samples
    if reading.groups is None and reading.images is None:
        yield (
            "There is no grouped score: no groups were given, and these rows are no "
            "images among which near-duplicates could be found. If some samples "
            "belong together, pass them as groups."
        )
    elif reading.groups is None:
        yield (
            "There is no grouped score: no groups were given, and there are too many "
            "pixels to look for near-duplicates. Pass groups."
        )
    elif score.honest is None:
        yield (
            f"There is no grouped score: all {samples} are of one group, and say "
            "nothing about another."
        )
    else:
        yield _say_where_from(reading, len(score.names))
        if score.accuracies.min() == 1:
            yield (
                "No group has an error, so nothing varies: the interval of the honest "
                "score is the rule of three, 3 in the number of groups."
            )
        elif len(score.names) < FEW_GROUPS:
            yield (
                f"{len(score.names)} groups are few: the true interval of the honest "
                "score is wider than this one."
            )


def _say_where_from(reading, n_groups):
    n = len(reading.y)
    if reading.groups_are_given:
        return f"The {n_groups:,} groups came with the data."
    if n_groups == n:
        return (
            "No groups were given, and no two images are near-duplicates: each is "
            "a group by itself, and both scores are the same. Copies are known by "
            "their pixels, people are not: if several images show one signer, pass "
            "the signers as groups."
        )
    return (
        f"No groups were given; {n_groups:,} groups of near-duplicates were found by "
        "their pixels. People are not known by them: if several images show one "
        "signer, pass the signers as groups."
    )


def _show_groups(reading, score):
    order = np.lexsort((score.sizes, score.accuracies))
    rows = [
        (str(score.names[i]), int(score.sizes[i]), float(score.accuracies[i]))
        for i in order[:N_WORST]
    ]
    alt = (
        f"Accuracy of each of the {len(order):,} groups, the worst first: from "
        f"{score.accuracies.min():.3f} to {score.accuracies.max():.3f}, with lines at "
        f"the grouped score, {score.honest:.3f}, and the random, {score.random:.3f}."
    )
    return [
        image(_draw_groups(score, score.accuracies[order]), alt),
        table(
            "The groups that are read worst",
            ["group", reading.samples, "accuracy"],
            rows,
        ),
    ]


def _draw_groups(score, accuracies):
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 2.8), layout="constrained")
    ax = figure.subplots()
    places = np.arange(1, len(accuracies) + 1)
    ax.axhspan(*score.honest_interval, color="C0", alpha=0.15, linewidth=0)
    ax.axhline(score.honest, color="C0", label=f"grouped score {score.honest:.3f}")
    ax.axhline(
        score.random, color="C1", linestyle="--", label=f"random {score.random:.3f}"
    )
    ax.plot(places, accuracies, ".", color="0.3", markersize=5)
    lowest = max(-0.03, np.floor(10 * accuracies[0] - 1) / 10)
    ax.set(xlabel="group, the worst first", ylabel="accuracy", ylim=(lowest, 1.02))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower right", fontsize=8)
    return figure


def _show_neighbors(reading):
    """Tell how much copies give away: the label of the nearest image."""
    if reading.images is None or reading.groups is None:
        return []
    n_groups = len(np.unique(reading.groups))
    if not 1 < n_groups < len(reading.y) or reading.images.size > MAX_COMPARED_VALUES:
        return []
    shares = _compare_neighbors(reading.images, reading.y, reading.groups)
    rows = [
        ("Random", shares[0], "the nearest of all other images, as a random split"),
        ("Honest", shares[1], "the nearest of another group, as a grouped split"),
        ("Gap", shares[0] - shares[1], "what copies give away"),
    ]
    return [
        table(
            "What these data give away, whatever the model: how often the image "
            "most like an image has the same label",
            ["", "share", "most like it is"],
            rows,
        ),
        paragraph(
            "This is a nearest neighbor's gap, and no network's: where it is wide, "
            "random splits of such data flatter whatever is scored or tuned by them.",
            "note",
        ),
    ]


def _compare_neighbors(images, y, groups):
    """Give the shares of samples whose nearest neighbor has their label.

    The first is among all others, the second among those of other groups.
    """
    rows = images.reshape(len(images), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    rows = normalize(rows, copy=False)
    queries = evenly(len(rows), MAX_QUERIES)
    nearest = np.empty((2, len(queries)), dtype=int)
    size = max(1, CHUNK_VALUES // len(rows))
    for start in range(0, len(queries), size):
        part = queries[start : start + size]
        alike = rows[part] @ rows.T
        alike[np.arange(len(part)), part] = -np.inf
        nearest[0, start : start + size] = alike.argmax(axis=1)
        alike[groups[part][:, None] == groups] = -np.inf
        nearest[1, start : start + size] = alike.argmax(axis=1)
    return (y[nearest] == y[queries]).mean(axis=1).tolist()


def _warn(samples):
    return paragraph(
        f"No report can know whether the model was trained on these {samples} or on "
        "copies of them. If it was, these scores say how much it remembers: report on "
        f"{samples} that were held out with their groups."
    )
