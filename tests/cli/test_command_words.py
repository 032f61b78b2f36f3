import json
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from forks import COMMAND
from PIL import Image

import skl_signlang
from skl_signlang import DenseClassifier, cli
from skl_signlang.cli import _output, main
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
        (["report", "x", "--model", "y"], "no option --model; give MODEL without it"),
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


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        (["help"], []),
        (["help", "train"], ["train"]),
        (["help", "data", "audit"], ["data", "audit"]),
    ],
)
def test_help_is_a_command_too(asked, command, capsys):
    shown = []
    for words in (asked, [*command, "--help"]):
        with pytest.raises(SystemExit, match="0"):
            main(words)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert "usage: skl-signlang" in shown[0]


def test_python_runs_the_package_as_the_command():
    command = [sys.executable, "-m", "skl_signlang", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"skl-signlang {skl_signlang.__version__}\n"


def test_help_lists_the_exit_statuses(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"{status} " in shown for status in (0, 1, 2, 130))


def test_bash_completes_commands_options_and_files(tmp_path, capsys):
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    assert main(["completion", "bash"]) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)
    (tmp_path / "hand.png").touch()
    for words, completed in (
        (["tr"], "train"),
        (["train", "--ep"], "--epochs"),
        (["train", "--model", "d"], "dense"),
        (["data", "au"], "audit"),
        (["predict", "ha"], "hand.png"),
    ):
        code = (
            "source ./script; COMP_WORDS=(skl-signlang "
            f"{' '.join(words)}); COMP_CWORD={len(words)}; _shtab_skl_signlang "
            f'skl-signlang {words[-1]} x; echo "${{COMPREPLY[@]}}"'
        )
        done = subprocess.run(
            ["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.stdout.split() == [completed], (words, done.stderr)


def test_completion_says_what_installs_it(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert 'pip install "skl_signlang[completion]"' in capsys.readouterr().err


@pytest.mark.slow
def test_results_are_one_line_of_json(image, capsys):
    rng = np.random.RandomState(0)
    images = rng.randint(0, 256, (15, 28, 28), np.uint8)
    np.savez("x.npz", images=images, target=[*"ABC"] * 5)
    for words, status, names in (
        (["evaluate", "x.npz"], 0, {"n_images", "accuracy", "per_letter"}),
        (["data", "audit", "x.npz"], 0, {"format", "parts"}),
        (["data", "convert", "x.npz", "y.csv"], 0, {"format", "files"}),
        (["data", "clean", "x.npz", "z.npz"], 0, {"problems", "files"}),
        (["data", "leakage", "x.npz"], 0, {"grouped_score", "gap", "image"}),
        (["report", "letters", "x.npz"], 0, {"report", "n_images"}),
        (["export", "x.onnx"], 0, {"path", "format", "n_bytes"}),
    ):
        assert main([*words, "--json"]) == status
        line, rest = capsys.readouterr().out.split("\n", 1)
        assert rest == ""
        assert names <= set(json.loads(line)), words


def test_problems_of_a_folder_name_files(image, capsys):
    pixels = np.random.RandomState(0).randint(0, 256, (2, 28, 28), np.uint8)
    files = {"A/1": 0, "A/2": 0, "B/3": 1, "C/4": 1, "J/5": 1}
    for name, which in files.items():
        path = Path("signs", f"{name}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[which]).save(path)
    assert main(["data", "audit", "signs", "--json"]) == 1
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    found = {row["place"]: row["value"] for row in part["problems"]}
    assert found.keys() == {"A/2.png", "B/3.png", "C/4.png", "J/5.png"}
    assert found["A/2.png"] == "as A/1.png"
    assert found["B/3.png"] == "B (B/3.png), C (C/4.png)"


def test_json_lists_the_problems_of_a_data_set(image, capsys):
    images = np.zeros((4, 28, 28), np.uint8)
    images[1:] += np.random.RandomState(0).randint(0, 256, (3, 28, 28), np.uint8)
    np.savez("x.npz", images=images, target=[*"ABJA"])
    assert main(["data", "audit", "x.npz", "--json"]) == 1
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    assert part["labels"] == {"A": 1, "B": 1}
    assert len(part["problems"]) == 2
    assert all({"place", "check", "value"} == set(row) for row in part["problems"])


@pytest.mark.slow
def test_training_prints_its_report_as_json(image, capsys):
    words = ["train", "--samples", "240", "--epochs", "2", "--model", "dense"]
    assert main([*words, "--json", "--out", "a"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["model"] == "a/model.signlang"
    assert (
        report["accuracy"] == json.loads(Path("a/report.json").read_text())["accuracy"]
    )
    assert "epoch 2/2" in err
    assert main([*words, "--quiet", "--out", "b"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("random split")
    assert err == ""


def test_quiet_commands_do_not_say_which_model_they_use(image, capsys):
    assert main(["evaluate", "none.npz", "--quiet"]) == 2
    assert capsys.readouterr().err.startswith("skl-signlang: error: ")


@pytest.mark.parametrize(
    ("wishes", "environment", "drawn"),
    [
        ({}, {}, True),
        ({}, {"NO_COLOR": "1"}, False),
        ({}, {"NO_COLOR": ""}, True),
        ({}, {"TERM": "dumb"}, False),
        ({"quiet": True}, {}, False),
        ({"as_json": True}, {}, False),
    ],
)
def test_bars_are_for_screens_with_color(wishes, environment, drawn, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with _output.output(**wishes):
        assert _output.shows_bars() == drawn


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


@pytest.mark.slow
def test_training_prints_no_control_characters_into_a_pipe(tmp_path, forks):
    words = ["train", "--samples", "240", "--epochs", "2", "--model", "dense"]
    printed = forks.run(COMMAND, *words, cwd=tmp_path)
    assert not re.search(r"[^\n -~]", printed), printed
    assert len(printed.splitlines()) < 20
    assert printed.count("\nepoch ") == 2
    assert "epoch 2/2" in printed
