"""Names of backbones and of their layers."""

import re
from collections import Counter
from importlib import import_module

import keras

from skl_signlang._errors import near_names
from skl_signlang.networks._pixels import scale_of

# Sizes of the training images other than 224 x 224, in pixels
_SIZES = {
    "EfficientNetB1": 240,
    "EfficientNetB2": 260,
    "EfficientNetB3": 300,
    "EfficientNetB4": 380,
    "EfficientNetB5": 456,
    "EfficientNetB6": 528,
    "EfficientNetB7": 600,
    "EfficientNetV2B1": 240,
    "EfficientNetV2B2": 260,
    "EfficientNetV2B3": 300,
    "EfficientNetV2L": 480,
    "EfficientNetV2M": 480,
    "EfficientNetV2S": 384,
    "InceptionResNetV2": 299,
    "InceptionV3": 299,
    "NASNetLarge": 331,
    "Xception": 299,
}


def find_application(name):
    """Find a network of `keras.applications`."""
    names = [
        known
        for known, thing in vars(keras.applications).items()
        if known[0].isupper() and callable(thing)
    ]
    if name not in names:
        raise ValueError(
            f"backbone={name!r} is not a network of keras.applications; "
            f"{near_names(name, names)} A backbone may also be the path of a .keras "
            "file or of a SavedModel's folder, but there is none of this name, or a "
            "function."
        )
    build = getattr(keras.applications, name)
    family = import_module(build.__module__)
    return build, _SIZES.get(name, 224), scale_of(family.preprocess_input)


def reset_names(model, inner=True):
    """Rename layers that Keras named to the names that they have in a new process.

    Keras counts through a process: the second ``conv2d_5`` is another layer than the
    first.
    """
    counts = Counter()
    for step in _steps(model, inner):
        stem = _snake_case(type(step).__name__)
        if re.fullmatch(rf"{stem}(_\d+)?", step.name):
            number = counts[stem]
            counts[stem] += 1
            step.name = f"{stem}_{number}" if number else stem


def _steps(model, inner):
    """List the operations of a model: layers, models, and sums and the like."""
    found = []
    # a Sequential model, as in ConvNeXt, keeps its layers in a functional one
    for step in getattr(model, "_functional", model).operations:
        found.append(step)
        if inner and isinstance(step, keras.Model):
            found += _steps(step, inner)
    return found


def _snake_case(name):
    """Convert the name of a class to that of a layer, as Keras does."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
