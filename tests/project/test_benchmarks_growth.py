import argparse

import numpy as np
import pytest

from benchmarks import growth

VALUES = [1_000, 3_000, 10_000, 200_000]


@pytest.mark.parametrize("power", [-0.5, 0, 1, 2.3])
def test_slopes_find_the_power(power):
    between, overall = growth.slopes(VALUES, [7e-4 * n**power for n in VALUES])
    np.testing.assert_allclose([*between, overall], power, atol=1e-9)


def test_what_is_always_there_is_told_from_what_comes_with_each():
    costs = [0.5 + 2e-4 * n for n in VALUES]
    np.testing.assert_allclose(growth.fixed_and_marginal(VALUES, costs), [0.5, 2e-4])


def test_slopes_rise_towards_the_power_as_fixed_costs_fade():
    between, overall = growth.slopes(VALUES, [0.5 + 2e-4 * n for n in VALUES])
    assert between == sorted(between)
    assert between[0] < overall < between[-1] < 1


def test_nothing_larger_is_tried_than_what_broke(monkeypatch):
    tried = []

    def measure_apart(axis, value, options):
        tried.append(value)
        if value > growth.QUICK[axis][0]:
            return {"broke": "more than 1 s"}
        return {"seconds": 1.0}

    monkeypatch.setattr(growth, "measure_apart", measure_apart)
    monkeypatch.setitem(growth.QUICK, "samples", (10, 20, 30))
    found = growth.measure_axis("samples", argparse.Namespace(quick=True))
    assert tried == [10, 20]
    assert found["broke"] == {"value": 20, "reason": "more than 1 s"}
    assert [row["value"] for row in found["rows"]] == [10]


@pytest.mark.slow
def test_a_case_that_takes_too_much_says_so():
    options = argparse.Namespace(most_mb=1, most_seconds=60)
    case = growth.measure_apart("samples", 1_000, options)
    assert case == {"broke": "more than 1 MB"}
