"""A fitted network of tables as one TensorFlow function."""

from numbers import Real

import numpy as np
import tensorflow as tf
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from skl_signlang._pipelines import is_passthrough
from skl_signlang.export._pixel_function import OUTPUT, network_function
from skl_signlang.export._table_steps import (
    n_features_of,
    split_steps,
    statistics_of,
)

INPUT, NUMBERS = "features", "predictions"
"""Names of the input, and of the output of a regressor."""


def table_function(estimator):
    """Build the TensorFlow function of a Pipeline of tables."""
    steps, last, target_steps = split_steps(estimator)
    run_network = network_function(last)
    scaling = getattr(last, "_scaling", None)
    target_scaling = getattr(last, "_target_scaling", None)
    output = OUTPUT if hasattr(last, "classes_") else NUMBERS

    def run(features):
        x, invalid_rows = features, []
        for step in steps:
            x = _apply(step, x, invalid_rows)
        if scaling is not None:
            center, exponent = scaling
            x = _affine(x, center, 0.5**exponent)
        y = run_network(x)
        if target_scaling is not None:
            center, exponent = target_scaling
            y = y * _constant(2.0**exponent) + _constant(center)
        for step in target_steps:
            y = _undo(step, y)
        for rows in invalid_rows:
            y = tf.where(rows, _constant(np.nan), y)
        return {output: y}

    shape = None, n_features_of(estimator)
    signature = [tf.TensorSpec(shape, tf.float32, name=INPUT)]
    function = tf.function(run, input_signature=signature, autograph=False)
    # raises an error for steps that cannot be exported
    function.get_concrete_function()
    return function


def _apply(step, x, invalid_rows):
    """Apply a fitted scikit-learn transformer; list the rows that it would refuse."""
    if is_passthrough(step):
        return x
    if hasattr(step, "steps"):
        for _, inner in step.steps:
            x = _apply(inner, x, invalid_rows)
        return x
    if isinstance(step, SelectorMixin) and type(step) not in _STEPS:
        return tf.gather(x, step.get_support(indices=True), axis=1)
    if type(step) not in _STEPS:
        raise _unsupported(step)
    if type(step) in _REFUSING:
        return _STEPS[type(step)](step, x, invalid_rows)
    return _STEPS[type(step)](step, x)


def _unsupported(step, why=""):
    known = ", ".join(sorted(kind.__name__ for kind in _STEPS))
    return ValueError(
        f"{type(step).__name__}{why} cannot be exported. Before a network of tables "
        f"these steps can: {known}, and selectors of features. Apply it separately, "
        "and export the steps after it."
    )


def _constant(values):
    return tf.constant(np.asarray(values, np.float32))


def _affine(x, center, factor):
    """Subtract and multiply, also where float32 cannot represent the center."""
    high = np.asarray(center, np.float32)
    rest = (np.asarray(center, np.float64) - high) * factor
    x = (x - _constant(high)) * _constant(factor)
    return x - _constant(rest) if np.any(rest) else x


def _standard(step, x):
    center = step.mean_ if step.with_mean else 0.0
    return _affine(x, center, 1 / step.scale_ if step.with_std else 1.0)


def _min_max(step, x):
    low, high = step.feature_range
    x = _affine(x, step.data_min_, step.scale_) + low
    return tf.clip_by_value(x, low, high) if step.clip else x


def _max_abs(step, x):
    return _affine(x, 0.0, 1 / step.scale_)


def _robust(step, x):
    center = step.center_ if step.with_centering else 0.0
    return _affine(x, center, 1 / step.scale_ if step.with_scaling else 1.0)


def _pca(step, x):
    x = tf.matmul(_affine(x, step.mean_, 1.0), _constant(step.components_.T))
    return x / _constant(np.sqrt(step.explained_variance_)) if step.whiten else x


def _svd(step, x):
    return tf.matmul(x, _constant(step.components_.T))


def _impute(step, x):
    statistics = statistics_of(step)
    if statistics is None or not isinstance(step.missing_values, Real):
        raise _unsupported(step, " of anything but numbers")
    is_nan = np.isnan(step.missing_values)
    missing = tf.not_equal(x, x) if is_nan else tf.equal(x, step.missing_values)
    kept = np.flatnonzero(~np.isnan(statistics))
    filled = tf.where(missing, _constant(np.nan_to_num(statistics)), x)
    parts = [tf.gather(filled, kept, axis=1)]
    if step.add_indicator:
        shown = tf.gather(missing, step.indicator_.features_, axis=1)
        parts.append(tf.cast(shown, tf.float32))
    return tf.concat(parts, axis=1)


def _normalize(step, x):
    if step.norm == "l2":
        norm = tf.sqrt(tf.reduce_sum(x * x, axis=1, keepdims=True))
    else:
        reduce = tf.reduce_sum if step.norm == "l1" else tf.reduce_max
        norm = reduce(tf.abs(x), axis=1, keepdims=True)
    return x / tf.where(norm > 0, norm, tf.ones_like(norm))


def _binarize(step, x):
    return tf.cast(x > step.threshold, tf.float32)


def _call(step, x):
    if step.func not in _FUNCTIONS:
        raise _unsupported(step, f"({getattr(step.func, '__name__', step.func)})")
    return _FUNCTIONS[step.func](x)


def _polynomials(step, x):
    with_one = tf.concat([tf.ones_like(x[:, :1]), x], axis=1)
    terms = [np.repeat(np.arange(1, len(row) + 1), row) for row in step.powers_]
    most = max(map(len, terms))
    factors = np.array([[*term, *[0] * (most - len(term))] for term in terms])
    product = tf.gather(with_one, factors[:, 0], axis=1)
    for column in factors.T[1:]:
        product *= tf.gather(with_one, column, axis=1)
    return product


def _one_hot(step, x, invalid_rows):
    dropped = [None] * x.shape[1] if step.drop_idx_ is None else step.drop_idx_
    parts = []
    for equal, drop in zip(_equal(step, x), dropped, strict=True):
        kept = np.delete(np.arange(equal.shape[1]), [] if drop is None else drop)
        parts.append(tf.gather(equal, kept, axis=1))
        if step.handle_unknown == "error":
            invalid_rows.append(_is_unknown(equal))
    return tf.concat(parts, axis=1)


def _ordinal(step, x, invalid_rows):
    parts = []
    for equal in _equal(step, x):
        codes = _constant(np.arange(equal.shape[1])[:, None])
        part, unknown = tf.matmul(equal, codes), _is_unknown(equal)
        if step.handle_unknown == "error":
            invalid_rows.append(unknown)
        else:
            part = tf.where(unknown, _constant(step.unknown_value), part)
        parts.append(part)
    return tf.concat(parts, axis=1)


def _equal(step, x):
    """Return for each column, and each of its categories, 1 where the two are equal."""
    rare = step.infrequent_categories_ if step._infrequent_enabled else None
    if rare is not None and any(categories is not None for categories in rare):
        raise _unsupported(step, " with infrequent categories")
    parts = []
    for number, categories in enumerate(step.categories_):
        exact = categories.dtype.kind in "fiub"
        if not exact or (categories.astype(np.float32) != categories).any():
            raise _unsupported(step, " of anything but numbers of float32")
        equal = tf.equal(x[:, number : number + 1], _constant(categories))
        parts.append(tf.cast(equal, tf.float32))
    return parts


def _is_unknown(equal):
    """Return where a column has none of its categories."""
    return tf.equal(tf.reduce_sum(equal, axis=1, keepdims=True), 0)


def _columns(step, x, invalid_rows):
    parts, weights = [], step.transformer_weights or {}
    for name, inner, _ in step.transformers_:
        columns = step._transformer_to_input_indices[name]
        if inner != "drop" and len(columns):
            made = _apply(inner, tf.gather(x, columns, axis=1), invalid_rows)
            parts.append(made * weights.get(name, 1.0))
    return tf.concat(parts, axis=1)


def _union(step, x, invalid_rows):
    weights = step.transformer_weights or {}
    parts = [
        _apply(inner, x, invalid_rows) * weights.get(name, 1.0)
        for name, inner in step.transformer_list
        if inner != "drop"
    ]
    return tf.concat(parts, axis=1)


_STEPS = {
    Binarizer: _binarize,
    ColumnTransformer: _columns,
    FeatureUnion: _union,
    FunctionTransformer: _call,
    MaxAbsScaler: _max_abs,
    MinMaxScaler: _min_max,
    Normalizer: _normalize,
    OneHotEncoder: _one_hot,
    OrdinalEncoder: _ordinal,
    PCA: _pca,
    PolynomialFeatures: _polynomials,
    RobustScaler: _robust,
    SimpleImputer: _impute,
    StandardScaler: _standard,
    TruncatedSVD: _svd,
}

_REFUSING = (ColumnTransformer, FeatureUnion, OneHotEncoder, OrdinalEncoder)
"""Steps that may refuse a row, and those that hold steps."""

# LiteRT has these operations
_FUNCTIONS = {
    None: lambda x: x,
    np.abs: tf.abs,
    np.exp: tf.exp,
    np.expm1: lambda x: tf.exp(x) - 1,
    np.log: tf.math.log,
    np.log1p: lambda x: tf.math.log(1 + x),
    np.sqrt: tf.sqrt,
    np.square: tf.square,
}


def _undo(step, y):
    """Apply the inverse of a fitted scikit-learn transformer to targets."""
    if type(step) is FunctionTransformer and step.inverse_func in _FUNCTIONS:
        return _FUNCTIONS[step.inverse_func](y)
    if type(step) is MinMaxScaler:
        return (y - _constant(step.min_)) / _constant(step.scale_)
    if type(step) not in (MaxAbsScaler, RobustScaler, StandardScaler):
        raise _unsupported(step, " of a target")
    scale = getattr(step, "scale_", None)
    y = y if scale is None else y * _constant(scale)
    center = getattr(step, "mean_", getattr(step, "center_", None))
    return y if center is None else y + _constant(center)
