import csv
import io
import json
import signal
import time

import numpy as np
import pytest
from forks import LIMIT, wait_for

from skl_signlang import DenseClassifier
from skl_signlang._letters import CODES
from skl_signlang.cli import _best_table, _tune, main
from skl_signlang.cli._best_table import BestTable
from skl_signlang.model_selection._rungs import Row
from skl_signlang.persistence import load

pytestmark = pytest.mark.slow

RESULTS = [
    "confusion.png",
    "history.png",
    "model.signlang",
    "report.json",
    "results.csv",
]


def write_csv(path, n, seed):
    """Images with a bright row that tells the letter, and noise."""
    random_state = np.random.RandomState(seed)
    codes = np.resize(CODES, n)
    pixels = random_state.randint(0, 100, (n, 28, 28))
    pixels[np.arange(n), codes] = 255
    rows = np.c_[codes, pixels.reshape(n, -1)]
    header = ",".join(["label", *(f"pixel{i}" for i in range(1, 785))])
    path.write_text(header + "\n" + "\n".join(",".join(map(str, r)) for r in rows))


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder as Kaggle's zip unpacks."""
    folder = tmp_path_factory.mktemp("data")
    write_csv(folder / "sign_mnist_train.csv", 144, 0)
    write_csv(folder / "sign_mnist_test.csv", 48, 1)
    return str(folder)


def test_the_best_is_kept_with_a_table_of_all(data, tmp_path, capsys):
    words = ["tune", data, "--model", "dense", "--epochs", "3", "--out", "a/b"]
    assert main(words) == 0
    out = capsys.readouterr().out
    folder = tmp_path / "a" / "b"
    assert sorted(path.name for path in folder.iterdir()) == RESULTS
    rows = list(csv.DictReader(io.StringIO((folder / "results.csv").read_text())))
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    for row in rows:
        assert int(row["hidden_layer_sizes"]) in range(64, 513, 64)
        assert 0.2 <= float(row["dropout"]) <= 0.6
        assert 1e-4 <= float(row["learning_rate"]) <= 1e-2
        assert int(row["epochs"]) in (1, 3)
    report = json.loads((folder / "report.json").read_text())
    search = report["search"]
    assert not search["interrupted"]
    assert search["best_score"] == pytest.approx(scores[0])
    assert report["groups"]["kind"] == "official test"
    model = load(folder / "model.signlang")
    assert type(model) is DenseClassifier
    assert model.n_iter_ == search["best_params"]["epochs"]
    assert list(model.hidden_layer_sizes) == search["best_params"]["hidden_layer_sizes"]
    assert f"best: score {scores[0]:.4f}" in out
    assert "grouped score" in out
    assert main(words) == 2
    assert "results.csv, model.signlang already" in capsys.readouterr().err


def test_the_folds_share_no_group(data, monkeypatch):
    seen = {}

    def fit(self, X, y, groups):
        for train, test in self.cv.split(X, y, groups):
            assert not set(groups[train]) & set(groups[test])
        seen["n"] = len(y)
        raise KeyboardInterrupt

    monkeypatch.setattr(_tune._DisplayedSearch, "fit", fit)
    assert main(["tune", data]) == 130
    assert main(["tune", "--samples", "240"]) == 130
    assert seen["n"] > 150


def test_ctrl_c_keeps_what_is_known(data, tmp_path, start_fork):
    words = ["tune", data, "--model", "dense", "--epochs", "81", "--out", "out"]
    process = start_fork(*words)
    wait_for(process, b"evaluated; best: ")
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert err.strip().endswith(b"skl-signlang: interrupted")
    assert b"the model so far is saved first" in err
    folder = tmp_path / "out"
    assert sorted(path.name for path in folder.iterdir()) == RESULTS
    report = json.loads((folder / "report.json").read_text())
    assert report["search"]["interrupted"]
    model = load(folder / "model.signlang")
    assert model.n_iter_ == report["search"]["best_params"]["epochs"]
    assert main(["evaluate", data, "--model", "out/model.signlang"]) == 0


def test_ctrl_c_before_anything_is_known_leaves_nothing(data, tmp_path, start):
    process = start("tune", data, "--epochs", "81", "--out", "out")
    wait_for(process, b"loading")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err.strip()) == (130, b"skl-signlang: interrupted")
    assert not any(tmp_path.iterdir())


def test_too_few_groups_are_explained(tmp_path, capsys):
    images = np.random.default_rng(0).integers(0, 256, (8, 5, 5), dtype=np.uint8)
    groups = [1, 1, 2, 2, 3, 3, 3, 3]
    np.savez("few.npz", images=images, target=[*"AB"] * 4, groups=groups)
    assert main(["tune", "few.npz"]) == 2
    assert "needs 3 or more" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["few.npz"]


@pytest.mark.parametrize("words", [["--jobs", "0"], ["--epochs", "0"], ["a", "b"]])
def test_bad_words_are_explained(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["tune", *words])
    assert "error: " in capsys.readouterr().err


def test_help_says_what_is_searched(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["tune", "--help"])
    assert "learning rate (1e-4 to 1e-2)" in " ".join(capsys.readouterr().out.split())


def rows_of(scores):
    return [
        Row(0, 0, i, 1, {"l2": 0.1}, [{"test_scores": score, "fit_time": 1.0}])
        for i, score in enumerate(scores)
    ]


def test_a_screen_shows_the_five_best_in_place(capsys, monkeypatch):
    rows = rows_of([0.1, 0.7, 0.3, 0.2, 0.9, 0.8, 0.4])
    monkeypatch.setattr(_best_table, "shows_bars", lambda: True)
    table = BestTable()
    for n in range(1, 8):
        table.show(rows[:n])
    last = capsys.readouterr().out.split("\x1b[")[-1]
    shown = [line.split()[0] for line in last.splitlines()[2:]]
    assert shown == ["0.9", "0.8", "0.7", "0.4", "0.3"]


def test_elsewhere_only_what_is_better_is_told(capsys):
    rows = rows_of([0.1, 0.7, 0.3])
    table = BestTable()
    for n in range(1, 4):
        table.show(rows[:n])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(";")[0] for line in lines] == ["1 evaluated", "2 evaluated"]
