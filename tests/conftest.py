import os

# scikit-learn's checks of array-API input skip without it, and SciPy reads it at start
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from pathlib import Path

import pytest

import skl_signlang  # noqa: F401  TensorFlow reads what this sets when it starts

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data():
    """A function: the path of a file of ../shared/data; skips where it is absent."""

    def find(name):
        if not (SHARED_DATA / name).exists():
            pytest.skip(f"needs ../shared/data/{name}: not present")
        return SHARED_DATA / name

    return find
