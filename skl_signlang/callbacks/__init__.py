"""Callbacks whose parameters can be searched, for the `callbacks` of estimators.

KerasCallback
    Any callback of Keras, or of your own.
StopAtMetric
    Stop when a metric has reached a value.
"""

from skl_signlang import _start_tensorflow  # noqa: F401
from skl_signlang.callbacks._keras_callback import KerasCallback
from skl_signlang.callbacks._stop_at_metric import StopAtMetric

__all__ = ["KerasCallback", "StopAtMetric"]
