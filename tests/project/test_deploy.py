"""Files of ``deploy/``: container, service, conda-forge, Colab."""

import ast
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from skl_signlang import __version__
from skl_signlang.cli.options import make_parser

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OTHER_NAMES = {"lazy_loader": "lazy-loader", "matplotlib": "matplotlib-base"}


def read(name):
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_container_and_the_service_start_the_server():
    dockerfile = read("Dockerfile").replace("\\\n", " ")
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", dockerfile, re.M)
    (more,) = re.findall(r"^CMD (.*)$", dockerfile, re.M)
    (start,) = re.findall(r"^ExecStart=\S+/skl-signlang (.*)$", read(SERVICE), re.M)
    for words in (json.loads(entry)[1:] + json.loads(more), start.split()):
        found = make_parser().parse_args(words)
        assert (found.command, found.model, found.port) == ("serve", "letters", 8000)


SERVICE = "skl-signlang.service"


def test_the_container_copies_what_is_there():
    shown = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    (files,) = re.findall(r"^COPY (.*) \./$", read("Dockerfile"), re.M)
    for name in (*files.split(), "skl_signlang"):
        assert (ROOT / name).exists()
        assert f"!{name}\n" in shown


@pytest.mark.skipif(not shutil.which("hadolint"), reason="needs hadolint")
def test_the_dockerfile_is_linted():
    subprocess.run(["hadolint", str(DEPLOY / "Dockerfile")], check=True)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_the_unit_is_verified(tmp_path):
    unit = tmp_path / SERVICE
    text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", read(SERVICE))
    unit.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert SERVICE not in done.stderr, done.stderr


def test_the_recipe_has_the_dependencies_of_pyproject():
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    recipe = read("conda/recipe.yaml")
    assert f'version: "{__version__}"' in recipe
    run = re.search(r"^  run:\n(.*?)\n\n", recipe, re.M | re.S)[1]
    found = {tuple(line.strip("- ").split(" ")) for line in run.splitlines()}
    wanted = {
        (OTHER_NAMES.get(name, name), f">={oldest}")
        for name, oldest in (line.split(">=") for line in project["dependencies"])
    }
    assert found == wanted | {("python", project["requires-python"])}


def test_the_notebook_installs_first_and_holds_the_code_of_the_first_page():
    cells = json.loads(read("start.ipynb"))["cells"]
    codes = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    assert codes[0].startswith("%pip install ")
    python = [code for code in codes if not code.startswith(("%", "!"))]
    for code in python:
        ast.parse(code)
        assert not re.search(r"[\"'](/|~|\.\.|[A-Z]:)", code)  # no path of a machine
    page = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.S | re.M)
    for block, code in zip(blocks, python, strict=True):
        assert ast.unparse(ast.parse(block)) in ast.unparse(ast.parse(code))
    assert not any(cell.get("outputs") for cell in cells)
