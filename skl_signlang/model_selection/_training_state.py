"""The training state of an estimator as arrays, without code."""

import math
from io import BytesIO

from skl_signlang._errors import quote
from skl_signlang._files import open_regular
from skl_signlang._stored_state import (
    MAX_JSON,
    check_arrays,
    check_plateau,
    check_rates,
    check_seed,
    is_number,
    read_arrays,
    read_document,
    write_state,
)
from skl_signlang._untrusted import StoredArrays
from skl_signlang.model_selection._search_checkpoint import CorruptedStateError

MAX_STATE = 1 << 30
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
        "resumes": {**part._state_to_resume, "callbacks": None},
        "arrays": [kind for kind, arrays in groups.items() if arrays is not None],
    }
    file = BytesIO()
    arrays = {kind: arrays or () for kind, arrays in groups.items()}
    write_state(file, arrays, metadata=metadata)
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
        seed, n_iter, history = _check_progress(metadata)
        carried = _check_state_to_resume(metadata["resumes"])
        _check_arrays(part, fresh, arrays)
    # zipfile, NumPy and json raise errors of many types for damaged content
    except Exception as error:
        raise CorruptedStateError(
            f"The saved training state{_place(content)} is damaged: {error}"
        ) from error
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


def _check_progress(metadata):
    """Return the seed, the number of epochs and the history of a state."""
    seed, n_iter, history = (metadata[name] for name in ("seed", "n_iter", "history"))
    check_seed(seed)
    if type(n_iter) is not int or n_iter < 1 or "loss" not in history:
        raise ValueError(f"its n_iter is {n_iter!r}, or its history has no loss.")
    for name, run in history.items():
        if len(run) != n_iter or not all(map(is_number, run)):
            raise ValueError(
                f"its history lacks a number for each epoch of {quote(name)}."
            )
    return seed, n_iter, {n: [float(value) for value in history[n]] for n in history}


def _check_state_to_resume(carried):
    """Check the learning rate and the plateau monitor of a state."""
    rate, plateau = carried["rate"], carried["plateau"]
    if plateau is not None:
        check_plateau("plateau", *plateau)
    if rate is not None and not (is_number(rate) and 0 < rate < math.inf):
        raise ValueError(f"its rate is {rate!r}; expected a positive number.")
    return {"rate": rate, "plateau": plateau, "callbacks": None}


def _check_arrays(part, fresh, arrays):
    """Check the arrays of a state against the network and its optimizer."""
    from skl_signlang._keras import read_variables

    for kind in ("values", "last"):
        if arrays[kind] is not None or kind == "values":
            check_arrays(kind, arrays[kind] or [], fresh.values)
    optimizer, _, loss = part._compile_arguments()
    trainer = fresh.compiled.acquire_trainer(optimizer, loss, part._history_metrics)
    variables = trainer.model.optimizer.variables
    fresh.compiled.release_trainer(trainer)
    check_arrays("optimizer", arrays["optimizer"] or [], read_variables(variables))
    check_rates("optimizer", arrays["optimizer"], variables)


def _head(network):
    """Return the trained part of a network."""
    return network.parts()[1] if hasattr(network, "parts") else network


def _open(content):
    """Open a training state for reading."""
    return BytesIO(content) if isinstance(content, bytes) else open_regular(content)


def _place(content):
    """Describe the file of a training state."""
    return "" if isinstance(content, bytes) else f" in {content}"


def _read(file, limit):
    """Load a training state whose network has at most `limit` bytes of arrays."""
    stored = StoredArrays(file)
    metadata = read_document(stored, "metadata")
    stored.check_size(limit + MAX_JSON)
    unknown = {name.rpartition(".")[0] for name in stored} - {*_KINDS, ""}
    if unknown:
        raise ValueError(f"it holds unknown arrays, {quote(min(unknown))}.")
    found = read_arrays(stored, "metadata")
    written = metadata["arrays"]
    return metadata, {k: found.get(k, []) if k in written else None for k in _KINDS}
