"""Export of models: ONNX Runtime, LiteRT, TensorFlow Serving, Keras.

Functions
---------
export
    Write a fitted estimator as ONNX, LiteRT or SavedModel.
export_architecture, export_weights
    Write a network as two files for Keras.
"""

from skl_signlang.export._architecture import export_architecture, export_weights
from skl_signlang.export._export import check_format as check_format
from skl_signlang.export._export import export
from skl_signlang.export._exported import open_exported as open_exported
from skl_signlang.export._exported import tell_exported as tell_exported

__all__ = ["export", "export_architecture", "export_weights"]
