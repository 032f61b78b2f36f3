"""Prediction of the letters in photographs."""

from skl_signlang._errors import print_error
from skl_signlang._quiet import nothing_on_standard_error
from skl_signlang.cli._find_model import find_model
from skl_signlang.cli._image_sources import check_urls, find_images
from skl_signlang.cli._output import print_result
from skl_signlang.inference import LetterPredictor

UNREADABLE = 1


def predict(images, *, model=None, saved_model=None, allow_url=False):
    """Print the letter in each photograph, and its probability."""
    check_urls(images, allow_url)
    path = find_model(model)
    # LiteRT prints a banner
    with nothing_on_standard_error():
        predictor = LetterPredictor(path, saved_model=saved_model)
    status = 0
    for name, read in find_images(images):
        try:
            letter, probability, top = predictor.predict(read())
        except (OSError, ValueError, MemoryError) as error:
            print_error(error, name)
            status = UNREADABLE
            continue
        print_result(
            f"{name}  {letter}  {probability:.2f}",
            image=name,
            letter=letter,
            probability=probability,
            top=dict(top),
        )
    return status
