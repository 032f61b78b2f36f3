"""Hand landmarks by MediaPipe's model."""

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skl_signlang._docstrings import fill_docstring
from skl_signlang.preprocessing._hand_geometry import (
    FEATURES,
    LETTER_FEATURES,
    describe_hands,
    feature_names,
    mirror_left_hands,
)
from skl_signlang.preprocessing._hand_model_files import OWN
from skl_signlang.preprocessing._hand_search import HandSearch
from skl_signlang.preprocessing._hand_transformer import HandTransformer
from skl_signlang.preprocessing._transformer_entries import ENTRIES

SIDES, EACH = ("right", "left"), "each"


@fill_docstring(ENTRIES)
class HandLandmarks(HandTransformer):
    """Extract hand landmarks with MediaPipe's model, or with the package's own.

    A hand landmark model [1]_ finds the 21 joints of one hand in space. The features
    are invariant to position, size, distance and handedness, so that a small classifier
    generalizes to unseen signers. MediaPipe's models need LiteRT:
    ``pip install "skl_signlang[landmarks]"``; the package's own needs nothing more.

    Images are padded with black to a square, and by `padding` on each side. An image
    should show one hand that fills much of it.

    This transformer is stateless: `fit` is optional. Images may be of any size.

    Read more in the :doc:`User Guide </hand_landmarks>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    model : {"full", "lite", "own"} or path-like, default="full"
        The model: "full" is more accurate, "lite" twice as fast. "own" is a small
        network that comes with the package and learned from "full"; it is much less
        accurate. The others are read from the folder ``hand_landmarks`` of
        scikit-learn's data home (see :func:`sklearn.datasets.get_data_home`), and
        downloaded there once, from a mirror of MediaPipe's npm package. Or the path of
        ``hand_landmark_full.tflite`` or ``hand_landmark_lite.tflite``; archives contain
        the name of the model instead of the path. Files with another SHA-256 raise an
        error.
    features : sequence of str, default=("landmarks",)
        Features in a row, in this order:

        - "landmarks": x, y and z of the 21 joints, 63 values in palm lengths. The
          origin is the wrist, and the unit the distance from there to the MCP joint of
          the middle finger.
        - "angles": bend of the digits at each joint (15) and spread between them (4),
          in radians; 0 is straight.
        - "distances": between the fingertips (10), and from the tip of the thumb to
          each joint of the fingers (12), in palm lengths.
        - "orientation": the downward direction in the axes of the palm, a unit vector
          (3). It distinguishes P from K, which is P with the fingers up, and is
          invariant to rotations about the vertical and to handedness.
        - "presence": the probability of a hand, 0 to 1.
        - "letters": log-probabilities of the 24 letters, and of none, by the own
          network from the pixels (25). They need ``model="own"``.
    frame : {"palm", "camera"}, default="palm"
        Axes of the landmarks. "palm": x across the palm towards the side of the thumb,
        y from the wrist to the knuckles, z out of the palm, which is invariant to
        rotations of hand and camera. "camera": x to the right of the image, y down, z
        away from the camera.
    both_hands : bool, default=False
        Whether to run the model on the mirrored image too, and use the one with the
        higher probability of a right hand, which takes twice the time. False runs it
        once, and mirrors the joints of left hands.
    handedness : {"right", "left", "each"}, default=None
        Handedness of the hands if it is known, or assumed: left hands are mirrored, and
        `both_hands` has no effect. "each" assumes the one and then the other, and
        appends the features as of a left hand to those as of a right hand. None
        estimates it.
    refine : bool, default=False
        Whether to run the model on further crops, and use that of the highest presence:
        on the image rotated by 90, 180 and 270 degrees, unless the presence is high;
        then twice on the hand alone, its fingers up. It takes three to six times the
        time, and helps most for hands that are rotated or small.
    find : bool, default=False
        Whether MediaPipe's palm detector, or with "own" the package's detector, finds
        the hand first, so that the landmark model sees it alone and upright. Where it
        finds none, as the palm detector in most images of 28x28 pixels and in many
        that a hand fills, the whole image is used. The palm detector's file,
        ``palm_detection_full.tflite``, is read from the folder of `model` if that is a
        path, else from the data home, and downloaded there from MediaPipe's wheel.
    padding : float, default=1/6
        Padding on each side of the square, as a fraction of the longer side of the
        image, 0 to 1.
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
    HOGTransformer : Features without a downloaded model.
    skl_signlang.datasets.make_fingerspelling : Rendered hands and their joints.

    Notes
    -----
    An image without a hand gets a finite but meaningless row, with a presence near 0.
    To reject such images, compare `presence` with a threshold such as 0.5, which
    MediaPipe uses, or 0.9 for the own network.

    A second or fourth channel is dropped as alpha. Pixels are rounded
    to 8 bits.

    Each thread has an interpreter of 18 MB, which is not pickled.

    References
    ----------
    .. [1] F. Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking",
       arXiv:2006.10214, 2020.

    Examples
    --------
    >>> from skl_signlang.datasets import make_fingerspelling
    >>> from skl_signlang.preprocessing import HandLandmarks
    >>> hands = make_fingerspelling(24, image_size=96, random_state=0)
    >>> landmarks = HandLandmarks(features=("landmarks", "angles"))
    >>> landmarks.fit_transform(hands.images).shape  # doctest: +SKIP
    (24, 82)
    >>> landmarks.get_feature_names_out()[-1]
    'ring_little_spread'
    """

    _parameter_constraints = {
        **HandTransformer._parameter_constraints,
        "features": [tuple, list],
        "frame": [StrOptions({"palm", "camera"})],
        "both_hands": ["boolean"],
        "handedness": [StrOptions({*SIDES, EACH}), None],
        "refine": ["boolean"],
        "find": ["boolean"],
    }

    def __init__(
        self,
        model="full",
        features=("landmarks",),
        frame="palm",
        both_hands=False,
        handedness=None,
        refine=False,
        find=False,
        padding=1 / 6,
        pixel_range=(0, 255),
        image_shape=None,
        n_jobs=-1,
    ):
        self.model = model
        self.features = features
        self.frame = frame
        self.both_hands = both_hands
        self.handedness = handedness
        self.refine = refine
        self.find = find
        self.padding = padding
        self.pixel_range = pixel_range
        self.image_shape = image_shape
        self.n_jobs = n_jobs

    def transform(self, X):
        """Compute the features of the hands.

        Parameters
        ----------
        {images}

        Returns
        -------
        X_out : ndarray of float32, shape (n, n_features_out)
            Features of each image, with or without a hand.

        Raises
        ------
        ImportError, FileNotFoundError, ValueError
            As in `fit`.
        """
        sides = self._find_hands(X)
        return np.hstack([self._describe(hands) for hands in sides])

    def presence(self, X):
        """Compute the probability that an image shows a hand.

        Parameters
        ----------
        {images}

        Returns
        -------
        presence : ndarray of float32, shape (n,)
            Probabilities; MediaPipe rejects hands below 0.5.

        Raises
        ------
        ImportError, FileNotFoundError, ValueError
            As in `fit`.
        """
        sides = self._find_hands(X)
        presence = [[hand.presence for hand in hands] for hands in sides]
        return np.max(presence, axis=0).astype(np.float32)

    def get_feature_names_out(self, input_features=None):
        """Get output feature names.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Ignored.

        Returns
        -------
        feature_names_out : ndarray of str, shape (n_features_out,)
            Such as "thumb_tip_x", "index_pip_bend" and "thumb_tip_to_index_tip".
        """
        self._check_parameters()
        names = feature_names(self.features)
        if self.handedness == EACH:
            names = [f"{side}_{name}" for side in SIDES for name in names]
        return np.array(names, dtype=object)

    def _check_parameters(self):
        super()._check_parameters()
        possible = (*FEATURES, LETTER_FEATURES)
        known = all(feature in possible for feature in self.features)
        if not known or not 0 < len(set(self.features)) == len(self.features):
            raise ValueError(
                f"features must be one or more of {', '.join(map(repr, possible))}, "
                f"each once; got {self.features!r}."
            )
        if LETTER_FEATURES in self.features and self.model != OWN:
            raise ValueError(
                f"The features {LETTER_FEATURES!r} need model={OWN!r}; got "
                f"model={self.model!r}."
            )

    def _make_search(self):
        return HandSearch(
            self.model,
            find=self.find,
            refine=self.refine,
            both_hands=self.both_hands,
            handedness=None if self.handedness == EACH else self.handedness,
            padding=self.padding,
        )

    def _find_hands(self, X):
        """Return the hands of all images, once, or as right and as left hands."""
        search = _see_each if self.handedness == EACH else _see_one
        return list(zip(*self._map_images(search, X), strict=True))

    def _describe(self, hands):
        """Return features of hands, (n, n_features)."""
        unknown = not self.both_hands and self.handedness is None
        left = np.array([unknown and hand.right < 0.5 for hand in hands])
        joints = mirror_left_hands(np.stack([hand.joints for hand in hands]), left)
        presence = np.array([hand.presence for hand in hands], np.float32)
        letters = None
        if LETTER_FEATURES in self.features:
            letters = np.stack([hand.letters for hand in hands])
        return describe_hands(joints, self.features, self.frame, presence, letters)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _see_one(search, image):
    return [search(image).hand]


def _see_each(search, image):
    return [found.hand for found in search.each(image)]
