"""Predictors of the letters in videos."""

from skl_signlang._language import translate
from skl_signlang._quiet import nothing_on_standard_error
from skl_signlang.cli._find_model import find_model
from skl_signlang.cli._output import print_note
from skl_signlang.export import detect_exported
from skl_signlang.inference import HandPredictor
from skl_signlang.persistence import load
from skl_signlang.preprocessing import HandTracker, has_models

_DEFAULT = "letters-landmarks"


def open_predictor(model=None, saved_model=None):
    """Open a model that classifies the hand, which is followed."""
    if model is None:
        return _open_default()
    path = find_model(model)
    with nothing_on_standard_error():  # LiteRT prints a banner
        if detect_exported(path):
            return HandPredictor(path)
        return HandPredictor(load(path, saved_model=saved_model))


def _open_default():
    if has_models():
        print_note(
            translate(
                "model: {name}, with the landmark model of MediaPipe", name=_DEFAULT
            )
        )
        return HandPredictor()
    print_note(
        translate(
            "model: {name}, with the package's own landmark model, which is less "
            "accurate; --model {name} downloads MediaPipe's, and needs {install}",
            name=_DEFAULT,
            install='pip install "skl_signlang[landmarks]"',
        )
    )
    return HandPredictor(tracker=HandTracker(model="own"))
