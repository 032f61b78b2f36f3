"""The page of the courses: its lines run, in order, on small data."""

import base64
import http.server
import io
import json
import re
import threading
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skl_signlang.datasets import make_fingerspelling

PAGE = Path(__file__).parents[2] / "docs" / "courses.md"
NEED_DOWNLOADS = ("fetch_keras_dataset", "efficientnet/")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Write the files that the page names, some of them to a server."""
    monkeypatch.chdir(tmp_path)
    hands = make_fingerspelling(240, letters="AB", n_signers=40, random_state=0)
    served, encoded = [], []
    for number, (image, letter) in enumerate(
        zip(hands.images, hands.target, strict=True)
    ):
        path = Path("MYFOLDER", letter, f"{number}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        path.write_bytes(file.getvalue())
        encoded.append(
            {"image": base64.b64encode(file.getvalue()).decode(), "label": letter}
        )
        served.append({"content": path.as_posix(), "label": letter})
    rows = np.column_stack([hands.target, hands.data])
    names = ["label", *(f"pixel{i}" for i in range(1, 785))]
    pd.DataFrame(rows, columns=names).to_csv("hands.csv", index=False)
    Path("base64.json").write_text(json.dumps(encoded), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/"
    for one in served:
        one["content"] = url + one["content"]
    Path("urls.json").write_text(json.dumps(served[:20]), encoding="utf-8")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.slow
def test_the_lines_of_the_courses_run(files):
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
    run = [one for one in blocks if not any(name in one for name in NEED_DOWNLOADS)]
    assert len(blocks) == len(run) + len(NEED_DOWNLOADS)
    code = "".join(run).replace("image_size=75,", "image_size=75, weights=None,")
    cars = pd.DataFrame({"make": ["A", "B"] * 12, "age": range(24), "km": range(24)})
    cars = cars.assign(price=np.linspace(1, 9, 24), bought=["no", "yes"] * 12)
    names = {"cars": cars}
    exec(compile(code, PAGE.name, "exec"), names)
    plt.close("all")
    assert names["test"].images.shape[1:] == (28, 28)
    for path in ("letters.signlang", "letters.onnx", "net.json", "checkpoints", "logs"):
        assert Path(path).exists(), path
