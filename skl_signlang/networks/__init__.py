"""Architectures as plain functions.

Each takes the shape of one sample, the number of outputs and hyper-parameters, and
returns an uncompiled `keras.Model` whose layers have fixed names; a backbone, which
has features for outputs, and a head are put together by `transfer_network`. None of
them knows of training or of scikit-learn; the estimators know of both.

backbone_network
    Images to features by a backbone.
cnn_network
    Blocks of convolutions and pooling, then dense layers.
dense_network
    Dense layers.
transfer_network
    A head on a backbone.
"""

from skl_signlang import _start_tensorflow  # noqa: F401
from skl_signlang.networks._backbone import backbone_network
from skl_signlang.networks._cnn import cnn_network
from skl_signlang.networks._dense import dense_network
from skl_signlang.networks._transfer import transfer_network

__all__ = ["backbone_network", "cnn_network", "dense_network", "transfer_network"]
