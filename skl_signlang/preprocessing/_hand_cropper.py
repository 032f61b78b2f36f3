"""Upright crops of hands."""

from functools import partial
from numbers import Integral

import numpy as np

from skl_signlang._docstrings import fill_docstring
from skl_signlang._intervals import Interval
from skl_signlang.preprocessing._hand_crops import cut_out, square_of_hand
from skl_signlang.preprocessing._hand_search import HandSearch
from skl_signlang.preprocessing._hand_transformer import HandTransformer
from skl_signlang.preprocessing._transformer_entries import ENTRIES


@fill_docstring(ENTRIES)
class HandCropper(HandTransformer):
    """Crop hands from images, upright and as right hands.

    MediaPipe's palm detector and hand landmark model [1]_ find the hand. The crop is a
    square around it, turned so that the fingers point up; left hands are mirrored. What
    a network learns from such crops holds for any place, size, turn and hand. LiteRT
    runs the models: ``pip install "skl_signlang[landmarks]"``.

    Read more in the :doc:`User Guide </hand_landmarks>`.

    .. versionadded:: 0.1

    This transformer is stateless: `fit` is optional. Images may be of any size.

    Parameters
    ----------
    size : int, default=64
        Height and width of the crops in pixels.
    model : {"full", "lite", "own"} or path-like, default="full"
        The landmark model, see :class:`HandLandmarks`.
    padding : float, default=1/6
        Room on each side of the whole image, as a share of its longer side, where the
        palm detector finds no hand and the whole image is taken.
    {pixel_range}
    {image_shape}
    {n_jobs}

    Attributes
    ----------
    n_features_in_ : int
        Number of values in a row, if X had rows.
    {feature_names_in_}

    See Also
    --------
    HandFinder : Boxes and points of all hands in an image.
    HandLandmarks : Joints of the hand instead of its pixels.

    Notes
    -----
    What lies outside the image is black. An image without a hand gets a crop too, of
    what looks most like one; :meth:`HandLandmarks.presence` tells them apart.

    References
    ----------
    .. [1] F. Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking",
       arXiv:2006.10214, 2020.

    Examples
    --------
    >>> from skl_signlang.datasets import make_fingerspelling
    >>> from skl_signlang.preprocessing import HandCropper
    >>> hands = make_fingerspelling(24, image_size=96, random_state=0)
    >>> HandCropper(size=48).fit_transform(hands.images).shape  # doctest: +SKIP
    (24, 48, 48, 3)
    """

    _parameter_constraints = {
        **HandTransformer._parameter_constraints,
        "size": [Interval(Integral, 1, 4096, closed="both")],
    }

    def __init__(
        self,
        size=64,
        model="full",
        padding=1 / 6,
        pixel_range=(0, 255),
        image_shape=None,
        n_jobs=-1,
    ):
        self.size = size
        self.model = model
        self.padding = padding
        self.pixel_range = pixel_range
        self.image_shape = image_shape
        self.n_jobs = n_jobs

    def transform(self, X):
        """Crop the hands.

        Parameters
        ----------
        {images}

        Returns
        -------
        X_out : ndarray of uint8, shape (n, size, size, 3)
            RGB crops; of gray images, the three channels are equal.

        Raises
        ------
        ImportError, FileNotFoundError, ValueError
            As in `fit`.
        """
        return np.stack(self._map_images(partial(_crop, size=self.size), X))

    def _make_search(self):
        return HandSearch(
            self.model, find=True, refine=True, both_hands=True, padding=self.padding
        )


def _crop(search, image, size):
    """Crop the hand of an image, mirrored if it is a left one."""
    return crop_of(image, search(image), size)


def crop_of(image, found, size):
    """Crop a found hand, (size, size, 3) uint8."""
    square = square_of_hand(found.hand.points)
    pixels = cut_out(image, square, size, found.mirrored)
    return (255 * pixels + 0.5).astype(np.uint8)
