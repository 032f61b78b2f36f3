"""Scaling of pixel values from one range to another, and back."""

import numpy as np
from sklearn.base import OneToOneFeatureMixin

from skl_signlang._docstrings import fill_docstring
from skl_signlang._image_shapes import check_range
from skl_signlang._images import validate_pixels
from skl_signlang.preprocessing._image_transformer import (
    RowNamesMixin,
    StatelessTransformer,
)
from skl_signlang.preprocessing._transformer_entries import ENTRIES


@fill_docstring(ENTRIES)
class ImageScaler(RowNamesMixin, OneToOneFeatureMixin, StatelessTransformer):
    """Map pixel values from one range to another, and back.

    The map is linear, and the same for all pixels and data. Values out of
    ``pixel_range`` are not clipped. The networks of this package standardize pixels
    themselves; other estimators may need scaling.

    This transformer is stateless: `fit` is optional, and stores the number of values.

    .. versionadded:: 0.1

    Parameters
    ----------
    feature_range : tuple of float, default=(0, 1)
        Minimum and maximum of the output.
    pixel_range : tuple of float, default=(0, 255)
        Minimum and maximum of the input.

    Attributes
    ----------
    n_features_in_ : int
        Number of values in an image.
    {feature_names_in_}

    See Also
    --------
    sklearn.preprocessing.MinMaxScaler : Scale each feature by its own range.

    Notes
    -----
    With :math:`(l, h)` for ``pixel_range`` and :math:`(a, b)` for ``feature_range``,
    the output is :math:`a + (x - l) (b - a) / (h - l)`.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import ImageScaler
    >>> images = np.array([[[0, 51], [204, 255]]], dtype=np.uint8)
    >>> ImageScaler().fit_transform(images)
    array([[[0. , 0.2],
            [0.8, 1. ]]], dtype=float32)
    """

    _parameter_constraints = {
        "feature_range": [tuple, list],
        "pixel_range": [tuple, list],
    }

    def __init__(self, feature_range=(0, 1), pixel_range=(0, 255)):
        self.feature_range = feature_range
        self.pixel_range = pixel_range

    def transform(self, X):
        """Map pixel values to the output range.

        Parameters
        ----------
        {X}

        Returns
        -------
        X_out : ndarray of float32, shape as X
            Scaled values.
        """
        pixels = self._fitted(X)._check_images(X, reset=False)
        feature_range, pixel_range = self._check_parameters()
        return _map_range(pixels, pixel_range, feature_range)

    def inverse_transform(self, X):
        """Map values in the output range back to pixel values.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Rows or images as returned by `transform`.

        Returns
        -------
        pixels : ndarray of float32, shape as X
            Pixel values, not rounded.
        """
        values = self._fitted(X)._check_images(X, reset=False)
        feature_range, pixel_range = self._check_parameters()
        return _map_range(values, feature_range, pixel_range)

    def _check_images(self, X, *, reset):
        """Check the values; the shape of images does not matter."""
        return validate_pixels(self, X, reset=reset)

    def _check_parameters(self):
        """Check that the ranges are increasing pairs, and return them."""
        return (
            check_range(self.feature_range, "feature_range"),
            check_range(self.pixel_range, "pixel_range"),
        )


def _map_range(values, source, target):
    """Map values linearly, so that both ends are met."""
    values = values.astype(np.float32)
    values -= source[0]
    values /= source[1] - source[0]
    values *= target[1] - target[0]
    values += target[0]
    return values
