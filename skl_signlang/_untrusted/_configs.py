"""Keras objects that an untrusted file may name."""

from skl_signlang._untrusted._allowed_layers import kind_of
from skl_signlang._untrusted._arguments import (
    is_function,
    is_object,
    is_plain,
    is_value,
)
from skl_signlang._untrusted._operations import is_constant, operation_of

_MODELS = (
    ("keras.src.models.functional", "Functional"),
    ("keras", "Sequential"),
    ("keras.models", "Sequential"),
    ("keras.src.models.sequential", "Sequential"),
)


def check_config(config):
    """Raise an error for Keras objects that are not known to be safe.

    Keras' ``safe_mode`` rejects code in a file; this also rejects objects that read
    files or compute while they are built, and all that this package does not write.
    """
    shared, waiting = {}, [config]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            if "class_name" in entry:
                _check_entry(entry)
                number = entry.get("shared_object_id")
                # Keras reuses the first object with this number
                if number is not None and shared.setdefault(number, entry) != entry:
                    raise ValueError(f"{_name(entry)} in it refers to another object.")
            waiting.extend(entry.values())
        elif isinstance(entry, list | tuple):
            waiting.extend(entry)


def check_object(config):
    """Raise an error for a Keras object that is not a valid value of a parameter."""
    check_config(config)
    waiting = [config]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            if "class_name" in entry and not is_value(entry):
                _refuse(entry)
            waiting.extend(entry.values())
        elif isinstance(entry, list):
            waiting.extend(entry)


def _check_entry(entry):
    if is_object(entry):
        for name, value in entry["config"].items():
            nested = isinstance(value, dict) and "class_name" in value
            if not nested and not is_plain(value):
                raise ValueError(
                    f"an argument of {_name(entry)} is not allowed: {name[:80]}="
                    f"{repr(value)[:80]}."
                )
    elif entry["class_name"] == "function":
        if not is_function(entry):
            _refuse(entry)
    elif entry["class_name"] == "__keras_tensor__":
        if not entry["config"].keys() <= {"shape", "dtype", "keras_history"}:
            _refuse(entry)
    elif is_constant(entry) or operation_of(entry):
        pass
    elif kind_of(entry) is None and _key(entry) not in _MODELS:
        _refuse(entry)
    elif "shared_object_id" in entry:
        raise ValueError(f"{_name(entry)} in it is shared.")


def _key(entry):
    return entry.get("module"), entry["class_name"]


def _refuse(entry):
    raise ValueError(
        f"it names {_name(entry)}, which is refused: a network may hold layers, "
        "functions and settings of Keras that skl_signlang writes, which neither "
        "contain code nor read files nor compute while they are built."
    )


def _name(entry):
    parts = entry.get("module"), entry["class_name"]
    name = ".".join(str(part)[:80] for part in parts if part)
    if entry["class_name"] == "function":
        name += f" {str(entry.get('config'))[:80]!r}"
    return name
