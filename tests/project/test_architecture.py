"""The layers of the package: imports run downwards only, without cycles."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import skl_signlang

PACKAGE = Path(skl_signlang.__file__).parent
CONTRIBUTING = Path(__file__).parents[2] / "docs" / "contributing.md"


@cache
def layers():
    """Return the layer of each sub-package, as docs/contributing.md lists it."""
    listed = re.findall(r"^(\w+)/ +(\d)  ", CONTRIBUTING.read_text(), re.MULTILINE)
    return {name: int(layer) for name, layer in listed}


# runs the command, as `python -m skl_signlang` does
TOP = {"__main__": 7}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


@cache
def statements():
    """Return (module, import statement) of the package, lazy ones included."""
    return [
        (path.relative_to(PACKAGE), node)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def imports():
    """Yield (module, imported module) of the package."""
    for path, node in statements():
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("skl_signlang."):
                yield path, name.split(".")[1]


def private_imports():
    """Yield (module, imported private module) across packages."""
    for path, node in statements():
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        parts = node.module.split(".")
        if len(parts) < 3 or parts[0] != "skl_signlang":
            continue
        is_private = any(part.startswith("_") for part in parts[2:])
        if is_private and parts[1] != package_of(path):
            yield str(path), node.module


def package_of(path):
    return path.parts[0] if len(path.parts) > 1 else path.stem


def test_every_package_has_a_layer():
    packages = {
        path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()
    }
    assert packages == set(layers())


def test_imports_run_downwards():
    layer = layers() | TOP
    wrong = {
        (str(path), imported)
        for path, imported in imports()
        if imported in layer
        and layer[imported] > layer.get(package_of(path), 1)
        and path.name != "__init__.py"
    }
    assert not wrong


def test_private_modules_are_imported_by_their_package_alone():
    assert not [*private_imports()]


@pytest.mark.parametrize("package", sorted(layers()))
def test_packages_have_no_import_cycles(package):
    graph = {}
    for path, imported in imports():
        if imported in layers() and imported != package_of(path):
            graph.setdefault(package_of(path), set()).add(imported)
    reached, todo = set(), [package]
    while todo:
        for other in graph.get(todo.pop(), ()):
            assert other != package, f"{package} is imported by what it imports"
            if other not in reached:
                reached.add(other)
                todo.append(other)


def test_what_is_made_once_a_process_is_made_once_by_threads():
    wrong = [
        (str(path), node.name)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and not ast.unparse(node.args)
        if any("cache" in ast.unparse(item) for item in node.decorator_list)
    ]
    assert not wrong, "use skl_signlang._once.once"


def test_no_module_is_longer_than_400_lines():
    lengths = {path: len(path.read_text().splitlines()) for path in modules()}
    assert not {path: n for path, n in lengths.items() if n > 400}


def test_no_two_modules_have_one_name():
    names = Counter(path.name for path in modules() if path.name != "__init__.py")
    assert not [name for name, n in names.items() if n > 1]
