import gzip
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skl_signlang.datasets import load_csv, load_samples
from skl_signlang.datasets.reading import _archives, _csv_lines, _pixel_csv

MAX_EXAMPLES = int(os.environ.get("SKL_SIGNLANG_FUZZ", "150"))
NAMES = ["label", *(f"pixel{i}" for i in range(1, 17))]


def make_table(n=6, n_pixels=16, labels="ABC", seed=0):
    pixels = np.random.RandomState(seed).randint(0, 256, (n, n_pixels))
    rows = [list(map(str, row)) for row in pixels.tolist()]
    return [[labels[i % len(labels)], *row] for i, row in enumerate(rows)]


def to_bytes(table, header=NAMES, end="\n"):
    lines = [",".join(cells) for cells in ([header] if header else []) + table]
    return "".join(line + end for line in lines).encode()


def write(path, table, header=NAMES, end="\n"):
    path.write_bytes(to_bytes(table, header, end))
    return path


def pixels_of(table):
    return np.array([row[1:] for row in table], int)


@pytest.fixture
def table():
    return make_table()


@pytest.fixture
def path(tmp_path, table):
    return write(tmp_path / "hands.csv", table)


def test_a_file_gives_a_bunch(path, table):
    bunch = load_csv(path)
    assert bunch.images.shape == (6, 4, 4)
    assert bunch.images.dtype == bunch.data.dtype == np.uint8
    assert np.shares_memory(bunch.images, bunch.data)
    assert bunch.images.flags.c_contiguous
    assert bunch.images.flags.writeable
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*"ABCABC"]
    assert bunch.target_names.tolist() == [*"ABC"]
    assert bunch.groups is None
    assert "rejected" not in bunch
    assert "hands.csv: 6 images of 4 x 4 pixels" in bunch.DESCR


def test_X_and_y(path):
    X, y = load_csv(str(path), return_X_y=True)
    np.testing.assert_array_equal(X, load_csv(path).data)
    np.testing.assert_array_equal(y, load_csv(path).target)


@pytest.mark.parametrize(
    ("labels", "target"),
    [
        (["1", "2", "10"], [1, 2, 10]),
        (["-1", "+1", "007"], [-1, 1, 7]),
        (["1.0", "2.", "3"], [1, 2, 3]),
        (["256", "70000", "123456789012345678"], [256, 70000, 123456789012345678]),
        (["1", "2", "c"], ["1", "2", "c"]),
        (["1", "2.5", "3"], ["1", "2.5", "3"]),
        (["\u0661", "2", "3"], ["\u0661", "2", "3"]),
        (["9" * 30, "2", "3"], ["9" * 30, "2", "3"]),
        ([" A", "B ", '"C"'], ["A", "B", "C"]),
        (['"A, right"', '" "" "', "\u00c9"], ["A, right", '"', "\u00c9"]),
    ],
)
def test_labels_are_integers_if_all_are_integers(tmp_path, labels, target):
    path = write(tmp_path / "hands.csv", make_table(3, labels=labels))
    y = load_csv(path).target
    assert y.tolist() == target
    assert y.dtype == np.int64 if isinstance(target[0], int) else y.dtype.kind == "U"


@pytest.mark.parametrize("header", [True, "infer"])
@pytest.mark.parametrize("target", [None, "Label", 5, -12])
def test_label_in_any_column(tmp_path, table, header, target):
    moved = [[*row[1:6], row[0], *row[6:]] for row in table]
    names = [*NAMES[1:6], "Label", *NAMES[6:]]
    path = write(tmp_path / "hands.csv", moved, names)
    bunch = load_csv(path, target=target, header=header)
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*"ABCABC"]


@pytest.mark.parametrize("target", [-1, 16])
def test_label_in_the_last_column_of_a_file_without_header(tmp_path, table, target):
    moved = [[*row[1:], row[0]] for row in table]
    bunch = load_csv(write(tmp_path / "hands.csv", moved, None), target=target)
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*"ABCABC"]


@pytest.mark.parametrize("header", [False, "infer"])
@pytest.mark.parametrize("labels", ["ABC", "123"])
def test_first_line_that_is_a_row(tmp_path, labels, header):
    table = make_table(labels=labels)
    path = write(tmp_path / "hands.csv", table, None)
    np.testing.assert_array_equal(load_csv(path, header=header).data, pixels_of(table))


def test_bad_first_row_is_no_header(tmp_path, table):
    table[0][3] = "256"
    path = write(tmp_path / "hands.csv", table, None)
    with pytest.raises(ValueError, match=r"row 1 \(line 1\): column 3 is '256'; exp"):
        load_csv(path)


def test_header_of_numbers_that_has_a_name_for_the_label(tmp_path, table):
    header = ["letter", *map(str, range(16))]
    assert len(load_csv(write(tmp_path / "hands.csv", table, header)).target) == 6


def test_header_of_numbers_has_to_be_announced(tmp_path, table):
    path = write(tmp_path / "hands.csv", table, list(map(str, range(17))))
    assert len(load_csv(path).target) == 7
    assert len(load_csv(path, header=True).target) == 6


@pytest.mark.parametrize("sep", [";", "\t"])
@pytest.mark.parametrize("header", [NAMES, None])
@pytest.mark.parametrize("cell", ["{}", "{},0", "{}.0", '"{}"'])
def test_semicolons_and_tabs(tmp_path, table, sep, header, cell):
    odd = [[row[0], *map(cell.format, row[1:])] for row in table]
    lines = [sep.join(row) for row in [header, *odd] if row]
    path = tmp_path / "hands.csv"
    path.write_text("\n".join(lines))
    bunch = load_csv(path)
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*"ABCABC"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("block_bytes", [7, 1 << 17])
def test_encodings(tmp_path, table, encoding, end, block_bytes, monkeypatch):
    monkeypatch.setattr(_csv_lines, "_BLOCK_BYTES", block_bytes)
    table[0][0] = "\u00c9"
    path = tmp_path / "hands.csv"
    path.write_bytes(to_bytes(table, end=end).decode().encode(encoding))
    bunch = load_csv(path)
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*"\u00c9BCABC"]


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index", "ID"])
@pytest.mark.parametrize("at", [0, 1, 17])
def test_an_index_is_not_pixels(tmp_path, table, name, at):
    header = [*NAMES]
    header.insert(at, name)
    for number, row in enumerate(table):
        row.insert(at, str(1000 + number))
    bunch = load_csv(write(tmp_path / "hands.csv", table, header))
    table = [[*row[:at], *row[at + 1 :]] for row in table]
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*"ABCABC"]


def test_labels_in_an_index(tmp_path, table):
    path = write(tmp_path / "hands.csv", table, ["", *NAMES[1:]])
    assert load_csv(path).target.tolist() == [*"ABCABC"]
    numbered = [[str(i), *row[1:]] for i, row in enumerate(table)]
    path = write(tmp_path / "hands.csv", numbered, ["", *NAMES[1:]])
    with pytest.raises(ValueError, match=r"column '' numbers the rows.*Pass target="):
        load_csv(path)
    assert load_csv(path, target=0).target.tolist() == [*range(6)]


@pytest.mark.parametrize(
    "lines",
    [
        ["image,label", "a/1.PNG,A"],
        ["filename,A,B", "1.jpg,1,0"],
        ["A,1.jpeg", "A,2.jpeg"],
        ["filename,width,height,class,xmin,ymin,xmax", "1.jpg,6,4,A,1,2,3"],
        ["label;path", "A;a\\1.heic"],
    ],
)
def test_names_of_files_instead_of_pixels(tmp_path, lines):
    path = tmp_path / "hands.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(ValueError, match=r"the name of a file; .*load_json .*load_im"):
        load_csv(path)


def test_one_column_too_many(tmp_path):
    path = write(tmp_path / "hands.csv", make_table(4, 17), None)
    with pytest.raises(ValueError, match="One column fewer makes 4 x 4: is a label"):
        load_csv(path)


@pytest.mark.parametrize(
    ("n_pixels", "image_shape", "shape"),
    [
        (16, None, (4, 4)),
        (12, None, (2, 2, 3)),
        (1, None, (1, 1)),
        (16, (2, 8), (2, 8)),
        (16, [8, 2], (8, 2)),
        (16, (4, 4, 1), (4, 4, 1)),
        (16, (2, 2, 4), (2, 2, 4)),
        (12, (4, 3), (4, 3)),
    ],
)
def test_shape_of_images(tmp_path, n_pixels, image_shape, shape):
    path = write(tmp_path / "hands.csv", make_table(4, n_pixels), None)
    bunch = load_csv(path, image_shape=image_shape, header=False)
    assert bunch.images.shape == (4, *shape)
    assert bunch.data.shape == (4, n_pixels)


@pytest.mark.parametrize(
    ("image_shape", "message"),
    [
        ((5, 5), r"got 16 pixels beside the label; image_shape=\(5, 5\) needs 25"),
        ((4, 4, 9), "image_shape must be .* 1 to 4 channels"),
        ((10**9, 10**9), r"needs 1000000000000000000\."),
        ((16,), r"image_shape must be \(height, width\)"),
    ],
)
def test_wrong_shape(path, image_shape, message):
    with pytest.raises(ValueError, match=message):
        load_csv(path, image_shape=image_shape)


def test_columns_that_are_all_pixels_have_no_labels(tmp_path):
    path = tmp_path / "test.csv"
    path.write_text("pixel1,pixel2,pixel3,pixel4\n1,2,3,4\n")
    with pytest.raises(ValueError, match=r"the columns pixel1.*expected one of labels"):
        load_csv(path)
    assert load_csv(path, target=0, image_shape=(1, 3)).target.tolist() == [1]


def test_pixels_that_make_no_square(tmp_path):
    path = write(tmp_path / "hands.csv", make_table(4, 10), None)
    message = r"hands\.csv, line 1: got 10 pixels .* no square.*pass image_shape="
    with pytest.raises(ValueError, match=message):
        load_csv(path)


def make_zip(path, members, **more):
    with zipfile.ZipFile(path, "w", **more) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["hands.csv.gz", "hands"])
def test_gzipped_file(tmp_path, table, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(to_bytes(table)))
    np.testing.assert_array_equal(load_csv(path).data, pixels_of(table))


@pytest.mark.parametrize("name", ["hands.zip", "hands.csv"])
def test_zip_of_one_csv_file(tmp_path, table, name):
    members = {"__MACOSX/a/._h.csv": b"", "a/READ.ME": b"", "a/h.CSV": to_bytes(table)}
    path = make_zip(tmp_path / name, members, compression=zipfile.ZIP_DEFLATED)
    np.testing.assert_array_equal(load_csv(path).data, pixels_of(table))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "holds no CSV files; expected exactly one. It holds nothing"),
        ({"a": b"", "b": b""}, "holds no CSV files; .* It holds a, b"),
        ({"a.csv": b"", "b.csv": b""}, r"holds 2 CSV .* It holds a\.csv, b\.csv"),
    ],
)
def test_zip_without_one_csv_file(tmp_path, members, message):
    path = make_zip(tmp_path / "hands.zip", members)
    with pytest.raises(ValueError, match=rf"hands\.zip {message}"):
        load_csv(path)


def test_error_in_a_zip_names_zip_and_member(tmp_path, table):
    table[1][2] = "x"
    path = make_zip(tmp_path / "hands.zip", {"a/b.csv": to_bytes(table)})
    message = r"hands\.zip/a/b\.csv, row 2 \(line 3\): pixel2 is 'x'; expected"
    with pytest.raises(ValueError, match=message):
        load_csv(path)


def test_zip_of_another_compression(tmp_path, table):
    members = {"a.csv": to_bytes(table)}
    path = make_zip(tmp_path / "hands.zip", members, compression=zipfile.ZIP_LZMA)
    with pytest.raises(ValueError, match="compressed by method 14; expected a stored"):
        load_csv(path)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["cut", "text", "empty", "flipped"])
@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_damaged_archive(tmp_path, kind, damage):
    content = to_bytes(make_table(20_000))
    path = tmp_path / f"hands.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(content))
    else:
        make_zip(path, {"a.csv": content}, compression=zipfile.ZIP_DEFLATED)
    packed = path.read_bytes()
    middle = len(packed) // 2
    flipped = packed[:middle] + bytes(9) + packed[middle + 9 :]
    damaged = {"cut": packed[:middle], "text": b"text", "empty": b""}
    path.write_bytes(damaged.get(damage, flipped))
    whole = kind == "gz" and damage == "empty"
    reason = "line 1: got an empty file" if whole else f"cannot be read as a {kind}"
    with pytest.raises(ValueError, match=rf"hands\.{kind},? {reason}"):
        load_csv(path)


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_bomb(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(_archives, "_FREE_BYTES", 1 << 20)
    path, content = tmp_path / f"bomb.{kind}", b"A,0,0,0,0\n" * 300_000
    if kind == "gz":
        path.write_bytes(gzip.compress(content))
    else:
        make_zip(path, {"a.csv": content}, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=r"bomb.* unpacks to more than 100 times its"):
        load_csv(path)


@pytest.mark.parametrize("block_bytes", [1, 50, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n \n"])
def test_blocks_and_ends_of_lines_do_not_matter(
    tmp_path, table, end, block_bytes, monkeypatch
):
    monkeypatch.setattr(_csv_lines, "_BLOCK_BYTES", block_bytes)
    X, y = load_csv(write(tmp_path / "a.csv", table, end=end), return_X_y=True)
    np.testing.assert_array_equal(X, pixels_of(table))
    assert y.tolist() == [*"ABCABC"]


@pytest.mark.parametrize("on_error", ["raise", "report"])
def test_byte_order_mark_and_last_line_without_end(tmp_path, table, on_error):
    path = tmp_path / "hands.csv"
    path.write_bytes(b"\xef\xbb\xbf" + to_bytes(table, None).rstrip())
    bunch = load_csv(path, on_error=on_error)
    np.testing.assert_array_equal(bunch.data, pixels_of(table))
    assert bunch.target.tolist() == [*"ABCABC"]


@pytest.mark.parametrize("spelling", ['"{}"', " {}", "{}.0", "00{}"])
def test_other_spellings_of_integers(tmp_path, table, spelling):
    odd = [[row[0], *(spelling.format(cell) for cell in row[1:])] for row in table]
    bunch = load_csv(write(tmp_path / "hands.csv", odd))
    np.testing.assert_array_equal(bunch.data, pixels_of(table))


BAD_ROWS = {
    "256": (lambda row: [*row[:3], "256", *row[4:]], "pixel3 is '256'; expected an in"),
    "-1": (
        lambda row: [*row[:3], "-1", *row[4:]],
        "pixel3 is '-1'; expected an integer",
    ),
    "3.5": (lambda row: [*row[:3], "3.5", *row[4:]], "pixel3 is '3.5'; expected"),
    "empty": (lambda row: [*row[:3], "", *row[4:]], "pixel3 is ''; expected"),
    "short": (lambda row: row[:-1], "got 16 columns, the first 'B'; expected 17"),
    "long": (lambda row: [*row, "0"], "got 18 columns, the first 'B'; expected 17"),
    "no label": (lambda row: [" ", *row[1:]], "label is empty; expected a label"),
    "long label": (lambda row: ["x" * 101, *row[1:]], "label is 'x*...', 101 charac"),
    "open quote": (lambda row: ['"B', *row[1:]], "got 1 column, the first 'B,"),
    "long cell": (lambda row: ["0" * 200_000, *row[1:]], "field larger than field li"),
}


@pytest.mark.parametrize("block_bytes", [50, 1 << 20])
@pytest.mark.parametrize("bad", BAD_ROWS)
def test_bad_row_is_named_or_reported(tmp_path, table, bad, block_bytes, monkeypatch):
    monkeypatch.setattr(_csv_lines, "_BLOCK_BYTES", block_bytes)
    spoil, reason = BAD_ROWS[bad]
    table[4] = spoil(table[4])
    path = write(tmp_path / "hands.csv", table, end="\n\n")
    with pytest.raises(ValueError, match=r"hands\.csv, row 5 \(line 11\): ") as error:
        load_csv(path)
    assert reason.split("*")[0] in str(error.value)
    bunch = load_csv(path, on_error="report")
    assert bunch.target.tolist() == [*"ABCAC"]
    np.testing.assert_array_equal(bunch.data, pixels_of(table[:4] + table[5:]))
    assert bunch.rejected.columns.tolist() == ["file", "position", "reason"]
    [(file, position, told)] = bunch.rejected.values.tolist()
    assert (file, position) == (str(path), "row 5 (line 11)")
    assert reason.split("*")[0] in told


def test_label_that_is_not_utf8(tmp_path, table):
    path = write(tmp_path / "hands.csv", table)
    path.write_bytes(path.read_bytes().replace(b"C", b"\xc9"))
    with pytest.raises(ValueError, match=r"row 3 .*is not UTF-8; save the file as"):
        load_csv(path)


def test_nothing_to_report(path):
    assert load_csv(path, on_error="report").rejected.shape == (0, 3)


def test_file_without_one_good_row(tmp_path, table):
    table = [[*row[:-1], "x"] for row in table]
    path = write(tmp_path / "hands.csv", table)
    message = r"hands\.csv: none of 6 records can be read; the first, .* row 1 "
    with pytest.raises(ValueError, match=message):
        load_csv(path, on_error="report")


def test_no_end_of_bad_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(_pixel_csv, "_MAX_INVALID_ROWS", 100)
    path = tmp_path / "hands.csv"
    path.write_text("A,1\n" + "x\n" * 101)
    message = (
        r"hands\.csv, row 102 \(line 102\): got 1 col.* more than 100 invalid rows"
    )
    with pytest.raises(ValueError, match=message):
        load_csv(path, on_error="report")


@pytest.mark.parametrize("block_bytes", [50, 1000, 1 << 20])
def test_endless_line_is_not_kept(tmp_path, table, block_bytes, monkeypatch):
    monkeypatch.setattr(_csv_lines, "_BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(_csv_lines, "_LINE_BYTES", 2000)
    table[1] = [*table[1], *["0"] * 4000]
    path = write(tmp_path / "hands.csv", table)
    with pytest.raises(ValueError, match=r"hands\.csv, row 2 \(line 3\): got "):
        load_csv(path)
    bunch = load_csv(path, on_error="report")
    assert bunch.target.tolist() == [*"ACABC"]
    assert bunch.rejected.position.tolist() == ["row 2 (line 3)"]


def test_endless_first_line(tmp_path, monkeypatch):
    monkeypatch.setattr(_csv_lines, "_LINE_BYTES", 2000)
    path = tmp_path / "hands.csv"
    path.write_text("0," * 1500)
    with pytest.raises(ValueError, match="line 1: got more than 2,000 bytes in one"):
        load_csv(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: got an empty file"),
        (b"\n", "line 1: got an empty line"),
        (b"label,a\n", "line 2: got no row after the header"),
        (b"label,a\n\n\n", "line 4: got no row after the header"),
        (b"sep=;\n", "line 2: got an empty file"),
        (b"sep=|\nlabel|a\n1|2\n", "line 2: got 1 column, 'label.a'; expected .* com"),
        (b"sep=;\nlabel;a\nB;256\n", r"row 1 \(line 3\): a is '256'"),
        (b"label|a\n1|2\n", "line 1: got 1 column, 'label.a'; expected .* commas"),
        (b"\x89PNG\r\n\x1a\n", "line 1: got 1 column"),
        ("label,a\n1,2\n".encode("utf-16-le"), "line 1: got a zero byte, as in UTF"),
        (b"label,a\r1,2\r3,4\r", "line 1: got a carriage return .*CSV UTF-8"),
        ("label,a\n1,2\n".encode("utf-32"), "line 1: got a zero byte"),
        (b"\xff\xfel\0\0\xd8,\0", " begins as UTF-16 and is not .* as UTF-8"),
        (b"label,id\nA,3\n", "line 1: got no column of pixels beside the label"),
    ],
)
def test_file_that_is_no_table(tmp_path, content, message):
    path = tmp_path / "hands.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"hands\.csv,? {message.strip()}"):
        load_csv(path)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"target": 17}, "target=17 is not a column of .*has 17; expected -17 to 16"),
        ({"target": -18}, "target=-18 is not a column of .*hands.csv"),
        ({"target": "class"}, "'class' is the name of 0 columns of .*'label', 'pix"),
        ({"target": "a", "header": False}, "target='a' is a name and header=False"),
        ({"on_error": "report", "return_X_y": True}, "exclude each other"),
        ({"on_error": "ignore"}, "The 'on_error' parameter"),
        ({"header": 0}, "The 'header' parameter"),
        ({"target": 1.0}, "The 'target' parameter"),
        ({"image_shape": 4}, "The 'image_shape' parameter"),
    ],
)
def test_wrong_parameters(path, more, message):
    with pytest.raises(ValueError, match=message):
        load_csv(path, **more)


def test_name_of_two_columns(tmp_path, table):
    path = write(tmp_path / "hands.csv", table, ["a", "a", *NAMES[2:]])
    with pytest.raises(ValueError, match="target='a' is the name of 2 columns"):
        load_csv(path, target="a")


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*nowhere\.csv"):
        load_csv(tmp_path / "nowhere.csv")


def test_folder(tmp_path):
    with pytest.raises(ValueError, match="is a folder; expected a CSV"):
        load_csv(tmp_path)


def read_either_way(path):
    """Read as a user would; anything but a ValueError is a bug."""
    try:
        raised = load_csv(path)
    except ValueError:
        raised = None
    try:
        reported = load_csv(path, on_error="report")
    except ValueError:
        assert raised is None
        return
    assert len(reported.images) == len(reported.target) > 0
    assert (raised is None) == (len(reported.rejected) > 0)
    if raised is not None:
        np.testing.assert_array_equal(raised.images, reported.images)


fuzz = settings(max_examples=MAX_EXAMPLES)
CELLS = st.sampled_from(
    ["0", "7", "255", "256", "-1", "1.0", "", " 3", '"4"', '"', "A", "nan", "1e2", "\0"]
) | st.text(max_size=4)


@pytest.mark.slow
@fuzz
@pytest.mark.fuzz
@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=8))
def test_any_cells(tmp_path, rows):
    path = tmp_path / "hands.csv"
    path.write_bytes("\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass"))
    read_either_way(path)


@fuzz
@pytest.mark.fuzz
@given(st.binary(max_size=200))
@example(b"\xff\xfe1,2")
@example(b'"\n"')
def test_any_bytes(tmp_path, content):
    path = tmp_path / "hands.csv"
    path.write_bytes(content)
    read_either_way(path)


def packed(kind):
    content = to_bytes(make_table(30))
    if kind == "csv":
        return content
    if kind == "gz":
        return gzip.compress(content, mtime=0)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "gz", "zip"])
@fuzz
@pytest.mark.fuzz
@given(data=st.data())
def test_mutated_files(tmp_path, kind, data):
    content = bytearray(packed(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 9)))
        content[start:end] = data.draw(st.binary(max_size=9))
    path = tmp_path / f"hands.{kind}"
    path.write_bytes(content)
    read_either_way(path)


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs /proc to see its memory"
)
def test_line_without_end_takes_little_memory(tmp_path):
    # In a process of its own, for the peak is one for its whole life
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(to_bytes(make_table(1)))
        for _ in range(300):
            file.write(b"0," * 500_000)
    code = (
        "import re, sys\n"
        "from skl_signlang.datasets import load_csv\n"
        "def peak():\n"
        "    status = open('/proc/self/status').read()\n"
        "    return int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1]) / 1024\n"
        "before = peak()\n"
        "try:\n"
        "    load_csv(sys.argv[1], on_error='report')\n"
        "except ValueError as error:\n"
        "    print(peak() - before, error)\n"
    )
    command = [sys.executable, "-c", code, os.fspath(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    growth, error = run.stdout.split(" ", 1)
    assert "unpacks to more than 100 times" in error
    assert float(growth) < 100


def test_the_real_file(shared_data, tmp_path):
    with zipfile.ZipFile(shared_data("sign-language-mnist.zip")) as archive:
        name = next(n for n in archive.namelist() if n.endswith("sign_mnist_test.csv"))
        path = tmp_path / "test.csv"
        path.write_bytes(archive.read(name))
    bunch = load_csv(path)
    assert bunch.images.shape == (7172, 28, 28)
    assert bunch.target.dtype == np.int64
    assert bunch.target_names.tolist() == [*range(9), *range(10, 25)]
    header, *lines = path.read_text().splitlines()
    assert header.startswith("label,")
    expected = np.array([line.split(",") for line in lines[::500]], int)
    np.testing.assert_array_equal(bunch.data[::500], expected[:, 1:])
    np.testing.assert_array_equal(bunch.target[::500], expected[:, 0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_line_of_excel_is_no_header(tmp_path, mark, encoding):
    path = tmp_path / "hands.csv"
    rows = [f"sep={mark}", *(mark.join(row) for row in ("A0", "B7"))]
    path.write_text("\n".join(rows), encoding=encoding)
    for load in (load_csv, load_samples):
        bunch = load(path)
        assert (bunch.target.tolist(), bunch.data.tolist()) == (["A", "B"], [[0], [7]])


def test_a_file_saved_again_has_other_delimiters_than_the_line_of_excel(tmp_path):
    path = tmp_path / "hands.csv"
    path.write_text('"sep=;",\nlabel,pixel1\nA,3\n')
    assert load_csv(path).data.tolist() == [[3]]
