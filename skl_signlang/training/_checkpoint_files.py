"""Checkpoint folders: reading, comparing and writing."""

import errno
import shutil
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from skl_signlang._errors import quote
from skl_signlang._files import lock_folder, open_regular, to_folder, write_whole
from skl_signlang._stored_state import (
    check_plateau,
    check_seed,
    different_names,
    is_number,
    read_arrays,
    read_document,
    write_state,
)
from skl_signlang._untrusted import StoredArrays, max_bytes_of_numbers

FORMAT_VERSION = 1
_MAX_BYTES = 8 << 30
_NUMBERS_A_WEIGHT = 10  # last, best and average, each with its optimizer's
LAST, BEST = "last.npz", "best"
_DOCUMENTS = "fingerprint", "progress"
_COPIES = 5  # old and new file, each with the weights of the best epoch, and its model
_IN_SEARCHES = (
    "A search or cross-validation fits many times: pass checkpoint_dir=None in it."
)
_SHOWN = ("estimator", "epochs before")  # entries of the fingerprint that are shown


class CheckpointFolder:
    """Folder of a training state.

    ``last.npz`` holds arrays and JSON, nothing is unpickled; ``best.keras`` is the
    model of the best epoch, or ``best.weights.h5`` its weights, of custom code.
    """

    def __init__(self, path):
        self.path = Path(path).expanduser()

    def read(self):
        """Return the fingerprint and progress of the stored state, or (None, {})."""
        file = self.path / LAST
        if not file.exists():
            return None, {}
        with self._arrays() as arrays:
            fingerprint, progress = (read_document(arrays, n) for n in _DOCUMENTS)
            version = fingerprint["format"]
        if version != FORMAT_VERSION:
            raise ValueError(
                f"checkpoint_dir={str(self.path)!r} holds a checkpoint of format "
                f"version {version!r}; this skl_signlang reads {FORMAT_VERSION}. "
                "Delete it, or choose another folder."
            )
        with self._explain_damage():
            check_progress(progress)
        return fingerprint, progress

    def read_arrays(self, n_weights):
        """Return the arrays of the stored state of a network of so many weights."""
        with self._arrays() as arrays:
            arrays.check_size(max_bytes_of_numbers(_NUMBERS_A_WEIGHT * n_weights))
            return read_arrays(arrays, *_DOCUMENTS)

    @contextmanager
    def _arrays(self):
        """Open the stored state."""
        with (
            self._explain_damage(),
            open_regular(self.path / LAST, _MAX_BYTES, expected="a checkpoint") as file,
        ):
            yield StoredArrays(file)

    @contextmanager
    def _explain_damage(self):
        """Convert any error of a damaged file to a ValueError that names it."""
        try:
            yield
        except (OSError, MemoryError):
            raise
        # zipfile, NumPy and json raise errors of many types for damaged content
        except Exception as error:
            raise ValueError(
                f"checkpoint_dir={str(self.path)!r}: {LAST} in it is damaged or not a "
                f"checkpoint ({error}). Delete it, or choose another folder."
            ) from error

    def write(self, fingerprint, progress, arrays):
        """Replace the stored state."""
        try:
            with write_whole(self.path / LAST) as file:
                write_state(file, arrays, fingerprint=fingerprint, progress=progress)
        except OSError as error:
            raise _with_folder(self.path, error) from error

    def write_best(self, extension, content):
        """Write the model of the best epoch."""
        try:
            with write_whole(self.path / f"{BEST}{extension}") as file:
                file.write(content)
        except OSError as error:
            raise _with_folder(self.path, error) from error

    def check_room(self):
        """Raise OSError if later states will not fit on the disk."""
        needed = _COPIES * (self.path / LAST).stat().st_size
        free = shutil.disk_usage(self.path).free
        if free < needed:
            reason = f"about {needed} bytes are needed, and {free} are free"
            raise _with_folder(self.path, OSError(errno.ENOSPC, reason))


@contextmanager
def locked(path):
    """Create and lock the folder of a checkpoint."""
    if path is None:
        yield
        return
    path = to_folder(path, "checkpoint_dir")
    is_new = not path.exists()
    refusal = (
        f"checkpoint_dir={str(path)!r} is in use by another fit. Choose another "
        f"folder. {_IN_SEARCHES}"
    )
    with ExitStack() as stack:
        try:
            path.mkdir(parents=True, exist_ok=True)
            if is_new:
                stack.callback(_remove_if_empty, path)
            stack.enter_context(lock_folder(path, refusal))
        except OSError as error:
            raise _with_folder(path, error) from error
        yield


def _remove_if_empty(path):
    """Remove the folder of a fit that never began."""
    with suppress(OSError):
        path.rmdir()


def _with_folder(path, error):
    """Return an OSError that names the parameter."""
    return OSError(
        error.errno or errno.EIO,
        f"checkpoint_dir={str(path)!r} cannot be written: "
        f"{error.strerror or error}. Choose another folder",
    )


def check_same(path, stored, current):
    """Raise ValueError if a stored fingerprint differs from the current one."""
    differing = [n for n in different_names(stored, current) if n in current]
    if not differing:
        return
    what = "; ".join(
        _difference(name, stored.get(name), current[name]) for name in differing
    )
    raise ValueError(
        f"checkpoint_dir={str(path)!r} holds a checkpoint of another fit, with which "
        f"this one cannot resume: {what}. Choose another folder, delete its {LAST}, "
        f"or restore the differing parameters. {_IN_SEARCHES}"
    )


def _difference(name, stored, current):
    if not isinstance(stored, dict) or not isinstance(current, dict):
        both = f" (stored {stored}, current {current})" if name in _SHOWN else ""
        return f"other {name}{both}"
    shown = (
        f"{key} (stored {quote(str(stored.get(key)))}, "
        f"current {quote(str(current.get(key)))})"
        for key in different_names(stored, current)
    )
    return f"other {name}: {', '.join(shown)}"


def check_progress(progress):
    """Raise ValueError for malformed progress."""
    whole = ("seed", "phase", "first", "n_iter")
    numbers = [progress[name] for name in whole]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError(f"{', '.join(whole)} are {numbers}; expected integers")
    check_seed(progress["seed"])
    if progress["first"] > progress["n_iter"]:
        raise ValueError("its first epoch is after its last")
    if progress["n_iter"] and "loss" not in progress["history"]:
        raise ValueError("its history has no loss")
    for name, run in progress["history"].items():
        if len(run) != progress["n_iter"] or not all(map(is_number, run)):
            raise ValueError(
                f"{name[:40]!r} in its history does not have a number per epoch"
            )
    if type(progress["stopped"]) is not bool:
        raise ValueError("it lacks whether training has stopped")
    for watcher in progress["watchers"]:
        check_plateau("watchers", *watcher)
    for name, state in progress["callbacks"].items():
        if not isinstance(state, dict):
            raise ValueError(f"the state of callback {name[:40]!r} is not an object")
