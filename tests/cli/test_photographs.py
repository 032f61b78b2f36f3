"""Photographs of several sizes, as phones take them, without an option."""

import numpy as np
import pytest
from PIL import Image

from skl_signlang.cli import main
from skl_signlang.cli._hold_out import hold_out
from skl_signlang.cli._read_samples import SIDE
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.persistence import load


def write_photographs(folder, n, letters, n_signers):
    hands = make_fingerspelling(
        n, letters=letters, n_signers=n_signers, image_size=64, random_state=0
    )
    for i, (image, letter) in enumerate(zip(hands.images, hands.target, strict=True)):
        (folder / letter).mkdir(parents=True, exist_ok=True)
        size = (160, 120) if i % 2 else (120, 160)
        Image.fromarray(image).resize(size).save(folder / letter / f"{i}.jpg")
    return str(folder)


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_photographs(tmp_path / "photos", 40, "ABCL", 10)


def test_an_audit_compares_them_at_one_size(photographs, capsys):
    assert main(["data", "audit", photographs]) == 0
    out, err = capsys.readouterr()
    assert f"40 good, {SIDE} x {SIDE}, gray" in out
    assert "--image-size changes it" in err
    assert main(["data", "audit", photographs, "--image-size", "40"]) == 0
    out, err = capsys.readouterr()
    assert "40 good, 40 x 40, gray" in out
    assert err == ""


@pytest.mark.slow
def test_a_network_is_trained_and_scored_on_the_pixels_that_predict_sees(
    photographs, capsys
):
    assert main(["train", photographs, "--epochs", "3", "--out", "run"]) == 0
    assert f"{SIDE} x {SIDE} pixels" in capsys.readouterr().err
    model = load("run/model.signlang")
    assert model.image_shape_ == (SIDE, SIDE, 1)
    for name in ("run/model.signlang", "letters"):
        assert main(["evaluate", photographs, "--model", name, "--json"]) == 0
        accuracy = float(capsys.readouterr().out.split('"accuracy": ')[1].split(",")[0])
        assert main(["predict", photographs, "--model", name]) == 0
        rows = [line.split() for line in capsys.readouterr().out.splitlines()]
        hits = [f"/{letter}/" in path for path, letter, _ in rows]
        assert accuracy == pytest.approx(np.mean(hits))


@pytest.mark.slow
def test_a_pretrained_classifier_learns_at_its_own_size(photographs, capsys):
    words = ["train", photographs, "--from", "pretrained", "--epochs", "1"]
    assert main([*words, "--out", "run"]) == 0
    assert main(["export", "x.tflite", "--int8", photographs]) == 0


@pytest.mark.slow
def test_a_letter_without_an_image_to_train_on_is_named(tmp_path, capsys):
    data = write_photographs(tmp_path / "one", 4, "ABCL", 4)
    parts = hold_out(data, 0)
    held_out = {*parts.test.target.tolist()} - {*parts.train.target.tolist()}
    assert held_out
    err = capsys.readouterr().err
    assert f"all images of {', '.join(sorted(held_out))} are held out" in err
    assert "two photographs of each letter" in err
    hold_out(write_photographs(tmp_path / "more", 40, "AB", 10), 0)
    assert "held out" not in capsys.readouterr().err
