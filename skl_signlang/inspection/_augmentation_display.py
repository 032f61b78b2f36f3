"""What a network sees while it trains."""

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from skl_signlang.inspection._drawing import (
    as_images,
    between_0_and_1,
    draw_image,
    grid_of_axes,
)
from skl_signlang.inspection._layer_outputs import check_is_ours


class AugmentationDisplay:
    """Images, and beside each what augmentation makes of it.

    Make one with :meth:`from_estimator`.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, 3)
        Grey or RGB.
    augmented : ndarray of float32, shape (n, n_draws, h, w) or (n, n_draws, h, w, 3)
        What was drawn of each.
    value_range : tuple of float
        The values of black and of white.

    Attributes
    ----------
    ax_ : matplotlib Axes
        What the grid is in the place of; hidden.
    axes_ : ndarray of Axes, shape (n, 1 + n_draws)
        The first column holds the images as they are.
    figure_ : matplotlib Figure
        The figure around them.

    See Also
    --------
    skl_signlang.CNNClassifier : Its parameters from ``rotation`` to
        ``horizontal_flip``.

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
        """Draw images as an estimator changes them while it trains.

        Parameters
        ----------
        estimator : estimator instance
            One that augments. It need not be fitted; if it is not, `X` is taken for
            the training data, which tell the range of the values.
        X : array-like of shape (n, features), (n, h, w) or (n, h, w, c)
            Images.
        n_samples : int, default=4
            How many images, at most: the first ones.
        n_draws : int, default=7
            How often each is changed.
        random_state : int, RandomState instance or None, default=None
            Decides the changes.
        ax : matplotlib Axes, default=None
            Where to draw, see :meth:`plot`.

        Returns
        -------
        display : AugmentationDisplay
            The images.

        Raises
        ------
        TypeError
            If the estimator is none of this package.
        ValueError
            If it changes nothing, or a parameter is bad.
        """
        check_is_ours(estimator)
        X, settings = _settings_of(estimator, X)
        images = np.asarray(X[:n_samples])
        draws = _draw(images, settings, n_draws, check_random_state(random_state))
        augmented = as_images(draws).reshape(
            len(images), n_draws, *as_images(images).shape[1:]
        )
        value_range = settings.low, settings.high
        return cls(as_images(images), augmented, value_range).plot(ax=ax)

    def plot(self, ax=None):
        """Draw the images.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw: the axes are replaced by several in their place, so they
            must be part of a grid, as those of :func:`matplotlib.pyplot.subplots`
            are. None makes a figure.

        Returns
        -------
        self : AugmentationDisplay
            This display.

        Raises
        ------
        ValueError
            If `ax` is part of no grid.
        """
        n, n_draws = self.augmented.shape[:2]
        self.ax_, self.axes_ = grid_of_axes(ax, n, 1 + n_draws)
        self.figure_ = self.ax_.figure
        for row, image, draws in zip(
            self.axes_, self.images, self.augmented, strict=True
        ):
            for ax, shown in zip(row, (image, *draws), strict=True):
                draw_image(ax, between_0_and_1(shown, self.value_range))
        self.axes_[0, 0].set_title("as it is", fontsize=8, pad=3)
        return self


def _settings_of(estimator, X):
    """Check images, and ask what is done to them."""
    from skl_signlang.training._augmentation import PARAMETER_CONSTRAINTS
    from skl_signlang.training._moments import scale_of

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
            else "it has no augmentation. Take one that has, such as CNNClassifier"
        )
        raise ValueError(
            f"{type(estimator).__name__} changes nothing while it trains: {reason}."
        )
    return X, settings


def _draw(images, settings, n_draws, random_state):
    """Change each image so many times, as a batch of training is changed."""
    import tensorflow as tf

    from skl_signlang.training._augmentation import augment

    seed = int(random_state.randint(2**31 - 1)), 0
    batch = np.repeat(images, n_draws, axis=0)
    return augment(
        batch, tf.constant(settings, tf.float32), tf.constant(seed, tf.int64)
    ).numpy()
