"""What only some systems have is used behind a branch: checked in the source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {"fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "uvloop"}
CALLS = {
    "os": {
        *("O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "fork", "fork_exec", "forkpty"),
        *("getuid", "geteuid", "kill", "killpg", "mkfifo", "nice", "register_at_fork"),
        *("rename", "sched_getaffinity", "setsid", "wait4"),
    },
    "signal": {"SIGALRM", "SIGHUP", "SIGKILL", "SIGUSR1", "alarm", "pause"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "time": {"tzset"},
}
FILES = ("/dev/", "/proc/", "/tmp")
FILES_OF_TEXT = {"open", "read_text", "write_text", "fdopen"}
SOURCES = sorted((ROOT / "skl_signlang").rglob("*.py"))


def guarded(tree):
    """Return the nodes that stand in a try, or after a question for the system."""
    found = set()
    for node in ast.walk(tree):
        is_question = isinstance(node, ast.If | ast.IfExp) and any(
            word in ast.unparse(node.test)
            for word in ("hasattr", "isdir", "platform", "os.name")
        )
        if isinstance(node, ast.Try) or is_question:
            found |= set(map(id, ast.walk(node)))
    return found


def problems(tree):
    """Yield the line and the source of what other systems lack."""
    safe = guarded(tree)
    for node in ast.walk(tree):
        lacks = (
            _foreign_import(node) or _foreign_name(node) or _foreign_file(node)
        ) and id(node) not in safe
        if lacks or _text_of_some_encoding(node):
            yield node.lineno, ast.unparse(node)


def _foreign_import(node):
    names = [
        alias.name
        for alias in getattr(node, "names", ())
        if isinstance(alias, ast.alias)
    ]
    return bool(MODULES & {*names, getattr(node, "module", None)})


def _foreign_name(node):
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.attr in CALLS.get(node.value.id, ())
    )


def _foreign_file(node):
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and node.value.startswith(FILES)


def _text_of_some_encoding(node):
    """Return whether a call opens text in the encoding of the system."""
    if not isinstance(node, ast.Call):
        return False
    options = {option.arg: ast.unparse(option.value) for option in node.keywords}
    if "encoding" in options or "b" in options.get("mode", ""):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if options.get("text") == "True":
        return True
    if name in ("read_text", "write_text"):
        return len(node.args) < (1 if name == "read_text" else 2)
    modes = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    is_of_files = isinstance(node.func, ast.Name) or modes in (["w"], ["r"], ["x"])
    if "format" in options:  # of a container of video, by PyAV
        return False
    return name == "open" and is_of_files and not any("b" in str(m) for m in modes)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_module_needs_a_posix_system(path):
    found = list(problems(ast.parse(path.read_text(encoding="utf-8"))))
    assert not found


@pytest.mark.parametrize(
    "code",
    [
        "import fcntl",
        "os.fork()",
        "os.rename(a, b)",
        "signal.SIGKILL",
        "open('/proc/self/status', 'rb')",
        "open(path)",
        "path.read_text()",
        "path.write_text(text)",
        "subprocess.run(words, text=True)",
    ],
)
def test_what_is_not_portable_is_found(code):
    assert list(problems(ast.parse(code)))
    if not code.startswith(("open(path", "path.", "subprocess")):
        guard = f"try:\n    {code}\nexcept ImportError:\n    pass"
        assert not list(problems(ast.parse(guard)))


def test_no_file_of_the_repository_has_a_name_that_windows_refuses():
    for path in ROOT.rglob("*"):
        if ".git" not in path.parts:
            assert not set('<>:"|?*\\') & set(path.name), path


def test_names_that_differ_by_case_only_are_not_in_one_folder():
    for folder in {path.parent for path in SOURCES}:
        names = [path.name.lower() for path in folder.iterdir()]
        assert len(names) == len(set(names)), folder
