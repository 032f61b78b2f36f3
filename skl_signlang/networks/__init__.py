"""Network architectures as functions that return an uncompiled `keras.Model`.

Each function takes the shape of one sample, the number of outputs and
hyper-parameters. Layers have fixed names. `transfer_network` joins a backbone, whose
outputs are features, and a head. The estimators train these networks.

backbone_network
    A pretrained network that maps images to features.
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
from skl_signlang.networks._extractor import extractor_of as extractor_of
from skl_signlang.networks._extractor import find_extractor as find_extractor
from skl_signlang.networks._extractor import restore_saved_model as restore_saved_model
from skl_signlang.networks._load_backbone import path_of as path_of
from skl_signlang.networks._own_network import check_not_shared as check_not_shared
from skl_signlang.networks._own_network import name_of_model as name_of_model
from skl_signlang.networks._own_network import (
    output_activation_of_network as output_activation_of_network,
)
from skl_signlang.networks._own_network import own_network as own_network
from skl_signlang.networks._own_network import (
    shapes_of_own_network as shapes_of_own_network,
)
from skl_signlang.networks._own_network import (
    vocabularies_of_own_network as vocabularies_of_own_network,
)
from skl_signlang.networks._own_texts import check_vocabularies as check_vocabularies
from skl_signlang.networks._pixels import SCALES as SCALES
from skl_signlang.networks._pixels import warn_of_other_range as warn_of_other_range
from skl_signlang.networks._shared_layers import OUTPUT as OUTPUT
from skl_signlang.networks._shared_layers import STANDARDIZATION as STANDARDIZATION
from skl_signlang.networks._transfer import transfer_network

# names without an entry here are for the other packages, not for users
__all__ = ["backbone_network", "cnn_network", "dense_network", "transfer_network"]
