"""What integers stand for, wherever labels are read."""

import base64
import io
import json
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.utils import Bunch

from skl_signlang._letters import CODES, LETTERS, as_code, as_letter
from skl_signlang.cli import main
from skl_signlang.datasets import (
    clean_samples,
    codes_to_letters,
    letters_to_codes,
    load_base64,
    load_csv,
    load_image_folder,
    load_json,
    load_samples,
    load_sign_mnist,
)

COLUMNS = ["label", *(f"pixel{i}" for i in range(1, 785))]
NAME = "sign_mnist_train.csv"
SAYS_WHICH = r"integers from .* codes='.*' \(.*codes='.*' \("

# The integers, and what "auto" makes of them
KAGGLE, ALPHABET = "kaggle", "alphabet"
OPEN, WARNS = ValueError, UserWarning
CASES = [
    (CODES, KAGGLE),
    ([24, 3], KAGGLE),
    ([24], KAGGLE),
    ([0, 24], KAGGLE),
    ([0, 1, 2], WARNS),
    ([3, 6, 2, 13], WARNS),
    ([*range(9), *range(10, 24)], WARNS),
    ([*range(1, 9), *range(10, 24)], WARNS),
    ([23], WARNS),
    (range(24), OPEN),
    (range(10), OPEN),
    ([0, 9], OPEN),
    ([9, 23], OPEN),
    (range(1, 25), OPEN),
    ([*range(1, 10), *range(11, 26)], OPEN),
    (range(1, 27), OPEN),
    ([9, 24], OPEN),
    ([25], OPEN),
    (range(26), ALPHABET),
    ([*CODES, 9], ALPHABET),
    ([*CODES, 25], ALPHABET),
    ([0, 25], ALPHABET),
]
ENCODINGS = {
    "kaggle": CODES,
    "dense": range(24),
    "one-based": range(1, 25),
    "alphabet": CODES,
}


def letter_of(code):
    return chr(ord("A") + code)


def pixels(n, side=28):
    return np.random.default_rng(0).integers(0, 256, (n, side * side), np.uint8)


def write_csv(path, labels, columns=COLUMNS, at=0, sep=",", more=(), before=""):
    """Write a file with the labels in some column, and others before the first."""
    rows = [[*map(str, row)] for row in pixels(len(labels)).tolist()]
    for number, (row, label) in enumerate(zip(rows, labels, strict=True)):
        row.insert(at if at >= 0 else len(row), str(label))
        row[:0] = [str(number) for _ in more]
    names = [*columns[1:]]
    names.insert(at if at >= 0 else len(names), columns[0])
    lines = [[*more, *names], *rows]
    text = before + "".join(sep.join(line) + "\n" for line in lines)
    path.write_text(text, newline="")
    return path


def png(seed=0):
    file = io.BytesIO()
    Image.fromarray(pixels(seed + 1)[-1].reshape(28, 28)).save(file, "PNG")
    return file.getvalue()


# --- the rule -------------------------------------------------------------------------


@pytest.mark.parametrize(("codes", "made"), CASES)
def test_what_auto_makes_of_integers(codes, made):
    still = [code for code in codes if code in CODES]
    if made is OPEN:
        with pytest.raises(ValueError, match=r"several codings fit.*codes='"):
            codes_to_letters([*codes], coding="auto")
    elif made is WARNS:
        with pytest.warns(UserWarning, match=SAYS_WHICH):
            letters = codes_to_letters([*codes], coding="auto")
        assert letters.tolist() == [*map(letter_of, codes)]
    elif made is KAGGLE:
        letters = codes_to_letters([*codes], coding="auto")
        assert letters.tolist() == [*map(letter_of, codes)]
    else:
        with pytest.raises(ValueError, match=r"9 \(J\) and 25 \(Z\) are signed with"):
            codes_to_letters([*codes], coding="auto")
        bunch = Bunch(images=pixels(len([*codes])), target=[*codes])
        assert clean_samples(bunch)[0].target.tolist() == [*map(letter_of, still)]


@pytest.mark.parametrize("coding", ENCODINGS)
def test_each_coding_there_and_back(coding):
    codes = [*ENCODINGS[coding]]
    assert codes_to_letters(codes, coding=coding).tolist() == [*LETTERS]
    assert letters_to_codes(LETTERS, coding=coding).tolist() == codes


def test_the_alphabet_counted_from_one():
    codes = [code + 1 for code in CODES]
    assert codes_to_letters(codes, coding="one-based").tolist() == [*LETTERS]
    with pytest.raises(ValueError, match=r"1 to 25 without 10; got \[10\].*26 \(Z\)"):
        codes_to_letters([*codes, 10], coding="one-based")


@pytest.mark.parametrize(
    ("coding", "code", "message"),
    [
        ("kaggle", 9, "0 to 24 without 9"),
        ("alphabet", 25, "0 to 24 without 9"),
        ("dense", 24, r"0 to 23; got \[24\]\.$"),
        ("one-based", 0, r"1 to 24; got \[0\]\.$"),
        ("dense", -1, "0 to 23"),
        ("kaggle", 1.5, "0 to 24"),
        ("german", 1, "coding must be one of auto, kaggle, .*; got 'german'"),
    ],
)
def test_codes_out_of_a_coding(coding, code, message):
    with pytest.raises(ValueError, match=message):
        codes_to_letters([code], coding=coding)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        *((3, 3), (3.0, 3), ("3", 3), (" 03 ", 3), ("3.0", 3), ("3,", 3), ("+3", 3)),
        *((np.int8(3), 3), (np.float32(3), 3), (-1, -1), ("", None), ("3.5", None)),
        *((3.5, None), (None, None), (True, None), (np.nan, None), ("A", None)),
        *((np.inf, None), ("1e1", None), ("\u0663", None)),
    ],
)
def test_spellings_of_integers(label, code):
    assert as_code(label) == code


@pytest.mark.parametrize(
    ("label", "letter"),
    [
        *(("a", "A"), (" Y ", "Y"), ("j", "J"), ("NOTHING", "nothing")),
        *(("Space", "space"), ("del", "del"), ("AB", None), ("", None), (3, None)),
    ],
)
def test_spellings_of_letters(label, letter):
    assert as_letter(label) == letter


# --- the loaders ----------------------------------------------------------------------


def as_csv(path, codes):
    return load_csv, write_csv(path / "hands.csv", codes)


def as_sign_mnist(path, codes):
    return load_sign_mnist, write_csv(path / "hands.csv", codes)


def as_any(path, codes):
    return load_samples, write_csv(path / "hands.csv", codes)


def as_npz(path, codes):
    images = pixels(len(codes)).reshape(-1, 28, 28)
    np.savez(path / "hands.npz", images=images, y=codes)
    return load_samples, path / "hands.npz"


def test_whole_float_labels_are_explained(tmp_path):
    for labels, advice in (([0.0, 1.0], True), ([0.5, 1.0], False)):
        load, file = as_npz(tmp_path, np.array(labels))
        with pytest.raises(ValueError, match="expected text or integers") as error:
            load(file)
        assert ("write y.astype(int)" in str(error.value)) is advice


def as_folder(path, codes):
    for code in codes:
        (path / "hands" / str(code)).mkdir(parents=True)
        (path / "hands" / str(code) / "1.png").write_bytes(png())
    return load_image_folder, path / "hands"


def as_base64(path, codes):
    rows = {str(code): base64.b64encode(png()).decode() for code in codes}
    (path / "hands.json").write_text(json.dumps(rows))
    return load_base64, path / "hands.json"


def as_json(path, codes):
    (path / "hand.png").write_bytes(png())
    rows = [{"content": "hand.png", "label": code} for code in codes]
    (path / "hands.json").write_text(json.dumps(rows))
    return load_json, path / "hands.json"


def as_json_lines(path, codes):
    """Codes as text, and the images in the content."""
    load, file = as_json(path, codes)
    content = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    rows = [{"content": content, "label": str(code)} for code in codes]
    file.write_text("\n".join(map(json.dumps, rows)))
    return load, file


def as_base64_lines(path, codes):
    image = base64.b64encode(png()).decode()
    rows = [{"image": image, "label": float(code)} for code in codes]
    (path / "hands.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return load_base64, path / "hands.jsonl"


def as_any_json(path, codes):
    return load_samples, as_json_lines(path, codes)[1]


OF_JSON = [as_base64, as_json, as_json_lines, as_base64_lines, as_any_json]
LOADERS = [as_csv, as_sign_mnist, as_any, as_npz, as_folder, *OF_JSON]


@pytest.mark.parametrize("make", LOADERS)
@pytest.mark.parametrize("coding", ENCODINGS)
def test_every_loader_takes_codes(tmp_path, make, coding):
    load, path = make(tmp_path, [*ENCODINGS[coding]])
    assert load(path, codes=coding).target_names.tolist() == [*LETTERS]


@pytest.mark.parametrize("make", LOADERS)
@pytest.mark.parametrize("codes", [range(24), range(1, 25)])
def test_every_loader_asks_which_codes_they_are(tmp_path, make, codes):
    load, path = make(tmp_path, [*codes])
    with pytest.raises(ValueError, match=rf"hands.*{SAYS_WHICH}"):
        load(path, codes="auto")


@pytest.mark.parametrize("make", LOADERS)
def test_every_loader_takes_a_subset_for_kaggles(tmp_path, make):
    load, path = make(tmp_path, [0, 5, 12])
    with pytest.warns(UserWarning, match=SAYS_WHICH):
        assert load(path, codes="auto").target_names.tolist() == ["A", "F", "M"]


@pytest.mark.parametrize("make", LOADERS)
def test_every_loader_reports_letters_that_move(tmp_path, make):
    load, path = make(tmp_path, [0, 9, 25])
    with pytest.raises(ValueError, match=r"is '?(9|25)'?\. Codes must .* 9 \(J\)"):
        load(path, codes="alphabet")
    bunch = load(path, codes="alphabet", on_error="report")
    assert bunch.target.tolist() == ["A"]
    assert len(bunch.images) == 1
    assert len(bunch.rejected) == 2


@pytest.mark.parametrize("make", [as_csv, as_npz, as_folder, *OF_JSON])
def test_other_loaders_leave_integers_as_they_are(tmp_path, make):
    load, path = make(tmp_path, [*range(10)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [*map(int, load(path).target_names)] == [*range(10)]


@pytest.mark.parametrize("make", [as_sign_mnist, as_any])
def test_the_columns_of_kaggle_hold_letters(tmp_path, make):
    load, path = make(tmp_path, [*range(24)])
    with pytest.raises(ValueError, match=rf"hands\.csv: The .*{SAYS_WHICH}"):
        load(path)
    load, path = make(tmp_path, CODES)
    assert load(path).target.tolist() == [*LETTERS]


@pytest.mark.parametrize("load", [load_csv, load_sign_mnist, load_samples])
def test_kaggles_own_name_says_what_codes_are(tmp_path, load):
    path = write_csv(tmp_path / NAME.upper(), [1, 5, 12])
    assert load(path, codes="auto").target.tolist() == ["B", "F", "M"]


@pytest.mark.parametrize("codes", [range(24), range(1, 25), [c + 1 for c in CODES]])
def test_kaggles_own_name_does_not_hide_another_coding(tmp_path, codes):
    path = write_csv(tmp_path / NAME, [*codes])
    for on_error in ("raise", "report"):
        with pytest.raises(ValueError, match=SAYS_WHICH):
            load_sign_mnist(path, on_error=on_error)


@pytest.mark.parametrize("codes", [[0, 9], [5, 9, 25]])
def test_a_stray_j_in_kaggles_own_file_is_a_bad_row(tmp_path, codes):
    path = write_csv(tmp_path / NAME, codes)
    bunch = load_sign_mnist(path, on_error="report")
    assert bunch.target.tolist() == [letter_of(codes[0])]


def test_both_files_of_a_zip_are_read_alike(tmp_path):
    for name, codes in ((NAME, range(24)), ("sign_mnist_test.csv", [1, 10])):
        write_csv(tmp_path / name, [*codes])
    with zipfile.ZipFile(tmp_path / "hands.zip", "w") as archive:
        for path in tmp_path.glob("*.csv"):
            archive.write(path, path.name)
    bunch = load_sign_mnist(tmp_path / "hands.zip", subset="all", codes="dense")
    assert bunch.target.tolist() == [*LETTERS, "B", "L"]


SPELLINGS = {
    "a capital": {"columns": ["Label", *COLUMNS[1:]]},
    "capitals": {"columns": [name.upper() for name in COLUMNS]},
    "blanks": {"columns": [f" {name} " for name in COLUMNS]},
    "last": {"at": -1},
    "in the middle": {"at": 300},
    "semicolons": {"sep": ";"},
    "tabs": {"sep": "\t"},
    "Excel's line": {"sep": ";", "before": "sep=;\n"},
    "Excel's line with a comma": {"before": "sep=,\r\n"},
    "Excel's line with a tab": {"sep": "\t", "before": "sep=\t\r\n"},
    "Excel's line in quotes": {"sep": ";", "before": '\ufeff"SEP=;";;;\n'},
    "an index": {"more": ["Unnamed: 0"]},
    "an index without a name": {"more": [""]},
    "two indices": {"more": ["Unnamed: 0.1", "Unnamed: 0"]},
    "an index and semicolons": {"more": [""], "sep": ";", "at": -1},
}


@pytest.mark.slow
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "labels",
    [
        CODES,
        [f"{code:02}" for code in CODES],
        [f"{code}.0" for code in CODES],
        LETTERS,
        [letter.lower() for letter in LETTERS],
    ],
    ids=["codes", "padded", "floats", "letters", "small letters"],
)
def test_loaders_read_any_spelling_alike(tmp_path, spelling, labels):
    path = write_csv(tmp_path / "hands.csv", labels, **SPELLINGS[spelling])
    for load in (load_csv, load_sign_mnist, load_samples):
        bunch = load(path, codes="auto")
        assert bunch.target.tolist() == [*LETTERS]
        np.testing.assert_array_equal(bunch.data, pixels(24))


def test_classes_beside_the_letters_are_classes(tmp_path):
    path = write_csv(tmp_path / "hands.csv", ["A", "Nothing", "space", "DEL"])
    expected = ["A", "nothing", "space", "del"]
    assert load_samples(path).target.tolist() == expected
    bunch = load_csv(path)
    clean, report = clean_samples(bunch)
    assert report.empty
    assert clean.target.tolist() == expected


# --- cleaning -------------------------------------------------------------------------


@pytest.mark.parametrize("spell", [int, float, str, np.int8, "{:02}".format])
@pytest.mark.parametrize("coding", ENCODINGS)
def test_clean_samples_takes_codes(coding, spell):
    target = [spell(code) for code in ENCODINGS[coding]]
    clean, report = clean_samples(Bunch(images=pixels(24), target=target), codes=coding)
    assert report.empty
    assert clean.target.tolist() == [*LETTERS]


@pytest.mark.parametrize("codes", [range(24), range(1, 25), range(10)])
def test_clean_samples_asks_which_codes_they_are(codes):
    bunch = Bunch(images=pixels(len(codes)), target=[*codes])
    with pytest.raises(ValueError, match=rf"{SAYS_WHICH}.*labels=None"):
        clean_samples(bunch)
    assert len(clean_samples(bunch, labels=None)[0].target) == len(codes)


def test_clean_samples_warns_where_several_codings_fit():
    bunch = Bunch(images=pixels(2), target=[0, 12])
    with pytest.warns(UserWarning, match=SAYS_WHICH):
        clean, _ = clean_samples(bunch)
    assert clean.target.tolist() == ["A", "M"]


def test_integers_beside_other_classes_are_no_strays():
    target = [*range(24), "nothing", "space"]
    with pytest.raises(ValueError, match=SAYS_WHICH):
        clean_samples(Bunch(images=pixels(26), target=np.array(target, object)))


@pytest.mark.parametrize("label", [np.str_("?"), np.int64(26), np.float64(1.5)])
def test_scalars_of_numpy_are_shown_plainly(label):
    target = np.array([*LETTERS, label], dtype=object)
    _, report = clean_samples(Bunch(images=pixels(25), target=target))
    assert report.value.tolist() == [repr(label.item())]


# --- the command ----------------------------------------------------------------------


@pytest.fixture
def dense(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_csv(tmp_path / "dense.csv", [*range(24)])


READING = [
    ["data", "audit", "dense.csv"],
    ["data", "clean", "dense.csv", "out.npz"],
    ["data", "convert", "dense.csv", "out.npz"],
    ["data", "leakage", "dense.csv"],
    ["train", "dense.csv"],
    ["tune", "dense.csv"],
    ["evaluate", "dense.csv"],
]


@pytest.mark.slow
@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words[:2]))
def test_commands_ask_for_their_option(dense, words, capsys):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "--codes dense (0 to 23, where 9 is K) or --codes alphabet" in err
    assert "codes=" not in err
    assert not (dense.parent / "out.npz").exists()


@pytest.mark.parametrize("action", ["clean", "convert"])
@pytest.mark.parametrize("out", ["out.csv", "out.csv.gz", "out.npz", "out.json", "out"])
def test_what_is_written_says_letters(dense, action, out, capsys):
    assert main(["data", action, "dense.csv", out, "--codes", "dense"]) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sorted(load_samples(out).target) == [*LETTERS]
        assert main(["data", "audit", out]) == 0


def test_a_warning_is_a_line(dense, capsys):
    write_csv(dense.with_name("few.csv"), [0, 12, 13])
    assert main(["data", "convert", "few.csv", "few.npz"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("skl-signlang: warning: The labels are integers from 0 to")
    assert "--codes kaggle" in line
    assert load_samples("few.npz").target.tolist() == ["A", "M", "N"]


def test_audit_does_not_take_digits_for_letters(dense, capsys):
    np.savez("digits.npz", X=pixels(10), y=np.arange(10))
    assert main(["data", "audit", "digits.npz"]) == 2
    assert "--any-labels" in capsys.readouterr().err
    assert main(["data", "audit", "digits.npz", "--any-labels"]) == 0


def test_the_command_offers_every_coding(capsys):
    with pytest.raises(SystemExit):
        main(["data", "audit", "--help"])
    out = capsys.readouterr().out
    assert "{auto,kaggle,dense,one-based,alphabet,none}" in out


def test_a_table_of_pandas(tmp_path):
    frame = pd.DataFrame(pixels(24), columns=COLUMNS[1:])
    frame["label"] = [*LETTERS]
    frame.to_csv(tmp_path / "hands.csv")
    for load in (load_csv, load_sign_mnist, load_samples):
        assert load(tmp_path / "hands.csv").target.tolist() == [*LETTERS]


@pytest.mark.parametrize(
    ("codes", "named"),
    [(range(20), "codes='dense'"), (range(1, 27), "codes='one-based'")],
    ids=["0-19", "1-26"],
)
def test_kaggles_name_with_other_codes_names_the_option(codes, named, tmp_path):
    path = write_csv(tmp_path / "sign_mnist_train.csv", codes)
    with pytest.raises(ValueError, match=f"label is '9'.* pass {named}"):
        load_sign_mnist(path)


@pytest.mark.parametrize("codes", [range(24), range(1, 25)], ids=["dense", "one-based"])
def test_a_test_file_is_read_as_the_train_file_beside_it(codes, tmp_path):
    write_csv(tmp_path / "sign_mnist_train.csv", codes)
    write_csv(tmp_path / "sign_mnist_test.csv", [3, 4])
    for subset in ("train", "test", "all"):
        with pytest.raises(ValueError, match="several codings fit"):
            load_sign_mnist(tmp_path, subset=subset)
    named = "one-based" if 24 in codes else "dense"
    read = load_sign_mnist(tmp_path, subset="test", codes=named)
    assert read.target.tolist() == [*("CD" if 24 in codes else "DE")]


def test_a_test_file_beside_kaggles_train_file_is_kaggles(tmp_path):
    write_csv(tmp_path / "sign_mnist_train.csv", CODES)
    write_csv(tmp_path / "sign_mnist_test.csv", [3, 10])
    assert load_sign_mnist(tmp_path, subset="test").target.tolist() == ["D", "K"]
