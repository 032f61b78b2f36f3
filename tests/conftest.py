import os

# scikit-learn's checks of array-API input skip without it; it counts before SciPy starts
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from pathlib import Path  # noqa: E402

import pytest  # noqa: E402

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    """A function: the path of a file of ../shared/data; skips where it is absent."""

    def find(name):
        if not (SHARED_DATA / name).exists():
            pytest.skip(f"needs ../shared/data/{name}: not present")
        return SHARED_DATA / name

    return find
