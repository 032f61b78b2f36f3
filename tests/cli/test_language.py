"""Help and messages of the command in Spanish."""

import argparse
import ast
import json
import string
from pathlib import Path

import pytest
from test_cli import write_csv

import skl_signlang
from skl_signlang import _language
from skl_signlang.cli import main
from skl_signlang.cli.options import make_parser

mofile = pytest.importorskip("babel.messages.mofile")
pofile = pytest.importorskip("babel.messages.pofile")

PACKAGE = Path(skl_signlang.__file__).parent
CATALOG = PACKAGE / "locale" / "es" / "LC_MESSAGES" / "skl_signlang.po"


@pytest.fixture(scope="module")
def catalog():
    with CATALOG.open("rb") as file:
        return pofile.read_po(file)


@pytest.fixture
def spanish(monkeypatch, tmp_path, catalog):
    """The command in Spanish, by a catalog compiled here."""
    folder = tmp_path / "locale" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "skl_signlang.mo").open("wb") as file:
        mofile.write_mo(file, catalog)
    monkeypatch.setattr(_language, "FOLDER", tmp_path / "locale")
    monkeypatch.setenv("SKL_SIGNLANG_LANG", "es")


def texts_of_help(parser):
    yield from (parser.description, parser.epilog)
    for action in parser._actions:
        yield action.help
        yield from (one.help for one in getattr(action, "_choices_actions", ()))
        for command in getattr(action.choices, "values", tuple)():
            yield from texts_of_help(command)


def constants(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts_of_messages():
    for path in (PACKAGE / "cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "translate"
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield first.value


def test_every_help_text_and_message_is_translated(catalog):
    texts = {*filter(None, texts_of_help(make_parser())), *texts_of_messages()}
    missing = sorted(text for text in texts if not catalog.get(text))
    assert not missing
    assert not [one.id for one in catalog if one.id and not one.string]


def test_the_catalog_holds_nothing_else(catalog):
    known = {*filter(None, texts_of_help(make_parser()))}
    for path in (Path(argparse.__file__), *PACKAGE.rglob("*.py")):
        known.update(constants(ast.parse(path.read_text(encoding="utf-8"))))
    assert not [one.id for one in catalog if one.id and one.id not in known]


def test_translations_keep_names_of_values_and_options(catalog):
    for one in catalog:
        if one.python_brace_format:
            fields = [
                {name for _, name, _, _ in string.Formatter().parse(text) if name}
                for text in (one.id, one.string)
            ]
            assert fields[0] == fields[1], one.id
        for word in one.id.split():
            if word.startswith("--"):
                assert word.rstrip(".,:;") in one.string, one.id


@pytest.mark.parametrize(
    "words", [["--help"], ["train", "--help"], ["data", "--help"], ["help", "serve"]]
)
def test_help(spanish, capsys, words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("uso: ")
    assert "opciones:" in text
    assert "muestra esta ayuda" in text
    assert "options:" not in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["train", "--sampels", "240"],
            "no existe la opción --sampels. ¿Querías decir",
        ),
        (["predit"], "predit no es válido (se elige entre train"),
        (["tune", "--jobs", "0"], "0 no es un entero de 1 a 1024"),
        (["predict"], "faltan estos argumentos: IMAGE"),
        ([], "faltan estos argumentos: COMMAND"),
    ],
)
def test_words_that_are_not_understood(spanish, capsys, words, message):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert message in capsys.readouterr().err


def test_results_and_statuses(spanish, capsys, tmp_path):
    data = write_csv(tmp_path / "hands.csv")
    assert main(["data", "audit", str(data)]) == 0
    text = capsys.readouterr().out
    assert "imágenes   48 buenas, 28 x 28, gris" in text
    assert "problemas  ninguno" in text
    assert main(["evaluate", str(data)]) == 0
    output = capsys.readouterr()
    assert output.out.startswith("48 imágenes\nexactitud ")
    assert "modelo: letters, un clasificador preentrenado" in output.err
    assert main(["report", "letters", str(data), "--out", str(data)]) == 2
    assert "ya existe; --overwrite lo sustituye" in capsys.readouterr().err


def test_json_is_the_same_in_every_language(spanish, monkeypatch, capsys, tmp_path):
    data = write_csv(tmp_path / "hands.csv")
    texts = []
    for language in ("es", "en"):
        monkeypatch.setenv("SKL_SIGNLANG_LANG", language)
        status = main(["data", "audit", str(data), "--json"])
        texts.append((status, json.loads(capsys.readouterr().out)))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("variables", "usage"),
    [
        ({"LANG": "es_MX.UTF-8"}, "uso"),
        ({"LANG": "de_DE.UTF-8"}, "usage"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_ES.UTF-8"}, "uso"),
        ({"LANG": "es_ES.UTF-8", "SKL_SIGNLANG_LANG": "en"}, "usage"),
        ({"LANG": "C", "SKL_SIGNLANG_LANG": "es"}, "uso"),
        ({"LANG": "C", "SKL_SIGNLANG_LANG": "xx/../.."}, "usage"),
        ({"LANG": "C"}, "usage"),
    ],
)
def test_the_language_is_that_of_the_environment(
    spanish, monkeypatch, capsys, variables, usage
):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "SKL_SIGNLANG_LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().out.startswith(f"{usage}: ")


def test_the_language_of_the_process_stays_as_it_was(spanish, monkeypatch, capsys):
    monkeypatch.delenv("LANGUAGE", raising=False)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert _language.translate("usage: ") == "usage: "
    assert "LANGUAGE" not in _language.os.environ
