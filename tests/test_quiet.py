"""The first use of TensorFlow prints nothing, wherever in the package it is."""

import os
import subprocess
import sys

import numpy as np
import pytest

from skl_signlang import DenseClassifier
from skl_signlang.export import export_architecture, export_weights

FIRST_USES = {
    "the package's own hand network": """
import numpy as np
from skl_signlang.preprocessing import HandLandmarks
HandLandmarks("own").transform(np.zeros((1, 64, 64), np.uint8))
""",
    "a data set of Keras": """
from skl_signlang.datasets import fetch_keras_dataset
try:
    fetch_keras_dataset("mnist")
except OSError:  # the proxy does not exist
    pass
""",
    "a network of two files": """
from skl_signlang.persistence import load
load("net.json", weights="net.weights.h5")
""",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "use",
    [
        pytest.param(use, marks=pytest.mark.nightly if i else ())
        for i, use in enumerate(FIRST_USES)
    ],
)
def test_the_first_use_of_tensorflow_is_quiet(use, tmp_path):
    if "two files" in use:
        model = DenseClassifier(hidden_layer_sizes=(), epochs=1)
        model.fit(np.eye(6, 3), np.arange(6) % 2)
        export_architecture(model, tmp_path / "net.json")
        export_weights(model, tmp_path / "net.weights.h5")
    plain = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    own = {"KERAS_HOME": str(tmp_path), "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_USES[use]],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env={**plain, **own},
    )
    assert (done.returncode, done.stderr) == (0, "")
