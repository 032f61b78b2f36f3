"""Bases of image transformers."""

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    _fit_context,
    clone,
)
from sklearn.utils.metaestimators import available_if

from skl_signlang._calls import names_class
from skl_signlang._docstrings import fill_docstring
from skl_signlang._images import refuse_one_image, validate_images
from skl_signlang.preprocessing._transformer_entries import ENTRIES

_BATCH_VALUES = 1 << 22


@fill_docstring(ENTRIES)
class StatelessTransformer(TransformerMixin, BaseEstimator):
    """Base of stateless transformers."""

    @names_class
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Check the parameters and store the shape of the images.

        Parameters
        ----------
        {X}
        y : None
            Ignored.

        Returns
        -------
        {self}
        """
        self._check_images(X, reset=True)
        self._check_parameters()
        self._n_dim_in = _n_dimensions(X)
        return self

    def _check_images(self, X, *, reset):
        """Convert images to shape (n, h, w, c)."""
        if reset and self.image_shape is None:
            refuse_one_image(X)
        return validate_images(self, X, image_shape=self.image_shape, reset=reset)

    def _check_parameters(self):
        """Check what the parameter constraints cannot express."""

    def _fitted(self, X):
        """Return self if fitted, else a clone fitted on X."""
        return self if hasattr(self, "_n_dim_in") else clone(self).fit(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _n_dimensions(X):
    """Count the dimensions of an array-like."""
    return X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim


def _takes_rows(estimator):
    """Check whether X has rows, whose values have names."""
    if getattr(estimator, "_n_dim_in", 2) == 2:
        return True
    raise AttributeError(
        f"This {type(estimator).__name__} was fitted on images; only rows, shape "
        "(n, features), have feature names and fit into a DataFrame."
    )


class RowNamesMixin:
    """Mixin of feature names and DataFrame output for rows only."""

    @available_if(_takes_rows)
    def get_feature_names_out(self, input_features=None):
        """Get output feature names.

        Not available after a fit on images.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Input feature names; by default those of `fit`, if any.

        Returns
        -------
        feature_names_out : ndarray of str
            Output feature names.
        """
        return super().get_feature_names_out(input_features)


class ArraysOnlyMixin:
    """Mixin of transformers with image output, which no DataFrame holds."""

    def set_output(self, *, transform=None):
        """Accept any container but return arrays: a DataFrame cannot hold images.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            Ignored, so that a Pipeline can configure its other steps.

        Returns
        -------
        self : object
            This transformer.
        """
        return self


@fill_docstring(ENTRIES)
class ImageTransformer(
    RowNamesMixin, ClassNamePrefixFeaturesOutMixin, StatelessTransformer
):
    """Base of image-to-image transformers that keep rows as rows.

    Hooks: `_shape_out` (h, w, c) and `_transform_images` (n, h, w, c).
    """

    # whether `_transform_images` takes uint8 as well as float32
    _reads_bytes = False

    @names_class
    def transform(self, X):
        """Transform the images.

        Parameters
        ----------
        {X}

        Returns
        -------
        X_out : ndarray of uint8 or float32
            Rows or images, as X. uint8 remains uint8, other dtypes become float32. X
            itself, or a view of it, if it needs no change.
        """
        fitted = self._fitted(X)
        images = fitted._check_images(X, reset=False)
        if fitted._shape_out() != fitted.image_shape_:
            images = _in_batches(fitted, images)
        return _with_dimensions(images, _n_dimensions(X))

    def _check_parameters(self):
        self._shape_out()

    @property
    def _n_features_out(self):
        return int(np.prod(self._shape_out()))


def _in_batches(transformer, images):
    """Transform images in batches as float32, which bounds memory."""
    shape_out = transformer._shape_out()
    out = np.empty((len(images), *shape_out), images.dtype)
    largest = max(np.prod(images.shape[1:]), np.prod(shape_out))
    size = max(1, _BATCH_VALUES // int(largest))
    for start in range(0, len(images), size):
        batch = slice(start, start + size)
        pixels = images[batch]
        if not transformer._reads_bytes:
            pixels = pixels.astype(np.float32, copy=False)
        pixels = transformer._transform_images(pixels, images.dtype == np.uint8)
        # pixels are not negative: truncation rounds half up, as in Pillow
        out[batch] = pixels + 0.5 if out.dtype == np.uint8 else pixels
    return out


def _with_dimensions(images, n_dim):
    """Reshape images to the number of dimensions of X, plus channels if several."""
    if n_dim == 2:
        return images.reshape(len(images), int(np.prod(images.shape[1:])))
    return images[..., 0] if n_dim == 3 and images.shape[3] == 1 else images
