"""The parameter `inputs`: columns of X for each input of a network."""

from collections.abc import Mapping
from numbers import Integral

import numpy as np
from scipy.sparse import issparse

from skl_signlang._errors import near_names


def columns_of_inputs(estimator):
    """Return the positions of the columns of each input, by name; () without."""
    if estimator.inputs is None:
        return ()
    if len(estimator._sample_shape) != 1:
        raise ValueError(
            "inputs names columns of X, but X holds samples of shape "
            f"{estimator._sample_shape}: pass X as rows, and reshape in the network."
        )
    if not estimator.inputs or not all(isinstance(n, str) for n in estimator.inputs):
        raise ValueError(
            f"inputs={estimator.inputs!r} must hold columns by the name of an input, "
            'such as {"pixels": slice(0, 784), "age": [784]}.'
        )
    groups = {
        name: _positions(estimator, name, columns)
        for name, columns in estimator.inputs.items()
    }
    return tuple(groups.items())


def refuse_several_arrays(X, y=None):
    """Raise TypeError for a dict or list of inputs, saying how one array holds them."""
    if isinstance(X, Mapping) and not issparse(X):  # a DOK matrix is a mapping
        parts, values, names = X.values(), "X.values()", list(X)
    elif _is_list_of_inputs(X, y):
        parts, values, names = X, "X", range(len(X))
    else:
        return
    start, slices = 0, []
    for name, part in zip(names, parts, strict=True):
        end = start + int(np.prod(np.shape(part)[1:]))
        slices.append(f"{str(name)!r}: slice({start}, {end})")
        start = end
    raise TypeError(
        f"X is a {type(X).__name__} of arrays, which cross-validation cannot split; "
        "expected one array or DataFrame, and the columns of each input: X = np.hstack("
        f"[part.reshape(len(part), -1) for part in {values}]), with inputs={{"
        f"{', '.join(slices)}}}, by the names of the network's inputs. The network "
        "gives images their shape back, with keras.layers.Reshape."
    )


def as_one_array(X):
    """Return a list as an array; raise ValueError for sequences of several lengths."""
    is_column = getattr(getattr(X, "dtype", None), "kind", None) == "O" and X.ndim == 1
    of_sequences = is_column and _is_sequence(next(iter(X), None))
    if not isinstance(X, list | tuple) and not of_sequences:
        return X
    try:
        return np.asarray(list(X))
    except ValueError as error:
        lengths = {len(row) for row in X if _is_sequence(row)}
        if len(lengths) < 2:
            raise
        raise ValueError(
            f"X holds sequences of {min(lengths)} to {max(lengths)} values; expected "
            "one length: pad them, for example with keras.utils.pad_sequences(X, "
            "padding='post')."
        ) from error


def _is_sequence(row):
    return isinstance(row, list | tuple | np.ndarray) and np.ndim(row[:0]) > 0


def _is_list_of_inputs(X, y):
    """Return whether a list holds an array of all samples for each input."""
    if not isinstance(X, list | tuple) or np.ndim(y) == 0 or len(X) == len(y):
        return False
    return all(np.ndim(part) > 0 and len(part) == len(y) for part in X)


def _positions(estimator, name, columns):
    """Return the positions of the columns of one input."""
    n_columns = estimator.n_features_in_
    if isinstance(columns, slice):
        found = list(range(*columns.indices(n_columns)))
    else:
        single = isinstance(columns, str | Integral)
        found = [
            _position(estimator, one) for one in ([columns] if single else columns)
        ]
    if not found:
        raise ValueError(f"inputs[{name!r}] holds no column of X.")
    wrong = [one for one in found if not -n_columns <= one < n_columns]
    if wrong:
        raise ValueError(
            f"inputs[{name!r}] holds the column {wrong[0]}, but X has {n_columns}."
        )
    return tuple(one % n_columns for one in found)


def _position(estimator, column):
    if not isinstance(column, str):
        return int(column)
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        raise ValueError(
            f"inputs names the column {column!r}, but X has no names of columns: pass "
            "a DataFrame, or positions. In a Pipeline, set_output(transform='pandas') "
            "keeps the names."
        )
    if column not in names:
        raise ValueError(
            f"inputs names the column {column!r}, which X does not have; "
            f"{near_names(column, names.tolist())}"
        )
    return names.tolist().index(column)
