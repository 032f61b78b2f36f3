import errno
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.utils import Bunch

from skl_signlang._letters import CODES, LETTERS
from skl_signlang.cli import main
from skl_signlang.cli._sample_files import check_target, write_samples
from skl_signlang.datasets import load_samples, make_fingerspelling

HEADER = ",".join(["label", *(f"pixel{i}" for i in range(1, 785))])
PIXELS = [str(i % 251) for i in range(784)]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def hands():
    return make_fingerspelling(120, letters="ABCD", n_signers=12, random_state=0)


@pytest.fixture
def dirty(tmp_path):
    """As the course has it: rows of zeros, of text, and rows that are there twice."""
    rows = [[str(code), *np.roll(PIXELS, code)] for code in CODES]
    rows += [rows[0], ["3", *["0"] * 784], ["4", *["fwefew"] * 784]]
    rows += [["9", *np.roll(PIXELS, 100)]]
    path = tmp_path / "dirty.csv"
    path.write_text("\n".join([HEADER, *map(",".join, rows)]) + "\n")
    return path


# --- files that are written -----------------------------------------------------------


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.npz", "x.json", "x"])
def test_what_is_written_is_read_again(name, hands, tmp_path):
    path, kind = check_target(tmp_path / name)
    write_samples(hands, path, kind)
    again = load_samples(path)
    order, order_again = (
        np.lexsort([*part.data.T, part.target]) for part in (hands, again)
    )
    np.testing.assert_array_equal(hands.data[order], again.data[order_again])
    assert hands.target[order].tolist() == again.target[order_again].tolist()


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.npz", "x"])
def test_words_and_colours_survive(name, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 5, 5, 3), dtype=np.uint8)
    words = Bunch(
        images=images, data=images.reshape(6, -1), target=np.array(["no, yes", "é"] * 3)
    )
    words.groups = None
    path, kind = check_target(tmp_path / name)
    write_samples(words, path, kind)
    color = {"color": True} if name in ("x.json", "x") else {}
    again = load_samples(path, **color)
    assert sorted(again.target) == sorted(words.target)
    found = {image.tobytes() for image in again.images}
    assert found == {image.tobytes() for image in images}


def test_groups_survive_in_arrays(hands, tmp_path):
    path, kind = check_target(tmp_path / "x.npz")
    write_samples(hands, path, kind)
    np.testing.assert_array_equal(load_samples(path).groups, hands.groups)


def test_the_same_samples_make_the_same_bytes(hands, tmp_path):
    for name in ("a.csv.gz", "b.csv.gz"):
        write_samples(hands, *check_target(tmp_path / name))
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


def test_targets_are_refused_before_any_work(tmp_path):
    with pytest.raises(ValueError, match=r"extension '\.xlsx'; expected \.csv"):
        check_target("x.xlsx")
    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(ValueError, match="is not overwritten"):
        check_target("there.csv")
    with pytest.raises(FileNotFoundError, match="there is no folder none"):
        check_target("none/x.csv")


@pytest.mark.parametrize("label", ["../up", ".hidden", "a/b", ""])
def test_labels_that_are_no_folders_are_refused(label, tmp_path):
    samples = Bunch(images=np.ones((1, 2, 2), np.uint8), target=np.array([label]))
    with pytest.raises(ValueError, match="cannot be the name of a folder"):
        write_samples(samples, *check_target(tmp_path / "x"))
    assert not any(tmp_path.iterdir())


# --- the commands ---------------------------------------------------------------------


def test_audit_names_every_problem(dirty, capsys):
    assert main(["data", "audit", str(dirty)]) == 1
    out = capsys.readouterr().out
    assert "images     24 good, 28 x 28, gray" in out
    assert "fwefew" in out
    assert "constant: 1" in out
    assert "duplicate: 1" in out
    assert "unreadable: 2" in out


def test_audit_of_clean_data_finds_nothing(hands, tmp_path, capsys):
    write_samples(hands, *check_target(tmp_path / "x.npz"))
    assert main(["data", "audit", "x.npz"]) == 0
    out = capsys.readouterr().out
    assert "problems   none" in out
    assert "groups     12, those of the data set" in out
    assert "labels     4; each 30 times" in out


def test_clean_leaves_what_is_good(dirty, capsys):
    assert main(["data", "clean", str(dirty), "clean.csv"]) == 0
    assert "24 images are in clean.csv" in capsys.readouterr().out
    assert sorted(load_samples("clean.csv").target) == sorted(LETTERS)
    assert main(["data", "audit", "clean.csv"]) == 0


def test_labels_may_be_other_than_letters(tmp_path, capsys):
    images = np.random.default_rng(0).integers(0, 256, (9, 4, 4), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", images=images, target=["yes", "no", "so"] * 3)
    assert main(["data", "audit", "x.npz"]) == 2
    assert "None of the 9 samples is left" in capsys.readouterr().err
    assert main(["data", "audit", "x.npz", "--any-labels"]) == 0


def test_other_labels_below_the_header_of_kaggle(tmp_path, capsys, monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 784)).astype(str)
    header = ["label", *(f"pixel{i}" for i in range(1, 785))]
    for name, labels in (
        ("words", ["yes", "no", "nothing", "A", "j"] * 4),
        ("digits", [*"0123456789"] * 2),
    ):
        rows = [header, *([y, *row] for y, row in zip(labels, pixels, strict=True))]
        text = "\n".join(",".join(row) for row in rows)
        (tmp_path / f"{name}.csv").write_text(text)
    for name in ("words", "digits"):
        assert main(["data", "convert", f"{name}.csv", "x.npz"]) == 2
        assert "pass --codes none" in capsys.readouterr().err.replace("Pass", "pass")
    assert main(["data", "clean", "words.csv", "words.npz", "--any-labels"]) == 0
    assert "label is j, which is signed with a motion" in capsys.readouterr().out
    assert {*load_samples("words.npz").target} == {"yes", "no", "nothing", "A"}
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["data", "clean", "~/words.csv", "home.npz", "--any-labels"]) == 0
    assert {*load_samples("home.npz").target} == {"yes", "no", "nothing", "A"}
    assert main(["data", "convert", "digits.csv", "digits.npz", "--codes", "none"]) == 0
    assert load_samples("digits.npz").target.tolist() == [*range(10)] * 2
    bunch = load_samples("digits.csv", codes=None)
    assert (bunch.format, len(bunch.target_names)) == ("csv", 10)
    with pytest.raises(ValueError, match="pass codes=None to load_samples"):
        load_samples("digits.csv")


def test_classes_beside_the_letters_are_kept(tmp_path, capsys):
    images = np.random.default_rng(0).integers(0, 256, (6, 4, 4), dtype=np.uint8)
    target = ["A", "nothing", "space", "del", "J", "Z"]
    np.savez(tmp_path / "x.npz", images=images, target=target)
    for more in ([], ["--any-labels"]):
        assert main(["data", "audit", "x.npz", *more]) == 1
        out = capsys.readouterr().out
        assert "label: 2" in out
        assert "'J', signed with a motion" in out
        assert "'Z', signed with a motion" in out
        written = f"y{len(more)}.npz"
        assert main(["data", "clean", "x.npz", written, *more]) == 0
        assert load_samples(written).target.tolist() == target[:4]


def test_a_folder_that_has_no_room_is_named(dirty, tmp_path, capsys, monkeypatch):
    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    before = sorted(tmp_path.iterdir())
    assert main(["data", "clean", str(dirty), "clean"]) == 2
    assert capsys.readouterr().err.endswith(": clean: No space left on device\n")
    assert sorted(tmp_path.iterdir()) == before


@pytest.fixture
def kaggle(tmp_path):
    """A zip as Kaggle's, with a bad record in each file."""
    parts = {}
    for seed, part in enumerate(("train", "test")):
        pixels = np.random.default_rng(seed).integers(0, 256, (10, 784)).tolist()
        codes = [*CODES[: 10 - seed], 9]
        rows = [[code, *pixels[-i]] for i, code in enumerate(codes)]
        lines = [HEADER, *(",".join(map(str, row)) for row in rows)]
        parts[part] = "\n".join(lines)
    with zipfile.ZipFile(tmp_path / "kaggle.zip", "w") as archive:
        for part, text in parts.items():
            archive.writestr(f"sign_mnist_{part}.csv", text)
    return tmp_path / "kaggle.zip"


@pytest.mark.parametrize(
    ("out", "second"),
    [
        ("x.csv", "x_test.csv"),
        ("x.csv.gz", "x_test.csv.gz"),
        ("x.npz", "x_test.npz"),
        ("x.json", "x_test.json"),
        ("x", "x_test"),
    ],
)
def test_the_official_test_is_cleaned_too(kaggle, out, second, capsys):
    assert main(["data", "clean", "kaggle.zip", out]) == 0
    said = capsys.readouterr().out
    assert f"10 images are in {out}" in said
    assert f"9 images of the official test are in {second}" in said
    assert said.count("unreadable: 1") == 2
    assert len(load_samples(out).target) == 10
    assert sorted(load_samples(second).target) == [*LETTERS[:9]]


def test_the_official_test_is_audited_and_converted_too(kaggle, tmp_path, capsys):
    assert main(["data", "audit", "kaggle.zip"]) == 1
    said = capsys.readouterr().out
    assert "part       training\nimages     10 good" in said
    assert "part       official test\nimages     9 good" in said
    clean_samples = {"x.npz": 10, "x_test.npz": 9}
    assert main(["data", "clean", "kaggle.zip", "x.npz"]) == 0
    for name, n in clean_samples.items():
        assert main(["data", "convert", name, f"{name}.csv"]) == 0
        assert f"{n} images are in {name}.csv" in capsys.readouterr().out


def test_neither_part_is_overwritten(kaggle, tmp_path, capsys):
    (tmp_path / "x_test.npz").write_text("mine")
    assert main(["data", "clean", "kaggle.zip", "x.npz"]) == 2
    assert "x_test.npz exists already" in capsys.readouterr().err
    assert not (tmp_path / "x.npz").exists()


def test_what_was_skipped_is_told(hands, tmp_path, capsys):
    write_samples(hands, *check_target(tmp_path / "x"))
    (tmp_path / "x" / "README.md").write_text("hello")
    for words in (["audit", "x"], ["convert", "x", "y.npz"]):
        assert main(["data", *words]) == 0
        assert "skipped    README.md" in capsys.readouterr().out


def test_convert_reads_and_writes(hands, tmp_path, capsys):
    write_samples(hands, *check_target(tmp_path / "x.npz"))
    assert main(["data", "convert", "x.npz", "y"]) == 0
    assert "120 images are in y" in capsys.readouterr().out
    assert main(["data", "convert", "y", "z.json", "--image-size", "14"]) == 0
    rows = json.loads((tmp_path / "z.json").read_text())
    assert len(rows) == 120
    assert load_samples("z.json").images.shape == (120, 14, 14)


def test_nothing_is_overwritten(dirty, tmp_path, capsys):
    before = dirty.read_bytes()
    assert main(["data", "clean", str(dirty), str(dirty)]) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert dirty.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(8, 8), (6, 9), (6, 9, 3)])
def test_leakage_prints_both_scores_and_draws(shape, tmp_path, capsys):
    rng = np.random.default_rng(0)
    photographs = rng.integers(40, 200, (24, *shape))
    images = np.repeat(photographs, 6, axis=0) + rng.integers(0, 5, (144, *shape))
    target = np.repeat(np.tile(["A", "B"], 12), 6)
    np.savez(tmp_path / "x.npz", images=images.astype(np.uint8), target=target)
    assert main(["data", "leakage", "x.npz", "--out", "leakage.png"]) == 0
    out = capsys.readouterr().out
    scores = {
        line.split()[0]: float(line.split()[2])
        for line in out.splitlines()
        if line.startswith(("random split ", "grouped score "))
    }
    assert scores["random"] == 1
    assert scores["grouped"] < 0.9
    assert "24 groups of near-duplicates" in out
    with Image.open("leakage.png") as image:
        assert min(image.size) > 200


@pytest.mark.parametrize("action", ["audit", "clean", "convert", "leakage"])
def test_bad_data_are_one_line(action, tmp_path, capsys):
    (tmp_path / "bad.bin").write_bytes(b"\x00\x01\x02")
    more = ["out.csv"] if action in ("clean", "convert") else []
    for path in ("none.csv", "bad.bin"):
        assert main(["data", action, path, *more]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bad.bin"]


def test_leakage_refuses_its_image_before_it_reads(tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    for out, reason in (("none/x.png", "no folder none"), ("folder", "is not a file")):
        assert main(["data", "leakage", "not-there.npz", "--out", out]) == 2
        assert reason in capsys.readouterr().err


@pytest.mark.slow
def test_commands_on_data_need_no_tensorflow(hands, tmp_path):
    write_samples(hands, *check_target(tmp_path / "x.npz"))
    code = (
        "import sys; from skl_signlang.cli import main;"
        "from skl_signlang.cli import data_audit, data_clean, data_leakage;"
        "status = main(['data', 'convert', 'x.npz', 'y.csv']);"
        "sys.exit(status or 'tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("words", [["data"], ["data", "none"], ["data", "clean", "x"]])
def test_words_that_are_missing_are_told(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "error: " in capsys.readouterr().err


@pytest.mark.slow
def test_train_reads_any_format(hands, tmp_path, capsys):
    write_samples(hands, *check_target(tmp_path / "x.npz"))
    words = ["train", "x.npz", "--model", "dense", "--epochs", "1", "--out", "run"]
    assert main(words) == 0
    groups = json.loads((tmp_path / "run" / "report.json").read_text())["groups"]
    assert groups["kind"] == "group"
    assert main(["evaluate", "x.npz", "--model", "run/model.signlang"]) == 0
    assert "120 images" in capsys.readouterr().out
