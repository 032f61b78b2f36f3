"""What is made once a process is made once, whatever threads ask for it."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from PIL import Image

from skl_signlang import _hand_detector
from skl_signlang._once import once

N_THREADS = 8


def from_threads(function):
    """Call a function from threads that start at once; return what each got."""
    start = Barrier(N_THREADS)

    def call(_):
        start.wait()
        return function()

    with ThreadPoolExecutor(N_THREADS) as pool:
        return [*pool.map(call, range(N_THREADS))]


def test_threads_get_one_object():
    made = []

    @once
    def make():
        made.append(object())
        time.sleep(0.01)
        return made[-1]

    assert [*map(id, from_threads(make))] == [id(make())] * N_THREADS
    assert len(made) == 1


def test_an_error_is_raised_in_each_thread_and_the_next_call_makes_it():
    outcomes = iter([ValueError("damaged"), "made"])

    @once
    def make():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with pytest.raises(ValueError, match="damaged"):
        make()
    assert make() == "made"


def test_the_hand_detector_is_read_once_by_threads(monkeypatch):
    opened = []
    load = np.load
    monkeypatch.setattr(np, "load", lambda path: opened.append(path) or load(path))
    _hand_detector._weights.cache_clear()
    image = Image.new("RGB", (64, 64))
    found = from_threads(lambda: [*_hand_detector.detect_hands(image)])
    assert found == [found[0]] * N_THREADS
    assert len(opened) == 1
