"""Keras networks as scikit-learn estimators.

CNNClassifier
    Classify images with a convolutional network.
CNNRegressor
    Predict targets of images with a convolutional network.
DenseClassifier
    Classify rows with a network of dense layers.
DenseRegressor
    Predict targets with a network of dense layers.
NetworkClassifier
    Classify with a network of your own.
NetworkRegressor
    Predict targets with a network of your own.
TransferLearningClassifier
    Classify images with a pretrained backbone and a trainable head.
"""

from skl_signlang import _start_tensorflow  # noqa: F401
from skl_signlang.estimators._base import NetworkEstimator as NetworkEstimator
from skl_signlang.estimators._classifier import (
    BaseNetworkClassifier as BaseNetworkClassifier,
)
from skl_signlang.estimators._cnn_classifier import CNNClassifier
from skl_signlang.estimators._cnn_regressor import CNNRegressor
from skl_signlang.estimators._dense_classifier import DenseClassifier
from skl_signlang.estimators._dense_regressor import DenseRegressor
from skl_signlang.estimators._network_classifier import NetworkClassifier
from skl_signlang.estimators._network_regressor import NetworkRegressor
from skl_signlang.estimators._transfer_learning_classifier import (
    TransferLearningClassifier,
)

__all__ = [
    "CNNClassifier",
    "CNNRegressor",
    "DenseClassifier",
    "DenseRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "TransferLearningClassifier",
]
