"""Columns of text: `X` of strings, which layers of the network split into words."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from skl_signlang.estimators._own_model import OwnModelMixin
from skl_signlang.networks import vocabularies_of_own_network

_TEXT = "UST"  # kinds of dtypes


class TextColumnsMixin(OwnModelMixin):
    """Mixin of estimators whose own network takes strings too.

    A table that has columns of text reaches the network as rows of strings.
    """

    _texts = _vocabularies = ()

    def _check_X(self, X, *, reset):
        texts = _columns_of_text(X)
        if reset:
            self._texts, self._vocabularies = texts, ()
        if not self._texts and not texts:
            return super()._check_X(X, reset=reset)
        if bool(self._texts) != bool(texts):
            kinds = ["numbers", "strings"]
            raise ValueError(
                f"X holds {kinds[bool(texts)]}, but {type(self).__name__} was fitted "
                f"on {kinds[bool(self._texts)]}."
            )
        if reset:
            self._refuse_of_numbers()
            vars(self).pop("image_shape_", None)
            self._of_images = False
        rows = _rows_of_strings(X, self._texts)
        named = X if hasattr(X, "columns") else rows
        validate_data(self, named, reset=reset, skip_check_array=True)
        self._sample_shape = rows.shape[1:]
        return rows

    def _refuse_of_numbers(self):
        """Raise ValueError for parameters that are for numbers or images."""
        for name, usual in (("standardize", False), ("image_shape", None)):
            if getattr(self, name) not in (usual, 0):
                raise ValueError(
                    f"{name}={getattr(self, name)!r} is for numbers, but X holds text: "
                    f"leave {name} out, and scale columns of numbers in a Pipeline."
                )
        if not all(self._texts) and self.inputs is None:
            raise ValueError(
                "X has columns of text and columns of numbers: set inputs={NAME: "
                'COLUMNS, ...}, such as {"text": ["title"], "numbers": ["price"]}, or '
                "encode categories before, such as by OneHotEncoder."
            )

    def _as_inputs(self, X):
        return X if self._texts else super()._as_inputs(X)

    def _value_range(self, X):
        return (0.0, 1.0) if self._texts else super()._value_range(X)

    def _architecture(self):
        build, arguments = super()._architecture()
        if self._texts:
            own = {"texts": self._texts, "vocabularies": self._vocabularies}
            arguments = {**arguments, **own}
        return build, arguments

    def _new_network(self, samples):
        if self._texts:
            _, arguments = self._architecture()
            known = ("model", "model_params", "inputs", "told", "texts")
            # of the samples that it trains on: not those for validation
            self._vocabularies = vocabularies_of_own_network(
                samples.X[samples.rows], **{name: arguments[name] for name in known}
            )
        return super()._new_network(samples)


def _columns_of_text(X):
    """Return for each column whether it holds text; () if none does."""
    if issparse(X):
        return ()
    if isinstance(X, list | tuple):
        X = np.array(X, dtype=object) if _has_text(X) else None
    if hasattr(X, "iloc") and getattr(X, "ndim", 0) == 2:
        texts = tuple(_is_text(X.iloc[:, i]) for i in range(X.shape[1]))
        return texts if any(texts) else ()
    kind = getattr(
        getattr(X, "dtype", None), "kind", "O" if hasattr(X, "dtype") else ""
    )
    if kind not in ("O", *_TEXT) or not 0 < len(np.shape(X)) < 3 or not len(X):
        return ()
    if len(np.shape(X)) == 1:
        return (True,) if _is_text(X) else ()
    texts = tuple(_is_text(X[:, i]) for i in range(X.shape[1]))
    return texts if any(texts) else ()


def _has_text(rows):
    """Return whether a list holds strings, or rows with strings."""
    first = next(iter(rows), None)
    row = first if isinstance(first, list | tuple) else [first]
    return any(isinstance(value, str) for value in row)


def _is_text(column):
    """Return whether a column holds strings that are not all numbers."""
    if getattr(column.dtype, "kind", "O") not in ("O", *_TEXT):
        return False
    values = np.asarray(column, dtype=object)
    if not any(isinstance(value, str) for value in values):
        return False
    try:
        values.astype(float)
    except (TypeError, ValueError):
        return True
    return False


def _rows_of_strings(X, texts):
    """Return an array of strings; numbers in columns without text as digits."""
    if not hasattr(X, "iloc"):
        X = np.array(X, dtype=object) if isinstance(X, list | tuple) else np.asarray(X)
        X = X.reshape(len(X), -1)
    elif X.ndim == 1:
        X = X.to_frame()
    if X.shape[1] != len(texts):
        raise ValueError(
            f"X has {X.shape[1]} features, but is expecting {len(texts)} features as "
            "input."
        )
    rows = np.empty(X.shape, dtype=object)
    for i, is_text in enumerate(texts):
        column = X.iloc[:, i] if hasattr(X, "iloc") else X[:, i]
        rows[:, i] = _strings(column, i) if is_text else _digits(column, i)
    return rows


def _strings(column, number):
    values = np.asarray(column, dtype=object)
    for row, value in enumerate(values):
        if not isinstance(value, str):
            raise ValueError(
                f"Row {row} of X has {value!r:.40} in column {number}, which holds "
                'text: expected a string. For missing ones use fillna("").'
            )
    return values


def _digits(column, number):
    values = np.asarray(column, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError(f"Column {number} of X contains NaN or infinity.")
    return np.array(list(map(repr, values.tolist())), dtype=object)
