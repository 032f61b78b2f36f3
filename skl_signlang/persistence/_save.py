"""Writing archives."""

from skl_signlang._files import check_output_path, write_whole
from skl_signlang._forks import is_lost
from skl_signlang._untrusted import Budget, archiving
from skl_signlang.persistence._archive import pack
from skl_signlang.persistence._card import write_card
from skl_signlang.persistence._distributions import without_distributions
from skl_signlang.persistence._load import check_parts
from skl_signlang.persistence._manifest import CARD, ESTIMATOR, make_manifest
from skl_signlang.persistence._skops_files import with_public_names
from skl_signlang.persistence._skops_nodes import UntrustedTypesError


def save(estimator, path, *, metrics=None, data=None, groups=None):
    """Write a fitted estimator to a ``.signlang`` archive.

    The file is written atomically and replaces an existing one. Predictions of the
    loaded estimator are bit-for-bit identical. The state of optimizers is not saved:
    further training starts with a new optimizer.

    .. versionadded:: 0.1

    Parameters
    ----------
    estimator : estimator instance
        Fitted estimator of this package, or a Pipeline, search or ensemble of
        scikit-learn that contains some.
    path : str or path-like
        Path of the file, usually ``NAME.signlang``; no extension is added. The folder
        must exist.
    metrics : dict of str to float, default=None
        Scores by name, for the manifest and the card: those of data that were held
        out.
    data : str, default=None
        Description of the training data, for the card.
    groups : str, default=None
        Description of the groups that the evaluation did not divide, such as signers,
        for the card.

    Raises
    ------
    TypeError
        If `estimator` is not a scikit-learn estimator, or metrics are not numbers.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If it contains types that `load` would not trust, such as custom functions, if a
        metric is not finite, or if the path is that of a folder.
    FileNotFoundError
        If the folder does not exist.

    See Also
    --------
    skl_signlang.persistence.load : Load an archive.
    skl_signlang.persistence.card : Return the model card of an archive.
    skl_signlang.export.export : Write a file for another runtime.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.persistence import load, save
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DenseClassifier(epochs=1, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/iris.signlang")
    ...     copy = load(f"{folder}/iris.signlang")
    >>> bool((copy.predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    from sklearn.base import BaseEstimator
    from sklearn.utils.validation import check_is_fitted

    path = check_output_path(path)
    if not isinstance(estimator, BaseEstimator):
        raise TypeError(
            "save takes fitted scikit-learn estimators, Pipelines and searches; got "
            f"{estimator!r}."
        )
    check_is_fitted(estimator)
    manifest = make_manifest(estimator, metrics, data, groups)
    members = {CARD: write_card(manifest).encode(), **_serialize(estimator)}
    content = pack(manifest, members)
    with write_whole(path) as file:
        file.write(content)


def _serialize(estimator):
    """Convert an estimator to the members of an archive."""
    import skops.io

    from skl_signlang.training import separate_networks

    members = {}
    try:
        with separate_networks(members), archiving():
            content = skops.io.dumps(without_distributions(estimator))
            members = {ESTIMATOR: content, **members}
            members = check_parts(members, Budget(sum(map(len, members.values()))))
        return {**members, ESTIMATOR: with_public_names(members[ESTIMATOR])}
    except (OSError, MemoryError):
        raise
    # skops raises errors of many types, RecursionError included
    except Exception as error:
        if is_lost() and isinstance(error, RuntimeError):
            raise  # an error of the process, not of the estimator
        name = type(estimator).__name__
        if isinstance(error.__cause__, UntrustedTypesError):
            raise ValueError(
                f"{name} cannot be saved, because load would not trust its types: "
                f"{error.__cause__.names}. An archive holds estimators of skl_signlang "
                "and scikit-learn, arrays and plain values. Replace others with "
                "set_params, such as a function as loss by 'auto', and metrics and "
                "callbacks by None: predictions stay the same."
            ) from error
        raise ValueError(f"{name} cannot be saved: {error}") from error
