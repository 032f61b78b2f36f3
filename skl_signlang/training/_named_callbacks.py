"""The parameter `callbacks`: callbacks, or pairs (name, callback) of them."""

from collections import Counter

import keras
from sklearn.utils._param_validation import InvalidParameterError

from skl_signlang.callbacks import GivenCallback, SearchableCallback

PREFIX = "callbacks__"
VALIDATION = "val_"


def with_names(callbacks):
    """Return pairs; callbacks without a name get one, as in `make_pipeline`."""
    if not isinstance(callbacks, list | tuple):
        return callbacks
    kinds = [type(one).__name__.lower() for one in callbacks if _is_callback(one)]
    counts, seen, pairs = Counter(kinds), Counter(), []
    for one in callbacks:
        if not _is_callback(one):
            pairs.append(one)
            continue
        name = type(one).__name__.lower()
        seen[name] += 1
        pairs.append((f"{name}-{seen[name]}" if counts[name] > 1 else name, one))
    return pairs


def callback_params(callbacks):
    """Return callbacks and their parameters as ``callbacks__NAME__PARAMETER``."""
    params, pairs = {}, with_names(callbacks)
    for name, callback in pairs if _are_pairs(pairs) else []:
        params[f"{PREFIX}{name}"] = callback
        if callback is not None and _is_callback(callback):
            own = _searchable(callback).get_params()
            params |= {f"{PREFIX}{name}__{key}": own[key] for key in own}
    return params


def with_callback_params(callbacks, params):
    """Return pairs with parameters set or callbacks replaced."""
    pairs = with_names(callbacks)
    pairs = dict(pairs) if _are_pairs(pairs) else {}
    # whole callbacks first, so that parameters reach the new ones
    for key in sorted(params, key=lambda key: key.count("__")):
        name, _, parameter = key.removeprefix(PREFIX).partition("__")
        if name not in pairs:
            raise ValueError(
                f"Invalid parameter {key!r}: callbacks contain no {name!r}, but "
                f"{', '.join(map(repr, pairs)) or 'nothing'}."
            )
        if not parameter:
            pairs[name] = params[key]
        elif isinstance(pairs[name], SearchableCallback):
            pairs[name].set_params(**{parameter: params[key]})
        else:
            _check_callback(name, pairs[name])
            given = GivenCallback(pairs[name])
            pairs[name] = given.with_params({parameter: params[key]})
    return list(pairs.items())


def build_callbacks(callbacks):
    """Build the Keras callbacks of one fit."""
    pairs = [] if callbacks is None else with_names(callbacks)
    names = [name for name, _ in pairs] if _are_pairs(pairs) else None
    good = names is not None and len(set(names)) == len(names)
    if not good or not all(_is_name(name) for name in names):
        raise InvalidParameterError(
            "callbacks must be a list of callbacks, or of (name, callback) pairs like "
            f"the steps of a Pipeline, of different names without '__'; got {pairs!r}."
        )
    built = []
    for name, callback in pairs:
        if callback is not None:
            _check_callback(name, callback)
            try:
                built.append((name, _searchable(callback).build()))
            except (TypeError, ValueError) as error:
                raise type(error)(f"callbacks: {name!r}: {error}") from error
    return built


def check_monitors(callbacks, measured):
    """Raise ValueError for monitored metrics that are not in the logs."""
    known = [*measured, *(VALIDATION + name for name in measured), "learning_rate"]
    names = [(name, monitor_of(callback)) for name, callback in callbacks]
    for name, metric in names:
        if metric is not None and metric not in known:
            raise ValueError(
                f"callbacks: {name!r} monitors the metric {metric!r}, which is not "
                f"available; expected one of {', '.join(known)}."
            )
    return any(str(metric).startswith(VALIDATION) for _, metric in names)


def monitor_of(callback):
    """Return the monitored metric of a callback, or None."""
    # a ModelCheckpoint that saves all epochs has a metric and does not look at it
    if not getattr(callback, "save_best_only", True):
        return None
    return getattr(callback, "monitor", None)


def stops(callback):
    """Return whether a callback stops training early."""
    names = {kind.__name__ for kind in type(callback).__mro__}
    return bool(names & {"EarlyStopping", "_Stop"})


def release(callbacks):
    """Remove the model from callbacks after a fit: it is shared."""
    for _, callback in callbacks:
        callback._model = None


def _are_pairs(pairs):
    return isinstance(pairs, list | tuple) and all(
        isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str)
        for pair in pairs
    )


def _is_name(name):
    return name and "__" not in name


def _is_callback(callback):
    return isinstance(callback, SearchableCallback | keras.callbacks.Callback)


def _searchable(callback):
    if isinstance(callback, SearchableCallback):
        return callback
    return GivenCallback(callback)


def _check_callback(name, callback):
    if not _is_callback(callback):
        raise InvalidParameterError(
            f"callbacks: {name!r} must be a callback of skl_signlang.callbacks or an "
            f"object of a subclass of keras.callbacks.Callback; got {callback!r}."
        )
