import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import skl_signlang
from skl_signlang import DenseClassifier, cli
from skl_signlang.cli import main
from skl_signlang.persistence import save


@pytest.fixture
def image(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.arange(784, dtype=np.uint8).reshape(28, 28)).save("hand.png")
    return "hand.png"


def save_run(name, letters):
    folder = Path("runs", name)
    folder.mkdir(parents=True)
    X = np.resize(np.arange(256), (4, 784))
    save(DenseClassifier(epochs=1).fit(X, [*letters] * 2), folder / "model.signlang")
    return folder / "model.signlang"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["predit", "a.png"], "Did you mean predict?"),
        (["train", "--epoch", "3"], "no option --epoch. Did you mean --epochs?"),
        (["train", "--epoc=3"], "no option --epoc. Did you mean --epochs?"),
        (["train", "--model", "dens"], "Did you mean dense?"),
        (["data", "audti", "x"], "Did you mean audit?"),
        (["data", "audit", "x", "--any-label"], "Did you mean --any-labels?"),
        (["predict", "a.png", "--zzz"], "there is no option --zzz\n"),
    ],
)
def test_misspelled_words_get_the_nearest_one(words, hint, capsys):
    with pytest.raises(SystemExit) as exit:
        main(words)
    assert exit.value.code == 2
    assert hint in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as exit:
        main(["--version"])
    assert exit.value.code == 0
    assert capsys.readouterr().out == f"skl-signlang {skl_signlang.__version__}\n"


def test_a_new_run_changes_no_answer(image, capsys):
    assert main(["predict", image]) == 0
    before, said = capsys.readouterr()
    assert said == "skl-signlang: model: letters, a pretrained classifier\n"
    path = save_run("2026-01-01", "XY")
    assert main(["predict", image]) == 0
    after, said = capsys.readouterr()
    assert after == before
    assert said.endswith(f"; --model latest is {path}\n")


def test_a_model_that_is_named_is_not_announced(image, capsys):
    path = save_run("2026-01-01", "XY")
    assert main(["predict", image, "--model", "latest"]) == 0
    found, said = capsys.readouterr()
    assert found.split()[1] in "XY"
    assert said == f"skl-signlang: model: {path}\n"
    assert main(["predict", image, "--model", str(path)]) == 0
    assert capsys.readouterr() == (found, "")


def test_latest_without_a_run_says_what_makes_one(image, capsys):
    assert main(["predict", image, "--model", "latest"]) == 2
    assert "skl-signlang train makes one" in capsys.readouterr().err


def test_an_error_names_its_file_once(image, capsys):
    assert main(["predict", "none.png", "--model", "letters"]) == 1
    assert capsys.readouterr().err.count("none.png") == 1


def test_warnings_are_one_line_without_code(monkeypatch, capsys):
    def warn(images, **_):
        text = warnings.formatwarning("np.str_('A') is\n rare", UserWarning, "a.py", 1)
        print(text, end="")
        return 0

    monkeypatch.setattr(cli, "predict", warn)
    before = warnings.formatwarning
    assert main(["predict", "a.png"]) == 0
    assert capsys.readouterr().out == "skl-signlang: warning: A is rare\n"
    assert warnings.formatwarning is before


def test_training_prints_no_control_characters_into_a_pipe(tmp_path):
    command = [sys.executable, "-m", "skl_signlang.cli", "train", "--samples", "240"]
    done = subprocess.run(
        [*command, "--epochs", "2", "--model", "dense"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not re.search(r"[^\n -~]", done.stdout), done.stdout
    assert len(done.stdout.splitlines()) < 25
    assert "Epoch 2/2" in done.stdout
