"""The training state of an estimator as arrays, without code."""

import json
from io import BytesIO

import numpy as np

from skl_signlang._files import open_regular
from skl_signlang._untrusted import Budget, StoredArrays, parse_json
from skl_signlang.model_selection._search_checkpoint import (
    MAX_METADATA,
    METADATA,
    CorruptedStateError,
)

MAX_STATE = 8 << 30
"""Maximum bytes of a training state that is read without knowing its network."""

_KINDS = ("values", "last", "optimizer")
_MAX_RATIO = 16  # optimizers keep a few values for each weight


def can_save_state(part):
    """Check whether the training state of an estimator can be saved."""
    from skl_signlang.estimators import NetworkEstimator

    return isinstance(part, NetworkEstimator)


def state_to_bytes(part):
    """Return the training state of an estimator as the bytes of an .npz file."""
    network = _head(part._network)
    groups = {
        "values": network.values,
        "last": network.last_values,
        "optimizer": network.optimizer_values,
    }
    metadata = {
        "seed": part._seed,
        "n_iter": part.n_iter_,
        "history": part.history_,
        "carried": {**part._state_to_resume, "callbacks": None},
        "n": {kind: None if of is None else len(of) for kind, of in groups.items()},
    }
    arrays = {
        f"{kind}-{i}": array
        for kind, of in groups.items()
        for i, array in enumerate(of or ())
    }
    file = BytesIO()
    np.savez(file, **{METADATA: np.array(json.dumps(metadata))}, **arrays)
    return file.getvalue()


def restore_state(part, X, y, sample_weight, content):
    """Restore the training state of an estimator, from its file or its bytes."""
    from skl_signlang.training import FitInputs, FittedNetwork, TransferNetwork

    part._start(FitInputs(X, y, sample_weight))
    fresh = _head(part._network)
    try:
        limit = _MAX_RATIO * sum(value.nbytes for value in fresh.values)
        with _open(content) as file:
            metadata, arrays = _read(file, limit)
        seed, n_iter = int(metadata["seed"]), int(metadata["n_iter"])
        history = {
            str(name): [float(value) for value in run]
            for name, run in metadata["history"].items()
        }
        carried = _check_state_to_resume(metadata["carried"])
        if not history or any(len(run) != n_iter for run in history.values()):
            raise ValueError("its history lacks a number for each epoch.")
    # zipfile, NumPy and json raise errors of many types for damaged content
    except Exception as error:
        raise CorruptedStateError(
            f"The saved training state{_place(content)} is damaged: {error}"
        ) from error
    for kind in ("values", "last"):
        got, wanted = arrays[kind], fresh.values
        if got is None and kind == "last":
            continue
        if got is None or list(map(_form, got)) != list(map(_form, wanted)):
            raise CorruptedStateError(
                "The saved training state belongs to another network."
            )
    network = FittedNetwork(
        fresh.compiled, arrays["values"], arrays["optimizer"], arrays["last"]
    )
    if isinstance(part._network, TransferNetwork):
        if part._drawn and seed != part._seed:
            raise CorruptedStateError(
                "A randomly initialized backbone cannot be restored: set random_state "
                "to an integer to resume a search."
            )
        network = TransferNetwork(part._network.parts()[0], network)
    part._network = network
    part._seed, part.n_iter_, part.history_ = seed, n_iter, history
    part._state_to_resume = carried


def _check_state_to_resume(carried):
    """Check the learning rate and the plateau monitor of a state."""
    rate, plateau = carried["rate"], carried["plateau"]
    if plateau is not None:
        best, waited = plateau
        plateau = [float(best), int(waited)]
    rate = None if rate is None else float(rate)
    return {"rate": rate, "plateau": plateau, "callbacks": None}


def _head(network):
    """Return the trained part of a network."""
    return network.parts()[1] if hasattr(network, "parts") else network


def _form(array):
    return array.shape, array.dtype


def _open(content):
    """Open a training state for reading."""
    return BytesIO(content) if isinstance(content, bytes) else open_regular(content)


def _place(content):
    """Describe the file of a training state."""
    return "" if isinstance(content, bytes) else f" in {content}"


def _read(file, limit):
    """Load an .npz file without unpickling, within its own number of bytes.

    `limit` is the maximum number of bytes of all arrays of the network.
    """
    file = StoredArrays(file)
    file.check_size(MAX_METADATA, METADATA)
    file.check_size(limit + MAX_METADATA)
    text = str(file[METADATA]).encode()
    metadata = parse_json(text, MAX_METADATA, Budget(len(text)), with_nan=True)
    arrays = {}
    for kind in _KINDS:
        n = metadata["n"][kind]
        arrays[kind] = n and [file[f"{kind}-{i}"] for i in range(int(n))]
        if n == 0:
            arrays[kind] = []
    return metadata, arrays
