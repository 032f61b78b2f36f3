"""What TensorBoard itself reads of what a training wrote."""

import io
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode
from urllib.request import Request, urlopen

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    DenseRegressor,
    TransferLearningClassifier,
)
from skl_signlang.callbacks import StopAtMetric, TensorBoard
from skl_signlang.callbacks._tensorboard_run import TensorBoardRun
from skl_signlang.model_selection import HyperbandSearchCV
from skl_signlang.persistence import load, save
from skl_signlang.preprocessing import ImageResizer

pytestmark = pytest.mark.slow

tensorboard = pytest.importorskip(
    "tensorboard", reason="the extra skl_signlang[tensorboard]"
)

SMALL = {"hidden_layer_sizes": (8,), "epochs": 2, "random_state": 0}
LETTERS = np.array(list("ABCDEFGHIK"))
N_RUNS = 5  # of a search over two candidates and two folds, and the refit


def board(folder):
    return [("board", TensorBoard(folder))]


@pytest.fixture(scope="module")
def hands():
    bunch = load_digits()
    return (bunch.images[:200] * 15).astype(np.uint8), LETTERS[bunch.target[:200]]


@pytest.fixture(scope="module")
def search(hands, tmp_path_factory):
    folder = tmp_path_factory.mktemp("board") / "of" / "runs"
    model = CNNClassifier(filters=(4,), **SMALL, early_stopping=True, average=False)
    callbacks = [("board", TensorBoard(folder)), ("stop", StopAtMetric())]
    model.set_params(callbacks=callbacks)
    pipeline = Pipeline([("resize", ImageResizer(8)), ("cnn", model)])
    grid = {"cnn__callbacks__stop__value": [2.0, 3.0]}
    return GridSearchCV(pipeline, grid, cv=2).fit(*hands)


@pytest.fixture(scope="module")
def best(search):
    """The network of the last run."""
    return search.best_estimator_["cnn"]


@pytest.fixture(scope="module")
def ask(search):
    """Ask a TensorBoard on a port of its own."""
    folder = str(search.estimator["cnn"].callbacks[0][1].log_dir)
    command = [sys.executable, "-m", "tensorboard.main", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--logdir", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        lines = iter(process.stdout.readline, "")
        found = (re.search(r" at (http://[^/ ]+)/", line) for line in lines)
        address = next(match[1] for match in found if match)

        def ask(path, body=None, **arguments):
            url = f"{address}/data/plugin/{path}?{urlencode(arguments)}"
            data = None if body is None else json.dumps(body).encode()
            request = Request(url, data, {"Content-Type": "application/json"})
            with urlopen(request, timeout=100) as answer:
                return answer.read()

        deadline = time.monotonic() + 500
        while time.monotonic() < deadline:
            if len(json.loads(ask("images/tags"))) == N_RUNS:
                break
            time.sleep(0.5)
        yield ask
    finally:
        process.kill()
        process.communicate(timeout=60)


def test_a_full_disk_is_an_error_that_names_the_run(tmp_path, monkeypatch):
    def fail(*args):
        reason = "{{node x}} /a/events; No space left on device\n\tFailed to flush"
        raise tf.errors.ResourceExhaustedError(None, None, reason)

    run = TensorBoardRun(tmp_path)
    monkeypatch.setattr(tf.summary, "scalar", fail)
    with pytest.raises(
        OSError, match=r"run-0001 cannot be written: No space left on .*e\.$"
    ):
        run.write_scalars(0, {"loss": 1.0})


def test_each_run_has_its_own_scalars(ask, best):
    tags = json.loads(ask("scalars/tags"))
    assert sorted(tags) == [f"run-{i:04d}" for i in range(1, N_RUNS + 1)]
    history = best.history_
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(history)
    for name, values in history.items():
        found = ask("scalars/scalars", run="run-0005", tag=name)
        points = json.loads(found)
        assert [step for _, step, _ in points] == [0, 1]
        assert np.allclose([value for _, _, value in points], values, rtol=1e-6)


def test_the_graph_is_there(ask):
    assert "run-0005" in json.loads(ask("graphs/info"))
    graph = ask("graphs/graph", run="run-0005").decode()
    assert "Conv2D" in graph
    assert "MatMul" in graph


def test_histograms_are_of_each_weight(ask, best):
    tags = json.loads(ask("histograms/tags"))["run-0005"]
    network = best.model_
    assert set(tags) == {variable.path for variable in network.trainable_variables}
    for variable in network.trainable_variables:
        found = ask("histograms/histograms", run="run-0005", tag=variable.path)
        _, step, buckets = json.loads(found)[-1]
        assert step == best.n_iter_ - 1
        assert sum(count for *_, count in buckets) == np.prod(variable.shape)
        assert buckets[0][0] == pytest.approx(variable.numpy().min(), abs=1e-6)


def test_images_and_mistakes_are_named(ask, hands, search):
    tags = json.loads(ask("images/tags"))["run-0005"]
    assert {f"samples/{letter}" for letter in LETTERS} <= set(tags)
    mistakes = [tag for tag in tags if tag.startswith("mistakes/")]
    assert mistakes
    for tag in ["samples/A", *mistakes]:
        (found,) = json.loads(ask("images/images", run="run-0005", tag=tag, sample=0))
        content = ask("images/individualImage", **dict(parse_qsl(found["query"])))
        image = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
        same = np.flatnonzero((hands[0] == image).all(axis=(1, 2)))
        assert len(same)
        letter = tag.split("/")[1][0]
        assert letter in hands[1][same]
        if tag in mistakes:
            assert search.predict(hands[0][same])[0] == tag[-1] != letter


def test_the_projector_has_letters_at_its_points(ask, best):
    assert "run-0005" in json.loads(ask("projector/runs"))
    (points,) = json.loads(ask("projector/info", run="run-0005"))["embeddings"]
    of = {"run": "run-0005", "name": points["tensorName"]}
    header, *rows = ask("projector/metadata", **of).decode().split("\n")[:-1]
    assert header.split("\t") == ["letter", "predicted"]
    vectors = np.frombuffer(ask("projector/tensor", **of), np.float32)
    vectors = vectors.reshape(len(rows), -1)
    assert vectors.shape[1] == SMALL["hidden_layer_sizes"][0]
    kernel, bias = best.model_.layers[-1].get_weights()
    read_as = best.classes_[(vectors @ kernel + bias).argmax(axis=1)]
    assert [row.split("\t")[1] for row in rows] == read_as.tolist()
    sprite = Image.open(io.BytesIO(ask("projector/sprite_image", **of)))
    assert np.prod(sprite.size) >= len(rows) * 8 * 8


def test_each_candidate_has_its_parameters_and_metrics(ask, search, best):
    want = {
        "startIndex": 0,
        "sliceSize": 100,
        "allowedStatuses": ["STATUS_SUCCESS"],
        "colParams": [],
    }
    groups = json.loads(ask("hparams/session_groups", want))["sessionGroups"]
    by_value = {g["hparams"]["callbacks__stop__value"]: g["sessions"] for g in groups}
    counts = {value: len(sessions) for value, sessions in by_value.items()}
    chosen = search.best_params_["cnn__callbacks__stop__value"]
    assert counts == {value: 3 if value == chosen else 2 for value in (2.0, 3.0)}
    assert groups[0]["hparams"]["hidden_layer_sizes"] == "[8]"
    assert not [name for name in groups[0]["hparams"] if name.endswith("_dir")]
    sessions = {s["name"]: s for sessions in by_value.values() for s in sessions}
    assert len(sessions) == N_RUNS
    found = sessions["run-0005"]["metricValues"]
    last = {metric["name"]["tag"]: metric["value"] for metric in found}
    assert last == pytest.approx(
        {name: values[-1] for name, values in best.history_.items()}, rel=1e-6
    )


# --- without a TensorBoard that looks ----------------------------------------------


def test_nothing_changes_in_training(hands, tmp_path):
    plain = DenseClassifier(**SMALL, average=True).fit(*hands)
    shown = clone(plain).set_params(callbacks=board(tmp_path / "runs")).fit(*hands)
    for first, second in zip(plain._network.values, shown._network.values, strict=True):
        assert np.array_equal(first, second)
    assert plain.history_ == shown.history_
    shown.partial_fit(*hands)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["run-0001"]


def test_numbers_are_shown_too(hands, tmp_path):
    X, y = hands[0].reshape(len(hands[0]), -1), np.arange(len(hands[0])) / 10
    DenseRegressor(**SMALL, callbacks=board(tmp_path)).fit(X, y)
    lines = (tmp_path / "run-0001" / "labels.tsv").read_text().split()
    assert set(lines) <= {str(np.float32(value)) for value in y}
    assert len(lines) == len(y)


@pytest.mark.parametrize("layers", [0, 1], ids=["head", "fine-tuned"])
def test_a_transfer_network_is_shown_as_it_predicts(hands, tmp_path, layers):
    def backbone(input_shape):
        conv = keras.layers.Conv2D(4, 3, activation="relu")
        return keras.Sequential([keras.Input(input_shape), conv])

    model = TransferLearningClassifier(
        backbone=backbone, weights=None, trainable_layers=layers, **SMALL
    )
    model.set_params(callbacks=board(tmp_path)).fit(*hands)
    points = np.loadtxt(tmp_path / "run-0001" / "embedding.tsv", delimiter="\t")
    letters = (tmp_path / "run-0001" / "labels.tsv").read_text().splitlines()[1:]
    assert points.shape == (len(letters), *SMALL["hidden_layer_sizes"])
    read_as = sorted(line.split("\t")[1] for line in letters)
    assert read_as == sorted(model.predict(hands[0]))


def test_runs_at_the_same_time_have_folders_of_their_own(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: TensorBoardRun(tmp_path), range(24)))
    for run in runs:
        run.close()
    assert len({run.path for run in runs}) == 24


def test_a_hyperband_search_takes_it(hands, tmp_path):
    model = DenseClassifier(**SMALL, callbacks=board(tmp_path / "runs"))
    search = HyperbandSearchCV(
        model, {"dropout": [0.0, 0.2]}, max_resource=3, cv=2, random_state=0
    )
    assert search.fit(*hands).best_score_ > 0


def test_an_archive_keeps_no_place(hands, tmp_path):
    model = DenseClassifier(**SMALL, callbacks=board(tmp_path / "runs")).fit(*hands)
    save(model, tmp_path / "model.signlang")
    assert load(tmp_path / "model.signlang").callbacks == [("board", None)]


def test_places_that_cannot_be_written_are_named(hands, tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", "/proc/skl_signlang"):
        model = DenseClassifier(**SMALL, callbacks=board(place))
        with pytest.raises(OSError, match=r"log_dir=.* cannot be written"):
            model.fit(*hands)
        assert not hasattr(model, "n_iter_")


def test_a_missing_tensorboard_is_named(hands, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    model = DenseClassifier(**SMALL, callbacks=board(tmp_path))
    with pytest.raises(ImportError, match=r"skl_signlang\[tensorboard\]"):
        model.fit(*hands)
    assert not list(tmp_path.iterdir())
