"""What a pickle of an estimator holds."""

from skl_signlang._forks import is_lost
from skl_signlang._keras import make_copyable
from skl_signlang._plain import default_parameters
from skl_signlang.callbacks import TensorBoard
from skl_signlang.training import (
    FittedNetwork,
    from_plain,
    networks_are_separate,
    to_plain,
    with_names,
)


class PickledStateMixin:
    """Mixin of estimators that pickle their network, and not its optimizer."""

    def __getstate__(self):
        state = dict(super().__getstate__())
        make_copyable(list(state.values()))
        # callbacks of a finished fit may hold files and threads
        state.pop("callbacks_", None)
        if isinstance(state.get("_network"), FittedNetwork):
            state["_network"] = state["_network"].to_state()
        if networks_are_separate():
            state.pop("_state_to_resume", None)  # useless without the optimizer's state
            state = to_plain(_without_local_paths(state))
        return state

    def __setstate__(self, state):
        state = dict(state)
        if networks_are_separate():
            state = from_plain(_without_local_paths(state))
        # a pool of multiprocessing hangs if a worker fails to unpickle
        if "_network" in state and (networks_are_separate() or not is_lost()):
            state["_network"] = self._restore_network(state["_network"])
        super().__setstate__({**self._defaults(), **state})

    def _defaults(self):
        """Return default parameters, for pickles that lack newer ones."""
        return default_parameters(type(self))

    _restore_network = staticmethod(FittedNetwork.from_state)


def _without_local_paths(state):
    """Return the state without paths of this machine."""
    kept = {name: state[name] for name in state if name != "_skl_callbacks"}
    callbacks = with_names(kept.get("callbacks"))
    if callbacks:
        callbacks = [
            (name, None if isinstance(one, TensorBoard) else one)
            for name, one in callbacks
        ]
    return {**kept, "callbacks": callbacks, "checkpoint_dir": None}
