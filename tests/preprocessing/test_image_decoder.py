import base64
import io
import os
import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import SkipTestWarning
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks, get_tags

from skl_signlang import _image_entries as module
from skl_signlang.preprocessing import ImageDecoder, ImageResizer, ImageScaler

N_EXAMPLES = int(os.environ.get("SKL_SIGNLANG_FUZZ", "150"))

RAMP = np.arange(20, dtype=np.uint8).reshape(5, 4) * 12


def encode(image, kind="PNG", **more):
    file = io.BytesIO()
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    image.save(file, kind, **more)
    return file.getvalue()


FILE = encode(RAMP)
TEXT = base64.b64encode(FILE).decode()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "hand.png"
    path.write_bytes(FILE)
    return path


@pytest.fixture
def entries(path):
    """The same image in every form."""
    return [
        path,
        str(path),
        np.str_(path),
        FILE,
        bytearray(FILE),
        memoryview(FILE),
        TEXT,
        f"data:image/png;base64,{TEXT}",
        Image.fromarray(RAMP),
        Image.open(io.BytesIO(FILE)),
        RAMP,
        RAMP[..., np.newaxis],
        np.repeat(RAMP[..., np.newaxis], 3, axis=2),
        np.asfortranarray(RAMP),
    ]


def as_objects(entries):
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array


FORMS = {
    "list": lambda entries: entries,
    "tuple": tuple,
    "array": as_objects,
    "column": lambda entries: as_objects(entries)[:, np.newaxis],
    "rows": lambda entries: [[entry] for entry in entries],
    "Series": lambda entries: pd.Series(
        entries, dtype=object, index=[7] * len(entries)
    ),
    "DataFrame": lambda entries: pd.DataFrame(
        {"file": pd.Series(entries, dtype=object)}
    ),
}
TABLES = ("column", "rows", "DataFrame")


# scikit-learn's conventions


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
)
def test_scikit_learns_checks_that_need_no_table_of_numbers(check):
    check("ImageDecoder", ImageDecoder())


def test_tags():
    tags = get_tags(ImageDecoder())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert not tags.requires_fit
    with pytest.warns(SkipTestWarning, match="Can't test estimator ImageDecoder"):
        estimator_checks.check_estimator(ImageDecoder())


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_of_all_entries_say_the_same(entries, form):
    X = FORMS[form](entries)
    images = ImageDecoder().fit_transform(X)
    assert images.shape == (len(entries), 5, 4)
    assert images.dtype == np.uint8
    assert (images == RAMP).all()
    decoder = ImageDecoder().fit(X)
    assert hasattr(decoder, "n_features_in_") == (form in TABLES)
    assert hasattr(decoder, "feature_names_in_") == (form == "DataFrame")
    np.testing.assert_array_equal(ImageDecoder().transform(X), images)
    np.testing.assert_array_equal(decoder.transform(entries), images)
    np.testing.assert_array_equal(ImageDecoder(n_jobs=2).transform(X), images)


def test_images_in_one_array():
    images = np.arange(240, dtype=np.uint8).reshape(4, 5, 4, 3)
    np.testing.assert_array_equal(ImageDecoder(color=True).transform(images), images)
    gray = images[..., 0]
    np.testing.assert_array_equal(ImageDecoder().transform(gray), gray)


def test_strings_of_pandas(path):
    X = pd.DataFrame({"file": [str(path)] * 3})
    assert ImageDecoder().fit_transform(X).shape == (3, 5, 4)
    assert ImageDecoder().fit(X).feature_names_in_.tolist() == ["file"]
    assert ImageDecoder().transform(X["file"]).shape == (3, 5, 4)
    assert ImageDecoder().transform(X["file"].to_numpy()).shape == (3, 5, 4)
    assert ImageDecoder().transform(np.array([str(path)])).shape == (1, 5, 4)


def test_fit_remembers_the_column(path):
    X = pd.DataFrame({"file": [str(path)]})
    decoder = ImageDecoder().fit(X)
    with pytest.raises(ValueError, match="feature names should match"):
        decoder.transform(X.rename(columns={"file": "other"}))
    decoder.fit([FILE])
    assert not hasattr(decoder, "n_features_in_")
    assert not hasattr(decoder, "feature_names_in_")
    assert decoder.transform(X.rename(columns={"file": "other"})).shape == (1, 5, 4)


def test_clone_pickle_and_parameters():
    decoder = ImageDecoder(image_size=(3, 2), color=True, n_jobs=1)
    assert clone(decoder).get_params() == decoder.get_params()
    loaded = pickle.loads(pickle.dumps(decoder.fit([FILE])))
    np.testing.assert_array_equal(loaded.transform([RAMP]), decoder.transform([RAMP]))
    assert decoder.set_params(image_size=7).transform([FILE]).shape == (1, 7, 7, 3)


def test_first_step_of_a_pipeline(path):
    pipeline = make_pipeline(
        ImageDecoder(), ImageResizer(2), ImageScaler(), KNeighborsClassifier(1)
    )
    pipeline[:-1].set_output(transform="pandas")
    assert pipeline[0].fit_transform([FILE]).shape == (1, 5, 4)
    rows = make_pipeline(ImageDecoder(), ImageResizer(2), RowMaker())
    rows.fit([str(path), np.full((5, 4), 255, np.uint8)])
    assert rows.transform([FILE]).shape == (1, 4)


class RowMaker(sklearn.base.TransformerMixin, sklearn.base.BaseEstimator):
    """Makes rows of images."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X.reshape(len(X), -1)

    def __sklearn_is_fitted__(self):
        return True


@pytest.mark.parametrize("column", ["file", ["file"]])
def test_one_column_of_a_table(path, column):
    X = pd.DataFrame({"age": [1, 2], "file": [str(path), TEXT]})
    rows = make_pipeline(ImageDecoder(), RowMaker())
    both = ColumnTransformer([("pixels", rows, column)], remainder="passthrough")
    found = both.fit_transform(X)
    np.testing.assert_array_equal(found[:, :-1], [RAMP.ravel()] * 2)
    assert found[:, -1].tolist() == [1, 2]


def test_set_output_changes_nothing():
    with sklearn.config_context(transform_output="pandas"):
        assert type(ImageDecoder().fit_transform([FILE])) is np.ndarray
    assert type(ImageDecoder().set_output(transform="polars").transform([FILE]))


# Images


@pytest.mark.parametrize(("image_size", "size"), [(3, (3, 3)), ((2, 6), (2, 6))])
@pytest.mark.parametrize("color", [True, False])
def test_image_size_and_color(image_size, size, color):
    decoder = ImageDecoder(image_size=image_size, color=color)
    images = decoder.transform([RAMP, np.zeros((9, 30, 3), np.uint8), FILE])
    assert images.shape == (3, *size, *[3] * color)
    np.testing.assert_array_equal(images[0], images[2])


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "RGBA", "LA", "PA", "La", "RGBa"]
)
@pytest.mark.parametrize("color", [True, False])
def test_pillow_images_and_their_files_agree(mode, color):
    image = (
        Image.fromarray(RAMP).convert("LA" if mode == "La" else "RGBA").convert(mode)
    )
    kept = {"PA": "RGBA", "La": "LA", "RGBa": "RGBA"}.get(mode, mode)
    content = encode(image.convert(kept))
    decoder = ImageDecoder(color=color)
    found = decoder.transform([image, content])
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "HSV", "LAB", "RGBX"])
def test_other_modes_of_pillow(mode):
    image = Image.new("RGB", (4, 5), (10, 200, 30))
    if mode == "LAB":
        image = Image.new("LAB", (4, 5))
        expected = np.asarray(image.convert("RGB"))
    else:
        expected = np.asarray(image)
        image = image.convert(mode)
    found = ImageDecoder(color=True).transform([image])[0].astype(int)
    assert np.abs(found - expected).max() <= 4


def test_16_bits_are_scaled():
    wide = Image.fromarray(RAMP.astype(np.uint16) * 257)
    whole = Image.fromarray(RAMP.astype(np.int32) * 257)
    np.testing.assert_array_equal(ImageDecoder().transform([wide, whole]), [RAMP] * 2)


def test_transparent_is_white_and_images_are_upright():
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = Image.open(io.BytesIO(encode(RAMP, exif=exif)))
    found = ImageDecoder().transform([turned, np.zeros((5, 4, 4), np.uint8)])
    np.testing.assert_array_equal(found[0], RAMP[::-1, ::-1])
    assert (found[1] == 255).all()


def test_what_comes_in_stays_as_it_is(entries):
    image = Image.fromarray(RAMP).convert("P")
    before = image.copy()
    array = RAMP.copy()
    ImageDecoder(image_size=3, color=True).transform([image, array])
    assert image == before
    np.testing.assert_array_equal(array, RAMP)


# How strings are told apart


def test_a_file_goes_before_base64(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "abcd").write_bytes(FILE)
    np.testing.assert_array_equal(ImageDecoder().transform(["abcd"]), [RAMP])


def test_home_folder(path, monkeypatch):
    monkeypatch.setenv("HOME", str(path.parent))
    assert ImageDecoder().transform(["~/hand.png"]).shape == (1, 5, 4)


# Errors


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (
            "absent.png",
            "'absent.png': there is no such file, and as base64 text, ",
        ),
        (
            "absent",
            "'absent': there is no such file.*6 characters, not a multiple of four",
        ),
        ("absently", "no such file, and as base64 text, it is not an image"),
        ("", "no such file, and .* empty"),
        (TEXT[:40] + "\n" + TEXT[40:], r"character 41 of \d+ is '\\n'"),
        ("a\0b", "no such file"),
        ("\ud800", "no such file"),
        ("/dev/zero", "it is a character device; expected an image file"),
        ("http://127.0.0.1/a.png", "URLs are not supported.*load_json"),
        ("data:image/png,AAAA", "not base64"),
        ("data:text/html;base64,AAAA", "holds 'text/html'"),
        (b"", "0 bytes: the image is empty"),
        (b"hello", "5 bytes: it is not an image that can be read"),
        (FILE[:50], "50 bytes: the image is damaged"),
        (None, "None: expected a path, the bytes of an image file, base64 text"),
        (float("nan"), "float nan: expected a path"),
        (pd.NA, "an object of type NAType: expected a path"),
        (7, "int 7: expected"),
        ([1, 2], "an object of type list: expected"),
        (object(), "an object of type object: expected"),
        (RAMP.astype(float), r"an array of float64, shape \(5, 4\): expected .* uint8"),
        (RAMP.ravel(), r"an array of uint8, shape \(20,\): expected"),
        (RAMP[:0], r"shape \(0, 4\): expected"),
        (np.zeros((5, 4, 5), np.uint8), r"\(5, 4, 5\).* 1 to 4 channels"),
        (np.zeros((5, 4, 0), np.uint8), r"\(5, 4, 0\).* 1 to 4 channels"),
        (Image.new("L", (0, 0)), "Pillow image cannot be read"),
        (Image.new("F", (3, 3)), "floating-point"),
    ],
    ids=lambda value: "",
)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_bad_entry(entry, reason, n_jobs):
    with pytest.raises(ValueError, match=f"^Row 1, .*{reason}"):
        ImageDecoder(n_jobs=n_jobs).transform([FILE, entry, FILE])


def test_path_of_no_file(tmp_path):
    with pytest.raises(
        ValueError, match=r"Row 0, '.*absent.png': there is no such file\."
    ):
        ImageDecoder().transform([tmp_path / "absent.png"])
    with pytest.raises(ValueError, match=r"it is a folder; expected an image file\.$"):
        ImageDecoder().transform([tmp_path])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match=r"it is a named pipe \(FIFO\)"):
        ImageDecoder().transform([tmp_path / "pipe"])


def test_file_that_is_too_large(path, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 50)
    for entry in (path, str(path), FILE):
        with pytest.raises(ValueError, match="bytes; at most 50 are read"):
            ImageDecoder().transform([entry])
    assert ImageDecoder().transform([RAMP]).shape == (1, 5, 4)


def test_images_of_too_many_pixels(monkeypatch):
    monkeypatch.setattr(module, "MAX_PIXELS", 19)
    for entry in (RAMP, Image.fromarray(RAMP)):
        with pytest.raises(ValueError, match="more than 19 pixels"):
            ImageDecoder().transform([entry])


def test_pillow_image_of_a_damaged_file():
    image = Image.open(io.BytesIO(FILE[:50]))
    with pytest.raises(ValueError, match=r"Row 0, .* PngImageFile: the Pillow image"):
        ImageDecoder().transform([image])


@pytest.mark.parametrize(
    ("X", "reason"),
    [
        ("hand.png", r"Expected a sequence of images.*'hand\.png'"),
        (FILE, "Expected a sequence of images"),
        (None, "got None"),
        (5, "got int 5"),
        (np.array("hand.png"), "Expected a sequence"),
        (Image.fromarray(RAMP), "Expected a sequence"),
        ({"a": FILE}, "Expected a sequence.*dict"),
        ((part for part in [FILE]), "Expected a sequence.*generator"),
        ([], "0 sample"),
        (np.empty((0, 1), object), "0 sample"),
        (pd.DataFrame({"a": []}), "0 sample"),
        (np.zeros((3, 20)), "Expected one column of images; got 20 columns"),
        (pd.DataFrame({"a": [TEXT], "b": [TEXT]}), "got 2 columns. Select one"),
        (pd.DataFrame(index=[1, 2]), "got 0 columns"),
        (np.zeros((3, 1)), "Row 0, float64 0.0: expected"),
        (np.array([FILE]), r"dtype \|S\d+, which truncates zero bytes"),
    ],
    ids=lambda value: "",
)
def test_bad_X(X, reason):
    with pytest.raises(ValueError, match=reason):
        ImageDecoder().fit(X).transform(X)
    with pytest.raises(ValueError, match=reason):
        ImageDecoder().transform(X)


def test_sizes_that_differ():
    message = r"row 0 has 5 x 4 pixels and row 2 7 x 8 .*pass image_size"
    with pytest.raises(ValueError, match=message):
        ImageDecoder().transform([FILE, RAMP, np.zeros((7, 8), np.uint8)])


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"image_size": 0}, "The 'image_size' parameter"),
        ({"image_size": "5"}, "The 'image_size' parameter"),
        ({"image_size": (5,)}, "image_size must be a number of pixels or"),
        ({"image_size": (5, 0)}, "image_size must be"),
        ({"image_size": (10**5, 10**5)}, "at most 50,000,000 in total"),
        ({"color": "yes"}, "The 'color' parameter"),
        ({"n_jobs": 1.5}, "The 'n_jobs' parameter"),
    ],
)
def test_bad_parameters(parameters, reason):
    decoder = ImageDecoder(**parameters)
    with pytest.raises(ValueError, match=reason):
        decoder.fit([FILE])
    with pytest.raises(ValueError, match=reason):
        decoder.transform([FILE])


# Malformed input of any kind


dtypes = st.sampled_from([np.uint8, np.int64, np.float32, bool, object, "U3", "S3"])
shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
entry = st.one_of(
    st.none(),
    st.floats(),
    st.integers(),
    st.text(max_size=30),
    st.binary(max_size=60),
    st.sampled_from([FILE, TEXT, f"data:;base64,{TEXT}", TEXT[:-8], RAMP]),
    st.tuples(st.integers(8, len(FILE)), st.binary(max_size=3)).map(
        lambda cut: FILE[: cut[0]] + cut[1] + FILE[cut[0] + len(cut[1]) :]
    ),
    st.builds(np.zeros, shapes, dtypes),
    st.builds(
        Image.new,
        st.sampled_from(
            ["1", "L", "P", "RGB", "RGBA", "CMYK", "I", "F", "LAB", "I;16"]
        ),
        st.tuples(st.integers(0, 3), st.integers(0, 3)),
    ),
    st.lists(st.integers(0, 3), max_size=2),
)


@settings(max_examples=N_EXAMPLES)
@pytest.mark.fuzz
@given(
    entries=st.lists(entry, max_size=4),
    form=st.sampled_from(["list", "tuple", "array", "rows", "Series"]),
    size=st.sampled_from([None, 3, (2, 3)]),
    color=st.booleans(),
)
def test_anything_is_decoded_or_a_value_error(entries, form, size, color):
    array = np.empty(len(entries), dtype=object)
    for number, value in enumerate(entries):
        array[number] = value
    X = {
        "list": entries,
        "tuple": tuple(entries),
        "array": array,
        "rows": [[value] for value in entries],
        "Series": pd.Series(array, dtype=object),
    }[form]
    try:
        images = ImageDecoder(image_size=size, color=color).fit(X).transform(X)
    except ValueError:
        return
    assert len(images) == len(entries)
    assert images.dtype == np.uint8
    assert images.ndim == 3 + color


@settings(max_examples=N_EXAMPLES)
@pytest.mark.fuzz
@given(X=st.one_of(entry, st.builds(np.zeros, shapes, dtypes)))
def test_anything_for_X_is_decoded_or_a_value_error(X):
    try:
        images = ImageDecoder(image_size=3).fit(X).transform(X)
    except ValueError:
        return
    assert images.shape == (len(X), 3, 3)


def test_padding_keeps_proportions():
    hand = np.full((40, 80), 200, np.uint8)
    hand[10:30, 30:50] = 0  # a square
    stretched = ImageDecoder(40).transform([hand])[0]
    padded = ImageDecoder(40, pad_to_aspect_ratio=True).transform([hand])[0]
    assert padded.shape == stretched.shape == (40, 40)
    rows, columns = np.nonzero(padded < 100)
    assert np.ptp(rows) == np.ptp(columns)
    rows, columns = np.nonzero(stretched < 100)
    assert np.ptp(rows) > np.ptp(columns)
    assert (padded[[0, -1]] == 200).all()  # the margin is repeated


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (20, 10, 3)])
def test_padding_takes_any_proportions(shape):
    image = np.full(shape, 7, np.uint8)
    padded = ImageDecoder((28, 20), pad_to_aspect_ratio=True).transform([image])
    assert padded.shape == (1, 28, 20)
    assert (padded == 7).all()


@pytest.mark.parametrize(
    "frame", [(480, 640, 3), (480, 640, 4), (480, 640, 1), (480, 640), (28, 28)]
)
def test_one_image_needs_its_batch_axis(frame):
    image = np.zeros(frame, np.uint8)
    with pytest.raises(ValueError, match=r"image\[None\]"):
        ImageDecoder(28).fit_transform(image)
    assert len(ImageDecoder(28).fit_transform(image[None])) == 1
