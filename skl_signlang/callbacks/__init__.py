"""Callbacks whose parameters can be searched, for the `callbacks` of estimators.

KerasCallback
    Any Keras callback, or a custom one.
StopAtMetric
    Stop when a metric reaches a value.
TensorBoard
    Log each fit as a run for TensorBoard.
"""

from skl_signlang import _start_tensorflow  # noqa: F401
from skl_signlang.callbacks._keras_callback import GivenCallback as GivenCallback
from skl_signlang.callbacks._keras_callback import KerasCallback
from skl_signlang.callbacks._keras_callback import arguments_of as arguments_of
from skl_signlang.callbacks._searchable import SearchableCallback as SearchableCallback
from skl_signlang.callbacks._stop_at_metric import StopAtMetric
from skl_signlang.callbacks._tensorboard import TensorBoard
from skl_signlang.callbacks._tensorboard_run import WriteRun as WriteRun

__all__ = ["KerasCallback", "StopAtMetric", "TensorBoard"]
