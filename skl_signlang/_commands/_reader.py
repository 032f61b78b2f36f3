"""A saved model that reads letters from pictures."""

from skl_signlang._commands._run_folder import newest_model
from skl_signlang._images import infer_image_shape
from skl_signlang.persistence import load
from skl_signlang.persistence._manifest import image_shape_of


def load_reader(path=None):
    """Load a classifier, and tell which pictures it reads.

    Parameters
    ----------
    path : str, default=None
        A ``.signlang`` archive; None takes the newest run's.

    Returns
    -------
    model : estimator instance
        With `predict_proba`.
    image_shape : tuple of int
        (height, width, channels) of the pictures that it takes, in pixels.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no run.
    ValueError
        If it is no archive, or holds no classifier.
    """
    path = newest_model() if path is None else path
    model = load(path)
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which gives no probabilities; "
            "expected a classifier."
        )
    return model, image_shape_of(model) or infer_image_shape(model.n_features_in_)
