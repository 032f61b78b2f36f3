"""Everything that is known of a classifier, as one page that opens from disk."""

from datetime import UTC, datetime

import numpy as np

from skl_signlang import __version__
from skl_signlang._files import check_place, write_whole
from skl_signlang.persistence import card
from skl_signlang.report._calibration import measure_calibration, show_calibration
from skl_signlang.report._cost import measure_cost, show_cost, write_size, write_time
from skl_signlang.report._html import folded, page, paragraph
from skl_signlang.report._letters_page import show_confusions, show_letters
from skl_signlang.report._network_page import show_history, show_saliency
from skl_signlang.report._predictions import read
from skl_signlang.report._robustness import show_robustness
from skl_signlang.report._score_page import measure_score, show_score

_STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 9,
    "axes.titlesize": 10,
}


def write_report(estimator, X, y, path, *, groups=None):
    """Write a report on a fitted classifier: one HTML file that needs nothing else.

    It holds, in this order: the model's card; its grouped score, by groups, beside the
    random one, by images; precision, recall, F1 and support of each letter;
    calibration; confusions with images; the training's history; saliency of hits and
    misses; robustness to rotation, scale, brightness, blur and mirrors; latency and
    size. What cannot be shown is said, and the rest is shown. Nothing is trained, and
    all but the times comes out the same each time.

    The file is written whole or not at all, in place of one that is there. Images
    are in it, so nothing is loaded from anywhere when it is opened, and no script runs.

    Parameters
    ----------
    estimator : estimator instance
        A fitted classifier, Pipeline or search, of this package or of scikit-learn.
    X : array-like of shape (n, features), (n, h, w) or (n, h, w, c), or DataFrame
        What it reads, in the form that it was fitted on: images or a table. Such as
        it was **not** trained on, nor on copies of; no report can tell. Rows that form
        a square of 8 pixels a side or more are taken for images.
    y : array-like of shape (n,)
        What is shown.
    path : str or path-like
        Where to write, as a rule ``NAME.html``; nothing is added to the name. The
        folder must exist.
    groups : array-like of shape (n,), default=None
        What belongs together, such as the signer, for the grouped score. None looks for
        near-duplicates among images.

    Raises
    ------
    TypeError
        If the estimator is no classifier, such as a regressor.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    ValueError
        If lengths differ, there are no samples, the estimator knows none of the
        labels, or the path is that of a folder.
    FileNotFoundError
        If there is no such folder.

    See Also
    --------
    skl_signlang.persistence.card : The card alone.
    skl_signlang.model_selection.leakage_report : Cross-validation, random and grouped,
        which trains.

    Notes
    -----
    The score under random splits is the accuracy, with Wilson's interval; the grouped
    score is the mean of
    the groups' accuracies, with the percentiles of 2,000 bootstrap draws of groups. Up
    to 200 images are changed for robustness, evenly taken; 50 where they are large or
    take more than 25 ms each to read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skl_signlang.report import write_report
    >>> X, y = load_digits(return_X_y=True)
    >>> model = GaussianNB().fit(X[:900], y[:900])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "report.html")
    ...     write_report(model, X[900:1200], y[900:1200], path)
    ...     path.read_text("utf-8")[:15]
    '<!DOCTYPE html>'
    """
    path = check_place(path)
    content = make_report(estimator, X, y, groups=groups)
    with write_whole(path) as file:
        file.write(content)


def make_report(estimator, X, y, *, groups=None, about=None, source=None):
    """Make a report."""
    import matplotlib

    reading = read(estimator, X, y, groups)
    about = card(estimator) if about is None else about
    score, calibration = measure_score(reading), measure_calibration(reading)
    cost = measure_cost(reading)
    kind = "Letter by letter" if reading.are_letters else "Class by class"
    with matplotlib.rc_context(_STYLE):
        sections = {
            "card": ("Model card", _show_card(about, estimator)),
            "score": ("Grouped score and random splits", show_score(reading, score)),
            "letters": (kind, show_letters(reading)),
            "calibration": ("Calibration", show_calibration(reading, calibration)),
            "confusions": ("Confusions", show_confusions(reading)),
            "history": ("Training history", show_history(reading)),
            "saliency": ("Saliency of hits and misses", show_saliency(reading)),
            "robustness": ("Robustness", show_robustness(reading, cost)),
            "cost": ("Latency and size", show_cost(reading, cost)),
        }
    name = type(reading.steps[-1]).__name__
    return page(
        f"Report on {source[0] if source else name}",
        _describe(reading, name, source),
        _headlines(score, calibration, cost),
        sections,
        f"Written by skl_signlang {__version__} on "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. This file needs no network and runs "
        "no script.",
    ).encode("utf-8", "replace")


def _show_card(about, estimator):
    parameters = folded("Parameters", paragraph(repr(estimator), "code"))
    return [about._repr_html_(), parameters]


def _describe(reading, name, source):
    n_labels = len(np.unique(reading.y))
    kind = "letter" if reading.are_letters else "class"
    plural = {"letter": "letters", "class": "classes"}[kind] if n_labels != 1 else kind
    text = f"{len(reading.y):,} {reading.samples}, {n_labels} {plural}"
    if reading.images is not None:
        height, width, channels = reading.images.shape[1:]
        colors = {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")
        text += f", {height} x {width} pixels, {colors}"
    if reading.groups is not None:
        text += f", {len(np.unique(reading.groups)):,} groups"
    lines = [f"Model: {name}", f"Data: {source[1]}"] if source else []
    return [*lines, f"{text}."]


def _headlines(score, calibration, cost):
    facts = {}
    if score.honest is not None:
        low, high = score.honest_interval
        facts["Grouped score"] = f"{score.honest:.3f}", f"{low:.3f} to {high:.3f}"
    low, high = score.random_interval
    facts["Random splits"] = f"{score.random:.3f}", f"{low:.3f} to {high:.3f}"
    facts["Macro-F1"] = f"{score.macro_f1:.3f}", "mean over labels"
    if calibration is not None:
        facts["Calibration error"] = f"{calibration.error:.3f}", "0 is best"
    facts["One at a time"] = write_time(cost.one), cost.method
    if cost.n_bytes is not None:
        facts["Size"] = write_size(cost.n_bytes), "as an archive"
    return facts
