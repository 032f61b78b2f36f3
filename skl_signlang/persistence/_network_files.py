"""Networks from two files: architecture and weights."""

import math
import tempfile
from contextlib import contextmanager
from pathlib import Path

from skl_signlang._files import read_regular
from skl_signlang._quiet import start_tensorflow_quietly
from skl_signlang._untrusted import (
    MAX_CONFIG_BYTES,
    Budget,
    check_architecture,
    check_weights,
    check_weights_of,
    max_bytes_of_numbers,
)

_WEIGHTS_NAME = "network.weights.h5"  # Keras asks for this ending


def load_pair(path, weights):
    """Load a network from its architecture and weights."""
    with _name_file_in_errors(path, "an architecture"):
        text = read_regular(path, MAX_CONFIG_BYTES, expected="a JSON file")
        budget = Budget(len(text))
        config, network = check_architecture(text, budget)
    with _name_file_in_errors(weights, "weights"):
        limit = max_bytes_of_numbers(sum(map(math.prod, network.weights)))
        content = read_regular(weights, limit, expected="an HDF5 file")
        shapes = check_weights(content, budget)
    with _name_file_in_errors(weights, f"the weights of {path.name}"):
        check_weights_of(network, shapes)
        return _build(config, content)


@contextmanager
def _name_file_in_errors(path, role):
    """Context manager: errors of hostile content name the file."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded as {role}: {error}") from error


def _build(config, content):
    start_tensorflow_quietly()
    import keras

    from skl_signlang._keras import same_random_state

    with tempfile.TemporaryDirectory() as folder, same_random_state():
        copy = Path(folder, _WEIGHTS_NAME)
        copy.write_bytes(content)
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
        model.load_weights(copy)
    return model
