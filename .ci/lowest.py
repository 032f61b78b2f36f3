"""What the package is for, done once with whatever versions are installed here.

``.ci/lowest`` installs the oldest that pyproject.toml allows, and runs it.
"""

import json
import re
import subprocess
import sys
import tempfile
from importlib.metadata import requires, version
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
from packaging.requirements import Requirement

import skl_signlang
from skl_signlang import CNNClassifier, DenseRegressor
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.export import export
from skl_signlang.persistence import load, save
from skl_signlang.pretrained import NAMES, load_pretrained

EXTRAS = ("", "export", "landmarks", "serve")
SMALL = {"epochs": 5, "random_state": 0}


def tell_versions():
    """Print what is installed of each direct dependency."""
    wanted = [Requirement(line) for line in requires("skl_signlang")]
    wanted = {
        need.name
        for need in wanted
        if need.name != "skl_signlang"
        and any(not need.marker or need.marker.evaluate({"extra": x}) for x in EXTRAS)
    }
    print(*(f"{name}=={version(name)}" for name in sorted(wanted)))


def same(a, b, tolerance=0.0):
    """Fail where arrays differ by more than a tolerance."""
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def serve_one_request(path, image, expected):
    """Start the server, ask it for one letter, and end it."""
    command = [sys.executable, "-m", "skl_signlang", "serve", path, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = re.search(r"http://\S+", server.stdout.readline())[0].rstrip("/")
            body = json.dumps({"instances": [image.tolist()]}).encode()
            request = Request(f"{url}/v1/models/{path.stem}:predict", body)
            with urlopen(request) as answer:
                same(json.load(answer)["predictions"][0], expected, 1e-4)
        finally:
            server.terminate()
    assert server.returncode == 0, server.returncode


def main(folder):
    """Do it all; write to a folder."""
    tell_versions()
    print(skl_signlang.__file__)

    hands = make_fingerspelling(240, random_state=0)
    pretrained = {name: load_pretrained(name) for name in NAMES}
    assert pretrained["letters"].score(hands.images, hands.target) > 0.9

    X, y = hands.images, hands.target
    path = folder / "small.signlang"
    dense = DenseRegressor(hidden_layer_sizes=(32,), **SMALL).fit(X, X.mean((1, 2)))
    save(dense, path)
    same(load(path).predict(X), dense.predict(X))

    cnn = CNNClassifier(filters=(8,), hidden_layer_sizes=(32,), **SMALL).fit(X, y)
    save(cnn, path)
    expected = cnn.predict_proba(X)
    same(load(path).predict_proba(X), expected)
    for format in ("onnx", "litert", "saved_model"):
        export(cnn, folder / format, format)  # runs what it wrote, and compares
    serve_one_request(path, X[0], expected[0])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(folder))
