"""Loading of models that classify letters."""

import sys

from skl_signlang._images import infer_image_shape
from skl_signlang._pipelines import image_shape_of
from skl_signlang.cli._run_folder import newest_model
from skl_signlang.persistence import load
from skl_signlang.preprocessing import ColorConverter, ImageResizer
from skl_signlang.pretrained import NAMES, pretrained_path

LATEST = "latest"
"""Stands for the model of the newest run."""


def find_model(model=None):
    """Return the path of a model: a file, a pretrained one, or that of the newest run.

    What the user did not name by itself is printed to standard error.
    """
    if model is None:
        _print_choice(f"{NAMES[0]}, a pretrained classifier{_hint_of_runs()}")
        return pretrained_path()
    if model == LATEST:
        path = newest_model()
        if path is None:
            raise ValueError(
                f"--model {LATEST} is the newest runs/*/model.signlang, and there is "
                "none in this folder; skl-signlang train makes one."
            )
        _print_choice(path)
        return path
    return pretrained_path(model) if model in NAMES else model


def _hint_of_runs():
    newest = newest_model()
    return "" if newest is None else f"; --model {LATEST} is {newest}"


def _print_choice(choice):
    print(f"skl-signlang: model: {choice}", file=sys.stderr)


def load_classifier(model=None, saved_model=None, *, must_classify=True):
    """Load a classifier, and return it and the shape of its images."""
    path = find_model(model)
    model = load(path, saved_model=saved_model)
    if must_classify and not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which has no predict_proba; "
            "expected a classifier."
        )
    shape = image_shape_of(model)
    if shape is None and hasattr(model, "n_features_in_"):
        shape = infer_image_shape(model.n_features_in_)
    return model, shape


def as_rows(images, image_shape):
    """Convert images to the shape that the model takes, as rows."""
    if image_shape is None:
        return images
    height, width, channels = image_shape
    images = images.reshape(*images.shape[:3], -1)
    images = ImageResizer((height, width)).transform(images)
    if images.shape[3] != channels:
        if channels not in (1, 3):
            raise ValueError(
                f"The images have {images.shape[3]} channels and the model's "
                f"{channels}; only gray and RGB can be converted."
            )
        mode = "gray" if channels == 1 else "rgb"
        images = ColorConverter(mode).transform(images)
    return images.reshape(len(images), -1)
