"""The table of hostile files: each refused, by its member, at no cost."""

import importlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
MODULES = [
    path.stem
    for path in sorted((HERE / "attacks").glob("*.py"))
    if path.stem not in ("__init__", "child", "table")
]
SECONDS, BYTES = 5, 300 << 20


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What happened to all cases, by module, in one process of their own."""
    folder = tmp_path_factory.mktemp("attacks")
    paths = [str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "attacks.child", str(folder), *MODULES],
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line.partition("RESULT ")[2] for line in done.stdout.splitlines()]
    return [json.loads(line) for line in lines if line]


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_hostile_files_are_refused_at_no_cost(module, results):
    results = [result for result in results if result["module"] == module]
    wrong = [
        result
        for result in results
        if result["error"]
        or result["did"]
        or result["seconds"] > SECONDS
        or result["bytes"] > BYTES
    ]
    assert not wrong, json.dumps(wrong, indent=1)[:5000]
    cases = importlib.import_module(f"attacks.{module}").CASES
    assert len(results) == len(cases) > 0


def test_there_are_many_of_many_kinds():
    cases = [c for m in MODULES for c in importlib.import_module(f"attacks.{m}").CASES]
    assert len(cases) >= 200
    assert len({case.kind for case in cases}) >= 20
    assert max(Counter((case.kind, case.name) for case in cases).values()) == 1
