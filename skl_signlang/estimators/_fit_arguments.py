"""Errors for what `fit` and `partial_fit` do not take."""

import inspect
import os
from collections.abc import Iterator
from functools import wraps
from numbers import Real

from skl_signlang._calls import check_call
from skl_signlang._errors import near_names
from skl_signlang.estimators._data_sets import arrays_of_dataset, is_dataset
from skl_signlang.training import build_callbacks, stops

_HINTS = {
    "eval_set": "pass X_val and y_val to fit",
    "max_queue_size": "samples are in memory, so there are no workers",
    "use_multiprocessing": "samples are in memory, so there are no workers",
    "validation_batch_size": "validation uses all samples",
    "validation_data": "pass X_val and y_val to fit, or a data set as X_val",
    "validation_freq": "each epoch is validated",
    "validation_split": "set early_stopping=True and validation_fraction",
    "validation_steps": "validation uses all samples",
    "workers": "samples are in memory; n_jobs of a search runs fits in parallel",
    "shuffle": "samples are shuffled in each epoch, as random_state says",
    "initial_epoch": "set warm_start=True, or call partial_fit",
    "steps_per_epoch": "set batch_size; an epoch uses all samples",
    "class_weight": "pass sample_weight to fit",
    "x": "it is called X",
}
_BESIDE = {"X": ("y", "sample_weight", "groups"), "X_val": ("y_val",)}
"""Arguments that a data set takes the place of."""

_WAYS = {
    "X": "it yields (X, y) or (X, y, sample_weight). For groups pass arrays, or a "
    "data set of other groups as X_val.",
    "X_val": "it yields (X, y).",
}


def explains_arguments(method):
    """Decorate `fit`: errors say where other arguments go; data sets become arrays."""
    signature = inspect.signature(method)
    known = list(signature.parameters)[1:]

    @wraps(method)
    def run(self, *args, **kwargs):
        for name in kwargs:
            if name not in known:
                value = kwargs[name]
                raise TypeError(_where(self, method.__name__, name, value, known))
        check_call(method, self, *args, **kwargs)
        given = dict(signature.bind(self, *args, **kwargs).arguments)
        del given["self"]
        return method(self, **_with_arrays(self, method.__name__, given))

    return run


def _with_arrays(estimator, method, given):
    """Return arguments with the arrays of data sets given as `X` and as `X_val`."""
    for name, others in _BESIDE.items():
        if not is_dataset(given.get(name)):
            continue
        also = [other for other in others if given.get(other) is not None]
        if also:
            raise ValueError(
                f"{type(estimator).__name__}.{method} got {also[0]} beside a data set "
                f"as {name}, which holds all that belongs to its samples: {_WAYS[name]}"
            )
        estimator._validate_params()
        X, y, weights = arrays_of_dataset(given[name])
        if name == "X":
            given = {**given, "X": X, "y": y, "sample_weight": weights}
        elif weights is not None:
            raise ValueError(
                "The data set passed as X_val has sample weights, but validation "
                "samples count alike: leave them out, map(lambda X, y, w: (X, y))."
            )
        else:
            given = {**given, "X_val": X, "y_val": y}
    refuse_streams(estimator, method, *given.values())
    X = given.get("X")
    pair = isinstance(X, tuple) and len(X) == 2 and all(hasattr(a, "shape") for a in X)
    if given.get("y") is None and pair and len(X[0]) == len(X[1]):
        raise TypeError(
            f"{type(estimator).__name__}.{method} got a tuple of two arrays of shapes "
            f"{X[0].shape} and {X[1].shape}, and no y: pass {method}(X, y)."
        )
    if given.get("y") is None and isinstance(X, list) and X and type(X[0]) is tuple:
        raise TypeError(
            f"{type(estimator).__name__}.{method} got a list of {len(X)} tuples and no "
            "y. A search or cross-validation makes this of the batches of a "
            "keras.utils.PyDataset: give it arrays, X, y = map(np.concatenate, "
            "zip(*batches))."
        )
    return given


def refuse_streams(estimator, method, *inputs):
    """Raise TypeError for generators, and for data sets where they are not taken."""
    if inputs and isinstance(inputs[0], str | os.PathLike):
        raise TypeError(
            f"{type(estimator).__name__}.{method} takes arrays; got "
            f"{str(inputs[0])!r}. Load a file or folder first, with "
            "datasets.load_samples."
        )
    for given in inputs:
        of_torch = type(given).__module__.startswith("torch.utils.data")
        if is_dataset(given) or isinstance(given, Iterator) or of_torch:
            raise TypeError(
                f"{type(estimator).__name__}.{method} takes arrays; got a "
                f"{type(given).__name__}. Concatenate its batches first: X, y = "
                "map(np.concatenate, zip(*batches)). For data larger than memory "
                "pass a memory map, np.load(path, mmap_mode='r'), or to fit a "
                "tf.data.Dataset or keras.utils.PyDataset."
            )


def refuse_several_epochs(estimator):
    """Raise ValueError in `partial_fit` for parameters that need several epochs."""
    if estimator.lr_schedule != "constant":
        raise ValueError(
            f"partial_fit does not support lr_schedule={estimator.lr_schedule!r}: it "
            "trains one epoch, but a schedule is over all epochs. Set "
            "lr_schedule='constant', or call fit."
        )
    if estimator.early_stopping:
        raise ValueError(
            "partial_fit does not support early_stopping=True: it trains one "
            "epoch. Set early_stopping=False, or call fit."
        )
    for name, callback in build_callbacks(estimator.callbacks):
        if stops(callback):
            raise ValueError(
                f"partial_fit does not support callbacks that stop, such as "
                f"{name!r}: it trains one epoch. Leave it out, or call fit."
            )


def _where(estimator, method, name, value, known):
    """Return where an argument goes that `fit` does not take."""
    kind = type(estimator).__name__
    begin = f"{kind}.{method} got {name}"
    if name in estimator.get_params(deep=False):
        shown = repr(value) if isinstance(value, Real | str) else "..."
        return f"{begin}; set it in the constructor: {kind}({name}={shown})."
    if name in estimator.get_params():
        return f"{begin}; set it with set_params({name}=...)."
    if name in inspect.signature(estimator.fit).parameters:
        return f"{begin}; only fit takes it."
    if name in _HINTS:
        return f"{begin}, which it does not take; {_HINTS[name]}."
    names = [*known, *estimator.get_params(deep=False)]
    return f"{begin}, which it does not take; {near_names(name, names)}"
