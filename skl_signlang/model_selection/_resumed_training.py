"""Resumed training of an estimator, or of the last step of a Pipeline."""

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

from skl_signlang.model_selection._dask_data import gather
from skl_signlang.model_selection._resumable_callbacks import (
    callbacks_of,
    check_after_training,
    check_callbacks,
)
from skl_signlang.model_selection._training_state import (
    CorruptedStateError,
    can_save_state,
    restore_state,
    state_to_bytes,
)

# Parameters with which resuming differs from uninterrupted training, or fails
_REQUIRED = {
    "checkpoint_dir": (
        None,
        "it is for one fit; resume_dir keeps the training of all candidates",
    ),
    "early_stopping": (False, "the search itself stops candidates"),
    "warm_start": (False, "each candidate starts from scratch"),
    "lr_schedule": ("constant", "the number of epochs is not known in advance"),
    "trainable_layers": (0, "fine-tuning starts after a fixed number of epochs"),
}


def trained_part(estimator, resource):
    """Return the estimator to resume and its resource parameter, checked."""
    *steps, name = resource.split("__")
    part = estimator
    if isinstance(estimator, Pipeline):
        _check_steps(estimator)
    for step in steps:
        if not isinstance(part, Pipeline) or part.steps[-1][0] != step:
            last = f", {part.steps[-1][0]!r}," if isinstance(part, Pipeline) else ""
            raise ValueError(
                f"resource={resource!r} must be a parameter of the estimator, or of "
                f"the last step{last} of a Pipeline; {step!r} is neither in "
                f"{type(part).__name__}."
            )
        part = part.steps[-1][1]
    if isinstance(part, Pipeline):
        raise ValueError(
            f"resource={resource!r} is not a parameter of a Pipeline; use that of its "
            f"last step, such as '{'__'.join([*steps, part.steps[-1][0]])}__epochs'."
        )
    if not hasattr(part, "get_params") or name not in part.get_params(deep=False):
        raise ValueError(
            f"resource={resource!r}, but {type(part).__name__} has no parameter "
            f"{name!r}. Pass the name of the parameter for the number of epochs."
        )
    if not hasattr(part, "partial_fit"):
        raise InvalidParameterError(
            f"{type(part).__name__} has no partial_fit, so its training cannot be "
            "resumed. HyperbandSearchCV needs an estimator whose partial_fit trains "
            "one epoch, such as those of skl_signlang; for others use scikit-learn's "
            "HalvingRandomSearchCV."
        )
    for parameter, (off, reason) in _REQUIRED.items():
        value = getattr(part, parameter, off)
        if value != off:
            raise ValueError(
                f"{parameter}={value!r} cannot be used in HyperbandSearchCV: {reason}. "
                f"Set {parameter}={off!r}."
            )
    check_callbacks(callbacks_of(part))
    return part, name


def check_resource(search, fit_params):
    """Return the maximum number of epochs of a search, checked before any training."""
    part, name = trained_part(search.estimator, search.resource)
    check_fit_params(search.estimator, fit_params)
    if search.resume_dir is not None and not can_save_state(part):
        raise ValueError(
            f"resume_dir needs an estimator of skl_signlang; {type(part).__name__} is "
            "not one. Set resume_dir=None."
        )
    if search.max_resource != "auto":
        return int(search.max_resource)
    epochs = getattr(part, name)
    if not isinstance(epochs, Integral) or epochs < 1:
        raise ValueError(
            f"max_resource='auto' takes {search.resource} of the estimator, which is "
            f"{epochs!r}; pass an integer of at least 1."
        )
    return int(epochs)


def _inner(estimator):
    """List an estimator and its nested estimators."""
    held = estimator.get_params(deep=True).values()
    return [estimator, *(one for one in held if hasattr(one, "fit"))]


def _may_differ(step):
    """Check whether `fit_transform` of a step may differ from `transform`."""
    own = getattr(type(step), "fit_transform", TransformerMixin.fit_transform)
    passes_on = isinstance(step, Pipeline | FeatureUnion | ColumnTransformer)
    return own is not TransformerMixin.fit_transform and not passes_on


def _is_seeded(step):
    """Check whether fitting a step is deterministic."""
    cv = getattr(step, "cv", None)
    decides = cv if hasattr(cv, "split") else step
    if decides is cv and not getattr(cv, "shuffle", True):
        return True
    return isinstance(getattr(decides, "random_state", 0), Integral)


def _check_steps(pipeline):
    """Check that the steps before the last allow resuming."""
    for name, step in pipeline.steps[:-1]:
        for one in _inner(step) if hasattr(step, "get_params") else ():
            if hasattr(one, "fit_resample"):
                raise ValueError(
                    f"The step {name!r}, {type(one).__name__}, resamples in fit, which "
                    "cannot be repeated when training is resumed. Use class_weight or "
                    "sample_weight, or a search that trains each candidate from "
                    "scratch, such as HalvingRandomSearchCV."
                )
            if _may_differ(one) and not _is_seeded(one):
                if isinstance(one, PCA):
                    continue  # not random by default
                raise ValueError(
                    f"The step {name!r}, {type(one).__name__}, returns different "
                    "values each time it is fitted, so training cannot be resumed. Set "
                    "its random_state, or that of its cv, to an integer."
                )
    if isinstance(pipeline.steps[-1][1], Pipeline):
        _check_steps(pipeline.steps[-1][1])


def check_fit_params(estimator, fit_params):
    """Check that `partial_fit` takes the parameters of `fit`."""
    while isinstance(estimator, Pipeline):
        fit_params = _params_of_last(estimator, fit_params)
        estimator = estimator.steps[-1][1]
    known = inspect.signature(estimator.partial_fit).parameters
    if any(one.kind is one.VAR_KEYWORD for one in known.values()):
        return
    unknown = [name for name in fit_params if name not in known]
    if unknown:
        kind, name = type(estimator).__name__, unknown[0]
        is_set = name in estimator.get_params(deep=False)
        where = (
            f"set it in the constructor: {kind}({name}=...)" if is_set else "remove it"
        )
        raise ValueError(
            f"{kind}.partial_fit does not take {name!r}, so training cannot be "
            f"resumed; {where}."
        )


def _params_of_last(pipeline, params):
    """Return the fit parameters of the last step of a Pipeline."""
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
    """Return the fit parameters of the steps before the last of a Pipeline."""
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
    save_state,
):
    """Resume a candidate on one fold and score it; return result, pickle, state."""
    X, y, rows, fit_params, score_params = gather(X, y, rows, fit_params, score_params)
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
    except CorruptedStateError:
        raise  # an error of the folder, not of the candidate
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
    saved = state_to_bytes(trained_part(fitted, resource)[0]) if save_state else None
    return result, bytes(dumps(fitted)), saved


def _failed(scorer, error_score):
    if isinstance(scorer, _MultimetricScorer):
        return dict.fromkeys(scorer._scorers, error_score)
    return error_score


def _train(estimator, X, y, params, start, resource, fit_params):
    """Return the estimator trained for the number of epochs in `params`."""
    kind, done, content = start
    epochs = params[resource]
    if kind == "pickle":
        fitted = pickle.loads(content)
        part, X, fit_params = _last_step(fitted, X, fit_params, y, fitted=True)
        _resume(part, X, y, resource, epochs, done, fit_params)
        return fitted
    estimator.set_params(**clone(params, safe=False))
    trained_part(estimator, resource)
    if kind == "nothing":
        estimator.fit(*_arguments(X, y), **fit_params)
        check_after_training(trained_part(estimator, resource)[0], epochs)
        return estimator
    part, X, fit_params = _last_step(estimator, X, fit_params, y)
    restore_state(part, X, y, fit_params.get("sample_weight"), content)
    _resume(part, X, y, resource, epochs, done, fit_params)
    return estimator


def _last_step(estimator, X, fit_params, y, fitted=False):
    """Return the last step, and X and parameters as the steps before pass them."""
    while isinstance(estimator, Pipeline):
        if len(estimator.steps) > 1:
            before = estimator[:-1]
            if fitted and not any(map(_may_differ, _inner(before))):
                X = before.transform(X)
            else:
                before = clone(before)
                params = _params_of_others(estimator, before, fit_params)
                X = before.fit_transform(*_arguments(X, y), **params)
                estimator.steps[:-1] = before.steps
        fit_params = _params_of_last(estimator, fit_params)
        estimator = estimator.steps[-1][1]
    return estimator, X, fit_params


def _resume(part, X, y, resource, epochs, done, fit_params):
    part.set_params(**{resource.rpartition("__")[2]: epochs})
    for _ in range(epochs - done):
        part.partial_fit(*_arguments(X, y), **fit_params)
    check_after_training(part, epochs)


def _arguments(X, y):
    return (X,) if y is None else (X, y)
