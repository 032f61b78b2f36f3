"""Which objects a network from a stranger may name: Keras' own, and ours."""

import inspect
import sys

import keras

_OURS = "skl_signlang"
_KEPT_AS_DATA = ("__keras_tensor__", "__numpy__", "__tensor__", "__slice__")
_FUNCTIONS = ("activations", "constraints", "initializers", "losses", "regularizers")
_BASES = (
    keras.Operation,
    keras.DTypePolicy,
    keras.constraints.Constraint,
    keras.initializers.Initializer,
    keras.losses.Loss,
    keras.optimizers.Optimizer,
    keras.optimizers.schedules.LearningRateSchedule,
    keras.regularizers.Regularizer,
)
# These run code that they bring, or read files that they name
_REFUSED = tuple(
    getattr(keras.layers, name)
    for name in (
        *("FlaxLayer", "IntegerLookup", "JaxLayer", "Lambda", "StringLookup"),
        *("TFSMLayer", "TextVectorization", "TorchModuleWrapper"),
    )
    if hasattr(keras.layers, name)
)


def check_config(config):
    """Refuse a description of Keras objects that names others than are known safe.

    ``safe_mode`` of Keras refuses code that a file brings; this refuses also what
    reads files, and whatever else is no part of a network.

    Parameters
    ----------
    config : object
        What `json.loads` gave, or the `serialize_keras_object` of Keras.

    Raises
    ------
    ValueError
        If it names an object that is neither Keras' own nor ours; the message has
        the name.
    """
    waiting = [config]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            if "class_name" in entry and not _is_safe(entry):
                raise ValueError(
                    f"it names {_name(entry)}, which is refused: a network may hold "
                    "layers, functions and settings of Keras and of skl_signlang that "
                    "neither bring code nor read files."
                )
            waiting.extend(entry.values())
        elif isinstance(entry, list | tuple):
            waiting.extend(entry)


def _is_safe(entry):
    name, module = entry["class_name"], entry.get("module")
    if name in _KEPT_AS_DATA:
        return True
    registered = entry.get("registered_name")
    if isinstance(registered, str) and registered.startswith(f"{_OURS}>"):
        known = keras.saving.get_registered_object(registered)
        return getattr(known, "__module__", "").startswith(f"{_OURS}.")
    # without a module, Keras falls back on ways of older versions
    if not isinstance(module, str) or not isinstance(name, str):
        return False
    if name == "function":
        homes = ("builtins", *(f"keras.{home}" for home in _FUNCTIONS))
        return module in homes and registered in (None, name, entry.get("config"))
    if registered not in (None, name) or module.partition(".")[0] != "keras":
        return False
    known = getattr(sys.modules.get(module), name, None)
    return (
        inspect.isclass(known)
        and known.__module__.startswith("keras.src.")
        and issubclass(known, _BASES)
        and not issubclass(known, _REFUSED)
    )


def _name(entry):
    parts = entry.get("module"), entry["class_name"]
    name = ".".join(str(part)[:80] for part in parts if part)
    if entry["class_name"] == "function":
        name += f" {str(entry.get('config'))[:80]!r}"
    return name
