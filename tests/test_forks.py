"""Waits of the tests end with the processes that they wait for."""

import subprocess
import sys

import pytest
from forks import pieces_of, wait_for

GRANDCHILD = """
import subprocess, sys
command = [sys.executable, "-c", "import time; time.sleep(600)"]
print(subprocess.Popen(command).pid, flush=True)
"""


@pytest.fixture
def run():
    """A function: start Python code, in a process that ends with the test."""
    started = []

    def run(code):
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", code]
        started.append(subprocess.Popen(command, stdout=pipe, stderr=pipe))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.stdout.close()
        process.stderr.close()
        process.wait()


def test_a_wait_ends_with_what_is_waited_for(run):
    process = run("print('one', flush=True); input()")
    wait_for(process, b"one")


def test_a_wait_ends_with_the_process(run):
    with pytest.raises(AssertionError, match=r"ended before.*no reason"):
        wait_for(run("import sys; sys.exit('no reason')"), b"one")


def test_a_wait_does_not_outlive_a_process_whose_output_is_held_open(run):
    process = run(GRANDCHILD)
    number = int(b"".join(pieces_of(process, 60)))
    assert process.poll() == 0
    subprocess.run(["kill", str(number)], check=True)


def test_a_wait_has_a_limit(run):
    with pytest.raises(subprocess.TimeoutExpired):
        wait_for(run("import time; time.sleep(600)"), b"one", timeout=0.2)
