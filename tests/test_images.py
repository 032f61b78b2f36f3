import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator

from skl_signlang._image_shapes import (
    are_bytes,
    infer_image_shape,
    is_one_image,
    normalize_image_shape,
    shape_of_images,
    to_uint8,
)
from skl_signlang._images import (
    as_pixels,
    refuse_one_image,
    validate_images,
    validate_pixels,
    warn_of_strips,
)


class Taker(BaseEstimator):
    """An estimator to hand to the gate."""


def images(*shape):
    return np.random.RandomState(0).randint(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("given", "expected"),
    [((2, 3), (2, 3, 1)), ([2, 3, 4], (2, 3, 4)), ((np.int64(2), 3, 1), (2, 3, 1))],
)
def test_image_shape_gets_its_channel(given, expected):
    assert normalize_image_shape(given) == expected


@pytest.mark.parametrize(
    "wrong",
    [(2,), (2, 3, 5), (2, 0), (2, -1), (2.0, 3), (2, 3, 1, 1), 28, "ab", (2, 3, "a")],
)
def test_wrong_image_shape(wrong):
    with pytest.raises(ValueError, match=r"\(height, width\) or .*1 to 4 channels"):
        normalize_image_shape(wrong)


@pytest.mark.parametrize("side", [1, 2, 28, 150])
@pytest.mark.parametrize("channels", [1, 3])
def test_squares_are_inferred(side, channels):
    assert infer_image_shape(side * side * channels) == (side, side, channels)


@pytest.mark.parametrize("n_features", [1, 7, 10, 784, 785])
def test_inferred_shape_holds_all_values(n_features):
    assert np.prod(infer_image_shape(n_features)) == n_features


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((5,), "1 dimensions"),
        ((5, 4, 4, 3, 1), "5 dimensions"),
        ((5, 3, 28, 28), "28 channels.*channels come last"),
    ],
)
def test_arrays_that_hold_no_images(shape, message):
    with pytest.raises(ValueError, match=message):
        shape_of_images(shape)


def test_rows_must_fit_the_image_shape():
    assert shape_of_images((5, 12), (2, 6)) == (2, 6, 1)
    with pytest.raises(ValueError, match=r"\(3, 3\) needs rows of 9 .* X has 12"):
        shape_of_images((5, 12), (3, 3))


def test_images_must_fit_the_image_shape():
    with pytest.raises(ValueError, match=r"\(6, 2\) is given, but.*\(2, 6, 1\)"):
        shape_of_images((5, 2, 6), (6, 2))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_pixels_of_the_right_dtype_are_not_copied(dtype):
    X = images(2, 3).astype(dtype)
    assert as_pixels(X) is X


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("bool", "uint8"), ("int64", "float32"), ("float16", "float32")],
)
def test_other_dtypes(dtype, expected):
    assert as_pixels(np.ones((2, 3), dtype)).dtype == expected


def test_too_large_for_float32():
    with pytest.raises(ValueError, match=r"1e\+300, too large for float32"):
        as_pixels(np.array([[1e300]]))


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("shape", [(5, 48), (5, 4, 12), (5, 4, 4, 3)])
def test_each_form_of_the_same_images_is_a_view(shape, reset):
    X = images(*shape)
    taker = Taker()
    validate_images(taker, X, reset=True)
    checked = validate_images(taker, X, reset=reset)
    assert np.shares_memory(checked, X)
    assert checked.shape == (5, *taker.image_shape_)
    assert taker.n_features_in_ == 48
    np.testing.assert_array_equal(checked.ravel(), X.ravel())


def test_form_may_change_after_fit():
    taker = Taker()
    validate_images(taker, images(5, 4, 4), reset=True)
    assert validate_images(taker, images(2, 16), reset=False).shape == (2, 4, 4, 1)
    assert validate_images(taker, images(2, 4, 4, 1), reset=False).shape[0] == 2


@pytest.mark.parametrize("shape", [(2, 2, 8), (2, 8, 2, 1)])
def test_shape_may_not_change_after_fit(shape):
    taker = Taker()
    validate_images(taker, images(5, 4, 4), reset=True)
    with pytest.raises(ValueError, match=r"Taker is expecting \(4, 4, 1\)"):
        validate_images(taker, images(*shape), reset=False)


@pytest.mark.parametrize("shape", [(2, 4, 4, 1, 1), (2, 2, 2, 2, 2)])
def test_five_dimensions_are_refused_after_fit_too(shape):
    taker = Taker()
    validate_images(taker, images(5, 4, 4), reset=True)
    with pytest.raises(ValueError, match="5 dimensions"):
        validate_images(taker, images(*shape), reset=False)


def test_number_of_features_may_not_change_after_fit():
    taker = Taker()
    validate_pixels(taker, images(5, 16), reset=True)
    with pytest.raises(ValueError, match=r"25 features.*expecting 16 features"):
        validate_pixels(taker, images(5, 25), reset=False)


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_missing_and_infinite_values(dtype, value, reset):
    X = images(5, 4, 4).astype(dtype)
    taker = Taker()
    validate_pixels(taker, X, reset=True)
    X[0, 0, 0] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        validate_pixels(taker, X, reset=reset)


@pytest.mark.parametrize("shape", [(0, 16), (0, 4, 4), (0, 4, 4, 3)])
def test_no_samples(shape):
    with pytest.raises(ValueError, match=r"0 sample\(s\)"):
        validate_pixels(Taker(), images(*shape), reset=True)


def test_ragged_images():
    X = [np.zeros((4, 4)), np.zeros((4, 5))]
    with pytest.raises(ValueError, match="must all have the same shape"):
        validate_images(Taker(), X, reset=True)


def test_text():
    with pytest.raises(ValueError, match="numeric"):
        validate_images(Taker(), [["a", "b"]], reset=True)


def test_lists_and_frames_are_like_arrays():
    X = images(3, 16)
    frame = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(16)])
    taker = Taker()
    from_frame = validate_images(taker, frame, reset=True)
    assert taker.feature_names_in_.tolist() == list(frame)
    np.testing.assert_array_equal(from_frame, X.reshape(3, 4, 4, 1))
    nested = X.reshape(3, 4, 4).tolist()
    np.testing.assert_array_equal(
        validate_images(Taker(), nested, reset=True), from_frame
    )


def test_names_of_features_are_compared():
    frame = pd.DataFrame(images(3, 4), columns=list("abcd"))
    taker = Taker()
    validate_pixels(taker, frame, reset=True)
    with pytest.raises(ValueError, match="feature names should match"):
        validate_pixels(taker, frame[list("dcba")], reset=False)


def test_memory_maps_are_not_read_into_memory(tmp_path):
    X = np.lib.format.open_memmap(
        tmp_path / "x.npy", mode="w+", dtype=np.uint8, shape=(5, 4, 4)
    )
    assert np.shares_memory(validate_images(Taker(), X, reset=True), X)


# --- one image without its batch axis ---------------------------------------------


@pytest.mark.parametrize("fitted", [(5, 28, 28), (5, 28, 28, 3), (5, 784), (5, 64, 80)])
@pytest.mark.parametrize(
    "frame", [(480, 640, 3), (480, 640, 1), (480, 640, 4), (28, 28, 1), (28, 28, 3)]
)
def test_a_frame_is_one_image_after_fit(fitted, frame):
    taker = Taker()
    validate_images(taker, images(*fitted), reset=True)
    with pytest.raises(ValueError, match=r"one image.*image\[None\]"):
        validate_images(taker, images(*frame), reset=False)


@pytest.mark.parametrize("frame", [(28, 28), (48, 64), (480, 640), (480, 641)])
def test_a_gray_frame_is_one_image_after_fit(frame):
    taker = Taker()
    validate_images(taker, images(5, 28, 28), reset=True)
    with pytest.raises(ValueError, match=r"features.*image\[None\]"):
        validate_images(taker, images(*frame), reset=False)


@pytest.mark.parametrize("n_features", [144, 784])
@pytest.mark.parametrize("frame", [(480, 640, 3), (480, 640, 4), (12, 12, 3), (48, 64)])
def test_a_frame_is_one_image_for_whom_shapes_do_not_matter(n_features, frame):
    taker = Taker()
    validate_pixels(taker, np.zeros((5, n_features), np.uint8), reset=True)
    with pytest.raises(ValueError, match=r"image\[None\]"):
        validate_pixels(taker, images(*frame), reset=False)


@pytest.mark.parametrize("frame", [(6, 8, 3), (6, 24), (6, 8, 3, 1)])
def test_a_sample_of_the_shape_of_fit_is_one_image(frame):
    taker = Taker()
    validate_pixels(taker, np.zeros((5, 6, 8, 3)), reset=True)
    with pytest.raises(ValueError, match=r"image\[None\]|four|dimensions|channels"):
        validate_pixels(taker, np.zeros(frame), reset=False)


@pytest.mark.parametrize(
    ("shape", "answer"),
    [
        ((480, 640, 3), True),
        ((28, 28, 1), True),
        ((480, 28, 28), False),
        ((100, 4, 4), False),
        ((3, 16, 4), False),
        ((480, 640), False),
        ((1, 28, 28, 3), False),
    ],
)
def test_what_looks_like_one_image(shape, answer):
    assert is_one_image(shape) == answer


def test_rows_that_are_one_gray_image():
    with pytest.raises(ValueError, match=r"not square images.*image\[None\]"):
        refuse_one_image(images(480, 640))
    for rows in (
        images(480, 784),
        images(480, 640).astype(float),
        images(9, 640),
    ):
        refuse_one_image(rows)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ((3, 64, 64), r"\(64, 64, 1\).*\(28, 28, 1\).*ImageResizer\(\(28, 28\)\)"),
        ((3, 28, 28, 3), r'\(28, 28, 3\).*ColorConverter\("gray"\)'),
        ((3, 64, 64, 3), r'ImageResizer.* and ColorConverter\("gray"\)'),
        ((3, 4096), r"4096 features.*784 features as input.*ImageResizer"),
        ((3, 2352), r"2352 features.*ColorConverter"),
        ([[[1] * 9] * 9], r"\(9, 9, 1\).*ImageResizer"),
    ],
)
def test_other_shapes_say_what_brings_them_to_the_right_one(X, message):
    taker = Taker()
    validate_images(taker, images(5, 28, 28), reset=True)
    with pytest.raises(ValueError, match=message):
        validate_images(taker, X if isinstance(X, list) else images(*X), reset=False)


@pytest.mark.parametrize(
    ("n_features", "message"),
    [(785, "784 values would be images of 28x28"), (50, "7x7"), (640, "dense network")],
)
def test_wide_rows_that_are_not_square_warn(n_features, message):
    with pytest.warns(UserWarning, match=message):
        warn_of_strips("CNNClassifier", (5, n_features))


@pytest.mark.parametrize("shape", [(5, 784), (5, 10), (5, 30), (5, 28, 27), (5, 48, 1)])
def test_other_images_do_not_warn(shape):
    warn_of_strips("CNNClassifier", shape)


@pytest.mark.parametrize(
    "dtype", [bool, "int8", "uint16", "int64", "float16", "float64"]
)
def test_integers_of_any_dtype_become_bytes(dtype):
    values = np.array([[0, 1], [1, 100]], dtype)
    pixels = to_uint8(values, "X has")
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, values)


@pytest.mark.parametrize("bad", [-1, 256, 0.5, np.nan, np.inf, 1e300])
def test_other_numbers_are_no_bytes(bad):
    values = np.zeros((3000, 2))
    values[-1, -1] = bad
    assert not are_bytes(values)
    with pytest.raises(ValueError, match=r"X has values .* integers from 0"):
        to_uint8(values, "X has")
