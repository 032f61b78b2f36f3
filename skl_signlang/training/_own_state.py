"""Networks of the user's own in archives: weights, and arguments that are plain data.

The function that builds the network is never stored: `load` is given it.
"""

import numpy as np

from skl_signlang._keras import is_custom
from skl_signlang._untrusted import find_model, qualified_name
from skl_signlang.networks import (
    check_vocabularies,
    own_network,
    shapes_of_own_network,
)
from skl_signlang.training._compiled_models import get_compiled_model

_PLAIN = (bool, int, float, str, type(None))
_MOST = 1000  # values of one argument


def own_to_state(recipe, values):
    """Return the arguments and the values of a network."""
    arguments = dict(recipe.keywords)
    function = arguments.pop("model")
    check_plain_params(arguments["model_params"])
    if is_custom(arguments["output_activation"]):
        raise ValueError(
            f"output_activation={arguments['output_activation']!r} is a custom "
            "function, which archives do not contain: let the model end with it."
        )
    return {"own": {"name": qualified_name(function), **arguments}, "values": values}


def own_from_state(state):
    """Return the compiled model and the values of `own_to_state`."""
    arguments, values = dict(state["own"]), state["values"]
    name, params = arguments.pop("name"), arguments["model_params"]
    check_plain_params(params)
    model = find_model(name, params)
    check_vocabularies(arguments.get("vocabularies", ()))
    known = ("model_params", "inputs", "standardize", "told", "texts")
    own = {key: arguments[key] for key in known if key in arguments}
    shapes = shapes_of_own_network(arguments["input_shape"], model=model, **own)
    found = [np.shape(value) for value in values]
    if shapes != found:
        raise ValueError(
            f"its {len(found)} weights, of shapes {str(found)[:200]}, do not match "
            f"those of the network that {name} builds with model_params={params}: "
            f"{str(shapes)[:200]}."
        )
    return get_compiled_model(own_network, model=model, **arguments), values


def check_plain_params(params):
    """Raise ValueError for arguments of a function that are not plain values."""
    if not isinstance(params, dict) or not all(isinstance(key, str) for key in params):
        raise ValueError(f"model_params={str(params)[:200]} is not a dict of names.")
    for name, value in params.items():
        if not _is_plain(value):
            raise ValueError(
                f"model_params={{{name!r}: {str(value)[:200]}}} cannot be in an "
                "archive, which holds numbers, strings, and lists of them: pass a "
                "name or numbers, and make the object in the function."
            )


def _is_plain(value):
    if isinstance(value, list | tuple):
        return len(value) <= _MOST and all(map(_is_plain, value))
    return isinstance(value, _PLAIN)
