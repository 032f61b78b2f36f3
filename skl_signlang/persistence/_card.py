"""Model cards."""

import html

from skl_signlang._files import check_path
from skl_signlang._letters import LETTERS, MOVING_LETTERS
from skl_signlang.persistence._archive import read_manifest
from skl_signlang.persistence._manifest import make_manifest


class ModelCard(str):
    """Card in Markdown, shown as HTML in notebooks."""

    def _repr_html_(self):
        return "\n".join(_html_lines(self))


def card(source):
    """Return the model card: data, groups, score, letters and limitations.

    Unknown entries are "not stated".

    .. versionadded:: 0.1

    Parameters
    ----------
    source : estimator instance, str or path-like
        A fitted estimator, or the path of a ``.signlang`` archive, of which only the
        manifest is read. Only an archive contains the metadata of `save`.

    Returns
    -------
    card : ModelCard
        A str of Markdown, shown as HTML in notebooks.

    Raises
    ------
    TypeError
        If `source` is neither an estimator nor a path.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    FileNotFoundError
        If the file does not exist.
    ValueError
        If the file is not an archive, or its manifest is invalid.

    See Also
    --------
    skl_signlang.persistence.save : Write an archive.
    skl_signlang.report.write_report : Write a report with scores and images.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.persistence import card
    >>> model = DenseClassifier(epochs=1).fit(*load_iris(return_X_y=True))
    >>> print(card(model).splitlines()[0])
    # DenseClassifier
    """
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted

    if isinstance(source, BaseEstimator):
        check_is_fitted(source)
        return write_card(make_manifest(source))
    path = check_path(source)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    return _card_of_archive(path)


def _card_of_archive(path):
    try:
        return write_card(read_manifest(path))
    # an untrusted manifest may hold anything
    except Exception as error:
        raise ValueError(
            f"{path} has no card, because it is not a .signlang archive: {error}"
        ) from error


def write_card(manifest):
    """Write the card of a manifest."""
    parts = {
        "Data": [_or_not_stated(manifest["data"])],
        "Groups": [_or_not_stated(manifest["groups"])],
        "Score": _score(manifest),
        "Classes": _classes(manifest["classes"]),
        "Limits": _limits(manifest),
        "Made with": _versions(manifest),
    }
    lines = [f"# {_line(manifest['estimator'])}"]
    for title, entries in parts.items():
        lines += ["", f"## {title}", "", *(f"- {_line(entry)}" for entry in entries)]
    return ModelCard("\n".join(lines) + "\n")


def _line(text):
    """Escape HTML in a string, and put it on one line."""
    return " ".join(str(text).replace("<", "&lt;").split())


def _or_not_stated(text):
    return text or "Not stated."


def _score(manifest):
    lines = [
        f"{name}: {score:.4g}" for name, score in (manifest["metrics"] or {}).items()
    ]
    search = manifest["search"]
    if search is not None:
        splitter = search["cv"] or "scikit-learn's default or custom splits"
        lines.append(
            f"{search['best_score']:.4g}: mean cross-validated score of the best of "
            f"{search['n_candidates']} candidates, over {search['n_splits']} splits by "
            f"{splitter}; scoring: {search['scoring'] or 'the default'}."
        )
        if "Group" not in splitter:
            lines.append(
                "It is unknown whether groups were kept together: near-duplicates on "
                "both sides of a split make such a score too optimistic."
            )
    return lines or ["Not stated."]


def _classes(classes):
    if classes is None:
        return ["None: it is a regressor."]
    lines = [f"{len(classes)}: {', '.join(map(str, classes))}"]
    if set(classes) <= set(LETTERS):
        missing = [letter for letter in LETTERS if letter not in classes]
        lines.append(
            "Letters of the American manual alphabet; "
            f"{' and '.join(MOVING_LETTERS)} are signed in motion, which no image "
            "shows."
        )
        lines.append(f"Letters not covered: {' '.join(missing) or 'none'}.")
    return lines


def _limits(manifest):
    lines = []
    if manifest["image_shape"] is not None:
        height, width, channels = manifest["image_shape"]
        kind = {1: "gray", 3: "RGB"}.get(channels, f"{channels} channels")
        lines.append(f"It takes images of {height} x {width} pixels, {kind}.")
    if manifest["classes"] is not None:
        lines.append("It predicts one of these classes for any input.")
    lines.append(
        "The scores above, if any, are valid for data like those of the evaluation."
    )
    return lines


def _versions(manifest):
    versions = manifest["versions"].items()
    yield ", ".join(f"{name} {version}" for name, version in versions)
    yield f"Written {manifest['created']}, format {manifest['format_version']}."


def _html_lines(text):
    """Convert the headings and lists of a card to HTML."""
    is_list = False
    for line in text.splitlines():
        mark, _, rest = line.partition(" ")
        if is_list and mark != "-":
            yield "</ul>"
        if not is_list and mark == "-":
            yield "<ul>"
        is_list = mark == "-"
        tag = {"#": "h3", "##": "h4", "-": "li"}.get(mark)
        if tag:
            escaped = html.escape(html.unescape(rest))
            yield f"<{tag}>{escaped}</{tag}>"
    if is_list:
        yield "</ul>"
