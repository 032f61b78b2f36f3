"""The folder in which Keras keeps what it downloads."""

import os
import tempfile
from pathlib import Path

from skl_signlang._files import open_regular


def keras_folder(name):
    """Tell where Keras looks for what it has downloaded."""
    home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    if home.exists() and not os.access(home, os.W_OK):
        usual = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()
        home = Path(usual, ".keras")
    return home / name


def check_file(path, max_bytes):
    """Refuse a file that would make Keras wait, or read without an end."""
    if os.path.exists(path):
        with open_regular(path, max_bytes):
            pass
