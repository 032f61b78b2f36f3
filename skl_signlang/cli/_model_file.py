"""Loading of models that classify letters."""

from skl_signlang._image_shapes import infer_image_shape
from skl_signlang._pipelines import image_shape_of
from skl_signlang.cli._find_model import find_model
from skl_signlang.persistence import load
from skl_signlang.preprocessing import ColorConverter, ImageResizer


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
