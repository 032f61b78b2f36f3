"""Helpers for Keras and TensorFlow, shared by networks and training."""

from skl_signlang import _start_tensorflow  # noqa: F401
from skl_signlang._keras._complete_configs import (
    complete_config,
    make_copyable,
    serialize,
)
from skl_signlang._keras._custom import is_custom
from skl_signlang._keras._custom_functions import apply_layer, check_activation, trace
from skl_signlang._keras._gradients import forget_gradients
from skl_signlang._keras._identity import (
    custom_parts,
    gains_of,
    identity_of,
    structure_of,
)
from skl_signlang._keras._leaves import leaves
from skl_signlang._keras._model_bytes import model_from_bytes, model_to_bytes
from skl_signlang._keras._prediction import (
    FEW_ROWS,
    ROW_BLOCK,
    SMALL_BLOCK,
    WIDEST_VALUES,
    Prediction,
    repeat_to,
    round_to_row_blocks,
    widest,
)
from skl_signlang._keras._run_by_layer import run_by_layer
from skl_signlang._keras._variables import (
    read_variables,
    same_random_state,
    seed_positions,
    strategy_key,
    variables_without_values,
    write_variables,
)

__all__ = [
    "FEW_ROWS",
    "ROW_BLOCK",
    "SMALL_BLOCK",
    "WIDEST_VALUES",
    "Prediction",
    "apply_layer",
    "check_activation",
    "complete_config",
    "custom_parts",
    "forget_gradients",
    "gains_of",
    "identity_of",
    "is_custom",
    "leaves",
    "make_copyable",
    "model_from_bytes",
    "model_to_bytes",
    "read_variables",
    "repeat_to",
    "round_to_row_blocks",
    "run_by_layer",
    "same_random_state",
    "seed_positions",
    "serialize",
    "strategy_key",
    "structure_of",
    "trace",
    "variables_without_values",
    "widest",
    "write_variables",
]
