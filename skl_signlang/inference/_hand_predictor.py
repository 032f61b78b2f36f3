"""Letters of the hand in a video."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skl_signlang.inference._letter_frame import LetterFrame
from skl_signlang.inference._prepare_images import read_image
from skl_signlang.preprocessing import HandLandmarks, HandTracker, describe_hands
from skl_signlang.pretrained import load_pretrained

_MIN_PRESENCE = {"own": 0.9}  # which distinguishes hands from walls


class HandPredictor:
    """Predict the letter of the hand in each frame of a video.

    The hand is tracked from frame to frame, which takes one look of the landmark model
    per frame instead of the many of a single image.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    classifier : Pipeline, default=None
        A fitted classifier of images that begins with `HandLandmarks`. None loads
        ``letters-landmarks``.
    tracker : HandTracker, default=None
        None makes one with the landmark model of the classifier, with a `min_presence`
        of 0.9 for the own network.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
        Class labels.
    hand : DetectedHand or None
        The hand in the last frame.

    Raises
    ------
    TypeError
        If `classifier` is not a classifier that begins with `HandLandmarks`.
    ImportError, FileNotFoundError
        As `HandTracker`.

    See Also
    --------
    LetterPredictor : Predict the letter in one image.
    LetterStream : Convert frames to text.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.inference import HandPredictor
    >>> predictor = HandPredictor()  # doctest: +SKIP
    >>> wall = np.full((120, 160, 3), 200, np.uint8)
    >>> predictor.predict(wall, time=0.0).presence  # doctest: +SKIP
    0.0
    """

    def __init__(self, classifier=None, *, tracker=None):
        if classifier is None:
            classifier = load_pretrained("letters-landmarks")
        _check_classifier(classifier)
        self.classes_ = classifier.classes_
        self._letters = [str(label) for label in self.classes_.tolist()]
        self._landmarks, self._head = classifier[0], classifier[1:]
        if tracker is None:
            model = self._landmarks.model
            tracker = HandTracker(_MIN_PRESENCE.get(model, 0.5), model)
        self.tracker = tracker
        self.hand = None
        self._predict(np.zeros((21, 3), np.float32), 0.0)

    def reset(self):
        """Forget the hand; the next frame may have any time."""
        self.tracker.reset()
        self.hand = None

    def predict(self, image, time):
        """Predict the letter in the next frame.

        Parameters
        ----------
        image : str, path-like, bytes, Pillow image or ndarray of int
            An image as for `LetterPredictor.predict`.
        time : float
            Time of the frame, in seconds from any origin; not before that of the last
            frame.

        Returns
        -------
        frame : LetterFrame
            Probabilities of the letters, presence and joints; without a hand, equal
            probabilities and a presence of 0.

        Raises
        ------
        ValueError
            If time goes backwards, or the frame is not an image.
        TypeError
            If time is not a number.
        """
        pixels = read_image(image, None)
        self.hand = self.tracker.track(pixels, time)
        if self.hand is None:
            share = 1 / len(self._letters)
            return LetterFrame(dict.fromkeys(self._letters, share), 0.0)
        row = self._predict(self.hand.joints, self.hand.presence)
        return LetterFrame(
            dict(zip(self._letters, row.tolist(), strict=True)),
            self.hand.presence,
            _joints_in_image(self.hand, pixels.shape[1]),
        )

    def _predict(self, joints, presence):
        """Return the probabilities of the letters, (n_classes,)."""
        made = self._landmarks
        presence = np.array([presence], np.float32)
        features = describe_hands(joints[None], made.features, made.frame, presence)
        # the side is known: the hand is a right one in both halves
        n_halves = len(made.get_feature_names_out()) // features.shape[1]
        return self._head.predict_proba(np.hstack([features] * n_halves))[0]


def _joints_in_image(hand, width):
    """Return joints (21, 3) in pixels, as of a right hand."""
    x, y = hand.points.T
    spreads = [
        np.linalg.norm(at - at.mean(axis=0)) for at in (hand.points, hand.joints[:, :2])
    ]
    z = hand.joints[:, 2] * (spreads[0] / max(spreads[1], 1e-6))
    return np.stack([x if hand.is_right else width - x, y, z], axis=1)


def _check_classifier(classifier):
    """Check that a classifier is fitted, and begins with landmarks of MediaPipe."""
    is_pipeline = isinstance(classifier, Pipeline) and len(classifier) > 1
    if not is_pipeline or not isinstance(classifier[0], HandLandmarks):
        raise TypeError(
            "classifier must be a fitted Pipeline that begins with HandLandmarks; got "
            f"{classifier!r}. For other classifiers of images use LetterPredictor."
        )
    check_is_fitted(classifier)
    if "letters" in classifier[0].features:
        raise TypeError(
            "classifier must predict from joints; got HandLandmarks with the features "
            "'letters', which a tracked hand does not have."
        )
