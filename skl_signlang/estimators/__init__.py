"""Keras networks as scikit-learn estimators.

CNNClassifier
    Classify pictures with convolutions.
DenseClassifier
    Classify rows with dense layers.
DenseRegressor
    Predict numbers with dense layers.
"""

from skl_signlang.estimators._cnn_classifier import CNNClassifier
from skl_signlang.estimators._dense_classifier import DenseClassifier
from skl_signlang.estimators._dense_regressor import DenseRegressor

__all__ = ["CNNClassifier", "DenseClassifier", "DenseRegressor"]
