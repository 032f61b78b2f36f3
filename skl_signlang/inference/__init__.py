"""From images to letters, and from letters to words.

Classes
-------
LetterPrediction
    What a predictor says of an image.
LetterPredictor
    Names the letter of one image, fast.
LetterStream
    Turns the frames of a camera into text.
"""

from skl_signlang.inference._letter_predictor import LetterPrediction, LetterPredictor
from skl_signlang.inference._letter_stream import LetterStream

__all__ = ["LetterPrediction", "LetterPredictor", "LetterStream"]
