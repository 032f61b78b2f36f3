"""Export of models: ONNX Runtime, LiteRT, TensorFlow Serving, Keras.

Functions
---------
export
    Write a fitted estimator as ONNX, LiteRT or SavedModel.
export_architecture, export_weights
    Write a network as two files for Keras.
"""

import lazy_loader

# exported files are opened without what writes them
__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_architecture": ["export_architecture", "export_weights"],
        "_export": ["check_format", "export"],
        "_exported": ["open_exported", "detect_exported"],
    },
)

# names without an entry here are for the other packages, not for users
__all__ = ["export", "export_architecture", "export_weights"]
