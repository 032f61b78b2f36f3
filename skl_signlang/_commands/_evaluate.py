"""Scoring a model on Sign Language MNIST."""

import numpy as np

from skl_signlang._commands._reader import load_reader
from skl_signlang._commands._scores import describe_scores, score_letters
from skl_signlang.datasets import load_sign_mnist
from skl_signlang.preprocessing import ImageResizer


def evaluate(data, *, model=None):
    """Print how well a model reads Sign Language MNIST.

    Parameters
    ----------
    data : str
        A zip or a folder, of which the test is read, or one CSV.
    model : str, default=None
        A ``.signlang`` archive; None takes the newest run's.

    Returns
    -------
    status : int
        0, the exit status.
    """
    samples = load_sign_mnist(data, subset="test")
    reader, image_shape = load_reader(model)
    if not np.isin(samples.target, reader.classes_).any():
        raise ValueError(
            f"{data} shows {''.join(samples.target_names)}; the model names none of "
            f"these, but {reader.classes_[:5].tolist()} ..."
        )
    predicted = reader.predict(_as_rows(samples.images, image_shape))
    print(f"{len(predicted)} pictures")
    print(describe_scores(score_letters(samples.target, predicted)))
    return 0


def _as_rows(images, image_shape):
    """Bring grey pictures to the form of the model's, as rows."""
    height, width, channels = image_shape
    resized = ImageResizer((height, width)).transform(images)
    return np.repeat(resized.reshape(len(images), -1), channels, axis=1)
