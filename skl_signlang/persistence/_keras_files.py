"""Networks that nobody vouches for."""

import math
from concurrent.futures import ThreadPoolExecutor

from skl_signlang.persistence._parse_json import parse_json
from skl_signlang.persistence._weights import check_weights
from skl_signlang.persistence._zips import unpack

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {_CONFIG, "metadata.json", _WEIGHTS}
MAX_CONFIG_BYTES = 16 << 20


def check_keras_file(content):
    """Refuse a ``.keras`` file that is more than layers and their weights.

    Parameters
    ----------
    content : bytes
        The file.

    Raises
    ------
    ValueError
        If it unpacks to more than its size, holds other files, objects that are not
        known to be safe, or fewer weights than its layers have.
    """
    # Keras packs nothing in these zips
    members = unpack(content, limit=len(content))
    if members.keys() != _MEMBERS:
        raise ValueError(
            f"it holds {', '.join(sorted(members))}; expected a .keras file, which "
            f"holds {', '.join(sorted(_MEMBERS))}."
        )
    check_architecture(members[_CONFIG], check_weights(members[_WEIGHTS]))


def check_architecture(content, n_numbers):
    """Refuse a network that is not safe, or larger than its weights.

    Parameters
    ----------
    content : bytes
        Its description, as JSON.
    n_numbers : int
        How many numbers the weights have.

    Returns
    -------
    config : dict
        The description, without what compiles it.

    Raises
    ------
    ValueError
        If it names what is not known to be safe, describes no network, or one that
        has more weights.
    """
    from skl_signlang.networks._safe_configs import check_config

    config = parse_json(content, MAX_CONFIG_BYTES)
    check_config(config)
    config["compile_config"] = None
    n_needed = _count_weights(parse_json(content, MAX_CONFIG_BYTES))
    if n_needed > n_numbers:
        raise ValueError(
            f"its layers have {n_needed:,} weights, but only {n_numbers:,} came."
        )
    return config


def _count_weights(config):
    """Build a network without memory for its weights, to count them."""
    # Keras would give them memory later on, but it forgets threads that ended
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_build_and_count, config).result()


def _build_and_count(config):
    import keras

    from skl_signlang.networks._variables import same_random_state

    config["compile_config"] = None
    with same_random_state(), keras.StatelessScope(initialize_variables=False):
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
    if not isinstance(model, keras.Model):
        raise ValueError(f"it describes no network but a {type(model).__name__}.")
    return sum(math.prod(weight.shape) for weight in model.weights)
