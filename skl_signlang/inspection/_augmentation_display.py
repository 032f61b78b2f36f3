"""Augmented training images."""

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from skl_signlang._docstrings import fill_docstring
from skl_signlang.inspection._display_entries import ENTRIES
from skl_signlang.inspection._drawing import (
    as_images,
    draw_image,
    grid_of_axes,
    scale_to_unit,
)
from skl_signlang.inspection._layer_outputs import check_has_network


@fill_docstring(ENTRIES)
class AugmentationDisplay:
    """Images beside their random augmentations.

    Create it with :meth:`from_estimator`.

    Read more in the :doc:`User Guide </visualization>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    {images}
    augmented : ndarray of float32, shape (n, n_draws, h, w) or (n, n_draws, h, w, 3)
        Augmented versions of each image.
    value_range : tuple of float
        Values of black and white.

    Attributes
    ----------
    {ax_}
    axes_ : ndarray of Axes, shape (n, 1 + n_draws)
        The first column shows the original images.
    {figure_}

    See Also
    --------
    skl_signlang.CNNClassifier : Its parameters ``rotation`` to ``horizontal_flip``
        set the augmentation.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skl_signlang import CNNClassifier
    >>> from skl_signlang.inspection import AugmentationDisplay
    >>> X, _ = load_digits(return_X_y=True)
    >>> model = CNNClassifier(rotation=20, zoom=0.1)
    >>> display = AugmentationDisplay.from_estimator(model, X, random_state=0)
    >>> display.axes_.shape
    (4, 8)
    """

    def __init__(self, images, augmented, value_range):
        self.images = images
        self.augmented = augmented
        self.value_range = value_range

    @classmethod
    def from_estimator(
        cls, estimator, X, *, n_samples=4, n_draws=7, random_state=None, ax=None
    ):
        """Draw images as the estimator augments them during training.

        Parameters
        ----------
        estimator : estimator instance
            Estimator with augmentation. It need not be fitted; if it is not, the
            range of values is that of `X`.
        {X}
        n_samples : int, default=4
            Maximum number of images; the first ones are shown.
        n_draws : int, default=7
            Number of augmentations of each image.
        random_state : int, RandomState instance or None, default=None
            Controls the random augmentation.
        {ax}

        Returns
        -------
        display : AugmentationDisplay
            Display with the images drawn.

        Raises
        ------
        TypeError
            If the estimator is not from skl_signlang.
        ValueError
            If the estimator has no augmentation, or a parameter is invalid.
        """
        check_has_network(estimator)
        X, settings = _augmentation_settings(estimator, X)
        images = np.asarray(X[:n_samples])
        draws = _augment_repeatedly(
            images, settings, n_draws, check_random_state(random_state)
        )
        augmented = as_images(draws).reshape(
            len(images), n_draws, *as_images(images).shape[1:]
        )
        value_range = settings.low, settings.high
        return cls(as_images(images), augmented, value_range).plot(ax=ax)

    def plot(self, ax=None):
        """Draw the images.

        Parameters
        ----------
        {grid_ax}

        Returns
        -------
        self : AugmentationDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is not part of a grid.
        """
        n, n_draws = self.augmented.shape[:2]
        self.ax_, self.axes_ = grid_of_axes(ax, n, 1 + n_draws)
        self.figure_ = self.ax_.figure
        for row, image, draws in zip(
            self.axes_, self.images, self.augmented, strict=True
        ):
            for ax, shown in zip(row, (image, *draws), strict=True):
                draw_image(ax, scale_to_unit(shown, self.value_range))
        self.axes_[0, 0].set_title("original", fontsize=8, pad=3)
        return self


def _augmentation_settings(estimator, X):
    """Return validated images and their augmentation settings."""
    from skl_signlang.training import PARAMETER_CONSTRAINTS, scale_of

    fitted = estimator.__sklearn_is_fitted__()
    if not fitted:
        estimator = clone(estimator)
        estimator._validate_params()
    X = estimator._check_X(X, reset=not fitted)
    if not fitted:
        estimator._scale = scale_of(X)
    X = estimator._as_inputs(X)
    settings = estimator._augmentation(X)
    if settings is None:
        names = [name for name in PARAMETER_CONSTRAINTS if hasattr(estimator, name)]
        reason = (
            f"{', '.join(names)} are all 0. Set one of them"
            if names
            else "it has no augmentation. Use one that has, such as CNNClassifier"
        )
        raise ValueError(
            f"{type(estimator).__name__} does not augment images: {reason}."
        )
    return X, settings


def _augment_repeatedly(images, settings, n_draws, random_state):
    """Return `n_draws` augmentations of each image, shape (n * n_draws, h, w, c)."""
    import tensorflow as tf

    from skl_signlang.training import augment

    seed = int(random_state.randint(2**31 - 1)), 0
    batch = np.repeat(images, n_draws, axis=0)
    return augment(
        batch, tf.constant(settings, tf.float32), tf.constant(seed, tf.int64)
    ).numpy()
