"""Folder in which Keras stores downloads."""

import os
import tempfile
from pathlib import Path

from skl_signlang._files import open_regular


def keras_folder(name):
    """Return the folder in which Keras looks for downloads."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    if home.exists() and not os.access(home, os.W_OK):
        usual = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()
        home = Path(usual, ".keras")
    return home / name


def check_file(path, max_bytes):
    """Raise an error for a file that Keras would read without a limit."""
    if os.path.exists(path):
        with open_regular(path, max_bytes):
            pass
