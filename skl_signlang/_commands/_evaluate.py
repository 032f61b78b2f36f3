"""Scoring a model on pictures whose letters are known."""

import numpy as np

from skl_signlang._commands._read_samples import read_official_test, read_samples
from skl_signlang._commands._reader import as_rows, load_reader
from skl_signlang._commands._scores import describe_scores, score_letters


def evaluate(data, *, model=None, image_size=None):
    """Print how well a model reads pictures whose letters are known.

    Parameters
    ----------
    data : str
        Whatever `load_samples` reads; of Sign Language MNIST the test is, if there
        is one.
    model : str, default=None
        A ``.signlang`` archive; None takes the newest run's, and where there is none
        the reader that comes with the package.
    image_size : int, default=None
        Side in pixels that pictures are brought to as they are read, if they differ
        in size; they are then brought to the size of the model's.

    Returns
    -------
    status : int
        0, the exit status.
    """
    reader, image_shape = load_reader(model)
    samples = read_official_test(data)
    if samples is None:
        samples = read_samples(data, image_size=image_size)
    if not np.isin(samples.target, reader.classes_).any():
        raise ValueError(
            f"{data} shows {samples.target_names[:24].tolist()}; the model names none "
            f"of these, but {reader.classes_[:5].tolist()} ..."
        )
    predicted = reader.predict(as_rows(samples.images, image_shape))
    print(f"{len(predicted)} pictures")
    print(describe_scores(score_letters(samples.target, predicted)))
    return 0
