import io

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.utils import Bunch

from skl_signlang.datasets import clean_samples
from skl_signlang.model_selection import split_samples

LETTERS = list("ABCDEFGHIKLMNOPQRSTUVWXY")


def hands(n=48, side=6, seed=0, **more):
    images = np.random.default_rng(seed).integers(0, 256, (n, side, side), np.uint8)
    return Bunch(
        images=images,
        data=images.reshape(n, -1),
        target=np.resize(LETTERS, n),
        target_names=np.array(LETTERS),
        groups=np.arange(n) // 2,
        DESCR="Hands.",
        **more,
    )


def found(report, check, action="removed"):
    return report.row[(report.check == check) & (report.action == action)].tolist()


def assert_standard(bunch):
    n = len(bunch.target)
    assert bunch.images.dtype in (np.uint8, np.float32)
    assert len(bunch.images) == n
    assert np.shares_memory(bunch.images, bunch.data)
    assert bunch.data.shape == (n, bunch.images[0].size)
    np.testing.assert_array_equal(bunch.target_names, np.unique(bunch.target))


# The file of the course: zero rows, rows of text and rows that are there twice


def course_file(seed=0, n=200, n_pixels=784):
    """Return a dirty file as text, and the rows of each kind of dirt."""
    rng = np.random.default_rng(seed)
    codes = [code for code in range(25) if code != 9]
    table = [
        [str(v) for v in (rng.choice(codes), *rng.integers(0, 256, n_pixels))]
        for _ in range(n)
    ]
    places = rng.permutation(n)
    zeros, texts, copies = np.sort(np.split(places[:60], 3))
    originals = places[100:120]
    for row in zeros:
        table[row] = ["0"] * (n_pixels + 1)
    for row in texts:
        table[row] = ["fwefew"] * (n_pixels + 1)
    for row, original in zip(copies, originals, strict=True):
        table[row] = table[original]
    header = ["label", *(f"pixel{i}" for i in range(1, n_pixels + 1))]
    text = "\n".join(map(",".join, [header, *table]))
    copied = np.sort(np.maximum(copies, originals))
    kept = np.sort(np.minimum(copies, originals))
    return text, zeros, texts, copied, kept


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_finds_all_of_the_dirty_file(seed):
    text, zeros, texts, copied, kept = course_file(seed)
    table = pd.read_csv(io.StringIO(text))
    dirty = Bunch(data=table.drop(columns="label"), target=table["label"])
    clean, report = clean_samples(dirty)
    assert found(report, "constant") == zeros.tolist()
    assert found(report, "text") == texts.tolist()
    assert found(report, "label") == texts.tolist()
    assert found(report, "duplicate") == copied.tolist()
    assert found(report, "duplicate", "kept") == kept.tolist()
    assert set(report.check) == {"constant", "text", "label", "duplicate"}
    assert_standard(clean)
    assert clean.images.shape == (140, 28, 28)
    assert clean.images.dtype == np.uint8
    assert set(clean.target) <= set(LETTERS)


def test_the_good_rows_of_the_dirty_file_are_as_they_were():
    text, zeros, texts, copied, _ = course_file()
    lines = text.splitlines()[1:]
    clean, _ = clean_samples(_bunch_of(text))
    good = np.setdiff1d(np.arange(200), np.concatenate([zeros, texts, copied]))
    expected = [list(map(int, lines[row].split(",")[1:])) for row in good]
    np.testing.assert_array_equal(clean.data, expected)


def _bunch_of(text):
    table = pd.read_csv(io.StringIO(text))
    return Bunch(data=table.drop(columns="label"), target=table["label"])


def test_value_describes_the_finding():
    text, *_ = course_file()
    _, report = clean_samples(_bunch_of(text))
    values = report.groupby("check")["value"].unique()
    assert values["text"].tolist() == ["'fwefew' and 783 cells more"]
    assert values["label"].tolist() == ["'fwefew'"]
    assert values["constant"].tolist() == ["0"]
    assert values["duplicate"][0].startswith("as row ")


# What is promised of any data


def test_clean_data_stay_as_they_are():
    bunch = hands(filenames=[f"{i}.png" for i in range(48)])
    clean, report = clean_samples(bunch)
    assert report.empty
    assert list(report) == ["row", "check", "value", "action"]
    assert_standard(clean)
    for key in ("images", "target", "target_names", "groups", "filenames"):
        np.testing.assert_array_equal(clean[key], bunch[key])
    assert clean.DESCR.startswith("Hands.")
    assert clean.DESCR.endswith("48 of 48 samples left.")


def test_cleaning_twice_is_cleaning_once():
    text, *_ = course_file()
    clean, _ = clean_samples(_bunch_of(text))
    again, report = clean_samples(clean)
    assert report.empty
    np.testing.assert_array_equal(again.images, clean.images)


def test_the_input_is_left_alone():
    bunch = hands()
    bunch.images[3] = 0
    before = bunch.images.copy(), bunch.target.copy()
    clean, _ = clean_samples(bunch)
    clean.images[:] = 1
    np.testing.assert_array_equal(bunch.images, before[0])
    np.testing.assert_array_equal(bunch.target, before[1])
    assert len(bunch.target) == 48


def test_entries_are_cut_along():
    n = 48
    bunch = hands(
        filenames=[f"{i}.png" for i in range(n)],
        joints=np.arange(n * 42).reshape(n, 21, 2),
        signer=pd.Series(np.arange(n) % 3, index=np.arange(n) + 7),
        frame=pd.DataFrame({"a": np.arange(n)}),
        feature_names=[f"pixel{i}" for i in range(n)],
        licence="CC0",
        n_groups=24,
    )
    bunch.images[[0, 1, 5]] = 7
    clean, _ = clean_samples(bunch)
    left = np.setdiff1d(np.arange(n), [0, 1, 5])
    assert clean.filenames == [f"{i}.png" for i in left]
    np.testing.assert_array_equal(clean.joints, bunch.joints[left])
    np.testing.assert_array_equal(clean.signer, bunch.signer.iloc[left])
    np.testing.assert_array_equal(clean.frame.a, left)
    np.testing.assert_array_equal(clean.groups, bunch.groups[left])
    assert clean.n_groups == 23
    assert len(clean.feature_names) == n
    assert clean.licence == "CC0"
    assert "45 of 48 samples left (found: constant 3)" in clean.DESCR


def test_rows_of_the_report_are_places_in_the_input():
    bunch = hands()
    bunch.target[40] = "?"
    bunch.images[2] = 0
    bunch.images[30] = bunch.images[6]  # both are 'G'
    _, report = clean_samples(bunch)
    assert report.row.tolist() == [2, 6, 30, 40]
    assert report.check.tolist() == ["constant", "duplicate", "duplicate", "label"]
    assert report.action.tolist() == ["removed", "kept", "removed", "removed"]
    assert report.row.dtype == np.int64


@pytest.mark.parametrize("shape", [(36,), (6, 6), (6, 6, 1), (6, 6, 3), (3, 12)])
@pytest.mark.parametrize("kind", ["array", "list", "objects", "float"])
def test_forms_of_images(kind, shape):
    n = 24
    images = np.random.default_rng(0).integers(0, 256, (n, *shape), np.uint8)
    images[4] = 9
    given = {
        "array": images,
        "list": list(images),
        "objects": images.astype(object),
        "float": images.astype(float),
    }[kind]
    clean, report = clean_samples(Bunch(images=given, target=LETTERS))
    assert found(report, "constant") == [4]
    assert_standard(clean)
    assert clean.images.dtype == np.uint8
    assert clean.images.shape[1:3] == ((6, 6) if shape == (36,) else shape[:2])
    np.testing.assert_array_equal(
        clean.data, np.delete(images, 4, axis=0).reshape(n - 1, -1)
    )


def test_images_count_where_there_are_both():
    bunch = hands()
    bunch.data = np.zeros((48, 36))
    assert clean_samples(bunch)[1].empty
    bunch.images = None
    with pytest.raises(ValueError, match=r"None of the 48 .*row 0, fails 'constant'"):
        clean_samples(bunch)


def test_integers_become_uint8_and_other_values_float32():
    bunch = hands()
    bunch.images = bunch.images.astype(float)
    assert clean_samples(bunch)[0].images.dtype == np.uint8
    bunch.images[0, 0, 0] = 0.5
    clean, _ = clean_samples(bunch)
    assert clean.images.dtype == np.float32
    assert clean.images[0, 0, 0] == 0.5


# Check by check


def as_cells(bunch):
    bunch.images = None
    bunch.data = bunch.data.astype(object)
    return bunch


def test_numbers_written_as_text_are_numbers():
    bunch = as_cells(hands())
    expected = bunch.data.astype(int)
    bunch.data[3] = [str(value) for value in bunch.data[3]]
    bunch.data[4] = [f" {value}.0 " for value in bunch.data[4]]
    clean, report = clean_samples(bunch)
    assert report.empty
    np.testing.assert_array_equal(clean.data, expected)


@pytest.mark.parametrize("text", ["fwefew", "12a", "0x10", [1, 2], 1 + 2j])
def test_text(text):
    bunch = as_cells(hands())
    bunch.data[3, 5] = text
    _, report = clean_samples(bunch)
    assert found(report, "text") == [3]
    assert str(text) in report.value[0]


@pytest.mark.parametrize("hole", [None, np.nan, pd.NA, "", "  ", "nan"])
def test_missing_values(hole):
    bunch = as_cells(hands())
    bunch.data[3, 5:7] = hole
    bunch.data[20, 5] = hole
    _, report = clean_samples(bunch)
    assert found(report, "missing") == [3, 20]
    assert report.value.tolist() == ["2 cells", "1 cell"]


def test_missing_values_in_floats_and_frames():
    def nullable(data):
        return pd.DataFrame(data, dtype="Float64")

    for form in (np.asarray, pd.DataFrame, nullable):
        bunch = hands()
        data = bunch.data.astype(float)
        data[3, 5] = np.nan
        _, report = clean_samples(Bunch(data=form(data), target=bunch.target))
        assert found(report, "missing") == [3]


def test_missing_values_stay_without_the_check():
    bunch = hands()
    bunch.images = bunch.images.astype(float)
    bunch.images[3, 0, 0] = np.nan
    clean, _ = clean_samples(bunch, checks=["duplicate"])
    assert clean.images.dtype == np.float32
    assert np.isnan(clean.images[3, 0, 0])


@pytest.mark.parametrize("value", [-1, 256, 1e30, np.inf, -np.inf, 10**400])
def test_range(value):
    bunch = as_cells(hands())
    bunch.data[3, 5] = value
    _, report = clean_samples(bunch)
    assert found(report, "range") == [3]


def test_values_that_no_dtype_of_images_holds():
    bunch = hands()
    bunch.images = bunch.images.astype(float)
    bunch.images[3, 0, 0] = 1e300
    with pytest.raises(ValueError, match=r"reach 1e\+300.*add 'range' to checks"):
        clean_samples(bunch, checks=["duplicate"])


def test_range_reports_the_worst_value():
    bunch = hands()
    bunch.images = bunch.images.astype(int)
    bunch.images[3].flat[[1, 2, 3]] = -5, 300, -40
    _, report = clean_samples(bunch)
    assert report.value.tolist() == ["300"]
    _, report = clean_samples(bunch, pixel_range=(-10, 300))
    assert report.value.tolist() == ["-40"]


@pytest.mark.parametrize("value", [0, 7, 255])
def test_constant(value):
    bunch = hands()
    bunch.images[[3, 9]] = value
    _, report = clean_samples(bunch)
    assert found(report, "constant") == [3, 9]
    assert report.value.tolist() == [str(value)] * 2


def test_shape():
    bunch = hands()
    images = list(bunch.images)
    images[3] = images[3][:5]
    images[9] = [[1, 2], [3]]
    images[10] = 5
    images[11] = images[11].ravel()  # a row of the right length is right
    images[12] = np.zeros((6, 6, 3))
    clean, report = clean_samples(Bunch(images=images, target=bunch.target))
    assert found(report, "shape") == [3, 9, 10, 12]
    assert report.value.tolist() == ["(5, 6)", "(2,)", "one number", "(6, 6, 3)"]
    assert_standard(clean)
    assert clean.images.shape == (44, 6, 6)


def test_images_that_are_not_there():
    images = list(hands().images)
    images[3], images[9], images[10] = None, "fwefew", np.nan
    _, report = clean_samples(Bunch(images=images, target=hands().target))
    assert found(report, "missing") == [3, 10]
    assert found(report, "text") == [9]


def test_image_shape_says_what_is_right():
    images = [*hands().images[:5], *hands(side=4).images[5:]]
    bunch = Bunch(images=images, target=hands().target)
    assert clean_samples(bunch)[0].images.shape == (43, 4, 4)
    assert clean_samples(bunch, image_shape=(6, 6))[0].images.shape == (5, 6, 6)
    rows = Bunch(data=hands().data, target=hands().target)
    assert clean_samples(rows, image_shape=(4, 9))[0].images.shape == (48, 4, 9)


def test_exact_duplicates():
    bunch = hands()
    bunch.images[[24, 10, 34]] = bunch.images[[0, 0, 0]]
    bunch.target[[24, 10, 34]] = bunch.target[0]
    clean, report = clean_samples(bunch)
    assert found(report, "duplicate", "kept") == [0]
    assert found(report, "duplicate") == [10, 24, 34]
    assert report.value.tolist() == ["as row 10, 24, 34", *["as row 0"] * 3]
    assert len(clean.target) == 45


def test_a_nearly_equal_image_is_no_duplicate():
    bunch = hands()
    bunch.images[24] = bunch.images[0]
    bunch.images[24, 0, 0] ^= 1
    assert clean_samples(bunch)[1].empty


def test_conflict():
    bunch = hands()
    bunch.images[[10, 24]] = bunch.images[0]  # 'L', and 'A' as row 0 is
    clean, report = clean_samples(bunch)
    assert found(report, "conflict") == [0, 10, 24]
    assert set(report.value) == {"A (row 0), L (row 10)"}
    assert len(clean.target) == 45


def test_spellings_of_one_label_are_no_conflict():
    bunch = hands()
    bunch.images[[1, 2]] = bunch.images[0]
    bunch.target = bunch.target.astype(object)
    bunch.target[[1, 2]] = "a", 0
    _, report = clean_samples(bunch)
    assert set(report.check) == {"duplicate"}


def test_what_is_dirty_contradicts_nothing():
    """Zero images of many letters are not a conflict besides."""
    bunch = hands()
    bunch.images[[0, 1, 24]] = 0
    assert set(clean_samples(bunch)[1].check) == {"constant"}


def test_only_the_checks_asked_for():
    bunch = hands()
    bunch.images[[0, 24]] = 0
    bunch.target[5] = "J"
    clean, report = clean_samples(bunch, checks=["duplicate"])
    assert report.check.tolist() == ["duplicate"] * 2
    assert clean.target[5] == "J"
    assert clean_samples(bunch, checks=[])[1].empty


# Labels


@pytest.mark.parametrize(
    "labels",
    [
        LETTERS,
        [letter.lower() for letter in LETTERS],
        [code for code in range(25) if code != 9],
        [float(code) for code in range(25) if code != 9],
        [f" {code}" for code in range(25) if code != 9],
        pd.Series(LETTERS, dtype="category"),
    ],
    ids=["upper", "lower", "codes", "floats", "texts", "category"],
)
def test_spellings_of_letters(labels):
    clean, report = clean_samples(Bunch(images=hands(24).images, target=labels))
    assert report.empty
    assert clean.target.tolist() == LETTERS


@pytest.mark.parametrize("label", ["J", "j", "Z", "z", 9, 25, "9", 25.0])
def test_letters_that_move(label):
    bunch = hands()
    bunch.target = bunch.target.astype(object)
    bunch.target[3] = label
    _, report = clean_samples(bunch)
    assert found(report, "label") == [3]
    assert "motion" in report.value[0]
    assert "J" in report.value[0].upper() or "Z" in report.value[0].upper()


@pytest.mark.parametrize("label", ["AB", "Ä", "fwefew", 26, -1, 1.5, np.inf])
def test_labels_that_do_not_exist(label):
    bunch = hands()
    bunch.target = bunch.target.astype(object)
    bunch.target[3] = label
    _, report = clean_samples(bunch)
    assert found(report, "label") == [3]
    assert report.value[0] == repr(label)


@pytest.mark.parametrize("labels", ["letters", None, LETTERS])
@pytest.mark.parametrize("label", [None, np.nan, pd.NA, pd.NaT, " "])
def test_missing_labels(label, labels):
    bunch = hands()
    bunch.target = bunch.target.astype(object)
    bunch.target[3] = label
    _, report = clean_samples(bunch, labels=labels)
    assert found(report, "label") == [3]
    assert report.value.tolist() == ["missing"]


@pytest.mark.parametrize("spell", [int, str, float])
def test_digits(spell):
    target = [spell(digit) for digit in np.arange(20) % 10]
    bunch = Bunch(images=hands(20).images, target=target)
    clean, report = clean_samples(bunch, labels=range(10))
    assert report.empty
    assert clean.target.tolist() == [digit % 10 for digit in range(20)]
    clean, _ = clean_samples(bunch, labels=None)
    assert clean.target.tolist() == target


def test_words():
    bunch = Bunch(images=hands(4).images, target=["yes", "no", "no", "maybe"])
    clean, report = clean_samples(bunch, labels=["yes", "no"])
    assert found(report, "label") == [3]
    assert clean.target.tolist() == ["yes", "no", "no"]
    with pytest.raises(ValueError, match=r"None of .*'yes'.*labels=None"):
        clean_samples(bunch)


def test_places_among_names_are_not_taken_for_codes():
    bunch = hands(24)
    bunch.target = np.arange(24)
    with pytest.raises(ValueError, match=r"target_names\[target\]"):
        clean_samples(bunch)
    bunch.target = bunch.target_names[bunch.target]
    assert clean_samples(bunch)[0].target.tolist() == LETTERS


# Hints


def probabilities(labels, classes, sure=0.9):
    rest = (1 - sure) / (len(classes) - 1)
    return np.where(np.equal.outer(labels, classes), sure, rest)


def test_hints_of_wrong_labels_and_outliers():
    bunch = hands(240)
    rng = np.random.default_rng(0)
    pred_probs = probabilities(bunch.target, LETTERS)
    pred_probs += rng.uniform(0, 0.002, pred_probs.shape)
    pred_probs[7] = probabilities(["X"], LETTERS, 0.95)[0]
    pred_probs[11] = 1 / 24
    pred_probs /= pred_probs.sum(axis=1, keepdims=True)
    pred_probs[7] = probabilities(["X"], LETTERS, 0.95)[0]
    clean, report = clean_samples(bunch, pred_probs=pred_probs)
    assert report.row[report.check == "outlier"].tolist() == [11]
    wrong = report[report.check == "label_error"]
    assert wrong.row.tolist() == [7]
    assert wrong.value.tolist() == ["X rather than H, probability 0.950"]
    assert set(report.action) == {"hint"}
    assert len(clean.target) == 240


def test_hints_speak_of_what_is_left():
    bunch = hands(48)
    bunch.images[3] = 0
    pred_probs = probabilities(bunch.target, LETTERS)
    pred_probs[3] = np.nan
    pred_probs[30] = probabilities(["X"], LETTERS)[0]
    _, report = clean_samples(bunch, pred_probs=pred_probs)
    assert report.check.tolist() == ["constant", "label_error"]
    assert report.row.tolist() == [3, 30]


def test_classes_are_the_order_of_columns():
    bunch = hands(48)
    pred_probs = probabilities(bunch.target, LETTERS)
    pred_probs[30] = probabilities(["X"], LETTERS)[0]
    _, expected = clean_samples(bunch, pred_probs=pred_probs)
    order = np.random.default_rng(0).permutation(24)
    codes = [code for code in range(25) if code != 9]
    for classes in (np.array(LETTERS), np.array(codes)):
        _, report = clean_samples(
            bunch, pred_probs=pred_probs[:, order], classes=classes[order]
        )
        pd.testing.assert_frame_equal(report, expected)


@pytest.mark.slow
def test_most_swapped_labels_are_found_and_most_hints_are_right():
    bunch = load_digits()
    swapped = np.random.default_rng(0).permutation(len(bunch.target))[:60]
    bunch.target[swapped] = (bunch.target[swapped] + 1) % 10
    pred_probs = cross_val_predict(
        LogisticRegression(max_iter=500, C=0.1),
        bunch.data / 16,
        bunch.target,
        method="predict_proba",
    )
    _, report = clean_samples(bunch, labels=range(10), pred_probs=pred_probs)
    hinted = set(report.row[report.check == "label_error"])
    assert len(hinted & set(swapped)) >= 0.6 * len(swapped)
    assert len(hinted & set(swapped)) >= 0.7 * len(hinted)


@pytest.mark.parametrize(
    ("pred_probs", "classes", "message"),
    [
        (np.ones((47, 24)) / 24, None, r"shape \(47, 24\); expected \(48, 24\)"),
        (np.ones((48, 2)) / 2, None, r"shape \(48, 2\); expected \(48, 24\)"),
        (np.ones((48, 24)), None, "sum 1; row 0"),
        (np.full((48, 24), np.nan), None, "sum 1; row 0"),
        (np.ones((48, 2)) / 2, ["A", "B"], "lack C, D, E, F, G, ...; got A, B"),
        (np.ones((48, 2)) / 2, ["A", "J"], "labels that exist; got 'J'"),
    ],
)
def test_wrong_probabilities(pred_probs, classes, message):
    with pytest.raises(ValueError, match=message):
        clean_samples(hands(), pred_probs=pred_probs, classes=classes)


# Errors


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"checks": "text"}, "'checks' parameter"),
        ({"checks": ["text", "dirt"]}, r"list of text, missing, .*; got 'dirt'"),
        ({"labels": "words"}, "'labels' parameter"),
        ({"pixel_range": (255, 0)}, r"smaller first; got \(255, 0\)"),
        ({"pixel_range": (0, np.inf)}, "two finite numbers"),
        ({"image_shape": (5, 5)}, r"image_shape=\(5, 5\)"),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        clean_samples(hands(), **parameters)


def test_what_cannot_stay_must_be_looked_for():
    bunch = as_cells(hands())
    bunch.data[3, 5] = "fwefew"
    with pytest.raises(ValueError, match=r"Sample 3 .*'fwefew'.*add 'text' to checks"):
        clean_samples(bunch, checks=["duplicate"])


def test_labels_of_several_types():
    bunch = hands()
    bunch.target = bunch.target.astype(object)
    bunch.target[3] = 3
    with pytest.raises(ValueError, match=r"several types \(int, str\)"):
        clean_samples(bunch, labels=None)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"target": ["A"]}, "it lacks 'data' and has target"),
        ({"images": np.ones((1, 2, 2))}, "it lacks 'target' and has images"),
        ({"data": np.ones((3, 4)), "target": ["A"]}, "got 3 in 'data' and a target of"),
        ({"data": np.ones((1, 4)), "target": [["A"]]}, r"target of shape \(1, 1\)"),
        ({"data": np.ones((0, 4)), "target": []}, "one sample at least"),
        ({"data": [1, 2], "target": ["A", "B"]}, "No sample has the shape"),
    ],
)
def test_wrong_bunches(entries, message):
    with pytest.raises(ValueError, match=message):
        clean_samples(Bunch(**entries))


def test_split_parts_can_be_cleaned():
    bunch = hands(96)
    bunch.images[::7] = 0
    for part in split_samples(bunch, (0.5, 0.5), stratify=False, random_state=0):
        clean, report = clean_samples(part)
        assert clean.n_groups == len(np.unique(clean.groups))
        assert len(clean.indices) == len(clean.target) == len(part.target) - len(report)
