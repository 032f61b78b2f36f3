"""Problems of a data set: read errors and findings of cleaning."""

import re

import pandas as pd

from skl_signlang._errors import to_command_words
from skl_signlang._language import translate
from skl_signlang._letters import MOVING_LETTERS, as_letter
from skl_signlang.cli._output import label
from skl_signlang.cli._read_samples import print_warnings
from skl_signlang.datasets import clean_samples

_ROW = re.compile(r"\brow (\d+)")
SHOWN = 3  # problems of each kind


def find_problems(samples, *, any_labels=False):
    """Clean samples, and return all problems in one table."""
    labels = _labels_without_moving(samples.target) if any_labels else "letters"
    try:
        with print_warnings():
            clean, report = clean_samples(samples, labels=labels)
    except ValueError as error:
        message = str(error).replace("labels=None or a list of them", "--any-labels")
        raise ValueError(message) from error
    report = report.rename(columns={"row": "place"})
    names = samples.get("filenames")
    if names is not None:
        copies = report["check"].isin(("conflict", "duplicate"))
        named = report["value"].str.replace(
            _ROW, lambda row: names[int(row[1])], regex=True
        )
        report["value"] = named.where(copies, report["value"])
    report["place"] = report["place"].map(str if names is None else names.__getitem__)
    rejected = samples.rejected
    if len(rejected):
        unread = pd.DataFrame(
            {
                "place": rejected["file"] + ", " + rejected["position"],
                "check": "unreadable",
                "value": rejected["reason"].map(_to_command_words),
                "action": "removed",
            }
        )
        report = pd.concat([unread, report], ignore_index=True)
    return clean, report


def _to_command_words(reason):
    options = [("codes=None to load_samples", "--codes none"), ("codes", "--codes")]
    return to_command_words(reason, options)


def _labels_without_moving(target):
    """List the labels that occur without moving letters, or None."""
    labels = target.tolist()
    still = [label for label in labels if as_letter(label) not in MOVING_LETTERS]
    return None if len(still) == len(labels) else [*dict.fromkeys(still)]


def list_problems(problems):
    """List the samples that cleaning removes, as plain data."""
    removed = problems[problems["action"] == "removed"]
    return removed[["place", "check", "value"]].astype(str).to_dict("records")


def describe_problems(problems):
    """Describe a table of problems, the first few of each kind."""
    removed = problems[problems["action"] == "removed"]
    if not len(removed):
        return label(translate("problems"), translate("none"))
    lines = [translate("problems")]
    for check, rows in removed.groupby("check", sort=False):
        lines.append(f"  {translate(check)}: {len(rows)}")
        for row in rows.head(SHOWN).itertuples():
            lines.append(f"    {row.place}: {row.value}")
        if len(rows) > SHOWN:
            lines.append("    ...")
    return "\n".join(lines)
