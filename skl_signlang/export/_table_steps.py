"""Steps before a network of tables, and rows for test runs."""

import copy

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
)

from skl_signlang._pipelines import is_passthrough
from skl_signlang.networks import STANDARDIZATION
from skl_signlang.training import RANGES, undo_scaling

_MAX_ROUNDED = 0.2  # of a standard deviation of a feature
_N_ROWS = 64
_MISSING = 0.1  # fraction of values, before an imputer


def split_steps(estimator):
    """Return the steps of a fitted estimator: Pipelines, searches, targets."""
    if hasattr(estimator, "best_estimator_"):
        return split_steps(estimator.best_estimator_)
    if isinstance(estimator, TransformedTargetRegressor):
        steps, last, target_steps = split_steps(estimator.regressor_)
        return steps, last, [*target_steps, estimator.transformer_]
    if not hasattr(estimator, "steps"):
        return [], estimator, []
    *before, (_, behind) = estimator.steps
    steps, last, target_steps = split_steps(behind)
    return [*(step for _, step in before), *steps], last, target_steps


def n_features_of(estimator):
    """Return the number of features that a fitted estimator takes."""
    steps, last, _ = split_steps(estimator)
    first = next(step for step in [*steps, last] if not is_passthrough(step))
    return n_features_of(first) if hasattr(first, "steps") else first.n_features_in_


def draw_rows(estimator):
    """Generate rows like the training data from fitted attributes."""
    steps, last, _ = split_steps(estimator)
    random_state = np.random.RandomState(0)
    rows = _inputs_of(last, random_state)
    for step in reversed(steps):
        rows = _invert(step, rows, random_state)
    rounded = rows.astype(np.float32).astype(np.float64)
    lost = np.nanmax(np.abs(rounded - rows), axis=0, initial=0)
    coarse = np.flatnonzero(lost > _MAX_ROUNDED * np.nanstd(rows, axis=0))
    if len(coarse):
        raise ValueError(
            f"Features {coarse[:10].tolist()} cannot be exported: an exported file "
            "takes float32, which cannot distinguish their values. Subtract a constant "
            "from them before fit."
        )
    return rounded


def _inputs_of(network, random_state):
    """Generate inputs of a network."""
    drawn = random_state.normal(size=(_N_ROWS, network.n_features_in_))
    drawn[: _N_ROWS // 8] *= 4  # outliers
    scaling = getattr(network, "_scaling", None)
    # of a copy, because an estimator predicts more slowly once `model_` is built
    model = copy.copy(network._network).model
    for layer in model._flatten_layers():
        if layer.name == STANDARDIZATION:
            mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
            shape = -1, *model.input_shape[1:]
            rows = mean + np.sqrt(variance) * drawn.reshape(shape)
            rows = rows.reshape(_N_ROWS, -1).astype(np.float64)
            return rows if scaling is None else undo_scaling(rows, scaling)
    low, high = RANGES.get(network._scale, (-1.0, 1.0))
    return low + (high - low) * random_state.uniform(size=drawn.shape)


def _invert(step, rows, random_state):
    """Return rows that a fitted step transforms to the given rows."""
    if is_passthrough(step):
        return rows
    if hasattr(step, "steps"):
        for _, inner in reversed(step.steps):
            rows = _invert(inner, rows, random_state)
        return rows
    n_features = step.n_features_in_
    if isinstance(step, ColumnTransformer):
        found = np.zeros((len(rows), n_features))
        for name, inner, _ in step.transformers_:
            columns = step._transformer_to_input_indices[name]
            if inner != "drop" and len(columns):
                part = rows[:, step.output_indices_[name]]
                found[:, columns] = _invert(inner, part, random_state)
        return found
    if isinstance(step, FeatureUnion):
        _, inner = next(pair for pair in step.transformer_list if pair[1] != "drop")
        return _invert(inner, rows[:, : _n_outputs(inner)], random_state)
    if isinstance(step, OneHotEncoder | OrdinalEncoder):
        drawn = [random_state.choice(kind, len(rows)) for kind in step.categories_]
        return np.stack(drawn, axis=1).astype(float)
    if isinstance(step, SimpleImputer):
        found = np.zeros((len(rows), n_features))
        kept = ~np.isnan(statistics_of(step))
        found[:, kept] = rows[:, : kept.sum()]
        # an imputer of another number refuses the NaN of a later one
        missing = np.isnan(found) | (random_state.uniform(size=found.shape) < _MISSING)
        found[missing] = step.missing_values
        return found
    if isinstance(step, PolynomialFeatures):
        found = random_state.normal(size=(len(rows), n_features))
        for place, powers in enumerate(step.powers_):
            if powers.sum() == 1:
                found[:, powers.argmax()] = rows[:, place]
        return found
    if isinstance(step, FunctionTransformer):
        return _INVERSES.get(step.func, lambda x: x)(rows)
    return step.inverse_transform(rows) if hasattr(step, "inverse_transform") else rows


def statistics_of(imputer):
    """Return what a fitted SimpleImputer fills in, or None if that is not numbers."""
    try:
        return np.asarray(imputer.statistics_, np.float64)
    except (TypeError, ValueError):
        return None


def _n_outputs(step):
    return len(step.get_feature_names_out())


_INVERSES = {
    np.exp: lambda x: np.log(np.abs(x) + 1e-6),
    np.expm1: lambda x: np.log1p(np.abs(x)),
    np.log: np.exp,
    np.log1p: np.expm1,
    np.sqrt: np.square,
    np.square: lambda x: np.sqrt(np.abs(x)),
}
