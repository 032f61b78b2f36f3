"""Contents of a checkpoint: a fingerprint of the fit and its training state."""

import hashlib
import inspect
import json
from importlib import import_module
from numbers import Integral

import keras
import numpy as np

from skl_signlang._errors import quote
from skl_signlang._keras import read_variables, serialize
from skl_signlang._plain import plain_value
from skl_signlang._stored_state import check_arrays, check_rates
from skl_signlang.callbacks import arguments_of
from skl_signlang.training._checkpoint_files import (
    FORMAT_VERSION,
    CheckpointFolder,
    check_same,
)
from skl_signlang.training._epoch_ends import PlateauMonitor, with_epoch
from skl_signlang.training._named_callbacks import callback_params

_LIBRARIES = ("skl_signlang", "keras", "tensorflow", "numpy")
_MAY_CHANGE = ("checkpoint_dir", "random_state", "verbose")
"""Parameters that may change when a fit resumes; random_state counts by its seed."""

_OBJECTS = (
    keras.initializers.Initializer,
    keras.losses.Loss,
    keras.metrics.Metric,
    keras.optimizers.Optimizer,
)
_CALLBACKS = "callbacks."
_HASHED_VALUES = 1 << 22


def open_checkpoint(estimator, samples, groups, validation, started):
    """Open the checkpoint of an estimator."""
    folder = CheckpointFolder(estimator.checkpoint_dir)
    fingerprint = _fingerprint(estimator, samples, groups, validation, started)
    stored, progress = folder.read()
    if stored is not None and _has_ended_before(stored, progress, fingerprint):
        stored, progress = None, {}
    same_callbacks = True
    if stored is not None:
        check_same(folder.path, stored, _fixed_only(fingerprint, stored, progress))
        same_callbacks = stored.get("callbacks") == fingerprint["callbacks"]
        if not same_callbacks:
            # others begin anew, and may not want to stop where those did
            progress |= {"stopped": False, "callbacks": {}}
    return Checkpoint(folder, fingerprint, progress, same_callbacks)


class Checkpoint:
    """The stored state of one fit."""

    def __init__(self, folder, fingerprint, progress, same_callbacks):
        self.folder = folder
        self.fingerprint = fingerprint
        self.progress = progress
        self._same_callbacks = same_callbacks

    def read_arrays(self, values):
        """Return the stored arrays of a network with values of these shapes."""
        arrays = self.folder.read_arrays(sum(value.size for value in values))
        return {
            name: part
            for name, part in arrays.items()
            if self._same_callbacks or not name.startswith(_CALLBACKS)
        }

    @property
    def seed(self):
        """The seed of the stored fit, or None."""
        return self.progress.get("seed")

    def is_past(self, phase):
        """Return whether the state is of a later phase."""
        return self.progress.get("phase", -1) > phase

    def is_in(self, phase):
        """Return whether the state is of this phase."""
        return self.progress.get("phase") == phase


class WriteCheckpoints(PlateauMonitor):
    """Write the training state after each epoch, and restore it at the start.

    Last of all callbacks, so that it sees the effects of the others.
    """

    def __init__(
        self, checkpoint, phase, estimator, average, monitors, callbacks, to_file
    ):
        super().__init__(patience=float("inf"), min_delta=0.0)
        self._checkpoint = checkpoint
        self._phase = phase
        self._average = average
        self._monitors = [*monitors, self]
        self._callbacks = callbacks
        self._to_file = to_file
        self._seed = estimator._seed
        resumed = checkpoint.is_in(phase)
        progress = checkpoint.progress if resumed else {}
        self._first = progress.get("first", estimator.n_iter_)
        self.n_iter = progress.get("n_iter", estimator.n_iter_)
        self.history = progress.get("history", estimator.history_)
        self.stopped = progress.get("stopped", False)
        self._to_restore = progress if resumed else None
        self._arrays = {}

    @property
    def n_trained(self):
        """Epochs of this phase that are done."""
        return self.n_iter - self._first

    def restore_weights(self, values, optimizer_values):
        """Return the values and optimizer values to resume from."""
        if self._to_restore is None:
            return values, optimizer_values
        progress = self._to_restore
        # large, and only now is known how large
        arrays = self._arrays = self._checkpoint.read_arrays(values)
        self._check_architecture(values, progress, arrays)
        if self._average is not None:
            self._average.last = arrays["last"]
            self._average.values = arrays["average"]
        for monitor, state in zip(self._monitors, progress["watchers"], strict=True):
            monitor.best, monitor.waited = state
        if "best.values" in arrays:
            self._stopping_callbacks().state = tuple(
                arrays[f"best.{part}"] for part in ("values", "last", "optimizer")
            )
        return arrays["last"], arrays["optimizer"]

    def _check_architecture(self, values, progress, arrays):
        """Raise ValueError for the state of another architecture."""
        needed = ["last", "optimizer"]
        if self._average is not None:
            needed.append("average")
        if "best.values" in arrays:
            needed += ["best.values", "best.last", "best.optimizer"]
        missing = {*needed} - {*arrays}
        if missing or len(progress["watchers"]) != len(self._monitors):
            what = f"it holds no arrays {min(missing)!r}" if missing else "watchers"
            raise self._mismatch("architecture", what)
        for name in needed:
            if not name.endswith("optimizer"):
                self._check("architecture", check_arrays, name, arrays[name], values)

    def check_optimizer(self, variables):
        """Raise ValueError for the state of another optimizer."""
        expected = read_variables(variables)
        for name in ("optimizer", "best.optimizer"):
            arrays = self._arrays.get(name)
            if arrays is not None:
                self._check("optimizer", check_arrays, name, arrays, expected)
                self._check("optimizer", check_rates, name, arrays, variables)

    def _check(self, what, check, *arguments):
        try:
            check(*arguments)
        except ValueError as error:
            raise self._mismatch(what, error) from error

    def _mismatch(self, what, reason):
        return ValueError(
            f"checkpoint_dir={str(self._checkpoint.folder.path)!r} holds a "
            f"checkpoint of another {what}, or a damaged one: {reason}. Choose another "
            "folder."
        )

    def on_train_begin(self, logs=None):
        """Restore callbacks, and write a first state."""
        if self._to_restore is not None:
            what = self._callbacks, self._to_restore, self._arrays
            self._check("callback", _restore_callbacks, *what)
        self._write()
        self._checkpoint.folder.check_room()

    def on_epoch_end(self, epoch, logs=None):
        """Write the state."""
        self.history = with_epoch(self.history, self.n_iter, logs)
        self.n_iter = epoch + 1
        self.stopped = bool(self.model.stop_training)
        super().on_epoch_end(epoch, logs)
        self._write()

    def on_improvement(self):
        """Write the network for inference."""
        averaged = self._average is not None
        values = (
            self._average.values if averaged else read_variables(self.model.variables)
        )
        self._checkpoint.folder.write_best(*self._to_file(values))

    def _write(self):
        arrays = {
            "last": read_variables(self.model.variables),
            "optimizer": read_variables(self.model.optimizer.variables),
        }
        if self._average is not None:
            arrays["average"] = self._average.values
        stopping = self._stopping_callbacks()
        if stopping is not None and stopping.state is not None:
            names = ("values", "last", "optimizer")
            arrays |= {
                f"best.{name}": part
                for name, part in zip(names, stopping.state, strict=True)
            }
        plain, kept = state_of_callbacks(self._callbacks)
        progress = {
            "phase": self._phase,
            "first": self._first,
            "n_iter": self.n_iter,
            "seed": self._seed,
            "stopped": self.stopped,
            "history": self.history,
            "watchers": [[monitor.best, monitor.waited] for monitor in self._monitors],
            "callbacks": plain,
        }
        self._checkpoint.folder.write(
            self._checkpoint.fingerprint, progress, {**arrays, **kept}
        )

    def _stopping_callbacks(self):
        found = [monitor for monitor in self._monitors if hasattr(monitor, "state")]
        return found[0] if found else None


class RestoreCallbacks(keras.callbacks.Callback):
    """Restore the state of callbacks in incremental training."""

    def __init__(self, callbacks, plain, arrays):
        super().__init__()
        self._what = callbacks, {"callbacks": plain}, arrays

    def on_train_begin(self, logs=None):
        """Restore the state."""
        _restore_callbacks(*self._what)


def _callbacks_of(estimator):
    """Return the parameters of callbacks, without the folders that they write to."""
    params = callback_params(estimator.callbacks)
    return {k: params[k] for k in params if not k.endswith("__log_dir")}


def state_of_callbacks(callbacks):
    """Return the plain values and the arrays of callbacks."""
    plain, arrays = {}, {}
    for name, callback in callbacks:
        plain[name] = {}
        # arguments are set anew; Keras changes the sign of some
        given = arguments_of(type(callback))
        for key in vars(callback).keys() - given.keys():
            value = vars(callback)[key]
            if _is_plain(value):
                plain[name][key] = value
            elif isinstance(value, np.floating | np.integer):
                plain[name][key] = value.item()
            elif _are_arrays(value):
                arrays[f"{_CALLBACKS}{name}.{key}"] = value
    return plain, arrays


def _restore_callbacks(callbacks, progress, arrays):
    for name, callback in callbacks:
        prefix = f"{_CALLBACKS}{name}."
        kept = {
            **progress["callbacks"].get(name, {}),
            **{
                key.removeprefix(prefix): entries
                for key, entries in arrays.items()
                if key.startswith(prefix)
            },
        }
        for key, value in kept.items():
            if not _may_be_restored(callback, key, value):
                continue
            expected, came = _kind_of(vars(callback)[key]), _kind_of(value)
            if expected and came and came != expected:
                raise ValueError(
                    f"{key} of callback {name!r} is {quote(str(value))}; expected "
                    f"{expected}"
                )
            vars(callback)[key] = value


def _kind_of(value):
    """Return what a value of a callback is, in words; None for a value to come."""
    if value is None:
        return None
    if isinstance(value, str):
        return "a string"
    return "arrays" if _are_arrays(value) else "a number"


def _may_be_restored(callback, key, value):
    """Return whether a stored value may become an attribute of a callback.

    A file must not decide where a callback writes to: existing strings stay.
    """
    current = vars(callback).get(key)
    return (
        key not in arguments_of(type(callback))
        and not hasattr(getattr(type(callback), key, None), "__get__")
        and (
            _is_plain(current)
            or isinstance(current, np.generic)
            or _are_arrays(current)
        )
        and (_is_plain(value) or _are_arrays(value))
        and (not isinstance(value, str) or not current)
    )


def _is_plain(value):
    return value is None or isinstance(value, bool | int | float | str)


def _are_arrays(value):
    return (
        isinstance(value, list)
        and len(value) > 0
        and all(isinstance(v, np.ndarray) and v.dtype != object for v in value)
    )


def _fingerprint(estimator, samples, groups, validation, started):
    params = {
        name: value
        for name, value in estimator.get_params().items()
        if name not in _MAY_CHANGE and name.partition("__")[0] != "callbacks"
    }
    if isinstance(estimator.random_state, Integral):
        params["random_state"] = estimator.random_state
    fingerprint = {
        "format": FORMAT_VERSION,
        "versions": {name: import_module(name).__version__ for name in _LIBRARIES},
        "estimator": type(estimator).__name__,
        "architecture": estimator._describe_architecture(samples.X),
        "parameters": {name: describe(value) for name, value in params.items()},
        "callbacks": describe(_callbacks_of(estimator)),
        "data": _hash(*samples, groups),
        "validation": None if validation is None else _hash(*validation),
        "start": None if started is None else _hash(*started),
        "epochs before": 0 if started is None else estimator.n_iter_,
    }
    return json.loads(json.dumps(fingerprint))


def _fixed_only(current, stored, progress):
    """Return the fingerprint without what may change when a fit resumes.

    More epochs may be trained where neither a schedule nor a phase depends on them.
    """
    before = stored.get("parameters", {})
    now = current["parameters"]
    longer = before.get("epochs", 0) <= now["epochs"] and progress["phase"] == 0
    if longer and now["lr_schedule"] == "constant":
        now = {**now, "epochs": before.get("epochs")}
    return {**current, "parameters": now, "callbacks": stored.get("callbacks")}


def _has_ended_before(stored, progress, current):
    """Return whether a warm start begins where the stored training ended."""
    before = current["epochs before"]
    return before > 0 and before == progress["n_iter"] != stored["epochs before"]


def describe(value):
    """Return a parameter as plain data, the same in each process."""
    return plain_value(value, _describe_object)


def _describe_object(value):
    if inspect.isclass(value) or inspect.isfunction(value):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, _OBJECTS):
        return json.dumps(serialize(value), default=str)
    return type(value).__name__


def _hash(*arrays):
    """Return a hash of arrays; memory maps are read in blocks."""
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        if array is None:
            continue
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        step = max(1, _HASHED_VALUES // max(1, array[:1].size))
        for start in range(0, len(array) if array.ndim else 0, step):
            digest.update(np.ascontiguousarray(array[start : start + step]))
    return digest.hexdigest()
