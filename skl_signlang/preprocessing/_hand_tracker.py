"""The hand in the frames of a video."""

from numbers import Real

import numpy as np

from skl_signlang._images import as_pixels
from skl_signlang._times import check_time
from skl_signlang.preprocessing._hand_crops import (
    look_at,
    square_of_all,
    square_of_hand,
)
from skl_signlang.preprocessing._hand_finder import describe_hand
from skl_signlang.preprocessing._hand_search import (
    FoundHand,
    min_presence_of,
    open_models,
    points_of,
)
from skl_signlang.preprocessing._hand_transformer import as_image
from skl_signlang.preprocessing._one_euro_filter import OneEuroFilter

_PADDINGS = (0.0, 0.25, 0.5)  # of the detector's image, one after the other
_WHOLE_IMAGE = 1 / 6  # padding of a look at the whole image
_LONGEST_GAP = 0.5  # seconds between frames after which the hand is searched anew
_PATIENCE = 0.2  # seconds for which a hand that is not seen is not lost
# Chosen on rendered videos of other signers and words than those measured
_MORE_LOOKS = 2  # in a frame
_FAR = 0.06  # of its side: how far a square moves before the hand is looked at again
_SIDE_MEMORY = 0.9  # of the mean of the probability of a right hand
_OTHER_SIDE = 0.3
_MIN_CUTOFF, _BETA = 3.0, 2.0  # Hz, Hz per palm length and second
_WRIST, _MIDDLE_MCP = 0, 9


class HandTracker:
    """Follow one hand through the frames of a video.

    The landmark model looks at the square around the joints of the last frame, and up
    to twice more where the hand has moved out of it. The detector searches the image
    only where there is no hand to follow, in one way per frame, so that no frame takes
    long. Joints are smoothed by a one-euro filter
    [1]_. LiteRT runs MediaPipe's models: ``pip install
    "skl_signlang[landmarks]"``; ``model="own"`` needs nothing more.

    Read more in the :doc:`User Guide </hand_landmarks>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    min_presence : float, default=None
        Least probability of a hand, 0 to 1; below, the hand is lost. None is 0.5 for
        MediaPipe's models, and 0.9 for the own network, which distinguishes hands from
        walls.
    model : {"full", "lite", "own"} or path-like, default="full"
        The landmark model, see :class:`HandLandmarks`.

    Raises
    ------
    ImportError
        If LiteRT is not installed.
    FileNotFoundError
        If a model is missing and cannot be downloaded.
    ValueError
        If a parameter is invalid, or a model file is unknown or damaged.

    See Also
    --------
    HandFinder : All hands of single images.
    skl_signlang.inference.LetterStream : Convert the frames of a camera to text.

    References
    ----------
    .. [1] G. Casiez, N. Roussel and D. Vogel, "1 Euro Filter: A Simple Speed-based
       Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.preprocessing import HandTracker
    >>> tracker = HandTracker()  # doctest: +SKIP
    >>> wall = np.full((120, 160, 3), 200, np.uint8)
    >>> tracker.track(wall, time=0.0) is None  # doctest: +SKIP
    True
    """

    def __init__(self, min_presence=None, model="full"):
        if min_presence is None:
            min_presence = min_presence_of(model)
        is_number = isinstance(min_presence, Real) and not isinstance(
            min_presence, bool
        )
        if not is_number or not 0 <= min_presence <= 1:
            raise ValueError(
                f"min_presence must be a probability, 0 to 1; got {min_presence!r}."
            )
        self.min_presence = min_presence
        self.model = model
        self._landmarks, self._detect = open_models(model)
        self._smooth_points = OneEuroFilter(_MIN_CUTOFF, _BETA)
        self._smooth_joints = OneEuroFilter(_MIN_CUTOFF, _BETA)
        self.reset()

    def reset(self):
        """Forget the hand; the next frame may have any time."""
        self._time = None
        self._attempt = 0
        self._lose()

    def track(self, image, time):
        """Find the hand in the next frame.

        Parameters
        ----------
        image : ndarray of shape (h, w) or (h, w, c)
            Gray, RGB or RGBA pixels from 0 to 255.
        time : float
            Time of the frame, in seconds from any origin; not before that of the last
            frame.

        Returns
        -------
        hand : DetectedHand or None
            The hand, its joints smoothed; None if the frame shows none.

        Raises
        ------
        ValueError
            If time goes backwards, or the frame is not an image.
        TypeError
            If time is not a number.
        """
        time = check_time(time, self._time)
        image = _check_image(image)
        if self._time is not None and time - self._time > _LONGEST_GAP:
            self._lose()
        self._time = time
        found = self._follow(image) or self._search(image)
        if found is not None:
            self._seen = time
            return self._describe(found, image, time)
        # a hand in motion may be seen again where it was
        if self._square is not None and time - self._seen > _PATIENCE:
            self._lose()
        return None

    def _lose(self):
        self._square, self._score, self._seen = None, 0.0, None
        self._mirrored, self._right = False, 0.5
        self._smooth_points.reset()
        self._smooth_joints.reset()

    def _follow(self, image):
        """Find the hand where it was in the last frame."""
        if self._square is None:
            return None
        if self._right < _OTHER_SIDE:
            self._square = self._square.mirror(image.width)
            self._mirrored, self._right = not self._mirrored, 1 - self._right
            self._smooth_joints.reset()
        found = self._look_closer(image, self._square, self._mirrored, self._score)
        if found.hand.presence < self.min_presence:
            return None
        self._right += (1 - _SIDE_MEMORY) * (found.hand.right - self._right)
        return found

    def _search(self, image):
        """Find a hand in one of several ways, in turn, and run on a closer crop."""
        square, score = self._guess(image)
        if square is None:
            return None
        found = self._look(image, square, False, score)
        mirrored = self._look(image, square.mirror(image.width), True, score)
        found = max(found, mirrored, key=lambda one: one.hand.right)
        closer = square_of_hand(found.hand.points)
        looks = [found, self._look_closer(image, closer, found.mirrored, score)]
        found = max(looks, key=lambda one: one.hand.presence)
        if found.hand.presence < self.min_presence:
            return None
        self._lose()
        self._attempt, self._score = 0, score
        self._mirrored, self._right = found.mirrored, found.hand.right
        return found

    def _guess(self, image):
        """Return a square that may show a hand, and the score of the detector."""
        attempt = self._attempt % (len(_PADDINGS) + 1)
        self._attempt += 1
        if attempt == len(_PADDINGS):
            return square_of_all(image, _WHOLE_IMAGE), 0.0
        places = self._detect(image, _PADDINGS[attempt])
        return places[0] if places else (None, 0.0)

    def _look(self, image, square, mirrored, score):
        hand = look_at(image, square, self._landmarks, mirrored)
        return FoundHand(hand, square, mirrored, score)

    def _look_closer(self, image, square, mirrored, score):
        """Run the model where the hand is, until the square around it stays."""
        found = self._look(image, square, mirrored, score)
        for _ in range(_MORE_LOOKS):
            closer = square_of_hand(found.hand.points)
            if found.hand.presence < self.min_presence or _is_near(
                closer, found.square
            ):
                break
            again = self._look(image, closer, mirrored, score)
            if again.hand.presence < self.min_presence:
                break
            found = again
        return found

    def _describe(self, found, image, time):
        """Smooth the joints, and remember where the hand is."""
        self._square = square_of_hand(found.hand.points)
        joints, points = found.hand.joints, points_of(found, image)
        size = np.linalg.norm(joints[_MIDDLE_MCP] - joints[_WRIST])
        palm = size * _pixels_per_meter(points, joints)
        points = self._smooth_points(points, time, max(palm, 1.0))
        joints = self._smooth_joints(joints, time, max(size, 1e-3))
        hand = found.hand._replace(joints=joints.astype(np.float32))
        return describe_hand(found._replace(hand=hand), points)


def _is_near(square, other):
    """Return whether two squares show a hand alike."""
    way = np.linalg.norm(square.center - other.center)
    sides = sorted([square.side, other.side])
    return way < _FAR * sides[0] and sides[1] < (1 + 2 * _FAR) * sides[0]


def _pixels_per_meter(points, joints):
    """Return the scale at which an image shows joints."""
    spreads = [
        np.linalg.norm(at[:, :2] - at[:, :2].mean(axis=0)) for at in (points, joints)
    ]
    return spreads[0] / max(spreads[1], 1e-6)


def _check_image(image):
    pixels = np.asarray(image)
    is_image = pixels.dtype.kind in "buif" and pixels.ndim in (2, 3) and pixels.size
    if not is_image or pixels.shape[2:] not in ((), (1,), (3,), (4,)):
        raise ValueError(
            "a frame must be an array of shape (height, width) or (height, width, "
            f"channels) with pixels from 0 to 255; got {type(image).__name__} of "
            f"shape {pixels.shape}, dtype {pixels.dtype}."
        )
    pixels = as_pixels(pixels)
    return as_image(pixels[..., None] if pixels.ndim == 2 else pixels, (0, 255))
