"""Where the training of a network stands, as arrays: nothing in it can be run."""

import io
import json

import numpy as np

from skl_signlang._untrusted._arrays import StoredArrays

_KINDS = ("values", "last", "optimizer")
_FACTS = "facts"


class DamagedTraining(ValueError):
    """What was kept of a training cannot be gone on from."""


def can_be_kept(part):
    """Tell whether this module can keep how far an estimator is trained."""
    from skl_signlang.estimators._base import NetworkEstimator

    return isinstance(part, NetworkEstimator)


def to_bytes(part):
    """Write down how far an estimator of this package is trained."""
    network = _head(part._network)
    groups = {
        "values": network.values,
        "last": network.last_values,
        "optimizer": network.optimizer_values,
    }
    facts = {
        "seed": part._seed,
        "n_iter": part.n_iter_,
        "history": part.history_,
        "carried": {**part._carried, "callbacks": None},
        "n": {kind: None if of is None else len(of) for kind, of in groups.items()},
    }
    arrays = {
        f"{kind}-{i}": array
        for kind, of in groups.items()
        for i, array in enumerate(of or ())
    }
    file = io.BytesIO()
    np.savez(file, **{_FACTS: np.array(json.dumps(facts))}, **arrays)
    return file.getvalue()


def restore(part, X, y, sample_weight, content):
    """Bring an estimator to where the training stood that was written down."""
    from skl_signlang.training._fitted_network import FittedNetwork
    from skl_signlang.training._training_data import FitInputs
    from skl_signlang.training._transfer_network import TransferNetwork

    part._start(FitInputs(X, y, sample_weight))
    fresh = _head(part._network)
    try:
        facts, arrays = _read(content)
        seed, n_iter = int(facts["seed"]), int(facts["n_iter"])
        history = {
            str(name): [float(value) for value in run]
            for name, run in facts["history"].items()
        }
        carried = _check_carried(facts["carried"])
        if not history or any(len(run) != n_iter for run in history.values()):
            raise ValueError("its history has not a number for each epoch.")
    # what damaged content makes zipfile, NumPy and json raise has no common class
    except Exception as error:
        raise DamagedTraining(
            f"The training that was kept is damaged: {error}"
        ) from error
    for kind in ("values", "last"):
        got, wanted = arrays[kind], fresh.values
        if got is None and kind == "last":
            continue
        if got is None or list(map(_form, got)) != list(map(_form, wanted)):
            raise DamagedTraining("The training that was kept is of another network.")
    network = FittedNetwork(
        fresh.compiled, arrays["values"], arrays["optimizer"], arrays["last"]
    )
    if isinstance(part._network, TransferNetwork):
        if part._drawn and seed != part._seed:
            raise DamagedTraining(
                "A backbone that was drawn by chance cannot be drawn again: set "
                "random_state to an integer to resume a search."
            )
        network = TransferNetwork(part._network.parts()[0], network)
    part._network = network
    part._seed, part.n_iter_, part.history_ = seed, n_iter, history
    part._carried = carried


def _check_carried(carried):
    """Check what a plateau of the loss has come to."""
    rate, plateau = carried["rate"], carried["plateau"]
    if plateau is not None:
        best, waited = plateau
        plateau = [float(best), int(waited)]
    rate = None if rate is None else float(rate)
    return {"rate": rate, "plateau": plateau, "callbacks": None}


def _head(network):
    """Give what is trained of a network."""
    return network.parts()[1] if hasattr(network, "parts") else network


def _form(array):
    return array.shape, array.dtype


def _read(content):
    """Read an ``.npz`` file without unpickling, and no more than it has bytes."""
    file = StoredArrays(content)
    facts = json.loads(str(file[_FACTS]))
    arrays = {}
    for kind in _KINDS:
        n = facts["n"][kind]
        arrays[kind] = n and [file[f"{kind}-{i}"] for i in range(int(n))]
        if n == 0:
            arrays[kind] = []
    return facts, arrays
