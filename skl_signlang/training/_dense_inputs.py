"""Inputs of dense networks: rows of features."""

from inspect import signature
from numbers import Integral

from skl_signlang._image_shapes import entries_of
from skl_signlang._images import refuse_one_image, validate_pixels
from skl_signlang._numbers import plain_number
from skl_signlang._sparse_rows import is_sparse, validate_sparse
from skl_signlang.networks import dense_network
from skl_signlang.training._moments import moments_by_feature, without_zeros
from skl_signlang.training._scaling import scaling_of_inputs


class DenseInputsMixin:
    """Mixin for inputs as rows, each feature standardized by itself."""

    _build = staticmethod(dense_network)

    def _check_X(self, X, *, reset):
        if is_sparse(X):
            X = validate_sparse(self, X, reset=reset)
            self._check_sample_shape(X.shape, reset)
            return X
        X = validate_pixels(self, X, reset=reset, convert=False)
        self._check_sample_shape(X.shape, reset)
        return X.reshape(len(X), self.n_features_in_)

    def _check_sample_shape(self, shape, reset):
        """Raise ValueError for one image, whose rows may be as long as samples."""
        if reset:
            self._sample_shape = shape[1:]
        known = getattr(self, "_sample_shape", (self.n_features_in_,))
        if len(shape) == 3 and shape[1:] != known:
            refuse_one_image(shape)

    def _find_scaling(self, X, y, weights):
        super()._find_scaling(X, y, weights)
        self._scaling = scaling_of_inputs(X, weights, self.standardize, True)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _moments(self, X, weights):
        mean, variance = moments_by_feature(X, weights)
        return mean, without_zeros(variance)


def hyperparameters_of(estimator, network):
    """Return the parameters of an estimator that a network function takes."""
    names = signature(network).parameters
    found = {
        name: plain_number(value)
        for name, value in estimator.get_params(deep=False).items()
        if name in names
    }
    return {**found, "hidden_layer_sizes": check_sizes(estimator, "hidden_layer_sizes")}


def check_sizes(estimator, name):
    """Return a parameter with one positive integer per layer as a tuple."""
    given = getattr(estimator, name)
    sizes = entries_of(given)
    if not all(isinstance(size, Integral) and size > 0 for size in sizes):
        raise ValueError(
            f"{name} must hold positive integers, one per layer; got {given!r}."
        )
    return tuple(int(size) for size in sizes)
