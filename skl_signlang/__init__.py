"""Keras networks as scikit-learn estimators, for the letters of sign language.

Sub-packages
------------
datasets
    Rendered hands, and loaders of common file formats.
preprocessing
    Transformers of images.
estimators
    The networks: `DenseClassifier`, `DenseRegressor`, `CNNClassifier`,
    `CNNRegressor`, `TransferLearningClassifier`, and `NetworkClassifier` and
    `NetworkRegressor` for a network of your own.
callbacks
    Callbacks whose parameters can be searched.
networks
    Network architectures as functions.
model_selection
    Splits, evaluation and search without leakage by near-duplicates.
inference
    Prediction of letters in images, and of text in videos.
inspection
    Displays of data, training and predictions.
persistence
    The ``.signlang`` archive: `save`, `load` and `card`.
serving
    A REST API and a web page for a saved model.

Importing this package does not import TensorFlow; the first use of an estimator
does.
"""

import lazy_loader

from skl_signlang._tensorflow_settings import set_up_tensorflow

__version__ = "0.1.0"

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
            "CNNRegressor",
            "DenseClassifier",
            "DenseRegressor",
            "NetworkClassifier",
            "NetworkRegressor",
            "TransferLearningClassifier",
        ]
    },
)

set_up_tensorflow()
