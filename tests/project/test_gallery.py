"""The examples of the gallery: all there, told in full, and two of them run."""

import ast
import os
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "docs" / "gallery"
EXAMPLES = sorted(GALLERY.glob("plot_*.py"))
N_EXAMPLES = 20

# what Keras 3.15 does when it saves; pyproject.toml says more
STRICT = """
import runpy, sys, warnings
warnings.simplefilter("error")
sys.dont_write_bytecode = True  # TensorFlow leaves that of its generated files
warnings.filterwarnings(
    "ignore", "__array__ implementation doesn't accept a copy", DeprecationWarning
)
"""

every_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


def read(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_text(node):
    """Whether this is a text that stands by itself."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def imported_by(tree):
    """The uppermost names of what an example imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "an example stands by itself"
            yield node.module.partition(".")[0]


@cache
def providers():
    """Which distributions give which module; it reads the files of all of them."""
    return metadata.packages_distributions()


def names_of(requirements):
    """The distributions that requirements name, spelled alike."""
    names = (re.match(r"[\w.-]+", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def test_there_is_an_example_for_each_task():
    numbers = [int(path.stem.split("_")[1]) for path in EXAMPLES]
    assert numbers == list(range(1, N_EXAMPLES + 1))
    header = (GALLERY / "GALLERY_HEADER.rst").read_text(encoding="utf-8")
    assert re.search(r"^(.+)\n={3,}$", header, re.M)


@every_example
def test_an_example_has_its_title_and_is_told_in_blocks(path):
    title, line, *_ = ast.get_docstring(read(path)).splitlines()
    number = int(path.stem.split("_")[1])
    assert title.startswith(f"{number}. ")
    assert line == "=" * len(title)
    assert path.read_text(encoding="utf-8").count("\n# %%\n") >= 3


@every_example
def test_headings_are_underlined_in_full(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    places = [i for i, line in enumerate(lines) if re.fullmatch(r"# -{3,}", line)]
    assert places
    for place in places:
        assert len(lines[place]) == len(lines[place - 1])
        assert lines[place - 2] in ("# %%", "#")


@every_example
def test_an_example_prints_what_it_claims(path):
    """A number in a text need not be what the next run gives; a printed one is."""
    tree = read(path)
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert any(isinstance(call, ast.Name) and call.id == "print" for call in calls)
    scores = r"(?<![\d.=])0?\.\d{2,}\b"
    told = [node.value.value for node in tree.body if is_text(node)]
    told += re.findall(r"^# .*", path.read_text(encoding="utf-8"), re.M)
    assert not [line for line in told if re.search(scores, line)]


@every_example
def test_an_example_imports_only_what_an_extra_installs(path):
    with open(ROOT / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"]]
    for extra in set(extras) - {"test", "bench", "docs"}:
        wanted += extras[extra]
    ours = {"skl_signlang", *sys.stdlib_module_names}
    for name in set(imported_by(read(path))) - ours:
        assert names_of(providers()[name]) & names_of(wanted), name


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("number", [2, 3])
def test_an_example_runs_to_its_end_and_leaves_nothing_behind(number, tmp_path, forks):
    (path,) = GALLERY.glob(f"plot_{number:02d}_*.py")
    place, temporary = tmp_path / "place", tmp_path / "temporary"
    place.mkdir()
    temporary.mkdir()
    environment = {**os.environ, "MPLBACKEND": "Agg", "TMPDIR": str(temporary)}
    assert forks.run(
        f"{STRICT}runpy.run_path({str(path)!r}, run_name='__main__')",
        cwd=place,
        env=environment,
    )
    assert not [*place.iterdir(), *temporary.iterdir()]
