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

import lazy_loader

# a model that was exported needs neither scikit-learn nor TensorFlow
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "_hand_predictor": ["HandPredictor"],
        "_holds": ["Letter"],
        "_letter_frame": ["LetterFrame"],
        "_letter_predictor": ["LetterPrediction", "LetterPredictor"],
        "_letter_stream": ["LetterStream"],
    },
)
