"""Scripts of the migration pages, as they stand there."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("migrating_from_scikeras", "migrating_from_skorch")
BLOCK = re.compile(r"```python\n# here\n(.*?)```", re.DOTALL)
SCRIPTS = [
    pytest.param(code, id=f"{page}-{number}")
    for page in PAGES
    for number, code in enumerate(BLOCK.findall((DOCS / f"{page}.md").read_text()))
]


@pytest.mark.slow
@pytest.mark.parametrize("code", SCRIPTS)
def test_scripts_run_and_learn(code):
    names = {"keras": keras, "layers": layers, "np": np}
    exec(compile(code, "script", "exec"), names)
    numbers = "NetworkRegressor" in code
    assert names["score"] > (0.4 if numbers else 0.7)
