"""Export of a network as two files: architecture and weights."""

import tempfile
from pathlib import Path

from skl_signlang._files import check_output_path, write_whole

_WEIGHTS_NAME = "network.weights.h5"  # Keras asks for this ending


def export_architecture(estimator, path):
    """Write the architecture of a fitted network as JSON, without its weights.

    Keras can load it too: `keras.models.model_from_json`.

    .. versionadded:: 0.1

    Parameters
    ----------
    estimator : estimator instance
        Fitted estimator with a network, or a search or Pipeline that ends with one;
        only the network is written.
    path : str or path-like
        Path of the file, usually ``NAME.json``; no extension is added.

    Raises
    ------
    TypeError
        If the estimator has no network.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    FileNotFoundError, ValueError
        If the folder does not exist, or the path is that of a folder.

    See Also
    --------
    skl_signlang.export.export_weights : Write the weights, with an example.
    """
    path, model = check_output_path(path), _network_of(estimator)
    with write_whole(path) as file:
        file.write(model.to_json(indent=2).encode())


def export_weights(estimator, path):
    """Write the weights of a fitted network as HDF5, without its architecture.

    Keras can load them too: ``model.load_weights``.

    .. versionadded:: 0.1

    Parameters
    ----------
    estimator : estimator instance
        As for `export_architecture`.
    path : str or path-like
        Path of the file, usually ``NAME.weights.h5``; no extension is added.

    Raises
    ------
    TypeError, sklearn.exceptions.NotFittedError, FileNotFoundError, ValueError
        As `export_architecture`.

    See Also
    --------
    skl_signlang.persistence.load : Load both files.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.export import export_architecture, export_weights
    >>> from skl_signlang.persistence import load
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DenseClassifier(epochs=1, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_architecture(model, f"{folder}/net.json")
    ...     export_weights(model, f"{folder}/net.weights.h5")
    ...     network = load(f"{folder}/net.json", weights=f"{folder}/net.weights.h5")
    >>> network.output_shape
    (None, 3)
    """
    path, model = check_output_path(path), _network_of(estimator)
    with tempfile.TemporaryDirectory() as folder, write_whole(path) as file:
        model.save_weights(Path(folder, _WEIGHTS_NAME))
        file.write(Path(folder, _WEIGHTS_NAME).read_bytes())


def _network_of(estimator):
    """Return the network of an estimator, a search or a Pipeline."""
    from sklearn.utils.validation import check_is_fitted

    from skl_signlang.estimators import NetworkEstimator

    inner = estimator
    while not isinstance(inner, NetworkEstimator):
        if hasattr(inner, "best_estimator_"):
            inner = inner.best_estimator_
        elif hasattr(inner, "steps"):
            inner = inner.steps[-1][1]
        else:
            raise TypeError(
                "expected a fitted estimator with a network, such as CNNClassifier, or "
                f"a search or a Pipeline that ends in one; got {estimator!r}."
            )
    check_is_fitted(inner)
    return inner.model_
