"""A saved model that reads letters from pictures."""

from skl_signlang._commands._run_folder import newest_model
from skl_signlang._images import infer_image_shape
from skl_signlang.persistence import load, load_pretrained
from skl_signlang.persistence._manifest import image_shape_of


def load_reader(path=None):
    """Load a classifier, and tell which pictures it reads.

    Parameters
    ----------
    path : str, default=None
        A ``.signlang`` archive; None takes the newest run's, and where there is none
        the reader that comes with the package.

    Returns
    -------
    model : estimator instance
        With `predict_proba`.
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
    model = load_pretrained() if path is None else load(path)
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which gives no probabilities; "
            "expected a classifier."
        )
    shape = image_shape_of(model)
    if shape is None and hasattr(model, "n_features_in_"):
        shape = infer_image_shape(model.n_features_in_)
    return model, shape
