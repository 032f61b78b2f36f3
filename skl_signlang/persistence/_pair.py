"""A network kept as two files: its architecture and its weights."""

import math
import tempfile
from contextlib import contextmanager
from pathlib import Path

from skl_signlang._files import check_place, read_regular, write_whole
from skl_signlang._untrusted._budget import Budget
from skl_signlang._untrusted._hdf5 import check_weights
from skl_signlang._untrusted._networks import (
    MAX_CONFIG_BYTES,
    check_architecture,
    check_weights_of,
)

_FREE_BYTES = 64 << 20
_BYTES_A_NUMBER = 16  # twice what the largest take
_WEIGHTS_NAME = "network.weights.h5"  # Keras asks for this ending


def export_architecture(estimator, path):
    """Write the architecture of a fitted network as JSON, without its weights.

    Keras reads it too: `keras.models.model_from_json`.

    Parameters
    ----------
    estimator : estimator instance
        Fitted: one with a network, a search whose best has one, or a Pipeline that
        ends in one, of which only the network is written.
    path : str or path-like
        Where to write, as a rule ``NAME.json``; nothing is added to the name.

    Raises
    ------
    TypeError
        If this holds no network.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    FileNotFoundError, ValueError
        If there is no such folder, or the path is that of one.

    See Also
    --------
    skl_signlang.persistence.export_weights : Write the weights, with an example.
    """
    path, model = check_place(path), _network_of(estimator)
    with write_whole(path) as file:
        file.write(model.to_json(indent=2).encode())


def export_weights(estimator, path):
    """Write the weights of a fitted network as HDF5, without its architecture.

    Keras reads them too: ``model.load_weights``.

    Parameters
    ----------
    estimator : estimator instance
        As for `export_architecture`.
    path : str or path-like
        Where to write, as a rule ``NAME.weights.h5``; nothing is added to the name.

    Raises
    ------
    TypeError, sklearn.exceptions.NotFittedError, FileNotFoundError, ValueError
        As `export_architecture`.

    See Also
    --------
    skl_signlang.persistence.load : Read both.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import load_iris
    >>> from skl_signlang import DenseClassifier
    >>> from skl_signlang.persistence import export_architecture, export_weights, load
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DenseClassifier(epochs=1, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_architecture(model, f"{folder}/net.json")
    ...     export_weights(model, f"{folder}/net.weights.h5")
    ...     network = load(f"{folder}/net.json", weights=f"{folder}/net.weights.h5")
    >>> network.output_shape
    (None, 3)
    """
    path, model = check_place(path), _network_of(estimator)
    with tempfile.TemporaryDirectory() as folder, write_whole(path) as file:
        model.save_weights(Path(folder, _WEIGHTS_NAME))
        file.write(Path(folder, _WEIGHTS_NAME).read_bytes())


def load_pair(path, weights):
    """Read a network from its architecture and its weights.

    Parameters
    ----------
    path : pathlib.Path
        JSON, from `export_architecture` or Keras' own ``to_json``.
    weights : pathlib.Path
        HDF5, from `export_weights` or Keras' own ``save_weights``.

    Returns
    -------
    network : keras.Model
        Not compiled.

    Raises
    ------
    ValueError
        If one of them is not safe, or they do not fit.
    """
    with _refusing(path, "an architecture"):
        text = read_regular(path, MAX_CONFIG_BYTES, expected="a JSON file")
        budget = Budget(len(text))
        config, network = check_architecture(text, budget)
    with _refusing(weights, "weights"):
        n_needed = sum(map(math.prod, network.weights))
        limit = _FREE_BYTES + _BYTES_A_NUMBER * n_needed
        content = read_regular(weights, limit, expected="an HDF5 file")
        shapes = check_weights(content, budget)
    with _refusing(weights, f"the weights of {path.name}"):
        check_weights_of(network, shapes)
        return _build(config, content)


@contextmanager
def _refusing(path, role):
    """Name the file in errors; what hostile content raises has no common class."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded as {role}: {error}") from error


def _build(config, content):
    import keras

    from skl_signlang.networks._variables import same_random_state

    with tempfile.TemporaryDirectory() as folder, same_random_state():
        copy = Path(folder, _WEIGHTS_NAME)
        copy.write_bytes(content)
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
        model.load_weights(copy)
    return model


def _network_of(estimator):
    """Find the network of an estimator, of a search's best or of a Pipeline's end."""
    from sklearn.utils.validation import check_is_fitted

    from skl_signlang.estimators._base import NetworkEstimator

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
