"""Callbacks under which training in pieces is training at once."""

import inspect

_WRITERS = ("CSVLogger", "ModelCheckpoint", "ProgbarLogger", "TensorBoard")
"""Callbacks of Keras that change nothing of a training."""

_OF_WHOLE_FITS = {"on_train_begin", "on_train_end", "set_model", "set_params"}
"""What is called in each piece, but once in a training at once."""


def check_callbacks(callbacks):
    """Check, before training, that callbacks neither remember nor count."""
    from skl_signlang.training._named_callbacks import build_callbacks

    for name, callback in build_callbacks(callbacks):
        if _only_writes(callback) or _has_no_state(callback):
            continue
        raise ValueError(
            f"callbacks: {name!r}, {type(callback).__name__}, cannot be used in "
            "HyperbandSearchCV: what it remembers or changes may be another when "
            "training goes on in pieces. Leave it out; reduce_lr of the estimator may "
            "stay, and callbacks of your own that have methods for epochs and batches "
            "only, and no attributes."
        )


def check_after_training(part, n_epochs):
    """Check that callbacks of the user's own were what they seemed."""
    for name, callback in getattr(part, "callbacks_", ()):
        if not _is_of_keras(type(callback)) and not _has_no_state(callback):
            raise ValueError(
                f"callbacks: {name!r}, {type(callback).__name__}, remembers something, "
                "so it cannot be used in HyperbandSearchCV, which trains in pieces."
            )
    if callbacks_of(part) and getattr(part, "n_iter_", n_epochs) < n_epochs:
        raise ValueError(
            f"A callback has ended the training after {part.n_iter_} of {n_epochs} "
            "epochs; in HyperbandSearchCV only the search itself may stop. Leave it "
            "out."
        )


def callbacks_of(part):
    """Get the parameter with callbacks of any estimator; None where there is none."""
    return getattr(part, "callbacks", None)


def _is_of_keras(kind):
    return kind.__module__.startswith("keras.")


def _only_writes(callback):
    """Tell whether a callback leaves the network alone, for certain."""
    kind = type(callback)
    return _is_of_keras(kind) and kind.__name__ in _WRITERS


def _has_no_state(callback):
    """Tell whether a callback of the user's own is nothing but methods for epochs."""
    import keras

    base = keras.callbacks.Callback
    if not isinstance(callback, base) or _is_of_keras(type(callback)):
        return False
    kinds = type(callback).__mro__
    kinds = kinds[: kinds.index(base)]
    held = {name: value for kind in kinds for name, value in vars(kind).items()}
    own = {name: value for name, value in held.items() if not name.startswith("__")}
    return (
        all(map(inspect.isfunction, own.values()))
        and not own.keys() & _OF_WHOLE_FITS
        and vars(callback).keys() == vars(base()).keys()
    )
