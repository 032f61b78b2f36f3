import json
from pathlib import Path

import numpy as np
import pytest

from skl_signlang.training._moments import moments_by_feature

ROOT = Path(__file__).parents[2]
MEASURE = "import json; from benchmarks.large_memmap import measure; "


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux: reads /proc"
)
def test_a_fit_does_not_copy_a_memory_map(forks):
    printed = forks.run(f"{MEASURE}print(json.dumps(measure(0.2)))", cwd=ROOT)
    result = json.loads(printed.splitlines()[-1])
    assert result["gigabytes"] > 0.199
    assert result["growth_after_warm_up_mb"] < 100


@pytest.mark.parametrize("shape", [(2500, 3), (40, 60_000), (3, 2, 1_100_000)])
def test_moments_do_not_depend_on_the_pieces(shape):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, shape, np.uint8)
    weights = rng.rand(len(X)).astype(np.float32)
    mean, variance = moments_by_feature(X, weights)
    rows, share = X.reshape(len(X), -1), weights / weights.sum(dtype=float)
    expected = share @ rows
    np.testing.assert_allclose(mean, expected, rtol=1e-6)
    squares = share @ rows.astype(float) ** 2
    np.testing.assert_allclose(variance, squares - expected**2, rtol=1e-6, atol=1e-6)
