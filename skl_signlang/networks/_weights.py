"""Weights of backbones."""

import math
import re
import tempfile
import warnings
from pathlib import Path

import numpy as np

from skl_signlang._files import read_regular
from skl_signlang._keras_home import check_file, keras_folder
from skl_signlang._untrusted import Budget, check_weights, max_bytes_of_numbers

IMAGENET = "imagenet"
MAX_WEIGHTS_BYTES = 2 << 30
"""Maximum bytes of a weights file; the largest of Keras has 1.4 GB."""


def build_with_imagenet(build, name, **arguments):
    """Build a network of `keras.applications` with its ImageNet weights."""
    folder = keras_folder("models")
    # only Keras knows which of them it loads
    for path in folder.glob("*.h5"):
        check_file(path, MAX_WEIGHTS_BYTES)
    try:
        return build(weights=IMAGENET, **arguments)
    # Keras raises a bare Exception if a download fails
    except Exception as error:
        url = re.search(r"URL fetch failure on (\S+):", str(error))
        if url is None:
            raise ValueError(
                f"backbone={name!r} cannot be built with weights='imagenet': {error}"
            ) from error
        raise FileNotFoundError(
            f"The ImageNet weights of {name} are not on this machine, and Keras "
            f"cannot download them ({error}). Put the file "
            f"{url[1].rpartition('/')[2]} into the folder {folder}. (Keras looks into "
            "models/ of the folder that the environment variable KERAS_HOME names, "
            "~/.keras without it, and reads the variable on import.) Or pass "
            "weights=None."
        ) from error


def load_weights(model, path):
    """Load a file of weights into a backbone."""
    if not path.exists():
        raise FileNotFoundError(
            f"weights={str(path)!r}: there is no such file. Expected 'imagenet', None "
            "or the path of a file of weights, NAME.weights.h5."
        )
    if path.suffix != ".h5":
        raise ValueError(
            f"weights={str(path)!r} is not a weights file; expected NAME.weights.h5. "
            "Whole networks (.keras) are passed as backbone."
        )
    content = _read(model, path)
    # Keras only warns of some variables that are missing in the file
    floats = [v for v in model.variables if "float" in str(v.dtype)]
    for variable in floats:
        variable.assign(np.full(variable.shape, np.nan))
    try:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            copy = Path(folder, path.name)
            copy.write_bytes(content)
            model.load_weights(copy)
        if not all(np.isfinite(variable.numpy()).all() for variable in floats):
            raise ValueError("some of its weights are not in the file")
    # Keras and h5py raise errors of many types for wrong files
    except Exception as error:
        raise ValueError(
            f"weights={str(path)!r} do not fit the backbone {model.name!r}: {error}"
        ) from error


def _read(model, path):
    """Read a weights file that holds only weights and is not larger than the model."""
    n_numbers = sum(math.prod(variable.shape) for variable in model.variables)
    try:
        content = read_regular(path, max_bytes_of_numbers(n_numbers), expected="a file")
        check_weights(content, Budget(len(content)))
    # h5py raises errors of many types for damaged files
    except Exception as error:
        raise ValueError(
            f"weights={str(path)!r} cannot be read as a file of weights of the "
            f"backbone {model.name!r}: {error}"
        ) from error
    return content
