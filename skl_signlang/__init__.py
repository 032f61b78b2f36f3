"""Keras networks that are real scikit-learn estimators, reading hand signs.

Sub-packages
------------
datasets
    Rendered hands, and loaders of the usual files.
preprocessing
    Transformers of images.
estimators
    The networks: `DenseClassifier`, `DenseRegressor`, `CNNClassifier`,
    `TransferLearningClassifier`.
callbacks
    What looks on while they train, with parameters that can be searched.
networks
    The architectures, as plain functions.
model_selection
    Near-duplicate groups, and splits and reports that mind them.
inference
    From images to letters, and from letters to words.
inspection
    Displays of data and of scores.
persistence
    The ``.signlang`` archive: `save` and `load`; files for other runtimes: `export`.
serving
    A REST API and a page around a saved model.

Importing this package does not import TensorFlow; the first use of an estimator
does.
"""

import lazy_loader

from skl_signlang._tensorflow_settings import set_up_tensorflow

__version__ = "0.1.0.dev0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "callbacks",
        "datasets",
        "estimators",
        "export",
        "inference",
        "inspection",
        "model_selection",
        "networks",
        "persistence",
        "preprocessing",
        "pretrained",
        "report",
        "serving",
    ],
    submod_attrs={
        "estimators": [
            "CNNClassifier",
            "DenseClassifier",
            "DenseRegressor",
            "TransferLearningClassifier",
        ]
    },
)

set_up_tensorflow()
