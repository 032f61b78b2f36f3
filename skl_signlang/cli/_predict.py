"""Prediction of the letters in photographs."""

from skl_signlang._errors import print_error
from skl_signlang._image_files import read_image_file
from skl_signlang._quiet import nothing_on_standard_error
from skl_signlang.cli._model_file import find_model
from skl_signlang.inference import LetterPredictor


def predict(images, *, model=None, saved_model=None):
    """Print the letter in each photograph, and its probability."""
    path = find_model(model)
    # LiteRT prints a banner
    with nothing_on_standard_error():
        predictor = LetterPredictor(path, saved_model=saved_model)
    status = 0
    for path in images:
        try:
            prediction = predictor.predict(read_image_file(path))
        except (OSError, ValueError, MemoryError) as error:
            print_error(error, path)
            status = 1
            continue
        letter, probability, _ = prediction
        print(f"{path}  {letter}  {probability:.2f}", flush=True)
    return status
