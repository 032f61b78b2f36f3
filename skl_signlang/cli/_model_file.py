"""Loading of models that classify letters."""

from skl_signlang._language import translate
from skl_signlang._pipelines import decodes, image_shape, list_steps, resize_mode_of
from skl_signlang.cli._find_model import find_model
from skl_signlang.persistence import load
from skl_signlang.preprocessing import ColorConverter, ImageResizer


def load_classifier(model=None, saved_model=None, *, must_classify=True):
    """Load a classifier."""
    path = find_model(model)
    model = load(path, saved_model=saved_model)
    if must_classify and not hasattr(model, "predict_proba"):
        raise ValueError(
            translate(
                "{path} holds a {kind}, which has no predict_proba; expected a "
                "classifier.",
                path=path,
                kind=type(model).__name__,
            )
        )
    return model


def shape_of_model(model):
    """Return the shape of the images that a model takes, and its resize mode.

    The shape is None if the model takes images of any size.
    """
    shape = image_shape(model)
    return shape, "crop" if shape is None else resize_mode_of(model)


def as_input(images, model):
    """Convert images to the input of a model: rows, or images for a decoder."""
    shape, first = image_shape(model), list_steps(model)[0]
    resizes = decodes(first) and first.image_size is not None
    if shape is None or resizes:
        return images
    height, width, channels = shape
    images = images.reshape(*images.shape[:3], -1)
    images = ImageResizer((height, width)).transform(images)
    if images.shape[3] != channels:
        if channels not in (1, 3):
            raise ValueError(
                translate(
                    "The images have {n} channels and the model's {channels}; only "
                    "gray and RGB can be converted.",
                    n=images.shape[3],
                    channels=channels,
                )
            )
        mode = "gray" if channels == 1 else "rgb"
        images = ColorConverter(mode).transform(images)
    if decodes(first):
        return images[..., 0] if channels == 1 else images
    return images.reshape(len(images), -1)
