"""Turns of large requests: who is refused does not come again at once."""

import asyncio

import pytest

from skl_signlang.serving._throttle import Throttle


@pytest.mark.parametrize("n_refused", [1, 4])
def test_a_refusal_delays_large_requests(n_refused):
    throttle = Throttle()
    for _ in range(n_refused):
        throttle.record_refusal()

    async def may_continue():
        in_no_time = await throttle.acquire(0)
        return in_no_time, await throttle.acquire(5)

    assert asyncio.run(may_continue()) == (False, True)


def test_an_accepted_request_of_no_cost_delays_nobody():
    throttle = Throttle()
    throttle.record(0.0)
    assert asyncio.run(throttle.acquire(0.5))
