"""Letters of the hand in a video."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skl_signlang._letters import LETTERS
from skl_signlang.inference._letter_frame import LetterFrame
from skl_signlang.inference._letter_predictor import NONE, LetterPredictor
from skl_signlang.inference._prepare_images import read_image
from skl_signlang.preprocessing import HandLandmarks, HandTracker, describe_hands
from skl_signlang.pretrained import load_pretrained

_MARGIN = 1.8  # side of the square, in sides of the box of the joints
_LEAST_SIDE = 16  # pixels
_LEAST = 1e-6  # probability of a letter


class HandPredictor:
    """Predict the letter of the hand in each frame of a video.

    The hand is tracked from frame to frame, which takes one look of the landmark model
    per frame instead of the many of a single image. A classifier that begins with
    `HandLandmarks` predicts from the joints; any other classifier of images predicts
    from the square around the hand. If its classes are the 24 letters of the American
    alphabet that are not movements, the own network, which follows the hand, votes too:
    the probabilities are geometric means.

    Read more in the :doc:`User Guide </inference>`.

    .. versionadded:: 0.1

    Parameters
    ----------
    classifier : estimator instance, LetterPredictor, str or path-like, default=None
        A fitted classifier of images, or what `LetterPredictor` takes. None loads
        ``letters-landmarks``.
    tracker : HandTracker, default=None
        None makes one with the landmark model of the classifier, or else with the own
        network.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
        Class labels.
    hand : DetectedHand or None
        The hand in the last frame.

    Raises
    ------
    TypeError
        If `classifier` is not fitted, or takes "letters" of `HandLandmarks`, which a
        tracked hand does not have.
    ImportError, FileNotFoundError, ValueError
        As `HandTracker` and `LetterPredictor`.

    See Also
    --------
    LetterPredictor : Predict the letter in one image.
    LetterStream : Convert frames to text.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_signlang.inference import HandPredictor
    >>> from skl_signlang.pretrained import load_pretrained
    >>> predictor = HandPredictor(load_pretrained("letters"))
    >>> wall = np.full((120, 160, 3), 200, np.uint8)
    >>> predictor.predict(wall, time=0.0).presence
    0.0
    """

    def __init__(self, classifier=None, *, tracker=None):
        if classifier is None:
            classifier = load_pretrained("letters-landmarks")
        predictor = classifier if isinstance(classifier, LetterPredictor) else None
        pipeline = _with_landmarks(predictor.classifier_ if predictor else classifier)
        if pipeline is not None:
            self._landmarks, self._head = pipeline[0], pipeline[1:]
        else:
            self._landmarks, self._head = None, predictor or LetterPredictor(classifier)
        self.classes_ = self._head.classes_
        self._letters = [str(label) for label in self.classes_.tolist()]
        if tracker is None:
            model = "own" if pipeline is None else self._landmarks.model
            tracker = HandTracker(model=model)
        self.tracker = tracker
        self.hand = None
        if pipeline is not None:
            self._classify_joints(np.zeros((21, 3), np.float32), 0.0)

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
        presence = self.hand.presence
        if self._landmarks is None:
            square = _square_around(pixels, self.hand.points)
            found = self._head.predict(square, top=len(self._letters))
            probabilities = _vote(dict(found.top), self.hand.letters)
            presence = 0.0 if found.letter == NONE else presence
        else:
            row = self._classify_joints(self.hand.joints, presence)
            probabilities = dict(zip(self._letters, row.tolist(), strict=True))
        joints = _joints_in_image(self.hand, pixels.shape[1])
        return LetterFrame(probabilities, presence, joints)

    def _classify_joints(self, joints, presence):
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


def _vote(probabilities, log_letters):
    """Return the geometric means with the probabilities of the own network."""
    if log_letters is None or probabilities.keys() != {*LETTERS}:
        return probabilities
    own = dict(zip(LETTERS, np.exp(log_letters).tolist(), strict=False))
    means = {
        letter: np.sqrt(max(share, _LEAST) * max(own[letter], _LEAST))
        for letter, share in probabilities.items()
    }
    total = sum(means.values())
    return {letter: float(mean / total) for letter, mean in means.items()}


def _square_around(pixels, points):
    """Return the square around joints (21, 2); outside, the edge is repeated."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = int(max(_MARGIN * (high - low).max(), _LEAST_SIDE))
    starts = np.round((low + high - side) / 2).astype(int)
    columns, rows = (
        np.clip(start + np.arange(side), 0, length - 1)
        for start, length in zip(starts, pixels.shape[1::-1], strict=True)
    )
    return pixels[rows[:, None], columns]


def _with_landmarks(classifier):
    """Return the fitted Pipeline that begins with landmarks; None for others."""
    pipeline = getattr(classifier, "best_estimator_", classifier)
    is_pipeline = isinstance(pipeline, Pipeline) and len(pipeline) > 1
    if not is_pipeline or not isinstance(pipeline[0], HandLandmarks):
        return None
    check_is_fitted(pipeline)
    if "letters" in pipeline[0].features:
        raise TypeError(
            "classifier must predict from joints; got HandLandmarks with the features "
            "'letters', which a tracked hand does not have."
        )
    return pipeline
