import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from PIL import Image
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skl_signlang import _resizing
from skl_signlang.preprocessing import (
    ColorConverter,
    ImageReshaper,
    ImageResizer,
    ImageScaler,
)

TRANSFORMERS = [
    ImageReshaper(),
    ImageResizer(),
    ImageResizer(image_size=(3, 4)),
    ImageScaler(),
    ColorConverter(),
    ColorConverter(mode="rgb"),
]
IMAGE_TRANSFORMERS = [t for t in TRANSFORMERS if not isinstance(t, ImageReshaper)]
SHAPES = [(12, 12), (12, 12, 1), (12, 12, 3)]


def images(*shape, dtype=np.uint8):
    values = np.random.RandomState(0).randint(0, 256, shape, dtype=np.uint8)
    return values.astype(dtype)


def pillow_resize(image, height, width):
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized)


@pytest.mark.slow
@parametrize_with_checks(TRANSFORMERS)
def test_common_checks(estimator, check):
    check(estimator)


# What all of them promise


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_no_fit_is_needed(transformer, shape):
    X = images(5, *shape)
    unfitted, fitted = clone(transformer), clone(transformer).fit(X)
    np.testing.assert_array_equal(unfitted.transform(X), fitted.transform(X))
    assert not hasattr(unfitted, "n_features_in_")
    assert fitted.n_features_in_ == np.prod(shape)


@pytest.mark.parametrize("method", ["fit", "transform"])
def test_too_many_arguments_name_the_class(method):
    with pytest.raises(TypeError, match=rf"^ImageResizer\.{method}: ") as error:
        getattr(ImageResizer(8), method)(*range(9))
    assert "Transformer" not in str(error.value)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_rows_and_images_agree(transformer, shape):
    X = images(5, *shape)
    from_rows = transformer.transform(X.reshape(5, -1))
    from_images = transformer.transform(X)
    np.testing.assert_array_equal(from_rows.ravel(), from_images.ravel())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_uint8_and_other_numbers_agree(transformer, shape, dtype):
    X = images(5, *shape)
    rounded = transformer.transform(X)
    exact = transformer.transform(X.astype(dtype))
    assert exact.dtype == np.float32
    assert rounded.shape == exact.shape
    tolerance = 0.5 if rounded.dtype == np.uint8 else 0
    np.testing.assert_allclose(rounded, exact, rtol=1e-6, atol=tolerance)


@pytest.mark.parametrize("transformer", IMAGE_TRANSFORMERS, ids=str)
def test_form_stays(transformer):
    X = images(5, 12, 12, 3)
    assert transformer.transform(X.reshape(5, -1)).ndim == 2
    assert transformer.transform(X[..., 0]).ndim in (3, 4)
    assert transformer.transform(X).ndim == 4


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_input_is_left_alone(transformer):
    X = images(5, 12, 12, 3, dtype=np.float32)
    before = X.copy()
    transformer.transform(X)
    np.testing.assert_array_equal(X, before)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_fit_remembers_the_images(transformer):
    fitted = clone(transformer).fit(images(5, 12, 12))
    with pytest.raises(ValueError, match=r"expecting (144 features|\(12, 12, 1\))"):
        fitted.transform(images(5, 13, 13))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_pickles(transformer):
    X = images(5, 12, 12)
    loaded = pickle.loads(pickle.dumps(clone(transformer).fit(X)))
    np.testing.assert_array_equal(loaded.transform(X), transformer.transform(X))


@pytest.mark.parametrize(
    ("transformer", "message"),
    [
        (ImageReshaper(image_shape=28), "'image_shape' parameter"),
        (ImageReshaper(image_shape=(28,)), "image_shape must be"),
        (ImageReshaper(image_shape=(5, 5)), "needs rows of 25 values; X has 144"),
        (ImageResizer(image_size=0), "'image_size' parameter"),
        (ImageResizer(image_size="28"), "'image_size' parameter"),
        (ImageResizer(image_size=(28, 0)), r"image_size must be .*got \(28, 0\)"),
        (ImageResizer(image_size=(1, 2, 3)), r"image_size must be .*\(1, 2, 3\)"),
        (ImageResizer(image_size=(2.5, 1)), r"image_size must be .*\(2.5, 1\)"),
        (ImageScaler(feature_range=1), "'feature_range' parameter"),
        (ImageScaler(feature_range=(1, 0)), "feature_range must be .*smaller first"),
        (ImageScaler(pixel_range=(0, 0)), r"pixel_range must be .*got \(0, 0\)"),
        (ImageScaler(pixel_range=(0, np.inf)), "pixel_range must be two finite"),
        (ImageScaler(pixel_range=(0, 1, 2)), "pixel_range must be two"),
        (ColorConverter(mode="cmyk"), "'mode' parameter"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_wrong_parameters(transformer, message, method):
    with pytest.raises(ValueError, match=message):
        getattr(transformer, method)(images(5, 144))


# Names and containers


@pytest.mark.parametrize("transformer", IMAGE_TRANSFORMERS, ids=str)
def test_rows_fit_into_a_frame(transformer):
    X = pd.DataFrame(images(5, 144)).rename(columns="pixel{}".format)
    transformer = clone(transformer).set_output(transform="pandas")
    frame = transformer.fit_transform(X)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame) == transformer.get_feature_names_out().tolist()
    values = clone(transformer).set_output(transform="default").fit_transform(X)
    np.testing.assert_array_equal(frame, values)


def test_names_of_features():
    X = pd.DataFrame(images(5, 4), columns=list("abcd"))
    assert ImageScaler().fit(X).get_feature_names_out().tolist() == list("abcd")
    resizer = ImageResizer((1, 2)).fit(X)
    assert resizer.get_feature_names_out().tolist() == [
        "imageresizer0",
        "imageresizer1",
    ]


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_images_stay_arrays(transformer):
    X = images(5, 12, 12)
    with sklearn.config_context(transform_output="pandas"):
        out = clone(transformer).fit_transform(X)
    np.testing.assert_array_equal(out, transformer.transform(X))


@pytest.mark.parametrize("transformer", IMAGE_TRANSFORMERS, ids=str)
def test_images_have_no_names(transformer):
    fitted = clone(transformer).fit(images(5, 12, 12))
    with pytest.raises(AttributeError, match="has no attribute 'get_feature_names"):
        fitted.get_feature_names_out()


def test_pipeline_of_all():
    X = np.repeat([[0], [255]], 20, axis=0) * np.ones(144) - images(40, 144) / 8
    y = np.repeat(["A", "B"], 20)
    pipeline = make_pipeline(
        ImageReshaper((12, 12)),
        ColorConverter("rgb"),
        ImageResizer(6),
        ColorConverter("gray"),
        ImageReshaper(),
    )
    assert pipeline.fit_transform(X).shape == (40, 6, 6, 1)
    model = make_pipeline(ImageResizer(), ImageScaler(), KNeighborsClassifier())
    model.set_output(transform="pandas")
    search = GridSearchCV(model, {"imageresizer__image_size": [2, (3, 4)]}, cv=2)
    assert search.fit(X, y).best_score_ == 1


def test_reshaper_lets_a_pipeline_choose_its_container():
    pipeline = make_pipeline(ImageReshaper(), ImageScaler())
    pipeline.set_output(transform="pandas")
    assert pipeline.fit_transform(images(5, 144)).shape == (5, 12, 12, 1)


# ImageReshaper


@pytest.mark.parametrize("shape", [None, (12, 12), (6, 24), (4, 12, 3), (2, 18, 4)])
def test_reshaping_there_and_back_copies_nothing(shape):
    rows = images(5, 144)
    reshaper = ImageReshaper(shape).fit(rows)
    shaped = reshaper.transform(rows)
    assert shaped.shape == (5, *reshaper.image_shape_)
    back = reshaper.inverse_transform(shaped)
    np.testing.assert_array_equal(back, rows)
    assert np.shares_memory(back, rows)


# ImageResizer


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(12, 7), (12, 7, 1), (12, 7, 3), (12, 7, 4)])
def test_the_right_size_is_no_work(shape, dtype):
    X = images(5, *shape, dtype=dtype)
    resized = ImageResizer((12, 7)).transform(X)
    np.testing.assert_array_equal(resized, X)
    assert np.shares_memory(resized, X)


@pytest.mark.parametrize("size", [(5, 5), (12, 30), (30, 12), (50, 3), (1, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("value", [0, 1, 100, 255])
def test_constant_images_stay_so(value, dtype, size):
    X = np.full((2, 12, 12, 3), value, dtype)
    resized = ImageResizer(size).transform(X)
    assert resized.shape == (2, *size, 3)
    assert resized.dtype == dtype
    np.testing.assert_allclose(resized, value, rtol=1e-6)


@pytest.mark.parametrize("old", [(28, 28), (96, 128), (5, 40)])
@pytest.mark.parametrize("new", [(28, 28), (14, 14), (13, 57), (100, 9), (1, 1)])
def test_resizing_agrees_with_pillow(old, new):
    X = images(3, *old)
    exact = ImageResizer(new).transform(X.astype(np.float32))
    expected = [pillow_resize(x, *new) for x in X.astype(np.float32)]
    np.testing.assert_allclose(exact, expected, atol=1e-3)
    # Pillow rounds bytes between its two passes too
    rounded = ImageResizer(new).transform(X).astype(int)
    assert np.abs(rounded - [pillow_resize(x, *new) for x in X]).max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_large_images_are_resized_as_in_one_piece(dtype, monkeypatch):
    X = images(2, 60, 50, 3, dtype=dtype)
    whole = ImageResizer((7, 9)).transform(X)
    monkeypatch.setattr(_resizing, "_LARGE_VALUES", 1000)
    monkeypatch.setattr(_resizing, "_STRIP_VALUES", 1000)
    np.testing.assert_allclose(ImageResizer((7, 9)).transform(X), whole, rtol=1e-6)


def test_resizing_colours_agrees_with_pillow():
    X = images(3, 40, 30, 3)
    resized = ImageResizer((17, 50)).transform(X).astype(int)
    assert np.abs(resized - [pillow_resize(x, 17, 50) for x in X]).max() <= 1


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_channels_are_resized_apart(channels):
    X = images(3, 12, 16, channels)
    together = ImageResizer((5, 20)).transform(X)
    apart = [ImageResizer((5, 20)).transform(X[..., c]) for c in range(channels)]
    np.testing.assert_array_equal(together, np.stack(apart, axis=-1))


def test_mirrored_images_are_resized_to_mirrored_ones():
    X = images(3, 12, 17, dtype=np.float32)
    resizer = ImageResizer((7, 20))
    np.testing.assert_allclose(
        resizer.transform(X[:, ::-1, ::-1]),
        resizer.transform(X)[:, ::-1, ::-1],
        rtol=1e-5,
    )


def test_batches_do_not_matter(monkeypatch):
    X = images(7, 12, 12)
    at_once = ImageResizer(20).transform(X)
    monkeypatch.setattr(
        "skl_signlang.preprocessing._image_transformer._BATCH_VALUES", 800
    )
    np.testing.assert_array_equal(ImageResizer(20).transform(X), at_once)


def test_rows_of_another_shape_than_squares():
    X = images(3, 6, 24)
    rows = ImageResizer(12, image_shape=(6, 24)).transform(X.reshape(3, 144))
    np.testing.assert_array_equal(rows, ImageResizer(12).transform(X).reshape(3, 144))


# ImageScaler


@pytest.mark.parametrize("feature_range", [(0, 1), (-1, 1), (0, 255), (2.5, 3)])
@pytest.mark.parametrize("pixel_range", [(0, 255), (0, 1), (-7, 300)])
def test_scaling_there_and_back(feature_range, pixel_range):
    X = np.linspace(*pixel_range, 24, dtype=np.float32).reshape(2, 3, 4)
    scaler = ImageScaler(feature_range, pixel_range)
    scaled = scaler.fit_transform(X)
    assert (scaled.min(), scaled.max()) == feature_range
    assert (np.diff(scaled.ravel()) > 0).all()
    back = scaler.inverse_transform(scaled)
    np.testing.assert_allclose(back, X, atol=1e-3 * np.ptp(pixel_range))


def test_all_bytes_come_back():
    X = np.arange(256, dtype=np.uint8).reshape(16, 16)
    back = ImageScaler().inverse_transform(ImageScaler().transform(X))
    np.testing.assert_array_equal(np.rint(back), X)


def test_scaling_is_the_same_whatever_values_occur():
    X = images(3, 12, 12)
    np.testing.assert_array_equal(
        ImageScaler().fit(X).transform(X[:1]), ImageScaler().transform(X)[:1]
    )


# ColorConverter


def test_gray_is_pillows_to_the_last_bit():
    X = images(50, 12, 12, 3)
    X[0] = 255
    expected = [np.asarray(Image.fromarray(x).convert("L")) for x in X]
    np.testing.assert_array_equal(ColorConverter().transform(X)[..., 0], expected)


def test_opacity_is_dropped():
    X = images(3, 12, 12, 4)
    for mode in ("gray", "rgb"):
        converter = ColorConverter(mode)
        np.testing.assert_array_equal(
            converter.transform(X), converter.transform(X[..., :3])
        )
        np.testing.assert_array_equal(
            converter.transform(X[..., :2]), converter.transform(X[..., :1])
        )


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("shape", [(5, 144), (5, 12, 12, 1)])
def test_gray_to_colours_and_back(shape, dtype):
    X = images(*shape, dtype=dtype)
    colors = ColorConverter("rgb").transform(X)
    assert colors.size == 3 * X.size
    back = ColorConverter("gray").transform(colors)
    assert back.shape == X.shape
    np.testing.assert_allclose(back, X, rtol=1e-6 if dtype == np.float32 else 0)


@pytest.mark.parametrize(
    ("mode", "shape"), [("gray", (12, 12)), ("gray", (12, 12, 1)), ("rgb", (12, 12, 3))]
)
def test_the_right_colours_are_no_work(mode, shape):
    X = images(5, *shape)
    converted = ColorConverter(mode).transform(X)
    assert converted.shape == X.shape
    assert np.shares_memory(converted, X)
