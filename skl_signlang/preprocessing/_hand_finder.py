"""All hands in images, and drawings of them."""

from functools import partial
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
from PIL import ImageDraw

from skl_signlang._docstrings import fill_docstring
from skl_signlang._images import as_pixels
from skl_signlang._intervals import Interval
from skl_signlang.preprocessing._hand_crops import square_of_hand
from skl_signlang.preprocessing._hand_geometry import BONES
from skl_signlang.preprocessing._hand_search import HandSearch, points_of
from skl_signlang.preprocessing._hand_transformer import HandTransformer, as_image
from skl_signlang.preprocessing._transformer_entries import ENTRIES

_COLOR = (255, 140, 0)


class DetectedHand(NamedTuple):
    """A hand in an image.

    Attributes
    ----------
    corners : ndarray of float, shape (4, 2)
        x and y of the corners of the upright square around the hand, in pixels: top
        left, top right, bottom right and bottom left as the hand sees it.
    points : ndarray of float, shape (21, 2)
        x and y of the joints in pixels, in MediaPipe's order.
    joints : ndarray of float32, shape (21, 3)
        Joints in space as a camera sees them, in meters, mirrored if it is a left hand.
    score : float
        Score of the palm detector, 0 to 1.
    presence : float
        Probability that the square shows a hand, 0 to 1.
    is_right : bool
        Whether it is a right hand.
    letters : ndarray of float, shape (25,), or None
        Log-probabilities of the 24 letters that are not movements, and of none, by the
        own network; None with MediaPipe's models.
    """

    corners: np.ndarray
    points: np.ndarray
    joints: np.ndarray
    score: float
    presence: float
    is_right: bool
    letters: np.ndarray | None = None


@fill_docstring(ENTRIES)
class HandFinder(HandTransformer):
    """Find all hands in images.

    MediaPipe's palm detector [1]_ finds palms of any size and turn in an image of any
    size, its landmark model the joints of each. LiteRT runs the models:
    ``pip install "skl_signlang[landmarks]"``.

    Read more in the :doc:`User Guide </hand_landmarks>`.

    .. versionadded:: 0.1

    This transformer is stateless: `fit` is optional. Images may be of any size.

    Parameters
    ----------
    max_hands : int, default=2
        Most hands that are returned of an image, those of the surest palms first.
    min_presence : float, default=0.5
        Least probability that what the palm detector found is a hand, 0 to 1.
    model : {"full", "lite", "own"} or path-like, default="full"
        The landmark model, see :class:`HandLandmarks`.
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
    HandCropper : Upright crops of one hand in each image.
    HandLandmarks : Features of one hand in each image.
    draw_hands : Draw what was found.

    Notes
    -----
    The detector wants to see some of what is around a palm. It finds none in most
    images of 28x28 pixels, and misses hands that fill an image; where one hand is known
    to be there, :class:`HandLandmarks` and :class:`HandCropper` take the whole image.

    References
    ----------
    .. [1] F. Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking",
       arXiv:2006.10214, 2020.

    Examples
    --------
    >>> from skl_signlang.datasets import make_fingerspelling
    >>> from skl_signlang.preprocessing import HandFinder
    >>> hands = make_fingerspelling(2, image_size=160, random_state=0)
    >>> found = HandFinder().transform(hands.images)  # doctest: +SKIP
    >>> [hand.is_right for hand in found[0]]  # doctest: +SKIP
    [True]
    """

    _parameter_constraints = {
        **{
            name: constraint
            for name, constraint in HandTransformer._parameter_constraints.items()
            if name != "padding"
        },
        "max_hands": [Interval(Integral, 1, None, closed="left")],
        "min_presence": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(
        self,
        max_hands=2,
        min_presence=0.5,
        model="full",
        pixel_range=(0, 255),
        image_shape=None,
        n_jobs=-1,
    ):
        self.max_hands = max_hands
        self.min_presence = min_presence
        self.model = model
        self.pixel_range = pixel_range
        self.image_shape = image_shape
        self.n_jobs = n_jobs

    def transform(self, X):
        """Find the hands.

        Parameters
        ----------
        {images}

        Returns
        -------
        hands : list of list of DetectedHand
            The hands of each image; an empty list where there are none.

        Raises
        ------
        ImportError, FileNotFoundError, ValueError
            As in `fit`.
        """
        find = partial(_find, max_hands=self.max_hands, min_presence=self.min_presence)
        return self._map_images(find, X)

    def _make_search(self):
        return HandSearch(
            self.model, find=True, refine=True, both_hands=True, padding=0
        )


def draw_hands(image, hands):
    """Draw hands on an image: the square and the joints of each.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, c)
        Gray, RGB or RGBA pixels from 0 to 255.
    hands : list of DetectedHand
        What :class:`HandFinder` found in it.

    Returns
    -------
    drawn : ndarray of uint8, shape (h, w, 3)
        A copy of the image in RGB with the drawing.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import draw_hands
    >>> draw_hands(np.zeros((48, 64), np.uint8), []).shape
    (48, 64, 3)
    """
    pixels = as_pixels(np.asarray(image))
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    drawn = as_image(pixels, (0, 255)).convert("RGB")
    pen, width = ImageDraw.Draw(drawn), max(1, round(min(drawn.size) / 150))
    for hand in hands:
        corners = [tuple(corner) for corner in hand.corners]
        pen.line([*corners, corners[0]], _COLOR, width)
        points = [tuple(point) for point in hand.points]
        for start, end in BONES:
            pen.line([points[start], points[end]], "white", width)
        for x, y in points:
            box = (x - 1.5 * width, y - 1.5 * width, x + 1.5 * width, y + 1.5 * width)
            pen.ellipse(box, _COLOR)
    return np.asarray(drawn)


def describe_hand(found, points):
    """Return a hand as a user wants it, with its joints in the image."""
    square = square_of_hand(points)
    ways = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    return DetectedHand(
        corners=square.center + square.side * ways @ square.axes,
        points=points,
        joints=found.hand.joints,
        score=found.score,
        presence=found.hand.presence,
        is_right=not found.mirrored,
        letters=found.hand.letters,
    )


def _find(search, image, max_hands, min_presence):
    """Return the hands in an image as a user wants them."""
    return [
        describe_hand(found, points_of(found, image))
        for found in search.find_all(image, max_hands, min_presence)
    ]
