"""How many small changes to the core modules the tests notice.

``python -m benchmarks.mutations [--first 20] [--label NAME]``

``docs/results/mutations.json`` lists 60 changes, drawn by a seed: a comparison that is
another one, a number that is one more, an ``and`` that is an ``or``, a ``not`` that is
gone, a sum that is a difference, a ``return`` that returns nothing. For each, the tests
of its package run on a copy of the checkout, until one fails; ``--label`` keeps in the
list which one that was. ``--draw`` draws anew. A change whose code is no longer in the
package counts as neither.
"""

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from itertools import accumulate
from pathlib import Path

import numpy as np

from benchmarks._report import print_table

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "docs" / "results" / "mutations.json"
TESTS = {  # of a package, or of a module that came from one; the quickest first
    "estimators": ("estimators", "training", "callbacks"),
    "training": ("training", "callbacks", "estimators"),
    "networks": ("networks", "estimators", "export"),
    "persistence": ("persistence", "untrusted"),
    "model_selection": ("model_selection",),
    "preprocessing": ("preprocessing", "inference"),
    "_docstrings.py": ("project",),
    "_image_entries.py": ("preprocessing",),
    "_image_shapes.py": ("test_images.py", "training"),
    "_stored_state.py": ("training", "model_selection"),
}
OTHER = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "_build", "auto_gallery")
FOUND = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
LIMIT = 1200
"""Seconds; a change that makes the tests hang is noticed."""


def change(node):
    """Give the kind of change to a node, and the changed node, or None."""
    match node:
        case ast.Compare(ops=[one]) if type(one) in OTHER:
            new = ast.Compare(node.left, [OTHER[type(one)]()], node.comparators)
            return "comparison", new
        case ast.BoolOp():
            return "and, or", ast.BoolOp(OTHER[type(node.op)](), node.values)
        case ast.BinOp() if type(node.op) in OTHER:
            return "arithmetic", ast.BinOp(
                node.left, OTHER[type(node.op)](), node.right
            )
        case ast.UnaryOp(op=ast.Not()):
            return "not", node.operand
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return "number", ast.Constant(node.value + 1)
        case ast.Return(value=ast.AST()) if ast.unparse(node) != "return None":
            return "return", ast.Return(None)
    return None


def changes_of(path):
    """List the changes that can be made to a module, each once."""
    text = path.read_bytes()
    starts = [0, *accumulate(map(len, text.splitlines(keepends=True)))]
    found, seen = [], {}

    def visit(node, place):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            place = [*place, node.name]
        changed = change(node)
        if changed is not None:
            kind, new = changed
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[node.end_lineno - 1] + node.end_col_offset
            before = text[start:end].decode()
            key = (".".join(place), kind, before)
            seen[key] = seen.get(key, 0) + 1
            found.append(
                {
                    "module": str(path.relative_to(ROOT)),
                    "in": key[0],
                    "kind": kind,
                    "before": before,
                    "after": f"({ast.unparse(new)})" if kind != "return" else "return",
                    "number": seen[key],
                    "at": start,
                }
            )
        for child in ast.iter_child_nodes(node):
            visit(child, place)

    visit(ast.parse(text), [])
    return found


def draw(n_changes, seed):
    """Draw changes, at most 160 characters long, from the core modules."""
    paths = [
        path
        for package in sorted(TESTS)
        for path in sorted((ROOT / "skl_signlang" / package).rglob("*.py"))
    ]
    possible = [
        {**one, "caught": {}}
        for path in paths
        for one in changes_of(path)
        if len(one["before"]) <= 160
    ]
    chosen = np.random.RandomState(seed).permutation(len(possible))[:n_changes]
    for one in possible:
        del one["at"]
    return [possible[index] for index in chosen], len(possible)


def changed_text(mutation):
    """Give a module's text with the change, or None where its code is gone."""
    path = ROOT / mutation["module"]
    what = ("in", "kind", "before", "number")
    for one in changes_of(path) if path.exists() else []:
        if all(one[key] == mutation[key] for key in what):
            text, before = path.read_bytes(), mutation["before"].encode()
            start = one["at"]
            assert text[start : start + len(before)] == before
            after = mutation["after"].encode()
            return text[:start] + after + text[start + len(before) :]
    return None


def run(mutation, folder, workers):
    """Run the tests of a package, changed; tell which noticed, or None."""
    text = changed_text(mutation)
    if text is None:
        return "no such code"
    checkout = folder / "checkout"
    shutil.copytree(ROOT, checkout, ignore=NOT_COPIED)
    (checkout / mutation["module"]).write_bytes(text)
    tests = [f"tests/{name}" for name in TESTS[mutation["module"].split("/")[1]]]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += [*workers, *tests]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    try:
        done = subprocess.run(
            command,
            cwd=checkout,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return "too long"
    finally:
        shutil.rmtree(checkout)
    if done.returncode == 0:
        return None
    noticed = FOUND.search(done.stdout)
    return noticed[1] if noticed else done.stdout.strip().splitlines()[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draw", type=int, metavar="N", help="draw N changes anew")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, metavar="N", help="run the first N only")
    parser.add_argument("--label", default="now")
    parser.add_argument("--workers", nargs="*", default=[], help="options of pytest")
    parser.add_argument("--list", type=Path, default=COMMITTED)
    options = parser.parse_args()
    if options.draw:
        drawn, possible = draw(options.draw, options.seed)
        kept = {"seed": options.seed, "possible": possible, "changes": drawn}
        options.list.write_text(json.dumps(kept, indent=1) + "\n")
        return
    kept = json.loads(options.list.read_text())
    rows = []
    for mutation in kept["changes"][: options.first]:
        if options.label in mutation["caught"]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            noticed = run(mutation, Path(folder), options.workers)
        mutation["caught"][options.label] = noticed
        options.list.write_text(json.dumps(kept, indent=1) + "\n")
        rows.append([mutation["module"], mutation["before"], noticed])
        print(*rows[-1], sep=" | ", flush=True)
    print_table(["module", "code", "noticed by"], rows)
    print(sum(row[2] is not None for row in rows), "of", len(rows), "noticed")


if __name__ == "__main__":
    main()
