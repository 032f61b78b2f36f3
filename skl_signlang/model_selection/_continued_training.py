"""Training that goes on where it stopped, in an estimator or at a Pipeline's end."""

import inspect
import pickle
import time
from numbers import Integral
from traceback import format_exc

from joblib.externals.loky.backend.reduction import dumps
from sklearn.base import TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection._validation import _score
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.metadata_routing import (
    _routing_enabled,
    get_routing_for_object,
    process_routing,
)
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params, _num_samples

from skl_signlang.model_selection._harmless_callbacks import (
    callbacks_of,
    check_after_training,
    check_callbacks,
)
from skl_signlang.model_selection._kept_training import (
    DamagedTraining,
    restore,
    to_bytes,
)
from skl_signlang.model_selection._on_workers import fetched

# What makes training in pieces another than training at once, and how it is off
_OFF = {
    "early_stopping": (False, "the search itself stops what is not promising"),
    "warm_start": (False, "each candidate begins anew"),
    "lr_schedule": ("constant", "how long training lasts is not known before its end"),
    "trainable_layers": (0, "fine-tuning comes after a number of epochs that is fixed"),
}


def trained_part(estimator, resource):
    """Find what trains on, and check that it can."""
    *steps, name = resource.split("__")
    part = estimator
    if isinstance(estimator, Pipeline):
        _check_steps(estimator)
    for step in steps:
        if not isinstance(part, Pipeline) or part.steps[-1][0] != step:
            last = f", {part.steps[-1][0]!r}," if isinstance(part, Pipeline) else ""
            raise ValueError(
                f"resource={resource!r} must lead to the estimator itself, or to the "
                f"last step{last} of a Pipeline; {step!r} is neither in "
                f"{type(part).__name__}."
            )
        part = part.steps[-1][1]
    if isinstance(part, Pipeline):
        raise ValueError(
            f"resource={resource!r} is no parameter of a Pipeline; name that of its "
            f"last step, such as '{'__'.join([*steps, part.steps[-1][0]])}__epochs'."
        )
    if not hasattr(part, "get_params") or name not in part.get_params(deep=False):
        raise ValueError(
            f"resource={resource!r}, but {type(part).__name__} has no parameter "
            f"{name!r}. Name the one that says how many epochs fit trains."
        )
    if not hasattr(part, "partial_fit"):
        raise InvalidParameterError(
            f"{type(part).__name__} has no partial_fit, so its training cannot go on "
            "where it stopped. HyperbandSearchCV takes estimators whose partial_fit "
            "trains one epoch, such as those of skl_signlang; for others there is "
            "HalvingRandomSearchCV of scikit-learn."
        )
    for parameter, (off, reason) in _OFF.items():
        value = getattr(part, parameter, off)
        if value != off:
            raise ValueError(
                f"{parameter}={value!r} cannot be used in HyperbandSearchCV: {reason}. "
                f"Set {parameter}={off!r}."
            )
    check_callbacks(callbacks_of(part))
    return part, name


def _inner(estimator):
    """List an estimator and all that it holds."""
    held = estimator.get_params(deep=True).values()
    return [estimator, *(one for one in held if hasattr(one, "fit"))]


def _gives_other(step):
    """Tell whether what it gives in `fit_transform` may differ from `transform`."""
    own = getattr(type(step), "fit_transform", TransformerMixin.fit_transform)
    passes_on = isinstance(step, Pipeline | FeatureUnion | ColumnTransformer)
    return own is not TransformerMixin.fit_transform and not passes_on


def _is_seeded(step):
    """Tell whether a step is fitted to the same each time."""
    cv = getattr(step, "cv", None)
    decides = cv if hasattr(cv, "split") else step
    if decides is cv and not getattr(cv, "shuffle", True):
        return True
    return isinstance(getattr(decides, "random_state", 0), Integral)


def _check_steps(pipeline):
    """Refuse steps that `fit` would run again in another way than training on does."""
    for name, step in pipeline.steps[:-1]:
        for one in _inner(step) if hasattr(step, "get_params") else ():
            if hasattr(one, "fit_resample"):
                raise ValueError(
                    f"The step {name!r}, {type(one).__name__}, resamples in fit, which "
                    "cannot be done again when training goes on. Use class_weight or "
                    "sample_weight, or a search that trains each candidate anew, such "
                    "as HalvingRandomSearchCV."
                )
            if _gives_other(one) and not _is_seeded(one):
                if isinstance(one, PCA):
                    continue  # by chance only where it is asked to be
                raise ValueError(
                    f"The step {name!r}, {type(one).__name__}, gives other values each "
                    "time that it is fitted, so training cannot go on with the same. "
                    "Set its random_state, or that of its cv, to an integer."
                )
    if isinstance(pipeline.steps[-1][1], Pipeline):
        _check_steps(pipeline.steps[-1][1])


def check_fit_params(estimator, fit_params):
    """Check that training can go on with what is passed to `fit`."""
    while isinstance(estimator, Pipeline):
        fit_params = _params_of_last(estimator, fit_params)
        estimator = estimator.steps[-1][1]
    known = inspect.signature(estimator.partial_fit).parameters
    if any(one.kind is one.VAR_KEYWORD for one in known.values()):
        return
    unknown = [name for name in fit_params if name not in known]
    if unknown:
        raise ValueError(
            f"{type(estimator).__name__}.partial_fit takes no {unknown[0]!r}, so "
            "training cannot go on with it; leave it out."
        )


def _params_of_last(pipeline, params):
    """Choose what goes to the last step of a Pipeline."""
    name = pipeline.steps[-1][0]
    params = {key: value for key, value in params.items() if value is not None}
    if _routing_enabled():
        return process_routing(pipeline, "fit", **params)[name].fit
    mine = f"{name}__"
    return {
        key.removeprefix(mine): value
        for key, value in params.items()
        if key.startswith(mine)
    }


def _params_of_others(pipeline, before, params):
    """Choose what goes to the steps before the last of a Pipeline."""
    params = {key: value for key, value in params.items() if value is not None}
    if _routing_enabled():
        wanted = get_routing_for_object(before).consumes("fit_transform", params)
        return {key: params[key] for key in wanted}
    last = f"{pipeline.steps[-1][0]}__"
    return {key: value for key, value in params.items() if not key.startswith(last)}


def train_and_score(
    estimator,
    X,
    y,
    rows,
    params,
    start,
    *,
    resource,
    scorer,
    fit_params,
    score_params,
    error_score,
    return_train_score,
    keep,
):
    """Train a candidate on one fold, from where it stopped, and score it."""
    X, y, rows, fit_params, score_params = fetched(X, y, rows, fit_params, score_params)
    train, test = rows
    fit_params = _check_method_params(X, params=fit_params, indices=train)
    X_train, y_train = _safe_split(estimator, X, y, train)
    X_test, y_test = _safe_split(estimator, X, y, test, train)
    begin = time.perf_counter()
    result = {"fit_error": None, "n_test_samples": _num_samples(X_test)}
    try:
        fitted = _train(
            estimator, X_train, y_train, params, start, resource, fit_params
        )
    except DamagedTraining:
        raise  # the folder is at fault, not the candidate
    except Exception:
        if error_score == "raise":
            raise
        result["fit_error"] = format_exc()
    result["fit_time"] = time.perf_counter() - begin
    parts = {"test_scores": (X_test, y_test, test)}
    if return_train_score:
        parts["train_scores"] = (X_train, y_train, train)
    for name, (X_part, y_part, index) in parts.items():
        if result["fit_error"] is not None:
            result[name] = _failed(scorer, error_score)
            continue
        part_params = _check_method_params(X, params=score_params, indices=index)
        begin = time.perf_counter()
        result[name] = _score(fitted, X_part, y_part, scorer, part_params, error_score)
        result.setdefault("score_time", time.perf_counter() - begin)
    if result["fit_error"] is not None:
        return {**result, "score_time": 0.0}, None, None
    kept = to_bytes(trained_part(fitted, resource)[0]) if keep else None
    return result, bytes(dumps(fitted)), kept


def _failed(scorer, error_score):
    if isinstance(scorer, _MultimetricScorer):
        return dict.fromkeys(scorer._scorers, error_score)
    return error_score


def _train(estimator, X, y, params, start, resource, fit_params):
    """Give the estimator trained for as long as its parameters say."""
    kind, done, content = start
    epochs = params[resource]
    if kind == "pickle":
        fitted = pickle.loads(content)
        part, X, fit_params = _down_to_part(fitted, X, fit_params, y, fitted=True)
        _train_on(part, X, y, resource, epochs, done, fit_params)
        return fitted
    estimator.set_params(**clone(params, safe=False))
    trained_part(estimator, resource)
    if kind == "nothing":
        estimator.fit(*_given(X, y), **fit_params)
        check_after_training(trained_part(estimator, resource)[0], epochs)
        return estimator
    part, X, fit_params = _down_to_part(estimator, X, fit_params, y)
    restore(part, X, y, fit_params.get("sample_weight"), content)
    _train_on(part, X, y, resource, epochs, done, fit_params)
    return estimator


def _down_to_part(estimator, X, fit_params, y, fitted=False):
    """Find what trains on, and what came to it in `fit` through the steps before."""
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            before = estimator[:-1]
            if fitted and not any(map(_gives_other, _inner(before))):
                X = before.transform(X)
            else:
                before = clone(before)
                params = _params_of_others(estimator, before, fit_params)
                X = before.fit_transform(*_given(X, y), **params)
                estimator.steps[:-1] = before.steps
        fit_params = _params_of_last(estimator, fit_params)
        estimator = estimator.steps[-1][1]
    return estimator, X, fit_params


def _train_on(part, X, y, resource, epochs, done, fit_params):
    part.set_params(**{resource.rpartition("__")[2]: epochs})
    for _ in range(epochs - done):
        part.partial_fit(*_given(X, y), **fit_params)
    check_after_training(part, epochs)


def _given(X, y):
    return (X,) if y is None else (X, y)
