"""Folders for the results of runs."""

import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime

from skl_signlang._files import check_folder, lock_folder, write_whole
from skl_signlang._language import translate
from skl_signlang.cli._find_model import MODEL, RUNS
from skl_signlang.cli._output import print_progress
from skl_signlang.persistence import save

TABLE = "results.csv"
RESULTS = ("report.json", "confusion.png", "history.png", TABLE, MODEL)
_MAX_AT_ONCE = 1000


@contextmanager
def run_folder(out=None):
    """Create a folder for a run, and delete it if the run fails."""
    wanted = None if out is None else check_folder(out, "--out")
    missing = (path for path in (wanted or RUNS, *(wanted or RUNS).parents))
    made = [path for path in missing if not path.exists()]
    try:
        if wanted is None:
            folder = _create_folder()
            made.insert(0, folder)
        else:
            folder = wanted
            folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            tempfile.TemporaryFile(dir=folder).close()
            yield folder
    except BaseException:
        with suppress(OSError):
            for path in made:
                path.rmdir()
        raise


def _create_folder():
    """Create a folder; fail if it exists."""
    started = f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    for suffix in ("", *(f"-{number}" for number in range(2, _MAX_AT_ONCE))):
        folder = RUNS / f"{started}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if folder.exists():
                continue
            raise
        return folder
    raise ValueError(
        translate(
            "{folder} holds {n} runs of this second.", folder=RUNS, n=_MAX_AT_ONCE
        )
    )


@contextmanager
def _locked(folder):
    refusal = translate(
        "{folder} is in use by another run. Choose another folder with --out.",
        folder=folder,
    )
    with lock_folder(folder, refusal):
        found = [name for name in RESULTS if (folder / name).exists()]
        if found:
            raise ValueError(
                translate(
                    "{folder} holds {names} already. Choose another folder with "
                    "--out, or move the old run.",
                    folder=folder,
                    names=", ".join(found),
                )
            )
        yield


def write_model(folder, model, **about):
    """Write the model of a run: before its other results, and again with its card."""
    save(model, folder / MODEL, **about)


@contextmanager
def after_model(folder):
    """Print where the model is if a later step fails or is interrupted."""
    try:
        yield
    except BaseException:
        print_progress(translate("model: {path}", path=folder / MODEL))
        raise


def write_results(folder, files):
    """Write the other results of a run, each file atomically."""
    for name, make in files:
        with write_whole(folder / name) as file:
            file.write(make())
