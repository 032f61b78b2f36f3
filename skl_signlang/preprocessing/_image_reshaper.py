"""Reshaping of rows of pixels to images, and back."""

from skl_signlang._docstrings import fill_docstring
from skl_signlang.preprocessing._image_transformer import (
    ArraysOnlyMixin,
    StatelessTransformer,
)
from skl_signlang.preprocessing._transformer_entries import ENTRIES


@fill_docstring(ENTRIES)
class ImageReshaper(ArraysOnlyMixin, StatelessTransformer):
    """Reshape rows of pixels to images, and back.

    This transformer is stateless: `fit` is optional, and stores the shape of images.

    .. versionadded:: 0.1

    Parameters
    ----------
    image_shape : tuple of int, default=None
        (height, width) or (height, width, channels) of the images, in pixels. None
        infers square images, gray or RGB, and otherwise strips one pixel high.

    Attributes
    ----------
    image_shape_ : tuple of int
        (height, width, channels).
    n_features_in_ : int
        Number of values in an image.
    {feature_names_in_}

    See Also
    --------
    ImageResizer : Resize images.

    Notes
    -----
    Images and rows are views of the same values, without a copy. Images are returned as
    arrays whatever `set_output` requests, because a DataFrame cannot hold them.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import ImageReshaper
    >>> rows = np.arange(32, dtype=np.uint8).reshape(2, 16)
    >>> reshaper = ImageReshaper().fit(rows)
    >>> reshaper.transform(rows).shape
    (2, 4, 4, 1)
    >>> reshaper.inverse_transform(reshaper.transform(rows)).shape
    (2, 16)
    """

    _parameter_constraints = {"image_shape": [tuple, list, None]}

    def __init__(self, image_shape=None):
        self.image_shape = image_shape

    def transform(self, X):
        """Reshape rows to images.

        Parameters
        ----------
        {X}

        Returns
        -------
        images : ndarray of uint8 or float32, shape (n, h, w, c)
            Images; uint8 remains uint8, other dtypes become float32.
        """
        return self._fitted(X)._check_images(X, reset=False)

    def inverse_transform(self, X):
        """Reshape images to rows.

        Parameters
        ----------
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images, or rows of pixels, of any dtype.

        Returns
        -------
        rows : ndarray of uint8 or float32, shape (n, features)
            Rows of pixels; uint8 remains uint8, other dtypes become float32.
        """
        images = self.transform(X)
        return images.reshape(len(images), images[0].size)
