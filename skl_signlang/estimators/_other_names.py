"""Errors for parameters that other libraries have, saying where they go."""

import inspect
from functools import wraps

from skl_signlang._errors import near_names

_KERAS_FIT = (
    "fit and predict have no routed parameters: set batch_size, epochs, verbose and "
    "class_weight of the estimator"
)
_HINTS = {
    "build_fn": "it is called model",
    "criterion": "it is called loss",
    "device": "TensorFlow chooses it; see tf.device",
    "iterator_train": "fit takes arrays, and shuffles them",
    "iterator_valid": "fit takes arrays; X_val and y_val hold the validation samples",
    "lr": "it is called learning_rate",
    "max_epochs": "it is called epochs",
    "module": "it is called model, a function that builds a Keras network",
    "run_eagerly": "call tf.config.run_functions_eagerly(True)",
    "shuffle": "samples are shuffled in each epoch, as random_state says",
    "train_split": "set early_stopping=True, with validation_fraction",
    "validation_batch_size": "validation uses all samples",
    "validation_data": "pass X_val and y_val to fit",
    "validation_split": "set early_stopping=True, with validation_fraction",
}
_ROUTED = {
    "compile": "optimizer, loss and metrics are parameters of the estimator",
    "fit": _KERAS_FIT,
    "predict": _KERAS_FIT,
    "iterator_train": "set batch_size",
    "iterator_valid": "validation uses batches of batch_size",
    "metrics": "pass objects of keras.metrics, as metrics=[...]",
}
_SET_LATER = ("optimizer", "loss", "callbacks")


def explains_parameters(init):
    """Decorate a constructor: errors say where unknown parameters go."""
    known = list(inspect.signature(init).parameters)[1:]

    @wraps(init)
    def run(self, *args, **kwargs):
        for name in kwargs:
            if name not in known:
                kind = type(self).__name__
                hint = (
                    _of_function(name, args or [kwargs.get("model")])
                    or _hint_for(name, known)
                    or near_names(name, known)
                )
                raise TypeError(f"{kind} has no parameter {name!r}; {hint}")
        init(self, *args, **kwargs)

    return run


def _of_function(name, args):
    """Return where an argument of the function `model` goes, or None."""
    try:
        takes = name in inspect.signature(args[0]).parameters
    except (TypeError, ValueError):
        return None
    return f'pass model_params={{"{name}": ...}}.' if takes else None


def _hint_for(name, known):
    """Return where a parameter goes that an estimator does not have, or None."""
    prefix, is_routed, inner = name.partition("__")
    if is_routed and prefix in _ROUTED:
        return f"{_ROUTED[prefix]}."
    if is_routed and prefix in ("model", "module") and "model_params" in known:
        return (
            f'pass model_params={{"{inner}": ...}}, or set_params(model__{inner}=...).'
        )
    if is_routed and prefix in _SET_LATER:
        return f"it is set after the constructor, with set_params({name}=...)."
    if name in _HINTS:
        return f"{_HINTS[name]}."
    return None


def check_other_names(estimator, names):
    """Raise ValueError for names of which it is known where they go."""
    known = estimator.get_params(deep=False)
    for name in names:
        hint = None if name in known else _hint_for(name, known)
        if hint is not None:
            raise ValueError(
                f"Invalid parameter {name!r} for estimator {estimator!r:.200}: {hint}"
            )
