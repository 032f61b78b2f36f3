"""A saved model that reads letters from pictures."""

from skl_signlang._images import infer_image_shape
from skl_signlang.cli._run_folder import newest_model
from skl_signlang.persistence import load
from skl_signlang.persistence._manifest import image_shape_of
from skl_signlang.preprocessing import ColorConverter, ImageResizer
from skl_signlang.pretrained import load_pretrained


def load_reader(path=None, saved_model=None, *, must_classify=True):
    """Load a classifier, and tell which pictures it reads.

    Parameters
    ----------
    path : str, default=None
        A ``.signlang`` archive; None takes the newest run's, and where there is none
        the reader that comes with the package.
    saved_model : str, default=None
        The folder of the SavedModel that the archive needs.
    must_classify : bool, default=True
        Whether anything else is refused.

    Returns
    -------
    model : estimator instance
        With `predict_proba`, if it must classify.
    image_shape : tuple of int or None
        (height, width, channels) of the pictures that it takes, in pixels; None if it
        takes pictures of any size.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no archive, or holds no classifier.
    """
    if path is None:
        path = newest_model()
    options = {"saved_model": saved_model}
    model = load_pretrained() if path is None else load(path, **options)
    if must_classify and not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which gives no probabilities; "
            "expected a classifier."
        )
    shape = image_shape_of(model)
    if shape is None and hasattr(model, "n_features_in_"):
        shape = infer_image_shape(model.n_features_in_)
    return model, shape


def as_rows(images, image_shape):
    """Bring pictures to the form of the model's, as rows.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, h, w) or (n, h, w, c)
        Of any size.
    image_shape : tuple of int or None
        (height, width, channels) of the model's, in pixels; None if it takes any.

    Returns
    -------
    rows : ndarray of uint8, shape (n, height * width * channels)
        Stretched where the pictures have other proportions; `images` for None.

    Raises
    ------
    ValueError
        If they have other channels, and neither are grey or RGB.
    """
    if image_shape is None:
        return images
    height, width, channels = image_shape
    images = images.reshape(*images.shape[:3], -1)
    images = ImageResizer((height, width)).transform(images)
    if images.shape[3] != channels:
        if channels not in (1, 3):
            raise ValueError(
                f"The pictures have {images.shape[3]} channels and the model's "
                f"{channels}; grey and RGB can be made, and nothing else."
            )
        mode = "grey" if channels == 1 else "rgb"
        images = ColorConverter(mode).transform(images)
    return images.reshape(len(images), -1)
