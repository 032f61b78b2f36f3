"""Checks that callbacks allow training to be resumed."""

import inspect

_WRITERS = ("CSVLogger", "ModelCheckpoint", "ProgbarLogger", "TensorBoard")
"""Keras callbacks that do not change training."""

_FIT_HOOKS = {"on_train_begin", "on_train_end", "set_model", "set_params"}
"""Hooks that resuming calls several times and one uninterrupted training once."""


def check_callbacks(callbacks):
    """Check before training that callbacks have no state."""
    from skl_signlang.training import build_callbacks

    for name, callback in build_callbacks(callbacks):
        if _only_writes(callback) or _has_no_state(callback):
            continue
        raise ValueError(
            f"callbacks: {name!r}, {type(callback).__name__}, cannot be used in "
            "HyperbandSearchCV: its state is lost when training is resumed. Remove it. "
            "reduce_lr of the estimator is allowed, and so are custom callbacks "
            "without attributes that implement only epoch and batch hooks."
        )


def check_after_training(part, n_epochs):
    """Check after training that custom callbacks stored nothing."""
    for name, callback in getattr(part, "callbacks_", ()):
        is_known = _is_keras(type(callback)) or _only_writes(callback)
        if not is_known and not _has_no_state(callback):
            raise ValueError(
                f"callbacks: {name!r}, {type(callback).__name__}, stores state, so it "
                "cannot be used in HyperbandSearchCV, which resumes training."
            )
    if callbacks_of(part) and getattr(part, "n_iter_", n_epochs) < n_epochs:
        raise ValueError(
            f"A callback stopped training after {part.n_iter_} of {n_epochs} "
            "epochs; in HyperbandSearchCV only the search stops training. Remove it."
        )


def callbacks_of(part):
    """Return the `callbacks` of an estimator, None without this parameter."""
    return getattr(part, "callbacks", None)


def _is_keras(kind):
    return kind.__module__.startswith("keras.")


def _only_writes(callback):
    """Check whether a callback is known to only write."""
    from skl_signlang.callbacks import WriteRun

    if isinstance(callback, WriteRun):
        return True
    kind = type(callback)
    return _is_keras(kind) and kind.__name__ in _WRITERS


def _has_no_state(callback):
    """Check whether a custom callback has only epoch and batch hooks."""
    import keras

    base = keras.callbacks.Callback
    if not isinstance(callback, base) or _is_keras(type(callback)):
        return False
    kinds = type(callback).__mro__
    kinds = kinds[: kinds.index(base)]
    held = {name: value for kind in kinds for name, value in vars(kind).items()}
    own = {name: value for name, value in held.items() if not name.startswith("__")}
    return (
        all(map(inspect.isfunction, own.values()))
        and not own.keys() & _FIT_HOOKS
        and vars(callback).keys() == vars(base()).keys()
    )
