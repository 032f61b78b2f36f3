"""Labelled pictures of any format, for commands that are told no more than a path."""

import zipfile
from pathlib import Path

from skl_signlang.datasets import load_samples
from skl_signlang.datasets._samples import tell_format


def read_samples(path, *, image_size=None, on_error="raise"):
    """Read labelled pictures; of Sign Language MNIST the training part.

    Parameters
    ----------
    path : str
        Whatever `load_samples` reads.
    image_size : int, default=None
        Side in pixels that pictures are brought to; None leaves them as they are.
    on_error : {"raise", "report"}, default="raise"
        What happens to records that cannot be read.

    Returns
    -------
    samples : Bunch
        As `load_samples` gives it.

    Raises
    ------
    FileNotFoundError
        If there is no such path.
    ValueError
        If it cannot be read, or its pictures cannot be resized while they are read.
    """
    # readers of one size have no such option
    size = {} if image_size is None else {"image_size": image_size}
    return load_samples(path, on_error=on_error, **size)


def read_official_test(path):
    """Read the test of Sign Language MNIST.

    Parameters
    ----------
    path : str
        Whatever `load_samples` reads.

    Returns
    -------
    samples : Bunch or None
        None if these are other data, one CSV file or have no test.
    """
    path = Path(path).expanduser()
    if tell_format(path).format != "sign_mnist" or _is_one_csv(path):
        return None
    try:
        return load_samples(path, subset="test")
    except FileNotFoundError:
        return None


def _is_one_csv(path):
    return path.is_file() and not zipfile.is_zipfile(path)
