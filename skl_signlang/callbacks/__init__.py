"""Callbacks whose parameters can be searched, for the `callbacks` of estimators.

KerasCallback
    Any callback of Keras, or of your own.
StopAtMetric
    Stop when a metric reaches a value.
TensorBoard
    Write each fit as a run that TensorBoard shows.
"""

from skl_signlang import _start_tensorflow  # noqa: F401
from skl_signlang.callbacks._keras_callback import KerasCallback
from skl_signlang.callbacks._stop_at_metric import StopAtMetric
from skl_signlang.callbacks._tensorboard import TensorBoard

__all__ = ["KerasCallback", "StopAtMetric", "TensorBoard"]
