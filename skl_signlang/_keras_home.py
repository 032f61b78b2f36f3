"""The folder in which Keras keeps what it downloads."""

import os
import tempfile
from pathlib import Path

from skl_signlang._files import open_regular


def keras_folder(name):
    """Tell where Keras looks for what it has downloaded.

    Parameters
    ----------
    name : {"datasets", "models"}
        What for.

    Returns
    -------
    folder : pathlib.Path
        Below KERAS_HOME, else ``~/.keras``; below the folder of temporary files where
        that cannot be written to, as in Keras. It may not be there.
    """
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    if home.exists() and not os.access(home, os.W_OK):
        usual = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()
        home = Path(usual, ".keras")
    return home / name


def check_file(path, max_bytes):
    """Refuse a file that would make Keras wait, or read without an end.

    Parameters
    ----------
    path : path-like
        Where Keras looks; nothing need be there.
    max_bytes : int
        Most bytes that the file may have.

    Raises
    ------
    ValueError
        If it is a pipe, a device, a folder or the like, or too large.
    """
    if os.path.exists(path):
        with open_regular(path, max_bytes):
            pass
