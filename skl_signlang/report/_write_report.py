"""Model report as a self-contained HTML file."""

from datetime import UTC, datetime

import numpy as np

from skl_signlang import __version__
from skl_signlang._files import check_output_path, write_whole
from skl_signlang.persistence import card
from skl_signlang.report._class_metrics import show_class_metrics, show_confusions
from skl_signlang.report._cost import format_size, format_time, measure_cost, show_cost
from skl_signlang.report._grouped_score import measure_score, show_score
from skl_signlang.report._html import Details, Paragraph, TrustedHtml, render_page
from skl_signlang.report._network_plots import show_history, show_saliency
from skl_signlang.report._predictions import compute_predictions
from skl_signlang.report._reliability import measure_calibration, show_calibration
from skl_signlang.report._robustness import show_robustness

_STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 9,
    "axes.titlesize": 10,
}


def write_report(estimator, X, y, path, *, groups=None):
    """Write a report on a fitted classifier to a self-contained HTML file.

    The report contains the model card; the grouped score and the score under random
    splits; precision, recall, F1 and support of each class; calibration; the confusion
    matrix; the training history; saliency; robustness to rotation, scale, brightness,
    blur and flips; latency and size. A section that is not available states the
    reason. Nothing is trained. The report is deterministic, except for times.

    The file is written atomically and replaces an existing one. Images are embedded:
    opening it loads no other file and runs no script.

    .. versionadded:: 0.1

    Parameters
    ----------
    estimator : estimator instance
        Fitted classifier, Pipeline or search, from skl_signlang or scikit-learn.
    X : array-like of shape (n, features), (n, h, w) or (n, h, w, c), or DataFrame
        Images or a table in the format that the estimator was fitted on. They must not
        be training data or near-duplicates of them; the report cannot check this. Rows
        that form a square of at least 8 x 8 pixels are taken for images.
    y : array-like of shape (n,)
        True labels.
    path : str or path-like
        Path of the file, usually ``NAME.html``; no extension is added. The folder must
        exist.
    groups : array-like of shape (n,), default=None
        Group labels, such as signers, for the grouped score. None uses groups of
        near-duplicate images.

    Raises
    ------
    TypeError
        If the estimator is not a classifier.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If lengths differ, there are no samples, the estimator knows none of the
        labels, or the path is that of a folder.
    FileNotFoundError
        If the folder does not exist.

    See Also
    --------
    skl_signlang.persistence.card : The model card alone.
    skl_signlang.model_selection.leakage_report : Cross-validation with random and
        grouped splits.

    Notes
    -----
    The score under random splits is the accuracy :math:`k / n` of the *n* samples with
    Wilson's 95 % interval. The grouped score is the mean accuracy of the groups, with
    the 2.5 and 97.5 percentiles of 2,000 bootstrap samples of groups. Robustness is
    computed on at most 200 images, evenly sampled; on 50 if images are large or a
    prediction takes more than 25 ms per image.

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
    path = check_output_path(path)
    content = render_report(estimator, X, y, groups=groups)
    with write_whole(path) as file:
        file.write(content)


def render_report(estimator, X, y, *, groups=None, about=None, source=None):
    """Return a report as UTF-8 encoded HTML; `source` is (model path, data path)."""
    import matplotlib

    predictions = compute_predictions(estimator, X, y, groups)
    about = card(estimator) if about is None else about
    score, calibration = measure_score(predictions), measure_calibration(predictions)
    cost = measure_cost(predictions)
    kind = "Metrics per letter" if predictions.are_letters else "Metrics per class"
    with matplotlib.rc_context(_STYLE):
        sections = {
            "card": ("Model card", _show_card(about, estimator)),
            "score": (
                "Grouped score and score under random splits",
                show_score(predictions, score),
            ),
            "letters": (kind, show_class_metrics(predictions)),
            "calibration": ("Calibration", show_calibration(predictions, calibration)),
            "confusions": ("Confusion matrix", show_confusions(predictions)),
            "history": ("Training history", show_history(predictions)),
            "saliency": ("Saliency", show_saliency(predictions)),
            "robustness": ("Robustness", show_robustness(predictions, cost)),
            "cost": ("Latency and size", show_cost(predictions, cost)),
        }
    name = type(predictions.steps[-1]).__name__
    return render_page(
        f"Report on {source[0] if source else name}",
        _describe(predictions, name, source),
        _headlines(score, calibration, cost),
        sections,
        f"Written by skl_signlang {__version__} on "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. This file needs no internet "
        "connection and runs no script.",
    ).encode("utf-8", "replace")


def _show_card(about, estimator):
    parameters = Details("Parameters", [Paragraph(f"{estimator!r}", "code")])
    return [TrustedHtml(about._repr_html_()), parameters]


def _describe(predictions, name, source):
    n_labels = len(np.unique(predictions.y))
    kind = "letter" if predictions.are_letters else "class"
    plural = {"letter": "letters", "class": "classes"}[kind] if n_labels != 1 else kind
    text = f"{len(predictions.y):,} {predictions.noun}, {n_labels} {plural}"
    if predictions.images is not None:
        height, width, channels = predictions.images.shape[1:]
        colors = {1: "gray", 3: "RGB"}.get(channels, f"{channels} channels")
        text += f", {height} x {width} pixels, {colors}"
    if predictions.groups is not None:
        text += f", {len(np.unique(predictions.groups)):,} groups"
    lines = [f"Model: {name}", f"Data: {source[1]}"] if source else []
    return [*lines, f"{text}."]


def _headlines(score, calibration, cost):
    headlines = {}
    if score.grouped is not None:
        low, high = score.grouped_interval
        headlines["Grouped score"] = f"{score.grouped:.3f}", f"{low:.3f} to {high:.3f}"
    low, high = score.ungrouped_interval
    headlines["Random splits"] = f"{score.ungrouped:.3f}", f"{low:.3f} to {high:.3f}"
    headlines["Macro-F1"] = f"{score.macro_f1:.3f}", "mean over labels"
    if calibration is not None:
        headlines["Calibration error"] = f"{calibration.error:.3f}", "0 is perfect"
    headlines["One at a time"] = format_time(cost.one), cost.method
    if cost.n_bytes is not None:
        headlines["Size"] = format_size(cost.n_bytes), "as an archive"
    return headlines
