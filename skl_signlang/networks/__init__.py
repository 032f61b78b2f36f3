"""Architectures as plain functions.

Each takes the shape of one sample, the number of outputs and hyper-parameters, and
returns an uncompiled `keras.Model` whose layers have fixed names. None of them knows
of training or of scikit-learn; the estimators know of both.

cnn_network
    Blocks of convolutions and pooling, then dense layers.
dense_network
    Dense layers.
"""

from skl_signlang.networks._cnn import cnn_network
from skl_signlang.networks._dense import dense_network

__all__ = ["cnn_network", "dense_network"]
