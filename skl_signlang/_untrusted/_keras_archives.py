"""Checks of untrusted ``.keras`` files."""

from skl_signlang._untrusted._hdf5 import check_weights
from skl_signlang._untrusted._networks import check_architecture, check_weights_of
from skl_signlang._untrusted._zips import unpack

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {_CONFIG, "metadata.json", _WEIGHTS}


def check_keras_file(content, budget):
    """Raise an error for a ``.keras`` file that is more than layers and weights."""
    # Keras packs nothing in these zips
    members = unpack(content, len(content), budget)
    if members.keys() != _MEMBERS:
        raise ValueError(
            f"it holds {', '.join(sorted(members)[:10])}; expected a .keras file, "
            f"which holds {', '.join(sorted(_MEMBERS))}."
        )
    weights = check_weights(members[_WEIGHTS], budget)
    _, network = check_architecture(members[_CONFIG], budget)
    check_weights_of(network, weights)
