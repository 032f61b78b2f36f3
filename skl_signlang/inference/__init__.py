"""Prediction of letters in images, and of text in videos.

Classes
-------
LetterPrediction
    Prediction for one image.
LetterPredictor
    Predict the letter in one image.
LetterStream
    Convert the frames of a camera to text.
"""

from skl_signlang.inference._letter_predictor import LetterPrediction, LetterPredictor
from skl_signlang.inference._letter_stream import LetterStream

__all__ = ["LetterPrediction", "LetterPredictor", "LetterStream"]
