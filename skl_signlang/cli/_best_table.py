"""Table of the best candidates of a search, on screen and in a file."""

import numpy as np
import pandas as pd

from skl_signlang._language import translate
from skl_signlang.cli._output import print_progress, shows_bars

N_BEST = 5


def table_of(rows):
    """Return a DataFrame of the candidates, best first."""
    table = pd.DataFrame([_record(row) for row in rows])
    best_first = table.sort_values("score", ascending=False, kind="stable")
    return best_first.reset_index(drop=True)


def _record(row):
    scores = [result["test_scores"] for result in row.results]
    return {
        "score": float(np.mean(scores)),
        "std": float(np.std(scores)),
        "epochs": row.epochs,
        **{name: _plain(value) for name, value in row.params.items()},
        "candidate": row.candidate,
        "bracket": row.bracket,
        "rung": row.rung,
        "seconds": round(sum(result["fit_time"] for result in row.results), 2),
    }


def _plain(value):
    return "-".join(map(str, value)) if isinstance(value, tuple) else value


class BestTable:
    """Progress display: a live table on a terminal, else one line per improvement."""

    def __init__(self):
        self._n_lines = 0
        self._best = -np.inf

    def show(self, rows):
        """Show the current candidates."""
        table = table_of(rows)
        if shows_bars():
            self._draw(table, rows)
        elif table["score"].iloc[0] > self._best:
            self._best = table["score"].iloc[0]
            print_progress(f"{_n_evaluated(rows)} {_describe(table.iloc[0])}")

    def _draw(self, table, rows):
        # the best rung of each candidate only
        best = table.drop_duplicates("candidate").head(N_BEST)
        columns = best.drop(columns=["candidate", "bracket", "rung", "seconds"])
        text = f"{_n_evaluated(rows)}\n"
        text += columns.to_string(index=False, float_format="{:.4g}".format)
        back = f"\x1b[{self._n_lines}F\x1b[J" if self._n_lines else ""
        print(f"{back}{text}", flush=True)
        self._n_lines = text.count("\n") + 1


def _n_evaluated(rows):
    return translate("{n} evaluated; best:", n=len(rows))


def _describe(record):
    hidden = ("score", "std", "epochs", "candidate", "bracket", "rung", "seconds")
    params = record.drop(list(hidden)).items()
    return ", ".join(
        [f"score {record['score']:.4f}", f"epochs {record['epochs']}"]
        + [
            f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in params
        ]
    )
