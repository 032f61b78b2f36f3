"""Runs the benchmarks, all or by name, and writes one JSON and one table of a run.

``python -m benchmarks [NAME ...] [--quick] [--out FOLDER] [--update]``

Each benchmark runs in a process of its own, one after the other, since they measure
time. ``--quick`` runs those that need minutes and no data from elsewhere, small, and
ends with an error if a promise is broken: the guard of `.ci/run`. The JSON has the
machine, the versions, the seeds, and what each benchmark found, or why it did not run.
``--update`` puts what ran into the JSON that is there, and leaves the rest of it.

The committed run is ``docs/results/full.json``; `python -m benchmarks --out
docs/results` writes it, ``docs/results/full.md``, and the tables of both READMEs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._claims import broken_guards, table, with_table
from benchmarks._report import ENVIRONMENT, machine, versions
from skl_signlang._files import write_whole

FULL = {  # what is run, and with which options beside its own defaults
    "import_time": (),
    "estimator_contract": (),
    "refit": (),
    "latency": (),
    "throughput": (),
    "tried": (),
    "hog": (),
    "near_duplicates": (),
    "readers": (),
    "renderer": (),
    "large_memmap": (),
    "parallel_search": (),
    "dask_scaling": (),
    "transfer_search": ("--candidates", "2"),
    "export": (),
    "serve": (),
    "edge": (),
    "letter_stream": (),
    "growth": (),
    "peers": (),
    "third_party": (),
    "multilabel": (),
    "migration": (),
    "front": (),
    "accuracy": ("--course-epochs", "5"),
    "record": (),
    "honest_scores": (),
    "search": (),
    "augmentation": ("--folds", "2"),
    "regularisation": (),
    "balance": (),
    "robustness": (),
    "few_pictures": (),
    "rendered_to_real": (),
    "unseen_hands": ("--final",),
    "train_pretrained": ("--final",),
}
QUICK = {
    "import_time": (),
    "refit": ("--fits", "8", "--ours", "0"),
    "latency": (),
    "throughput": ("--quick",),
    "near_duplicates": ("--quick",),
    "renderer": ("--quick",),
    "large_memmap": ("--gigabytes", "0.6"),
}
ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "docs" / "results" / "full.json"
READMES = {ROOT / "README.md": "en", ROOT / "README.es.md": "es"}
KEPT_LINES = 12
"""Of what a benchmark printed before it failed."""


def run(name, options):
    """Run one benchmark.

    Parameters
    ----------
    name : str
        The module's.
    options : tuple of str
        Of its command line.

    Returns
    -------
    entry : dict
        Its command, seconds, and either its result with date, machine, versions and
        seeds, or what it said instead.
    """
    command = ["python", "-m", f"benchmarks.{name}", *options]
    print(f"\n$ {' '.join(command)}", flush=True)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {ENVIRONMENT: folder}
        with subprocess.Popen(
            [sys.executable, *command[1:]],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            lines = []
            for line in process.stdout:
                lines.append(line.rstrip())
                print(line, end="", flush=True)
        found = [json.loads(path.read_text()) for path in Path(folder).glob("*.json")]
    entry = {"command": " ".join(command), "seconds": time.perf_counter() - start}
    if process.returncode:
        return {**entry, "failed": lines[-KEPT_LINES:]}
    if not found:
        return {**entry, "skipped": lines[-1] if lines else "it said nothing"}
    return {**entry, **found[0]}


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    parser.add_argument("--quick", action="store_true", help="small, in minutes")
    parser.add_argument("--out", type=Path, help="folder; default: benchmarks/results")
    parser.add_argument(
        "--update", action="store_true", help="keep what the JSON has of others"
    )
    options = parser.parse_args(argv)
    suite = QUICK if options.quick else FULL
    unknown = sorted(set(options.names) - set(suite))
    if unknown:
        parser.error(f"no benchmark is called {unknown}; there are {sorted(suite)}")
    out = options.out or Path(__file__).parent / "results"
    path = out.resolve() / ("quick.json" if options.quick else "full.json")
    runs = {}
    if options.update and path.exists():
        runs = json.loads(path.read_text())["runs"]
    for name in options.names or suite:
        runs[name] = run(name, suite[name])
        write(path, {name: runs[name] for name in suite if name in runs})
    print(f"\n{table(runs)}\n{did_not_run(runs)}")
    broken = broken_guards(runs) if options.quick else []
    broken += [f"benchmarks.{name} failed" for name in runs if "failed" in runs[name]]
    for sentence in broken:
        print(f"BROKEN: {sentence}", file=sys.stderr)
    return 1 if broken else 0


def write(path, runs):
    """Write the JSON of a run, and the pages that show it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": machine(), "versions": versions(), "runs": runs}
    pages = {path: json.dumps(content, indent=1) + "\n"}
    pages[path.with_suffix(".md")] = page(path.stem, content)
    if path == COMMITTED:
        for readme, language in READMES.items():
            pages[readme] = with_table(readme.read_text(), runs, language)
    for place, text in pages.items():
        with write_whole(place) as file:
            file.write(text.encode())


def page(stem, content):
    """Write a run as a Markdown page."""
    cores, memory = content["machine"]["cores"], content["machine"]["memory_gb"]
    return f"""# Results of the {stem} run

{content["machine"]["processor"]}, {cores} cores, {memory} GB. What each figure is made
of, with the date, machine, versions and seeds, is in the JSON file beside this page.
Figures that have a worst are means of repeated runs.

{table(content["runs"])}
{did_not_run(content["runs"])}"""


def did_not_run(runs):
    """List what was skipped or failed, and why."""
    return "".join(
        f"- `{run['command']}`: {run.get('skipped', 'failed')}\n"
        for run in runs.values()
        if "result" not in run
    )


if __name__ == "__main__":
    sys.exit(main())
