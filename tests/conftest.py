import os

# scikit-learn's checks of array-API input skip without it, and SciPy reads it at start
os.environ.setdefault("SCIPY_ARRAY_API", "1")

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import skl_signlang  # noqa: F401  TensorFlow reads what this sets when it starts

# the same examples on every machine, however busy; SKL_SIGNLANG_FUZZ draws new ones
settings.register_profile(
    "suite",
    deadline=None,
    derandomize="SKL_SIGNLANG_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("suite")

# a shell that starts the suite in the background has it ignore Ctrl-C
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    """A function: the path of a file of ../shared/data; skips where it is absent."""

    def find(name):
        if not (SHARED_DATA / name).exists():
            pytest.skip(f"needs ../shared/data/{name}: not present")
        return SHARED_DATA / name

    return find


class Command(subprocess.Popen):
    """The command ``skl-signlang`` in a process of its own."""

    def __init__(self, *words):
        command = [sys.executable, "-m", "skl_signlang.cli", *words]
        super().__init__(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def wait_for(self, text):
        """Wait until it has printed a text; an error if it ends before that."""
        seen = b""
        while text not in seen:
            more = os.read(self.stdout.fileno(), 1000)
            assert more, f"ended before it printed {text!r}: {self.communicate()[1]}"
            seen += more


@pytest.fixture
def start():
    """A function: start the command, in a process that ends with the test."""
    # a shell's background jobs do not hear Ctrl-C, and neither do their children
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    commands = []

    def start(*words):
        commands.append(Command(*words))
        return commands[-1]

    yield start
    signal.signal(signal.SIGINT, before)
    for command in commands:
        with command:
            command.kill()
