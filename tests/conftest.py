import os

# scikit-learn's checks of array-API input skip without it, and SciPy reads it at start
os.environ.setdefault("SCIPY_ARRAY_API", "1")
# the command prints English on every machine
os.environ["SKL_SIGNLANG_LANG"] = "en"

import gc
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from forks import COMMAND, Forks, trace_faster
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


def pytest_configure(config):
    """Let pytest-xdist take the files in the order that is made below."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items):
    """Skip nightly tests; put files with many slow tests first.

    So all workers end together.
    """
    if "SKL_SIGNLANG_NIGHTLY" not in os.environ:
        skip = pytest.mark.skip(reason="needs SKL_SIGNLANG_NIGHTLY=1")
        for item in items:
            if item.get_closest_marker("nightly"):
                item.add_marker(skip)
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


def pytest_collection_finish():
    """Prepare a process for the tests, when it has imported what they need."""
    gc.freeze()  # no collection of garbage walks through that
    trace_faster()


SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    """A function: the path of a file of ../shared/data; skips where it is absent."""

    def find(name):
        if not (SHARED_DATA / name).exists():
            pytest.skip(f"needs ../shared/data/{name}: not present")
        return SHARED_DATA / name

    return find


@pytest.fixture(scope="session")
def forks():
    """Starts code in processes that have imported TensorFlow and have not used it."""
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture
def start():
    """A function: start the command, in a process that ends with the test."""
    # a shell's background jobs do not hear Ctrl-C, and neither do their children
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    commands = []

    def start(*words):
        command = [sys.executable, "-m", "skl_signlang", *words]
        pipe = subprocess.PIPE
        commands.append(subprocess.Popen(command, stdout=pipe, stderr=pipe))
        return commands[-1]

    yield start
    signal.signal(signal.SIGINT, before)
    for command in commands:
        with command:
            command.kill()


@pytest.fixture
def start_fork(forks):
    """A function: start the command as `start` does, TensorFlow imported before."""
    commands = []

    def start_fork(*words):
        commands.append(forks.start(COMMAND, *words))
        return commands[-1]

    yield start_fork
    for command in commands:
        command.close()
