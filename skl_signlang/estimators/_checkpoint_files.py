"""A folder with the state of a training: read, compared, written whole."""

import errno
import json
import shutil
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from skl_signlang._errors import quote
from skl_signlang._files import write_whole

FORMAT_VERSION = 1
LAST, BEST = "last.npz", "best.keras"
_FACTS, _PROGRESS = "facts", "progress"
_COPIES = 5  # old and new, twice as large once there is a best epoch, and its model
_TOLD = ("estimator", "epochs before")  # facts that say something by themselves


class CheckpointFolder:
    """Where a training keeps its state, so that it can go on after a kill.

    ``last.npz`` holds arrays and JSON, and nothing that would be unpickled;
    ``best.keras`` is the network of the best epoch so far.

    Parameters
    ----------
    path : str or path-like
        It is made where it is missing.
    """

    def __init__(self, path):
        self.path = Path(path).expanduser()

    def read(self):
        """Read the state that is there.

        Returns
        -------
        facts : dict or None
            What the training is of; None if there is no state.
        progress : dict
            How far it came.
        arrays : dict of str to list of ndarray
            By name.

        Raises
        ------
        ValueError
            If the file is no checkpoint of this version.
        OSError
            If it cannot be read.
        """
        file = self.path / LAST
        if not file.exists():
            return None, {}, {}
        try:
            # np.load leaves a damaged file open, if it has opened it itself
            with (
                file.open("rb") as opened,
                np.load(opened, allow_pickle=False) as content,
            ):
                parts = {name: content[name] for name in content.files}
            facts, progress = (
                json.loads(parts.pop(name).tobytes()) for name in (_FACTS, _PROGRESS)
            )
            version = facts["format"]
        except (BadZipFile, EOFError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"checkpoint_dir={str(self.path)!r}: {LAST} in it is damaged or no "
                f"checkpoint ({error}). Delete it, or choose another folder."
            ) from error
        if version != FORMAT_VERSION:
            raise ValueError(
                f"checkpoint_dir={str(self.path)!r} holds a checkpoint of format "
                f"version {version!r}; this skl_signlang reads {FORMAT_VERSION}. "
                "Delete it, or choose another folder."
            )
        return facts, progress, _together(parts)

    def write(self, facts, progress, arrays):
        """Write a state in place of the one that is there.

        Parameters
        ----------
        facts, progress : dict
            Plain data.
        arrays : dict of str to list of ndarray
            By name.

        Raises
        ------
        OSError
            If the folder is read-only, or the disk full; the old state is whole.
        """
        parts = {
            f"{name}.{i}": array
            for name, entries in arrays.items()
            for i, array in enumerate(entries)
        }
        for name, plain in ((_FACTS, facts), (_PROGRESS, progress)):
            parts[name] = np.frombuffer(json.dumps(plain).encode(), np.uint8)
        try:
            with write_whole(self.path / LAST) as file:
                np.savez(file, **parts)
        except OSError as error:
            raise self._named(error) from error

    def write_best(self, content):
        """Write the network of the best epoch.

        Parameters
        ----------
        content : bytes
            Of a ``.keras`` file.

        Raises
        ------
        OSError
            As `write`.
        """
        try:
            with write_whole(self.path / BEST) as file:
                file.write(content)
        except OSError as error:
            raise self._named(error) from error

    def make(self):
        """Make the folder if it is missing.

        Raises
        ------
        OSError
            If it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._named(error) from error

    def check_room(self):
        """Check, when the first state is written, that later ones have room.

        Raises
        ------
        OSError
            If the disk is too full.
        """
        needed = _COPIES * (self.path / LAST).stat().st_size
        free = shutil.disk_usage(self.path).free
        if free < needed:
            reason = f"about {needed} bytes are needed, and {free} are free"
            raise self._named(OSError(errno.ENOSPC, reason))

    def _named(self, error):
        """Say which parameter an error of the system is about."""
        return OSError(
            error.errno or errno.EIO,
            f"checkpoint_dir={str(self.path)!r} cannot be written: "
            f"{error.strerror or error}. Choose another folder, or None",
        )


def check_same(path, there, here):
    """Compare what a checkpoint is of with what is trained now.

    Parameters
    ----------
    path : pathlib.Path
        Of the folder.
    there, here : dict
        Facts.

    Raises
    ------
    ValueError
        If they differ; the message says in what.
    """
    differing = [name for name in here if there.get(name) != here[name]]
    if not differing:
        return
    what = "; ".join(_tell(name, there.get(name), here[name]) for name in differing)
    raise ValueError(
        f"checkpoint_dir={str(path)!r} holds a checkpoint of another training, which "
        f"cannot go on as this one: {what}. Choose another folder, delete its "
        f"{LAST}, or set back what differs."
    )


def _tell(name, there, here):
    if not isinstance(there, dict) or not isinstance(here, dict):
        return (
            f"{name} {there} there, {here} here" if name in _TOLD else f"other {name}"
        )
    unequal = [key for key in {**there, **here} if there.get(key) != here.get(key)]
    told = (
        f"{key}={quote(str(there.get(key)))} there, {quote(str(here.get(key)))} here"
        for key in unequal
    )
    return f"other {name} ({', '.join(told)})"


def _together(parts):
    """Undo the division of lists of arrays into single entries."""
    found = {}
    for name, array in parts.items():
        name, _, place = name.rpartition(".")
        found.setdefault(name, {})[int(place)] = array
    return {name: [by[i] for i in range(len(by))] for name, by in found.items()}
