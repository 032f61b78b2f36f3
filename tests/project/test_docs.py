"""What README and docs say is there: links, commands, code, names, figures."""

import ast
import importlib.util
import inspect
import re
import shlex
import tomllib
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from numpydoc.validate import validate

import skl_signlang
from benchmarks import landing_image
from skl_signlang.cli.options import make_parser

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def extension(name):
    """Load an extension of the site."""
    path = DOCS / "_extensions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


name_links = extension("name_links")
SITE = [*sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("results/*.md"))]
PAGES = [ROOT / "README.md", ROOT / "README.es.md", *SITE]
TWINS = [
    ("README.md", "README.es.md"),
    ("docs/start.md", "docs/inicio.md"),
    ("docs/courses.md", "docs/cursos.md"),
    ("docs/data.md", "docs/datos.md"),
    ("docs/training.md", "docs/entrenamiento.md"),
    ("docs/transfer_learning.md", "docs/transferencia.md"),
    ("docs/persistence.md", "docs/guardar_modelos.md"),
    ("docs/playground.md", "docs/playground_es.md"),
]

MODULES = [
    name
    for name in skl_signlang.__all__
    if (DOCS.parent / "skl_signlang" / name).is_dir()
]

# numpydoc's codes for what docstrings here need not have
NOT_NEEDED = {
    "ES01": "a summary that says all needs no second",
    "EX01": "the example of a class shows its methods",
    "SA01": "not everything has relatives",
    "RT02": "what is returned has a name",
    "PR04": "parameters of another method are listed together, and told there",
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def code_blocks(page):
    """Tell the language and the text of each fenced block."""
    return re.findall(
        r"^```(\S*)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE
    )


def prose(page):
    """Give a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(page):
    """Name the headings as GitHub and MyST do in addresses."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", text).lower().replace(" ", "-") for text in headings
    }


@every_page
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


@every_page
def test_every_benchmark_that_is_named_exists_with_its_options(page):
    text = page.read_text().replace("-m\n", "-m ")
    for name, options in re.findall(r"benchmarks\.(\w+)((?: [-\w]+)*)", text):
        module = ROOT / "benchmarks" / f"{name}.py"
        assert module.exists(), name
        for option in re.findall(r"--[-\w]+", options):
            assert f'"{option}"' in module.read_text(), (name, option)


@every_page
def test_an_environment_that_is_made_is_active_for_what_follows(page):
    for _, code in code_blocks(page):
        assert ".venv/bin/" not in code.replace(". .venv/bin/activate", "")
        assert "-m venv" not in code or ". .venv/bin/activate" in code


@every_page
def test_the_command_takes_what_code_blocks_give_it(page, capsys):
    for language, code in code_blocks(page):
        lines = code.replace("\\\n", " ").splitlines() if language == "sh" else []
        for line in lines:
            words = shlex.split(line.rpartition("&& ")[2], comments=True)
            if words and words[0].endswith("skl-signlang"):
                try:
                    make_parser().parse_args(words[1:])
                except SystemExit:
                    pytest.fail(f"{line}\n{capsys.readouterr().err}")


@every_page
def test_every_command_that_prose_names_exists(page):
    parser = make_parser()
    usages = " ".join([parser.format_help(), *_help_of_commands(parser)])
    for names in re.findall(r"`skl-signlang ([a-z]+(?: [a-z]+)?)", prose(page)):
        missing = [
            name for name in names.split() if not re.search(rf"\b{name}\b", usages)
        ]
        assert not missing, names


def _help_of_commands(parser):
    (commands,) = (action for action in parser._actions if action.dest == "command")
    return [command.format_help() for command in commands.choices.values()]


@every_page
def test_python_parses(page):
    for language, code in code_blocks(page):
        if language == "python":
            ast.parse(code)


@every_page
def test_the_names_and_parameters_in_code_exist(page):
    blocks = [code for kind, code in code_blocks(page) if kind == "python"]
    nodes = [*ast.walk(ast.parse("".join(blocks)))]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = {}
    for node in imports:
        if node.module.partition(".")[0] == "skl_signlang":
            module = importlib.import_module(node.module)
            names |= {one.name: getattr(module, one.name) for one in node.names}
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        name, _, method = ast.unparse(call.func).partition(".")
        if name in names:
            function = getattr(names[name], method) if method else names[name]
            inspect.signature(function).bind_partial(
                **{word.arg: None for word in call.keywords if word.arg}
            )


@pytest.mark.slow
def test_start_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = [code for kind, code in code_blocks(DOCS / "start.md") if kind == "python"]
    code = "".join(blocks)
    assert "2400" in code
    exec(compile(code.replace("2400", "120"), "start.md", "exec"), {})
    score, letters = capsys.readouterr().out.splitlines()
    assert 0 <= float(score) <= 1
    assert set(re.findall(r"'(\w+)'", letters)) <= set("ABCLY")
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"hand.png", "errors.png", "letters.signlang"}


def test_the_front_page_shows_the_readmes_ten_lines():
    first, shown, _toctree = code_blocks(DOCS / "index.md")
    assert shown in code_blocks(ROOT / "README.md")
    assert first != shown


@pytest.mark.slow
def test_the_front_page_shows_what_its_code_draws(tmp_path, monkeypatch):
    program = landing_image.program()
    monkeypatch.setattr(
        landing_image, "program", lambda: program.replace("2400", "120")
    )
    landing_image.main(["--out", str(tmp_path / "landing.png")])
    height, width = plt.imread(tmp_path / "landing.png").shape[:2]
    shown_height, shown_width = plt.imread(DOCS / "images" / "landing.png").shape[:2]
    assert height / width == pytest.approx(shown_height / shown_width, rel=0.05)


# --- Spanish --------------------------------------------------------------------------


@pytest.mark.parametrize(("english", "spanish"), TWINS)
def test_spanish_pages_hold_the_same_code(english, spanish):
    def bare(name):
        return [
            (language, re.sub(r" *#.*", "", code))
            for language, code in code_blocks(ROOT / name)
        ]

    assert len(bare(english)) > 2
    assert bare(english) == bare(spanish)


@pytest.mark.parametrize(("english", "spanish"), TWINS)
def test_spanish_pages_tell_the_same_figures(english, spanish):
    def figures(name):
        text = prose(ROOT / name)
        rows = [line for line in text.splitlines() if line.startswith("|")]
        numbers = [sorted(re.findall(r"\d*[.,]?\d+", row)) for row in rows]
        return numbers, Counter(re.findall(r"\d*\.\d+", text))

    assert figures(english) == figures(spanish)


@pytest.mark.parametrize(("english", "spanish"), TWINS)
def test_spanish_pages_have_the_same_parts(english, spanish):
    def parts(name):
        return [len(mark) for mark in re.findall(r"^#+ ", prose(ROOT / name), re.M)]

    assert parts(english) == parts(spanish)


@pytest.mark.parametrize(("english", "spanish"), TWINS)
def test_links_from_spanish_pages_lead_to_spanish_or_say_that_they_do_not(
    english, spanish
):
    in_spanish = {Path(name).name for _, name in TWINS}
    links = re.findall(
        r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)(\s+\(en inglés\))?", prose(ROOT / spanish)
    )
    for target, notice in links:
        name = Path(target.partition("#")[0]).name
        assert notice or name in {*in_spanish, Path(english).name}, target


# --- nothing is forgotten -------------------------------------------------------------


def test_the_api_page_lists_every_public_name():
    listed = re.findall(
        r"^## (\w+)$.*?^```\{eval-rst\}\n(.*?)^```$",
        (DOCS / "api.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    names = {module: re.findall(r"^   (\w+)$", text, re.M) for module, text in listed}
    assert set(names) == set(MODULES)
    for module, found in names.items():
        assert f".. currentmodule:: skl_signlang.{module}\n" in dict(listed)[module]
        everything = importlib.import_module(f"skl_signlang.{module}").__all__
        assert found == sorted(everything), module


def test_every_page_stands_in_a_toctree():
    shown = {DOCS / "index.md"}
    for page in SITE:
        for language, code in code_blocks(page):
            if language == "{toctree}":
                names = re.findall(r"^(?:.*<)?([\w/]+)>?$", code, re.M)
                shown |= {page.parent / f"{name}.md" for name in names}
    assert set(SITE) <= shown


def guide_pages():
    """Return the pages of the user guide but for the start and the glossary."""
    trees = [code for kind, code in code_blocks(DOCS / "guide.md") if kind != "python"]
    names = re.findall(r"^(\w+)$", "\n".join(trees), re.M)
    return [DOCS / f"{name}.md" for name in names if name not in ("start", "glossary")]


@pytest.mark.parametrize("page", guide_pages(), ids=lambda page: page.stem)
def test_a_guide_page_links_the_api_and_examples(page):
    names = {
        full
        for literal in re.findall(r"`([\w.]+)`", prose(page))
        if (full := name_links.targets().get(literal, "")).startswith("skl_signlang")
    }
    assert names
    shown = [
        line.strip()
        for kind, code in code_blocks(page)
        if kind == "{eval-rst}" and code.startswith(".. minigallery::")
        for line in code.splitlines()[2:]
    ]
    assert shown
    for path in shown:
        assert (DOCS / path).exists(), path


def test_every_public_name_becomes_a_link():
    for module in MODULES:
        room = importlib.import_module(f"skl_signlang.{module}")
        for name in room.__all__:
            full = f"skl_signlang.{module}.{name}"
            assert name_links.targets()[f"{module}.{name}"] == full
            alone = name_links.targets().get(name, full)
            assert alone == full or name in name_links.AMBIGUOUS


def test_every_example_has_a_thumbnail():
    for path in (DOCS / "gallery").glob("plot_*.py"):
        pattern = r'^# sphinx_gallery_thumbnail_path = "(.+)"$'
        (image,) = re.findall(pattern, path.read_text(), re.M)
        assert (DOCS / image).exists(), image


def test_the_house_has_a_room_for_every_module():
    house = (DOCS / "contributing.md").read_text()
    folder = Path(skl_signlang.__file__).parent
    rooms = [path for path in folder.iterdir() if not path.name.startswith("__")]
    assert len(rooms) > 15
    for room in rooms:
        assert re.search(rf"\b{room.name}\b", house), room.name


def test_the_newest_change_is_of_this_version():
    newest, *_ = re.findall(r"^## (\S+)", (DOCS / "changelog.md").read_text(), re.M)
    assert newest == skl_signlang.__version__
    assert f'version = "{newest}"\n' in (ROOT / "pyproject.toml").read_text()


def test_every_dependency_is_told_with_its_job():
    told = (DOCS / "dependencies.md").read_text().lower()
    project = (ROOT / "pyproject.toml").read_text()
    requirements = re.findall(r'"([\w-]+)(?:\[\w+\])?>=', project)
    assert len(requirements) > 30
    for name in requirements:
        words = re.escape(name.lower()).replace(r"\-", "[- ]")
        assert re.search(words, told), name


# --- docstrings -----------------------------------------------------------------------


def own_members(thing):
    """Name the public methods and properties of a class that this package wrote."""
    for name, member in inspect.getmembers(thing):
        home = getattr(getattr(member, "fget", member), "__module__", None) or ""
        if not name.startswith("_") and home.startswith("skl_signlang"):
            yield name


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_hold_what_numpydoc_asks_for(module):
    module = importlib.import_module(f"skl_signlang.{module}")
    for name in module.__all__:
        thing = getattr(module, name)
        path = f"{thing.__module__}.{name}"
        members = own_members(thing) if inspect.isclass(thing) else []
        for full in [path, *(f"{path}.{member}" for member in members)]:
            errors = [
                error
                for error in validate(full)["errors"]
                if error[0] not in NOT_NEEDED
            ]
            assert not errors, full


def test_the_oldest_versions_are_those_of_pyproject():
    with open(ROOT / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    needs = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        needs += extra
    bounds = dict(re.findall(r"^([\w-]+)\S*>=([\d.]+)", "\n".join(needs), re.MULTILINE))
    page = (DOCS / "dependencies.md").read_text()
    told = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", page, re.MULTILINE)
    assert len(told) > 8
    for name, version in told:
        assert bounds[name] == version, name
