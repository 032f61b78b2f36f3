"""Where a run keeps its results, and where the newest ones are."""

import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from skl_signlang._files import write_whole
from skl_signlang.persistence import save

RUNS = Path("runs")
MODEL = "model.signlang"
TABLE = "results.csv"
RESULTS = ("report.json", "confusion.png", "history.png", TABLE, MODEL)


@contextmanager
def run_folder(out=None):
    """Make a folder for a run, and take it away again if the run fails.

    Parameters
    ----------
    out : str, default=None
        The folder; None makes one in ``runs`` with the date and the time.

    Yields
    ------
    folder : pathlib.Path
        It can be written to, and holds no results yet.

    Raises
    ------
    ValueError
        If it holds results already, or is no folder.
    OSError
        If it cannot be made or written to.
    """
    folder = (
        Path(out).expanduser() if out else RUNS / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    )
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--out {folder} is no folder.")
    found = [name for name in RESULTS if (folder / name).exists()]
    if found:
        raise ValueError(
            f"{folder} holds {', '.join(found)} already. Give another folder with "
            "--out, or move the old run away."
        )
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        yield folder
    except BaseException:
        with suppress(OSError):
            for path in made:
                path.rmdir()
        raise


def write_results(folder, model, files):
    """Write the results of a run, each file whole, the model last.

    Parameters
    ----------
    folder : pathlib.Path
        Of `run_folder`.
    model : estimator instance
        Fitted.
    files : dict of str to bytes
        The other results by name.
    """
    for name, content in files.items():
        with write_whole(folder / name) as file:
            file.write(content)
    save(model, folder / MODEL)


def newest_model():
    """Find the model of the newest run below the current folder.

    Returns
    -------
    path : pathlib.Path or None
        Of its ``model.signlang``; None if there is none.
    """
    models = list(RUNS.glob(f"*/{MODEL}"))
    return max(models, key=lambda path: path.stat().st_mtime_ns, default=None)
