import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from skl_signlang._letters import CODES, LETTERS
from skl_signlang.datasets import load_sign_mnist
from skl_signlang.datasets.reading import _csv_lines

HEADER = ["label", *(f"pixel{i}" for i in range(1, 785))]
TRAIN, TEST = "sign_mnist_train.csv", "sign_mnist_test.csv"


def make_table(n=48, seed=0):
    """Labels in order, then pixels, as text."""
    pixels = np.random.RandomState(seed).randint(0, 256, (n, 784))
    labels = np.resize(CODES, n)
    return [list(map(str, row)) for row in np.c_[labels, pixels]]


def write(path, table, header=HEADER, end="\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [",".join(cells) for cells in [header, *table]]
    path.write_text("".join(line + end for line in lines), newline="")
    return path


def pixels_of(table):
    return np.array(table, int)[:, 1:]


@pytest.fixture
def table():
    return make_table()


@pytest.fixture(params=["plain", "nested"])
def folder(request, tmp_path):
    """As it unpacks, and as Kaggle's own server nests it."""
    for file, table in [(TRAIN, make_table(48, 0)), (TEST, make_table(24, 1))]:
        parts = [file[:-4]] if request.param == "nested" else []
        write(tmp_path.joinpath("data", *parts, file), table)
    return tmp_path / "data"


@pytest.fixture
def archive(folder):
    path = folder.with_name("archive.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for csv in folder.rglob("*.csv"):
            file.write(csv, csv.relative_to(folder))
    return path


def test_one_file_gives_a_bunch(tmp_path, table):
    bunch = load_sign_mnist(write(tmp_path / TRAIN, table))
    assert bunch.images.shape == (48, 28, 28)
    assert bunch.images.dtype == bunch.data.dtype == np.uint8
    assert np.shares_memory(bunch.images, bunch.data)
    assert bunch.images.flags.c_contiguous
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*LETTERS, *LETTERS]
    assert bunch.target_names.tolist() == list(LETTERS)
    assert bunch.groups is None
    assert "near-duplicate" in bunch.DESCR
    assert "CC0" in bunch.DESCR


@pytest.mark.parametrize("zipped", [False, True])
def test_folder_and_zip_hold_both_files(folder, archive, zipped):
    path = archive if zipped else folder
    train = load_sign_mnist(path)
    test = load_sign_mnist(path, subset="test")
    both = load_sign_mnist(path, subset="all")
    np.testing.assert_array_equal(train.data, pixels_of(make_table(48, 0)))
    np.testing.assert_array_equal(test.data, pixels_of(make_table(24, 1)))
    np.testing.assert_array_equal(both.data, np.r_[train.data, test.data])
    np.testing.assert_array_equal(both.target, np.r_[train.target, test.target])


def test_least_nested_file_is_taken(tmp_path, table):
    write(tmp_path / TRAIN, table)
    write(tmp_path / "old" / TRAIN, table[:1])
    assert len(load_sign_mnist(tmp_path).target) == len(table)


def test_X_and_y(archive):
    X, y = load_sign_mnist(archive, return_X_y=True)
    bunch = load_sign_mnist(str(archive))
    np.testing.assert_array_equal(X, bunch.data)
    np.testing.assert_array_equal(y, bunch.target)


@pytest.mark.parametrize("subset", ["train", "test", "all"])
def test_one_file_is_read_as_it_is(tmp_path, table, subset):
    path = write(tmp_path / "hands.txt", table)
    assert len(load_sign_mnist(path, subset=subset).target) == 48


@pytest.mark.parametrize("block_bytes", [1, 5000, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_blocks_and_ends_of_lines_do_not_matter(
    tmp_path, table, end, block_bytes, monkeypatch
):
    monkeypatch.setattr(_csv_lines, "_BLOCK_BYTES", block_bytes)
    path = write(tmp_path / TRAIN, table, end=end)
    X, y = load_sign_mnist(path, return_X_y=True)
    np.testing.assert_array_equal(X, pixels_of(table))
    assert y.tolist() == [*LETTERS, *LETTERS]


def test_last_line_needs_no_end(tmp_path, table):
    path = write(tmp_path / TRAIN, table)
    path.write_text(path.read_text().rstrip())
    assert len(load_sign_mnist(path).target) == 48


def test_byte_order_mark(tmp_path, table):
    path = write(tmp_path / TRAIN, table)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(load_sign_mnist(path).target) == 48


@pytest.mark.parametrize("spelling", ['"{}"', " {}", "{}.0", "00{}"])
def test_other_spellings_of_integers(tmp_path, table, spelling):
    odd = [[spelling.format(cell) for cell in row] for row in table]
    X, y = load_sign_mnist(write(tmp_path / TRAIN, odd), return_X_y=True)
    np.testing.assert_array_equal(X, pixels_of(table))
    assert y.tolist() == [*LETTERS, *LETTERS]


@pytest.mark.parametrize(
    "cell", ["256", "-1", "1000", "3.5", "1e2", "nan", "", "black", "1_0", "\u0663"]
)
@pytest.mark.parametrize("block_bytes", [5000, 1 << 20])
def test_cell_that_is_no_pixel(tmp_path, table, cell, block_bytes, monkeypatch):
    monkeypatch.setattr(_csv_lines, "_BLOCK_BYTES", block_bytes)
    table[40][784] = cell
    path = write(tmp_path / TRAIN, table)
    message = (
        rf"sign_mnist_train\.csv, row 41 \(line 42\): pixel784 is '{cell}'; "
        "expected an integer from 0 to 255"
    )
    with pytest.raises(ValueError, match=message):
        load_sign_mnist(path)


def test_error_in_a_zip_names_zip_and_member(tmp_path, table):
    table[2][1] = "300"
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(write(tmp_path / TRAIN, table), f"hands/{TRAIN}")
    message = r"archive\.zip/hands/sign_mnist_train\.csv, row 3 \(line 4\): .*'300'"
    with pytest.raises(ValueError, match=message):
        load_sign_mnist(path)


def test_blank_lines_count_as_lines_but_not_as_rows(tmp_path, table):
    table[2][1] = "300"
    path = write(tmp_path / TRAIN, table, end="\n\n")
    with pytest.raises(ValueError, match=r"row 3 \(line 7\): pixel1 is '300'"):
        load_sign_mnist(path)


@pytest.mark.parametrize("label", ["9", "25", "255"])
def test_label_of_no_still_letter(tmp_path, table, label):
    table[5][0] = label
    path = write(tmp_path / TRAIN, table)
    message = (
        rf"sign_mnist_train\.csv, row 6 \(line 7\): label is '{label}'\. .*"
        r"0 to 24 without 9.*9 \(J\) and 25 \(Z\) are signed with a motion"
    )
    with pytest.raises(ValueError, match=message):
        load_sign_mnist(path)


@pytest.mark.parametrize("label", ["yes", "-1", "", "999"])
def test_label_that_is_no_code(tmp_path, table, label):
    table[5][0] = label
    path = write(tmp_path / TRAIN, table)
    with pytest.raises(ValueError, match=rf"row 6 \(line 7\): label is '{label}'; exp"):
        load_sign_mnist(path)


def test_bad_rows_can_be_reported(folder):
    table = make_table(48, 0)
    table[2][1], table[5][0] = "300", "9"
    train = write(next(folder.rglob(TRAIN)), table)
    bunch = load_sign_mnist(folder, subset="all", on_error="report")
    good = table[:2] + table[3:5] + table[6:] + make_table(24, 1)
    np.testing.assert_array_equal(bunch.data, pixels_of(good))
    assert len(bunch.target) == 70
    assert bunch.rejected.file.tolist() == [str(train)] * 2
    assert bunch.rejected.position.tolist() == ["row 3 (line 4)", "row 6 (line 7)"]
    assert "pixel1 is '300'" in bunch.rejected.reason[0]
    assert "label is '9'" in bunch.rejected.reason[1]
    assert "rejected" not in load_sign_mnist(folder, subset="test")


def test_not_one_good_row(tmp_path, table):
    path = write(tmp_path / TRAIN, [[*row[:-1], "x"] for row in table])
    with pytest.raises(ValueError, match="none of 48 records can be read; the fir"):
        load_sign_mnist(path, on_error="report")


def test_report_has_no_place_beside_X_and_y(tmp_path, table):
    path = write(tmp_path / TRAIN, table)
    with pytest.raises(ValueError, match="exclude each other"):
        load_sign_mnist(path, on_error="report", return_X_y=True)


@pytest.mark.parametrize("change", [-784, -1, 1])
def test_row_with_a_wrong_number_of_columns(tmp_path, table, change):
    table[3] = [*table[3], "0"][: 785 + change]
    path = write(tmp_path / TRAIN, table)
    message = (
        rf"sign_mnist_train\.csv, row 4 \(line 5\): got {785 + change} columns?, "
        rf"the first '{table[3][0]}'; expected 785"
    )
    with pytest.raises(ValueError, match=message):
        load_sign_mnist(path)


def test_long_and_short_row_do_not_make_up_for_each_other(tmp_path, table):
    table[3].append(table[4].pop())
    path = write(tmp_path / TRAIN, table)
    with pytest.raises(ValueError, match=r"row 4 \(line 5\): got 786 columns"):
        load_sign_mnist(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (HEADER[:-1], "got 784 columns, the first 'label'"),
        ([*HEADER, "x"], "got 786 columns, the first 'label'"),
        (["7"] * 785, "got '7' as the name of column 1"),
        ([*HEADER[:4], "y", *HEADER[5:]], "got 'y' as the name of column 5"),
        (["|".join(HEADER)], r"got 1 column, the first 'label.pixel1.*\.\.\.'"),
        (["label", *HEADER[:-1]], "got 'label' as the name of column 2"),
        (["", "", ""], "got 3 columns, the first ''"),
    ],
)
def test_wrong_header(tmp_path, table, header, message):
    path = write(tmp_path / TRAIN, table, header=header)
    expected = rf"{TRAIN}, line 1: {message}; expected the header label,pixel1,\.\.\."
    with pytest.raises(ValueError, match=expected):
        load_sign_mnist(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: got an empty file; expected a header"),
        ("\n", "line 1: got an empty line; expected a header"),
        (",".join(HEADER), "line 2: got no row after the header"),
        (",".join(HEADER) + "\n\n\n", "line 4: got no row after the header"),
    ],
)
def test_empty_file(tmp_path, content, message):
    path = tmp_path / TRAIN
    path.write_text(content)
    with pytest.raises(ValueError, match=f"{TRAIN}, {message}"):
        load_sign_mnist(path)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"x" * 200_000])
def test_file_that_is_no_csv(tmp_path, content):
    path = tmp_path / "hand.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"hand\.png, line 1: got "):
        load_sign_mnist(path)


def test_no_such_path(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file or folder .*nowhere"):
        load_sign_mnist(tmp_path / "nowhere")


def test_folder_without_the_file(tmp_path, table):
    write(tmp_path / TRAIN, table)
    message = f"no {TEST} in .*it holds {TRAIN}"
    with pytest.raises(FileNotFoundError, match=message):
        load_sign_mnist(tmp_path, subset="test")


def test_empty_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"no {TRAIN} in .*it holds nothing"):
        load_sign_mnist(tmp_path)


def test_zip_without_the_file(tmp_path):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in "abcdef":
            archive.writestr(name, "")
    message = f"no {TRAIN} in .*archive.zip.*it holds a, b, c, d, e, .{{3}}"
    with pytest.raises(FileNotFoundError, match=message):
        load_sign_mnist(path)


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "flipped"])
def test_damaged_zip(archive, damage):
    content = archive.read_bytes()
    middle = len(content) // 2
    flipped = content[:middle] + bytes(9) + content[middle + 9 :]
    damaged = {"cut": content[:middle], "text": b"zip", "empty": b""}
    archive.write_bytes(damaged.get(damage, flipped))
    with pytest.raises(ValueError, match=r"archive\.zip cannot be read as a zip file"):
        load_sign_mnist(archive, subset="all")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_that_might_unpack_without_a_limit(tmp_path, table, method):
    write(tmp_path / TRAIN, table)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w", method) as archive:
        archive.write(tmp_path / TRAIN, TRAIN)
    message = f"archive.zip/{TRAIN} is compressed by method {method}; expected a stored"
    with pytest.raises(ValueError, match=message):
        load_sign_mnist(tmp_path / "archive.zip")


@pytest.mark.parametrize(
    "wrong",
    [{"subset": "valid"}, {"return_X_y": "yes"}, {"path": 3}, {"on_error": "skip"}],
)
def test_wrong_parameters(wrong):
    with pytest.raises(ValueError, match=f"The '{next(iter(wrong))}' parameter"):
        load_sign_mnist(**{"path": "x", **wrong})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("subset", "n_rows", "fewest", "most"),
    [
        ("train", 27455, ("E", 957), ("R", 1294)),
        ("test", 7172, ("R", 144), ("E", 498)),
    ],
)
def test_the_real_file(shared_data, subset, n_rows, fewest, most):
    bunch = load_sign_mnist(shared_data("sign-language-mnist.zip"), subset=subset)
    assert bunch.images.shape == (n_rows, 28, 28)
    counts = Counter(bunch.target.tolist())
    assert sorted(counts) == list(LETTERS)
    assert counts.most_common()[-1] == fewest
    assert counts.most_common()[0] == most
    assert (bunch.data.min(), bunch.data.max()) == (0, 255)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs /proc to see its memory"
)
def test_reading_the_train_file_takes_little_memory(shared_data):
    # In a process of its own, for the peak is one for its whole life
    code = (
        "import re, sys\n"
        "from skl_signlang.datasets import load_sign_mnist\n"
        "def peak():\n"
        "    status = open('/proc/self/status').read()\n"
        "    return int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1]) / 1024\n"
        "before = peak()\n"
        "bunch = load_sign_mnist(sys.argv[1])\n"
        "print(peak() - before)\n"
    )
    path = shared_data("sign-language-mnist.zip")
    run = subprocess.run(
        [sys.executable, "-c", code, os.fspath(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(run.stdout) < 250
