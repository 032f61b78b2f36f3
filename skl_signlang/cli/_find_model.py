"""Models that the command names: files, pretrained ones, that of the newest run."""

from pathlib import Path

from skl_signlang._language import translate
from skl_signlang.cli._output import print_note
from skl_signlang.pretrained import NAMES, pretrained_path

RUNS = Path("runs")
MODEL = "model.signlang"
LATEST = "latest"
"""Stands for the model of the newest run."""


def find_model(model=None):
    """Return the path of a model: a file, a pretrained one, or that of the newest run.

    What the user did not name by itself is printed to standard error.
    """
    if model is None:
        text = translate("model: {name}, a pretrained classifier", name=NAMES[0])
        print_note(f"{text}{_hint_of_runs()}")
        return pretrained_path()
    if model == LATEST:
        path = _newest_model()
        if path is None:
            raise ValueError(
                translate(
                    "--model {name} is the newest runs/*/model.signlang, and there "
                    "is none in this folder; skl-signlang train makes one.",
                    name=LATEST,
                )
            )
        print_note(translate("model: {path}", path=path))
        return path
    return pretrained_path(model) if model in NAMES else model


def _hint_of_runs():
    newest = _newest_model()
    if newest is None:
        return ""
    return translate("; --model {name} is {path}", name=LATEST, path=newest)


def _newest_model():
    """Return the model of the newest run below the current folder."""
    models = list(RUNS.glob(f"*/{MODEL}"))
    return max(models, key=lambda path: path.stat().st_mtime_ns, default=None)
