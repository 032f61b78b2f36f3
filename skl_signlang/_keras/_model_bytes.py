"""Models as the bytes of ``.keras`` files."""

import errno
import tempfile
from pathlib import Path

import keras

from skl_signlang._forks import check_process
from skl_signlang._keras._variables import same_random_state


def model_to_bytes(model, weights_only=False):
    """Return a model as the bytes of a ``.keras`` or ``.weights.h5`` file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"network{'.weights.h5' if weights_only else '.keras'}")
        try:
            (model.save_weights if weights_only else model.save)(path)
        except OSError as error:
            reason = error.strerror or str(error)
            place = tempfile.gettempdir()
            raise OSError(error.errno or errno.EIO, reason, place) from error
        return path.read_bytes()


def model_from_bytes(content):
    """Load a model from the bytes of a ``.keras`` file, in safe mode."""
    check_process()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.keras")
        path.write_bytes(content)
        with same_random_state():
            return keras.saving.load_model(path, compile=False, safe_mode=True)
