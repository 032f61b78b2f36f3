"""The neural network playground: a page whose network `DenseClassifier` trains.

It needs the extra ``serve``.
"""

from skl_signlang import _start_tensorflow  # noqa: F401
from skl_signlang._playground._playground_app import create_playground
from skl_signlang._playground._training_socket import TIMEOUT

__all__ = ["TIMEOUT", "create_playground"]
