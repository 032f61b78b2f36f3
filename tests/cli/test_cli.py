import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from forks import LIMIT, wait_for
from PIL import Image
from sklearn.linear_model import LogisticRegression

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    DenseRegressor,
    _files,
    cli,
)
from skl_signlang._letters import CODES, LETTERS
from skl_signlang.cli import (
    _hold_out,
    _interrupts,
    _run_folder,
    _train_command,
    main,
)
from skl_signlang.cli._find_model import find_model
from skl_signlang.cli._scores import describe_scores, score_letters
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.persistence import card, load, save
from skl_signlang.pretrained import NAMES, load_pretrained, pretrained_path
from skl_signlang.training import _train as _training
from skl_signlang.training._best_so_far import BestNetwork

KEYS = [
    "accuracy",
    "macro_f1",
    "ungrouped_accuracy",
    "n_parameters",
    "seconds",
    "per_letter",
    "confused_pairs",
    "groups",
]
RESULTS = ["confusion.png", "history.png", "model.signlang", "report.json"]
HEADER = ",".join(["label", *(f"pixel{i}" for i in range(1, 785))])


def write_csv(path, n=48, seed=0):
    """Images with a bright row that tells the letter, and noise."""
    random_state = np.random.RandomState(seed)
    codes = np.resize(CODES, n)
    pixels = random_state.randint(0, 100, (n, 28, 28))
    pixels[np.arange(n), codes] = 255
    rows = np.c_[codes, pixels.reshape(n, -1)]
    path.write_text(HEADER + "\n" + "\n".join(",".join(map(str, r)) for r in rows))
    return path


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder as Kaggle's zip unpacks."""
    folder = tmp_path_factory.mktemp("data")
    write_csv(folder / "sign_mnist_train.csv", 96)
    write_csv(folder / "sign_mnist_test.csv", 48, seed=1)
    return folder


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    """A folder that holds a run."""
    out = tmp_path_factory.mktemp("run") / "deep" / "out"
    words = ["train", str(data), "--model", "dense", "--epochs", "30", "--out", out]
    assert main([str(word) for word in words]) == 0
    return out


@pytest.fixture
def model(run):
    return str(run / "model.signlang")


@pytest.fixture
def image(tmp_path):
    """A photograph of the letter C, as `write_csv` draws it, larger and not square."""
    pixels = np.full((280, 400), 50, np.uint8)
    pixels[20:30] = 255
    Image.fromarray(pixels).save(tmp_path / "c.png")
    return "c.png"


def error_of(capsys):
    """The one line on standard error, after what every such line begins with."""
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("skl-signlang: error: ")
    return lines[0].removeprefix("skl-signlang: error: ")


# --- train ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_run_leaves_a_report_two_images_and_a_model(run, data):
    assert sorted(path.name for path in run.iterdir()) == RESULTS
    report = json.loads((run / "report.json").read_text())
    assert list(report) == KEYS
    assert report["accuracy"] > 0.9
    assert report["groups"]["kind"] == "official test"
    assert (report["groups"]["n_train"], report["groups"]["n_test"]) == (91, 48)
    assert report["groups"]["n_copies"] == 5
    assert sum(row["support"] for row in report["per_letter"].values()) == 48
    assert report["n_parameters"] == 784 * 256 + 256 + 256 * 128 + 128 + 128 * 24 + 24
    for name in ("confusion.png", "history.png"):
        with Image.open(run / name) as image:
            image.load()
            assert min(image.size) >= 400


def test_the_model_of_a_run_is_the_one_that_the_report_is_on(run, data, capsys):
    assert main(["evaluate", str(data), "--model", str(run / "model.signlang")]) == 0
    report = json.loads((run / "report.json").read_text())
    assert f"accuracy  {report['accuracy']:.4f}" in capsys.readouterr().out
    assert load(run / "model.signlang").verbose == 0
    said = card(run / "model.signlang")
    assert "license: not stated" in said
    assert "official test: scored on 48" in said
    assert f"grouped score (accuracy): {report['accuracy']:.4g}" in said


@pytest.mark.slow
def test_the_same_seed_gives_the_same_report(data, tmp_path):
    for out in "abc":
        seed = "4" if out == "c" else "3"
        words = ["train", str(data), "--model", "dense", "--epochs", "1"]
        assert main([*words, "--seed", seed, "--out", out]) == 0
    a, b, c = (
        json.loads((tmp_path / out / "report.json").read_text()) for out in "abc"
    )
    assert a | {"seconds": 0} == b | {"seconds": 0} != c | {"seconds": 0}


@pytest.mark.slow
def test_a_reader_learns_a_hand_of_ones_own(tmp_path, capsys):
    hands = make_fingerspelling(
        96, letters="AB", image_size=32, n_signers=8, random_state=3
    )
    swapped = np.where(hands.target == "A", "B", "A")
    for i, (image, letter) in enumerate(zip(hands.images, swapped, strict=True)):
        (tmp_path / "hands" / letter).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "hands" / letter / f"{i}.png")
    words = ["train", str(tmp_path / "hands"), "--from", "pretrained"]
    assert main([*words, "--out", str(tmp_path / "run")]) == 0
    assert "grouped score" in capsys.readouterr().out
    reader = load(tmp_path / "run" / "model.signlang")
    assert reader.score(hands.images, swapped) > 0.8
    assert reader.classes_.tolist() == list(LETTERS)
    assert load_pretrained().score(hands.images, hands.target) > 0.8
    again = [*words[:3], str(tmp_path / "run" / "model.signlang")]
    assert main([*again, "--epochs", "1", "--out", str(tmp_path / "again")]) == 0
    assert "\nepoch 1/1 " in capsys.readouterr().out
    epochs = [
        load(tmp_path / f / "model.signlang")[-1].n_iter_ for f in ("run", "again")
    ]
    assert epochs[1] == epochs[0] + 1


def test_pretrained_classifiers_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "runs" / "today" / "model.signlang"
    own.parent.mkdir(parents=True)
    own.touch()
    assert find_model(None) == pretrained_path("letters")
    assert find_model("latest") == Path("runs/today/model.signlang")
    assert [find_model(name) for name in NAMES] == [*map(pretrained_path, NAMES)]
    assert find_model("./letters") == "./letters"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--from", "pretrained"], "no DATA"),
        (["DATA", "--from", "letters-landmarks"], "VotingClassifier"),
        (["DATA", "--from", "pretrained", "--model", "cnn"], "--model cnn"),
        (["DATA", "--from", "no-such-file"], "no-such-file"),
        (["DATA", "--from", "forest"], "LogisticRegression"),
    ],
)
def test_only_networks_of_ours_go_on_with_data(words, why, data, tmp_path, capsys):
    forest = LogisticRegression().fit(np.eye(2, 784), ["A", "B"])
    save(forest, tmp_path / "forest")
    put = {"DATA": str(data), "forest": str(tmp_path / "forest")}
    assert main(["train", *(put.get(word, word) for word in words)]) == 2
    assert why in capsys.readouterr().err


@pytest.mark.slow
def test_rendered_hands_are_held_out_by_signer(tmp_path, capsys):
    assert main(["train", "--epochs", "1", "--samples", "480"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^epoch 1/1  accuracy 0.\d+  loss ", out, re.M)
    assert "random split" in out
    assert "grouped score" in out
    (folder,) = (tmp_path / "runs").iterdir()
    groups = json.loads((folder / "report.json").read_text())["groups"]
    assert groups["kind"] == "signer"
    assert groups["n_train_groups"] + groups["n_test_groups"] == 24
    assert type(load(folder / "model.signlang")) is CNNClassifier


def test_no_signer_is_on_both_sides():
    parts = _hold_out.hold_out(None, 0, 240)
    assert not set(parts.train.groups) & set(parts.test.groups)
    assert set(parts.copies.groups) <= set(parts.train.groups)
    sizes = [len(part.target) for part in (parts.train, parts.copies, parts.test)]
    assert sum(sizes) == 240
    assert min(sizes) > 0


def test_one_csv_is_held_out_by_near_duplicates(tmp_path):
    path = write_csv(tmp_path / "signs.csv", 96)
    twice = path.read_text().splitlines()
    path.write_text("\n".join([*twice, *twice[1:]]))
    parts = _hold_out.hold_out(str(path), 0)
    assert parts.kind == "near-duplicates"
    seen = {image.tobytes() for image in parts.train.images}
    assert not any(image.tobytes() in seen for image in parts.test.images)
    assert set(parts.test.target) == set(LETTERS)


def test_a_zip_without_a_test_is_held_out_too(data, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as file:
        file.write(data / "sign_mnist_train.csv", "sign_mnist_train.csv")
    assert _hold_out.hold_out("x.zip", 0).kind == "near-duplicates"


def test_images_that_are_all_alike_cannot_be_held_out(tmp_path, capsys):
    path = write_csv(tmp_path / "sign_mnist_train.csv", 1)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1], lines[1]]))
    assert main(["train", str(path)]) == 2
    assert "The 2 images are near-duplicates of each other" in error_of(capsys)
    assert not (tmp_path / "runs").exists()


def _fail(*args, **kwargs):
    pytest.fail("data were read before the folder was refused")


def test_a_run_never_overwrites_another(run, data, capsys, monkeypatch):
    monkeypatch.setattr(_hold_out, "read_to_train", _fail)
    assert main(["train", str(data), "--out", str(run)]) == 2
    assert "holds report.json, confusion.png, history.png, model" in error_of(capsys)


@pytest.mark.parametrize("out", ["file", "file/below", "/proc/nothing"])
def test_a_folder_that_cannot_be_is_refused_before_training(
    out, data, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(_hold_out, "read_to_train", _fail)
    (tmp_path / "file").write_text("mine")
    assert main(["train", str(data), "--out", out]) == 2
    assert out.split("/")[1 if out[0] == "/" else 0] in error_of(capsys)
    assert (tmp_path / "file").read_text() == "mine"


def test_bad_data_leave_no_folder_behind(tmp_path, capsys):
    assert main(["train", "none.zip", "--out", "a/b"]) == 2
    assert error_of(capsys) == "There is no file or folder none.zip."
    (tmp_path / "bad.csv").write_text("a,b\n1,x\n")
    assert main(["train", "bad.csv"]) == 2
    assert "bad.csv" in error_of(capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.parametrize(
    "words",
    [
        ["--epochs", "0"],
        ["--epochs", "two"],
        ["--epochs", "1.5"],
        ["--seed", "-1"],
        ["--seed", str(2**31)],
        ["--model", "rnn"],
        ["a", "b"],
    ],
)
def test_bad_words_are_explained(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", *words])
    assert "error: " in capsys.readouterr().err


def test_ctrl_c_before_the_end_of_an_epoch_leaves_nothing(
    data, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(_hold_out, "read_to_train", _interrupt)
    assert main(["train", str(data), "--out", "a/b"]) == 130
    assert capsys.readouterr().err.strip() == "skl-signlang: interrupted"
    assert not any(tmp_path.iterdir())


def _interrupt(*args, **kwargs):
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def stop_after(monkeypatch):
    """Let something happen in this process at the end of an epoch of a training."""

    def stop_after(n_epochs, happen):
        class Stop(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                if epoch + 1 == n_epochs:
                    happen()

        def watch(*args):
            return [*track_best(*args), Stop()]

        monkeypatch.setattr(_training, "track_best", watch)

    track_best = _training.track_best
    return stop_after


def train_dense(data, out, *words):
    words = ["train", str(data), "--model", "dense", "--epochs", "4", *words]
    return main([*words, "--out", out])


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_that_is_interrupted_leaves_the_best_so_far(
    number, data, tmp_path, capsys, stop_after
):
    stop_after(3, lambda: signal.raise_signal(number))
    assert train_dense(data, "out") == 130
    captured = capsys.readouterr()
    assert captured.err.strip() == "skl-signlang: interrupted"
    assert "keeping the best epoch" in captured.out
    assert "model and report: out" in captured.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == RESULTS
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["interrupted"]
    kept = load(tmp_path / "out" / "model.signlang")
    assert kept.n_iter_ == len(kept.history_["loss"]) == 3
    assert (kept.verbose, kept.checkpoint_dir) == (0, None)
    assert main(["evaluate", str(data), "--model", "out/model.signlang"]) == 0
    assert f"accuracy  {report['accuracy']:.4f}" in capsys.readouterr().out


@pytest.fixture
def interrupt_at(monkeypatch):
    """Send a signal to this process when a function is called, and count the calls."""

    def interrupt_at(module, name, number=signal.SIGINT, times=1):
        inner = getattr(module, name)

        def interrupted(*args, **kwargs):
            for _ in range(times):
                signal.raise_signal(number)
            return inner(*args, **kwargs)

        monkeypatch.setattr(module, name, interrupted)

    return interrupt_at


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_after_the_first_do_not_lose_the_model(
    number, data, tmp_path, capsys, stop_after, interrupt_at
):
    stop_after(2, lambda: signal.raise_signal(signal.SIGINT))
    interrupt_at(BestNetwork, "restore_to", number)
    interrupt_at(_train_command, "write_model", number, times=3)
    assert train_dense(data, "out") == 130
    err = capsys.readouterr().err.strip()
    assert err.count("the model so far is saved first, and Ctrl-C is ignored") == 1
    assert err.endswith("skl-signlang: interrupted")
    assert load(tmp_path / "out" / "model.signlang").n_iter_ == 2


@pytest.mark.slow
def test_a_signal_while_the_model_is_written_waits(
    data, tmp_path, capsys, interrupt_at
):
    interrupt_at(_train_command, "write_model")
    assert train_dense(data, "out") == 130
    captured = capsys.readouterr()
    assert "saved first" in captured.err
    assert "model: out/model.signlang" in captured.out
    assert load(tmp_path / "out" / "model.signlang").n_iter_ == 4


def test_a_signal_after_the_wait_ends_the_block(monkeypatch):
    monkeypatch.setattr(_interrupts, "SECONDS", 0.0)
    with _interrupts.single_interrupt("the model") as interrupts:
        interrupts.defer()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


@pytest.mark.slow
def test_a_training_that_is_interrupted_resumes_to_the_same_network(
    data, tmp_path, stop_after
):
    assert train_dense(data, "whole") == 0
    stop_after(2, lambda: signal.raise_signal(signal.SIGINT))
    assert train_dense(data, "part", "--checkpoint", "state") == 130
    stop_after(9, lambda: None)
    assert train_dense(data, "rest", "--checkpoint", "state") == 0
    whole, part, rest = (
        load(tmp_path / out / "model.signlang").model_.get_weights()
        for out in ("whole", "part", "rest")
    )
    assert all(map(np.array_equal, whole, rest))
    assert not all(map(np.array_equal, whole, part))


def fail_for_want_of_room(*args):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.slow
def test_a_training_that_finds_the_disk_full_leaves_the_best_so_far(
    data, tmp_path, capsys, stop_after
):
    stop_after(2, fail_for_want_of_room)
    assert train_dense(data, "out") == 2
    captured = capsys.readouterr()
    assert captured.err == "skl-signlang: error: No space left on device\n"
    assert "model and report: out" in captured.out
    assert load(tmp_path / "out" / "model.signlang").n_iter_ == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("draw_history", ["confusion.png", "model.signlang", "report.json"]),
        ("make_report", ["model.signlang"]),
    ],
)
def test_the_model_is_there_before_the_disk_is_full(
    what, left, data, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(_train_command, what, fail_for_want_of_room)
    assert train_dense(data, "out") == 2
    captured = capsys.readouterr()
    assert "model: out/model.signlang" in captured.out
    name = "out/history.png: " if what == "draw_history" else ""
    assert captured.err == f"skl-signlang: error: {name}No space left on device\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == left
    load(tmp_path / "out" / "model.signlang")


def test_a_model_that_has_no_room_is_named(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(_files.os, "fsync", fail_for_want_of_room)
    assert train_dense(data, "out") == 2
    assert error_of(capsys) == "out/model.signlang: No space left on device"
    assert not any(tmp_path.iterdir())


def test_runs_of_one_second_have_folders_of_their_own(monkeypatch):
    class Stopped(datetime):
        @classmethod
        def now(cls):
            return cls(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr(_run_folder, "datetime", Stopped)

    def run(_):
        with _run_folder.run_folder() as folder:
            (folder / "model.signlang").touch(exist_ok=False)
        return folder.name

    with ThreadPoolExecutor(8) as pool:
        names = sorted(pool.map(run, range(8)))
    first = "2026-01-02_03-04-05"
    assert names == [first, *(f"{first}-{number}" for number in range(2, 9))]


def test_a_folder_that_another_run_uses_is_refused():
    with (
        _run_folder.run_folder("out"),
        pytest.raises(ValueError, match="out is in use by another run"),
        _run_folder.run_folder("out"),
    ):
        pass
    with _run_folder.run_folder("out") as folder:
        assert folder.is_dir()


def test_a_kill_leaves_no_result(data, tmp_path, start_fork):
    process = start_fork("train", str(data), "--model", "dense", "--epochs", "1000000")
    wait_for(process, b"accuracy")
    process.kill()
    process.communicate(timeout=LIMIT)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


# --- predict --------------------------------------------------------------------------


def test_predict_prints_letter_and_probability(image, model, capsys):
    assert main(["predict", image, image, "--model", model]) == 0
    captured = capsys.readouterr()
    lines = [line.split() for line in captured.out.splitlines()]
    assert [line[:2] for line in lines] == [["c.png", "C"]] * 2
    assert all(0 < float(probability) <= 1 for *_, probability in lines)
    assert captured.err == ""


def test_bad_images_do_not_stop_the_others(image, model, tmp_path, capsys):
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "folder.png").mkdir()
    whole = (tmp_path / image).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    Image.new("1", (20_000, 20_000)).save("bomb.png")
    bad = ["text.png", "folder.png", "cut.png", "bomb.png", "none.png"]
    assert main(["predict", *bad, image, "--model", model]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("c.png  C  ")
    lines = captured.err.splitlines()
    for name, line in zip(bad, lines, strict=True):
        assert line.startswith(f"skl-signlang: error: {name}: ")
    reasons = ["is not an image", "holds no image", "truncated", "more than", "no file"]
    assert all(reason in line for reason, line in zip(reasons, lines, strict=True))


def test_without_a_run_the_reader_of_the_package_reads(image, capsys):
    assert main(["predict", image]) == 0
    letter, probability = capsys.readouterr().out.split()[1:]
    assert letter in LETTERS
    assert 0 < float(probability) <= 1


def test_latest_is_the_newest_run(data, run, image, tmp_path, capsys):
    for name, letters in (("b-old", "AB"), ("a-new", "XY")):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        X = np.resize(np.arange(256), (4, 784))
        save(
            DenseClassifier(epochs=1).fit(X, [*letters] * 2), folder / "model.signlang"
        )
        then = time.time() - 100 * (name == "b-old")
        os.utime(folder / "model.signlang", (then, then))
    assert main(["predict", image, "--model", "latest"]) == 0
    assert capsys.readouterr().out.split()[1] in "XY"


@pytest.mark.slow
def test_models_that_name_no_letters_are_refused(image, data, tmp_path, capsys):
    X, y = np.arange(784.0 * 4).reshape(4, 784), np.arange(4)
    save(DenseRegressor(epochs=1).fit(X, y), "regressor.signlang")
    assert main(["predict", image, "--model", "regressor.signlang"]) == 2
    assert "expected a classifier" in error_of(capsys)
    save(DenseClassifier(epochs=1).fit(X, y), "numbers.signlang")
    assert main(["evaluate", str(data), "--model", "numbers.signlang"]) == 2
    assert "knows none of these" in error_of(capsys)
    save(DenseClassifier(epochs=1).fit(X[:, :10], y), "table.signlang")
    assert main(["predict", image, "--model", "none.signlang"]) == 2
    assert error_of(capsys) == "There is no file none.signlang."
    (tmp_path / "text.signlang").write_text("x")
    assert main(["predict", image, "--model", "text.signlang"]) == 2
    assert "text.signlang cannot be loaded" in error_of(capsys)


# --- evaluate -------------------------------------------------------------------------


def test_evaluate_reads_the_test_or_all_of_one_csv(data, model, capsys):
    assert main(["evaluate", str(data), "--model", model]) == 0
    assert capsys.readouterr().out.startswith("48 images\naccuracy")
    csv = str(data / "sign_mnist_train.csv")
    assert main(["evaluate", csv, "--model", model]) == 0
    out = capsys.readouterr().out
    assert out.startswith("96 images\naccuracy")
    assert "macro-F1" in out


def test_letters_that_the_model_has_never_seen_are_told(model, data, capsys):
    lines = (data / "sign_mnist_test.csv").read_text().splitlines()
    pixels = np.array([line.split(",")[1:] for line in lines[1:25]], np.uint8)
    letters = [*LETTERS[:22], "J", "ne pas"]
    np.savez("more.npz", images=pixels.reshape(-1, 28, 28), target=letters)
    assert main(["evaluate", "more.npz", "--model", model]) == 0
    out = capsys.readouterr().out
    assert "2 images have labels that the model does not know" in out
    assert "J (1), ne pas (1). They count as errors" in out
    score = float(out.split("accuracy  ")[1].split()[0])
    others = float(out.split("accuracy on the other 22 is ")[1])
    assert score * 24 == pytest.approx(others * 22, abs=0.01)


@pytest.mark.slow
def test_images_of_other_channels_are_brought_to_the_models(capsys):
    rng = np.random.default_rng(0)
    for name, channels in (("gray", ()), ("rgb", (3,)), ("rgba", (4,))):
        images = rng.integers(0, 256, (8, 5, 5, *channels), dtype=np.uint8)
        np.savez(f"{name}.npz", images=images, target=[*"ABCD"] * 2)
        model = CNNClassifier(epochs=1, filters=(2,), hidden_layer_sizes=())
        save(model.fit(images, [*"ABCD"] * 2), f"{name}.signlang")
    for model, data in (("gray", "rgba"), ("rgb", "gray"), ("rgba", "rgba")):
        words = ["evaluate", f"{data}.npz", "--model", f"{model}.signlang"]
        assert main(words) == 0
    assert main(["evaluate", "gray.npz", "--model", "rgba.signlang"]) == 2
    assert "have 1 channels and the model's 4" in error_of(capsys)


def test_scores_name_at_most_five_pairs_the_most_frequent_first():
    true = np.array([*"AAAABBCDEFG"])
    predicted = np.array([*"ABBBBCDEFGA"])
    scores = score_letters(true, predicted)
    pairs = scores["confused_pairs"]
    assert pairs[0] == {"true": "A", "predicted": "B", "count": 3}
    assert len(pairs) == 5
    assert scores["accuracy"] == pytest.approx(2 / 11)
    assert scores["per_letter"]["A"] == {
        "precision": 0.5,
        "recall": 0.25,
        "f1": pytest.approx(1 / 3),
        "support": 4,
    }
    f1 = [row["f1"] for row in scores["per_letter"].values()]
    assert scores["macro_f1"] == pytest.approx(np.mean(f1))
    perfect = score_letters(true, true)
    assert perfect["confused_pairs"] == []
    assert "no errors" in describe_scores(perfect)


# --- the command itself ---------------------------------------------------------------


def test_the_words_are_read_without_anything_heavy():
    code = (
        "import sys, skl_signlang.cli;"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'numpy', 'scipy', 'PIL'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "command", [[], ["train"], ["tune"], ["predict"], ["spell"], ["evaluate"]]
)
def test_help_is_there(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--help"])
    assert "usage: skl-signlang" in capsys.readouterr().out


def test_no_words_are_an_error(capsys):
    with pytest.raises(SystemExit, match="2"):
        main([])


COMMANDS = {
    "train": [],
    "tune": [],
    "predict": ["x"],
    "spell": ["x"],
    "evaluate": ["x"],
    "report": ["x", "y"],
    "export": ["x", "--format", "onnx"],
    "serve": [],
    "data audit": ["x"],
    "data clean": ["x", "y"],
    "data convert": ["x", "y"],
    "data leakage": ["x"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_errors_speak_of_options_and_quote_nothing(command, capsys, monkeypatch):
    seen = {}

    def fail(**arguments):
        seen.update(arguments)
        wrong = [f"{name}='A b' is not {name}=np.str_('c')" for name in arguments]
        raise ValueError(f"{'; '.join(wrong)}, of a model's \n 'own'")

    monkeypatch.setattr(cli, command.replace(" ", "_"), fail)
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    known = capsys.readouterr().out
    assert main([*command.split(), *COMMANDS[command]]) == 2
    error = error_of(capsys)
    for name in seen:
        option = {"start": "--from"}.get(name, f"--{name.replace('_', '-')}")
        if f" {option}" in known:
            assert f"{option} A b is not {option} c" in error
            assert "_" not in name or name not in error
    assert error.endswith(", of a model's own")
    assert error.count("'") == 1
    assert "np." not in error


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "x.csv: got 2. If right, pass image_shape=(height, width). It is 1 x 2.",
            "x.csv: got 2. It is 1 x 2.",
        ),
        (
            "It takes 5.0 GB. Pass a smaller image_size, or cache=FOLDER to keep it.",
            "It takes 5.0 GB. Pass a smaller --image-size.",
        ),
        (
            "load takes archives. A net goes with weights: load('n.json', w='n.h5').",
            "load takes archives.",
        ),
        ("If not letters, pass labels=None.", "If not letters, pass --any-labels."),
        ("Pass codes='dense' (0 to 23).", "Pass --codes dense (0 to 23)."),
        ("a=b.csv is not a file.", "a=b.csv is not a file."),
    ],
)
def test_errors_do_not_advise_what_no_option_gives(message, said, monkeypatch, capsys):
    def fail(**arguments):
        raise ValueError(message)

    monkeypatch.setattr(cli, "data_audit", fail)
    assert main(["data", "audit", "x"]) == 2
    assert error_of(capsys) == said


def test_names_that_differ_from_the_options_are_options_too(capsys, monkeypatch):
    def fail(**arguments):
        raise OSError(errno.EACCES, "checkpoint_dir='a b' cannot be written")

    monkeypatch.setattr(cli, "train", fail)
    assert main(["train"]) == 2
    assert error_of(capsys) == "--checkpoint a b cannot be written"


def test_errors_of_tensorflow_are_one_line_and_faults_are_not(capsys, monkeypatch):
    errors = [tf.errors.ResourceExhaustedError(None, None, "OOM\nhere"), KeyError("x")]

    def fail(**arguments):
        raise errors.pop(0)

    monkeypatch.setattr(cli, "train", fail)
    assert main(["train"]) == 2
    assert error_of(capsys) == "OOM here"
    with pytest.raises(KeyError):
        main(["train"])


def test_bad_words_are_not_quoted(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", "--model", "rnn"])
    assert "'" not in capsys.readouterr().err


def test_standard_output_that_takes_no_more_is_an_error():
    if not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    code = (
        "import sys; from skl_signlang import cli;"
        "cli.data_audit = lambda **_: print('x') or 0;"
        "sys.exit(cli.main(['data', 'audit', 'x']))"
    )
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert run.returncode == 2
    assert run.stderr == "skl-signlang: error: No space left on device\n"


@pytest.mark.slow
def test_standard_error_is_empty_when_all_is_well(image, model, start):
    process = start("predict", image, "--model", model)
    out, err = process.communicate(timeout=LIMIT)
    assert (process.returncode, err) == (0, b"")
    assert out.startswith(b"c.png  C  ")
