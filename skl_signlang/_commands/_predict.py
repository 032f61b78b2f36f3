"""Naming the letters that photographs show."""

import numpy as np

from skl_signlang._commands._photograph import read_photograph
from skl_signlang._commands._reader import load_reader
from skl_signlang._errors import print_error


def predict(images, *, model=None):
    """Print the letter that each photograph shows, and its probability.

    Parameters
    ----------
    images : list of str
        Picture files.
    model : str, default=None
        A ``.signlang`` archive; None takes the newest run's, and where there is none
        the reader that comes with the package.

    Returns
    -------
    status : int
        The exit status: 1 if a file could not be read, else 0.
    """
    reader, image_shape = load_reader(model)
    status = 0
    for path in images:
        try:
            picture = read_photograph(path, image_shape)
        except (OSError, ValueError, MemoryError) as error:
            print_error(error, path)
            status = 1
            continue
        X = picture if image_shape is None else picture.reshape(1, -1)
        probabilities = reader.predict_proba(X)[0]
        best = np.argmax(probabilities)
        print(f"{path}  {reader.classes_[best]}  {probabilities[best]:.2f}", flush=True)
    return status
