"""Inputs of dense networks: rows of features."""

import numpy as np

from skl_signlang._images import validate_pixels
from skl_signlang.networks import dense_network
from skl_signlang.training._moments import moments_by_feature, without_zeros
from skl_signlang.training._scaling import scaling_by_feature


class DenseInputsMixin:
    """Mixin for inputs as rows, each feature standardized by itself."""

    def _check_X(self, X, *, reset):
        X = validate_pixels(self, X, reset=reset, convert=False)
        return X.reshape(len(X), self.n_features_in_)

    def _find_scaling(self, X, y, weights):
        super()._find_scaling(X, y, weights)
        self._scaling = scaling_by_feature(X, weights) if self.standardize else None

    def _moments(self, X, weights):
        mean, variance = moments_by_feature(X, weights)
        return mean, without_zeros(variance)

    def _architecture(self):
        return dense_network, {
            "hidden_layer_sizes": check_sizes(self, "hidden_layer_sizes"),
            "activation": self.activation,
            "l1": float(self.l1),
            "l2": float(self.l2),
            "dropout": float(self.dropout),
            "batch_norm": bool(self.batch_norm),
            "kernel_initializer": self.kernel_initializer,
            "standardize": bool(self.standardize),
            **self._output(),
        }


def check_sizes(estimator, name):
    """Return a parameter with one positive integer per layer as a tuple."""
    sizes = getattr(estimator, name)
    if not all(isinstance(size, (int, np.integer)) and size > 0 for size in sizes):
        raise ValueError(
            f"{name} must hold positive integers, one per layer; got {sizes!r}."
        )
    return tuple(int(size) for size in sizes)
