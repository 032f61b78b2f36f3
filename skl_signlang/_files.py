"""Files that are written whole or not at all."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def write_whole(path):
    """Open a file that appears under its name only once it is complete.

    What is written goes into a hidden file beside `path`, which takes its place, or
    the place of the file that is there, when the block ends. An error or Ctrl-C
    removes it and leaves `path` as it was; so does a kill, but for the hidden file.

    Parameters
    ----------
    path : str or path-like
        Where the file goes; its folder must exist.

    Yields
    ------
    file : binary file
        To write to.

    Raises
    ------
    TypeError
        If `path` is no path.
    FileNotFoundError
        If there is no such folder.
    ValueError
        If `path` is there and is no file.

    Examples
    --------
    >>> import tempfile
    >>> from skl_signlang._files import write_whole
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "hello.txt")
    ...     with write_whole(path) as file:
    ...         n_bytes = file.write(b"hello")
    ...     path.read_text()
    'hello'
    """
    path = check_place(path)
    unfinished = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def check_place(path):
    """Tell whether a file can be written, before there is anything to write.

    Parameters
    ----------
    path : str or path-like
        Where it is to go; ``~`` is the home folder.

    Returns
    -------
    path : pathlib.Path
        The same.

    Raises
    ------
    TypeError, FileNotFoundError, ValueError
        As `write_whole`.
    """
    path = check_path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"{path} cannot be written: there is no folder {path.parent}."
        )
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} cannot be written: it is there and is no file.")
    return path


def check_path(path):
    """Turn what a user gives for a path into one.

    Parameters
    ----------
    path : str or path-like
        As the user gave it; ``~`` is the home folder.

    Returns
    -------
    path : pathlib.Path
        The same.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If no file can have this name.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a string or a path; got {path!r}.")
    path = Path(path).expanduser()
    if not path.name or "\0" in str(path):
        raise ValueError(f"path must name a file; got {str(path)!r}.")
    return path
