"""Zip files, with errors that say which one is damaged."""

import zipfile
import zlib
from contextlib import contextmanager


@contextmanager
def open_zip(path):
    """Open a zip file to read.

    Parameters
    ----------
    path : path-like
        Of the file.

    Yields
    ------
    archive : zipfile.ZipFile
        Open for reading.

    Raises
    ------
    ValueError
        If the zip turns out, here or in the block, to be damaged or encrypted.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    # zipfile has RuntimeError for passwords and for unknown compressions
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(f"{path} cannot be read as a zip file: {error}.") from error
