"""Checks of untrusted ``.keras`` files."""

import math

from skl_signlang._files import open_regular, read_at_most
from skl_signlang._untrusted._budget import FREE_BYTES, Budget, max_bytes_of_numbers
from skl_signlang._untrusted._hdf5 import check_weights
from skl_signlang._untrusted._networks import (
    MAX_CONFIG_BYTES,
    check_architecture,
    check_weights_of,
)
from skl_signlang._untrusted._zips import open_zip, read_member, unpack

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {_CONFIG, "metadata.json", _WEIGHTS}


def read_keras_file(path, max_bytes):
    """Read a ``.keras`` file that holds only layers and their weights."""
    with open_regular(path, max_bytes, expected="a .keras file") as file:
        check_keras_size(file)
        file.seek(0)
        content = read_at_most(file, max_bytes)
    check_keras_file(content, Budget(len(content)))
    return content


def check_keras_size(file):
    """Raise an error for an open ``.keras`` file larger than its layers need."""
    n_bytes = file.seek(0, 2)
    if n_bytes <= FREE_BYTES:
        return
    with open_zip(file, n_bytes, Budget(n_bytes)) as (archive, members):
        _check_names(members)
        if members[_CONFIG].file_size > MAX_CONFIG_BYTES:
            raise ValueError(f"its {_CONFIG} has more than {MAX_CONFIG_BYTES:,} bytes.")
        config = read_member(archive, members[_CONFIG])
    _, network = check_architecture(config, Budget(n_bytes))
    limit = max_bytes_of_numbers(sum(map(math.prod, network.weights)))
    if n_bytes > limit:
        raise ValueError(
            f"it has {n_bytes:,} bytes; its layers need at most {limit:,}."
        )


def check_keras_file(content, budget):
    """Raise an error for a ``.keras`` file that is more than layers and weights."""
    # Keras does not compress these zips
    members = unpack(content, len(content), budget)
    _check_names(members)
    weights = check_weights(members[_WEIGHTS], budget)
    _, network = check_architecture(members[_CONFIG], budget)
    check_weights_of(network, weights)


def _check_names(members):
    if members.keys() != _MEMBERS:
        raise ValueError(
            f"it holds {', '.join(sorted(members)[:10])}; expected a .keras file, "
            f"which holds {', '.join(sorted(_MEMBERS))}."
        )
