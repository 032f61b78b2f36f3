"""Removal of invalid and duplicate samples."""

from numbers import Real

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._entries import cut_entries
from skl_signlang._errors import list_some
from skl_signlang._image_shapes import check_range
from skl_signlang._letters import CODINGS
from skl_signlang.datasets.cleaning._clean_hints import check_probabilities, find_hints
from skl_signlang.datasets.cleaning._clean_labels import LabelParser
from skl_signlang.datasets.cleaning._clean_pixels import (
    find_constant,
    find_range,
    read_pixels,
    to_compact_dtype,
)
from skl_signlang.datasets.reading._bunch import image_bunch

CHECKS = (
    "text",
    "missing",
    "range",
    "constant",
    "shape",
    "label",
    "conflict",
    "duplicate",
)
HINTS = ("label_error", "outlier")
REBUILT_ENTRIES = {"images", "data", "target", "target_names", "DESCR"}


@validate_params(
    {
        "bunch": [dict],
        "checks": [StrOptions({"all"}), list, tuple],
        "labels": [StrOptions({"letters"}), "array-like", None],
        "codes": [StrOptions({"auto", *CODINGS})],
        "pixel_range": [tuple, list],
        "image_shape": [tuple, list, None],
        "pred_probs": ["array-like", None],
        "classes": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def clean_samples(
    bunch,
    *,
    checks="all",
    labels="letters",
    codes="auto",
    pixel_range=(0, 255),
    image_shape=None,
    pred_probs=None,
    classes=None,
):
    """Remove samples that are damaged, contradictory or duplicated.

    ===========  ================================================  =================
    Check        Finds                                             Action
    ===========  ================================================  =================
    text         text in cells; numbers written as text are fine   removed
    missing      cells without a value: NaN, None, blanks          removed
    range        values outside `pixel_range`                      removed
    constant     images of a single value, such as all zero        removed
    shape        images of another shape than the others           removed
    label        labels that do not exist, or that move (J, Z)     removed
    conflict     the same image under two labels                   all are removed
    duplicate    the same image under the same label               the first is kept
    ===========  ================================================  =================

    A sample can fail several checks; "conflict" and "duplicate" compare those that
    fail no other.

    .. versionadded:: 0.1

    Parameters
    ----------
    bunch : Bunch
        With ``target`` (n,), and ``images`` or ``data`` of n samples: arrays of any
        dtype, a DataFrame or lists; ``images`` is used if both are present.
    checks : "all" or list of str, default="all"
        Checks to apply.
    labels : "letters", None or array-like, default="letters"
        The valid labels. "letters" are the 24 static ones, upper-case,
        lower-case or as codes, and the classes "space", "del" and "nothing" (images
        without a hand) of some data sets; the clean ``target`` has letters
        upper-case and the others lower-case. None accepts all labels that are not
        missing. For digits or words, pass None or a list; the labels may be numbers or
        strings, and are returned as in the list. Without "label" among `checks` the
        target is not changed.
    codes : {"auto", "kaggle", "dense", "one-based", "alphabet"}, default="auto"
        Coding of integers if `labels` is "letters", see :func:`codes_to_letters`. If
        there are letters among the labels, "auto" is "kaggle".
    pixel_range : tuple of float, default=(0, 255)
        Smallest and largest valid value of a pixel.
    image_shape : tuple of int, default=None
        (height, width) or (height, width, channels) of the images. None takes the
        most frequent shape; rows of pixels are squares, gray or RGB, or else images one
        pixel high.
    pred_probs : array-like of float, shape (n, n_classes), default=None
        Out-of-sample probabilities of each sample of `bunch`, as from
        ``cross_val_predict(..., method="predict_proba")``. They add the hints
        "label_error" and "outlier" to the report, for samples that are kept. Rows of
        removed samples are ignored.
    classes : array-like, shape (n_classes,), default=None
        The labels of the columns of `pred_probs`; None means those of the clean
        target, sorted.

    Returns
    -------
    clean : :class:`~sklearn.utils.Bunch`
        The remaining samples, in their order, with the entries:

        images : ndarray, shape (n_left, h, w) or (n_left, h, w, c)
            Images, gray ones without channels: uint8 if all values are integers from
            0 to 255, else float32.
        data : ndarray, shape (n_left, features)
            Flattened pixels, a view of ``images``.
        target : ndarray, shape (n_left,)
            The label of each.
        target_names : ndarray
            The labels that occur, sorted.
        groups : ndarray or None
            As in `bunch`.
        DESCR : str
            As in `bunch`, and a line about the removed samples.

        Other entries with a row per sample are filtered too; all others are kept.
    report : DataFrame
        Findings, sorted by row, with the columns

        - row: the position of the sample in `bunch`, from 0;
        - check: which check, or "label_error" or "outlier";
        - value: a description of the value;
        - action: "removed", "kept" (the first of duplicates) or "hint".

    Raises
    ------
    ValueError
        If a parameter is out of its range; if lengths differ; if no sample remains;
        for text or a wrong shape that is not among `checks`; if the target holds
        numbers and ``target_names`` strings, so that they may be indices of names or
        codes; if the coding of integers is ambiguous.

    See Also
    --------
    skl_signlang.model_selection.near_duplicate_groups : Copies that are not exact.

    Notes
    -----
    With :math:`t_k`, the mean of :math:`p_k(x)` over the samples of label :math:`k`, a
    sample is a "label_error" if :math:`p_k(x) >= t_k` for another class, the rule of
    confident learning [1]_, and an "outlier" if :math:`p_k(x) < t_k / 2` for all
    classes.

    References
    ----------
    .. [1] C. Northcutt, L. Jiang, I. Chuang, "Confident Learning: Estimating
       Uncertainty in Dataset Labels", JAIR 70, 2021, arXiv:1911.00068, section 3.1.

    Examples
    --------
    >>> from sklearn.utils import Bunch
    >>> from skl_signlang.datasets import clean_samples
    >>> dirty = Bunch(
    ...     data=[[1, 2, 3, 4], [0, 0, 0, 0], [5, "fwefew", 7, 8], [1, 2, 3, 4]],
    ...     target=["A", "B", "J", "A"],
    ... )
    >>> clean, report = clean_samples(dirty)
    >>> clean.images.shape, clean.target.tolist()
    ((1, 2, 2), ['A'])
    >>> print(report.to_string(index=False))
     row     check                     value  action
       0 duplicate                  as row 3    kept
       1  constant                         0 removed
       2      text                  'fwefew' removed
       2     label 'J', signed with a motion removed
       3 duplicate                  as row 0 removed
    """
    checks = _check_names(checks)
    low, high = check_range(pixel_range, "pixel_range")
    samples, n_samples = _check_bunch(bunch)
    parser = LabelParser(labels, codes)
    _check_target_names(bunch, parser, checks)

    pixels = read_pixels(samples, image_shape)
    target, unknown = _read_target(bunch, parser, checks)
    findings = [*pixels.findings, *unknown]
    findings += find_range(pixels.values, low, high) + find_constant(pixels.values)
    findings = [what for what in findings if _is_wanted(*what, checks)]
    rows = np.setdiff1d(np.arange(n_samples), [row for row, *_ in findings])
    findings = [(*what, "removed") for what in findings]

    values = to_compact_dtype(pixels.values[rows])
    findings += _find_copies(values, target[rows], rows, checks)
    removed = [row for row, *_, action in findings if action == "removed"]
    left = np.isin(rows, removed, invert=True)
    rows, values = rows[left], values[left]
    _check_some_left(rows, n_samples, findings)

    labels_left = _as_one_type(target[rows].tolist())
    if pred_probs is not None:
        findings += _find_hints(
            labels_left, rows, pred_probs, classes, n_samples, parser
        )
    return (
        _cut(bunch, rows, n_samples, values, pixels.image_shape, labels_left, findings),
        _as_report(findings),
    )


def _check_names(checks):
    if isinstance(checks, str):
        return CHECKS
    unknown = [check for check in checks if check not in CHECKS]
    if unknown:
        raise ValueError(
            f"checks must be 'all' or a list of {', '.join(CHECKS)}; got "
            f"{list_some(map(repr, unknown))}."
        )
    return tuple(checks)


def _check_bunch(bunch):
    """Return the samples and their number."""
    name = "data" if bunch.get("images") is None else "images"
    lacking = [key for key in (name, "target") if bunch.get(key) is None]
    if lacking:
        raise ValueError(
            "bunch must have 'target', and 'images' or 'data'; it lacks "
            f"{' and '.join(map(repr, lacking))} and has {list_some(bunch)}."
        )
    samples, target = bunch[name], bunch["target"]
    if np.ndim(target) != 1 or not len(target) or len(target) != len(samples):
        raise ValueError(
            f"bunch must have one label for each sample, and one sample at least; got "
            f"{len(samples)} in {name!r} and a target of shape {np.shape(target)}."
        )
    return samples, len(target)


def _check_target_names(bunch, parser, checks):
    """Raise ValueError for numbers that may be indices of names or codes of letters."""
    names = bunch.get("target_names")
    if not parser.is_letters or "label" not in checks or names is None:
        return
    if np.asarray(bunch["target"]).dtype.kind in "iuf" and (
        np.asarray(names).dtype.kind not in "iuf"
    ):
        raise ValueError(
            "target holds numbers and target_names strings, so they may be indices "
            "of these or Sign Language MNIST's codes. Pass a bunch whose target is "
            "target_names[target], or one without target_names if they are codes."
        )


def _read_target(bunch, parser, checks):
    """Return labels, and (row, "label", value) of those that do not exist."""
    if "label" not in checks:
        return np.asarray(bunch["target"]).astype(object), []
    target, unknown = parser.read(bunch["target"])
    return target, [(row, "label", value) for row, value in unknown]


def _is_wanted(row, check, value, checks):
    """Return whether a check is selected; raise ValueError if it must be."""
    if check in ("text", "shape") and check not in checks:
        raise ValueError(
            f"Sample {row} must be removed because of its {check} ({value}), which is "
            f"not among checks; add {check!r} to checks."
        )
    return check in checks


def _find_copies(values, labels, rows, checks):
    """Find equal images under two labels, and duplicates."""
    frame = pd.DataFrame(
        {
            "row": rows,
            "image": pd.factorize(_as_objects([v.tobytes() for v in values]))[0],
            "label": pd.factorize(labels, use_na_sentinel=False)[0],
        }
    )
    findings = []
    if "conflict" in checks:
        two = frame.groupby("image")["label"].transform("nunique") > 1
        for _, copies in frame[two].groupby("image"):
            first = copies.drop_duplicates("label").index
            where = list_some(f"{labels[i]} (row {rows[i]})" for i in first)
            findings += [(row, "conflict", where, "removed") for row in copies["row"]]
        frame = frame[~two]
    if "duplicate" in checks:
        pair = ["image", "label"]
        for _, copies in frame[frame.duplicated(pair, keep=False)].groupby(pair):
            first, *others = copies["row"]
            as_these = list_some(others)
            findings.append((first, "duplicate", f"as row {as_these}", "kept"))
            findings += [
                (row, "duplicate", f"as row {first}", "removed") for row in others
            ]
    return findings


def _as_objects(values):
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    return objects


def _check_some_left(rows, n_samples, findings):
    if len(rows):
        return
    row, check, value, _ = min(findings, key=lambda what: what[0])
    advice = ""
    if check == "label":
        advice = " Labels that are not letters need labels=None or a list of them."
    raise ValueError(
        f"None of the {n_samples} samples is left; the first, row {row}, fails "
        f"{check!r}: {value}.{advice}"
    )


def _as_one_type(labels):
    types = {type(label) for label in labels}
    if len(types) > 1 and not all(issubclass(kind, Real) for kind in types):
        names = ", ".join(sorted(kind.__name__ for kind in types))
        raise ValueError(
            f"target holds labels of several types ({names}); convert them to one "
            "type, or find the wrong ones: 'label' in checks, and labels= a list of "
            "those that exist."
        )
    return np.array(labels)


def _find_hints(labels, rows, pred_probs, classes, n_samples, parser):
    if classes is None:
        classes = np.unique(labels).tolist()
    elif parser.labels is not None:
        classes, unknown = parser.read(classes)
        if unknown:
            raise ValueError(f"classes must be labels that exist; got {unknown[0][1]}.")
    pred_probs = check_probabilities(pred_probs, n_samples, list(classes))
    hints = find_hints(labels.tolist(), rows, pred_probs[rows], list(classes))
    return [(*hint, "hint") for hint in hints]


def _cut(bunch, rows, n_samples, values, image_shape, target, findings):
    """Build the clean Bunch."""
    others = {key: value for key, value in bunch.items() if key not in REBUILT_ENTRIES}
    entries = cut_entries(others, n_samples, rows)
    groups = entries.pop("groups", None)
    if entries.get("n_groups") is not None and groups is not None:
        entries["n_groups"] = len(np.unique(groups))
    shape = image_shape[:2] if image_shape[2] == 1 else image_shape
    made = _describe(findings, len(rows), n_samples)
    return image_bunch(
        values.reshape(len(values), *shape),
        target,
        descr=f"{bunch.get('DESCR') or ''}\n\n{made}".strip(),
        groups=groups,
        **entries,
    )


def _describe(findings, n_left, n_samples):
    removed = pd.Series(
        [check for _, check, _, action in findings if action == "removed"], dtype=str
    ).value_counts()
    counts = ", ".join(
        f"{check} {removed[check]}" for check in CHECKS if check in removed
    )
    return (
        f"Cleaned by clean_samples: {n_left} of {n_samples} samples left"
        f"{f' (found: {counts})' if counts else ''}."
    )


def _as_report(findings):
    order = {check: place for place, check in enumerate(CHECKS + HINTS)}
    findings = sorted(findings, key=lambda what: (what[0], order[what[1]]))
    report = pd.DataFrame(findings, columns=["row", "check", "value", "action"])
    return report.astype({"row": np.int64, "check": str, "value": str, "action": str})
