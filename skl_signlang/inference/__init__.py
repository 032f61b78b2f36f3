"""Prediction of letters in images, and of text in videos.

Classes
-------
HandPredictor
    Predict the letter of the hand in each frame of a video.
Letter
    A letter of a video.
LetterFrame
    What a frame of a video shows.
LetterPrediction
    Prediction for one image.
LetterPredictor
    Predict the letter in one image.
LetterStream
    Convert the frames of a camera to text.
"""

from skl_signlang.inference._hand_predictor import HandPredictor
from skl_signlang.inference._holds import Letter
from skl_signlang.inference._letter_frame import LetterFrame
from skl_signlang.inference._letter_predictor import LetterPrediction, LetterPredictor
from skl_signlang.inference._letter_stream import LetterStream

__all__ = [
    "HandPredictor",
    "Letter",
    "LetterFrame",
    "LetterPrediction",
    "LetterPredictor",
    "LetterStream",
]
