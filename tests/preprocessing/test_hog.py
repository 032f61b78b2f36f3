import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skl_signlang.preprocessing import HOGTransformer

hog = pytest.importorskip("skimage.feature").hog

TRANSFORMERS = [
    HOGTransformer(),
    HOGTransformer(9, pixels_per_cell=(3, 5), cells_per_block=(1, 2), block_norm="L1"),
]
SHAPES = [(12, 12), (12, 12, 1), (12, 12, 3), (12, 12, 4)]


def images(*shape):
    return np.random.RandomState(0).randint(0, 256, shape, dtype=np.uint8)


@parametrize_with_checks(TRANSFORMERS)
def test_common_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("block_norm", ["L1", "L1-sqrt", "L2", "L2-Hys"])
@pytest.mark.parametrize("shape", [(28, 28), (20, 31), (16, 16, 3)])
def test_agrees_with_scikit_image(shape, block_norm):
    X = images(5, *shape)
    out = HOGTransformer(
        8, pixels_per_cell=(5, 4), cells_per_block=(2, 3), block_norm=block_norm
    ).fit_transform(X)
    expected = [
        hog(
            x.astype(np.float32),
            orientations=8,
            pixels_per_cell=(5, 4),
            cells_per_block=(2, 3),
            block_norm=block_norm,
            channel_axis=-1 if len(shape) == 3 else None,
        )
        for x in X
    ]
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_rows_and_images_agree(transformer, shape):
    X = images(5, *shape)
    rows = clone(transformer).set_params(image_shape=shape).transform(X.reshape(5, -1))
    np.testing.assert_array_equal(rows, transformer.transform(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_uint8_and_other_numbers_agree(dtype):
    X = images(5, 12, 12)
    transformer = HOGTransformer()
    np.testing.assert_array_equal(
        transformer.transform(X), transformer.transform(X.astype(dtype))
    )


def test_opacity_is_dropped():
    X = images(5, 12, 12, 4)
    transformer = HOGTransformer()
    for n_channels, n_colours in ((4, 3), (2, 1)):
        np.testing.assert_array_equal(
            transformer.transform(X[..., :n_channels]),
            transformer.transform(X[..., :n_colours]),
        )


def test_light_matters_little():
    X = images(5, 28, 28) // 2
    transformer = HOGTransformer()
    np.testing.assert_allclose(
        transformer.transform(X), transformer.transform(2 * X + 1), atol=1e-3
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (2, 3), (4, 50), (3, 3, 3)])
def test_small_images_and_strips_work(shape):
    X = images(5, *shape)
    transformer = HOGTransformer().fit(X)
    out = transformer.transform(X)
    assert out.shape == (5, len(transformer.get_feature_names_out()))
    assert np.isfinite(out).all()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=str)
def test_no_fit_is_needed(transformer, shape):
    X = images(5, *shape)
    unfitted, fitted = clone(transformer), clone(transformer).fit(X)
    np.testing.assert_array_equal(unfitted.transform(X), fitted.transform(X))
    assert not hasattr(unfitted, "n_features_in_")


def test_fit_remembers_the_images():
    with pytest.raises(ValueError, match=r"expecting \(12, 12, 1\)"):
        HOGTransformer().fit(images(5, 12, 12)).transform(images(5, 13, 13))


@pytest.mark.parametrize("form", ["rows", "images"])
def test_names_and_frames(form):
    X = images(5, 12, 12) if form == "images" else images(5, 144)
    transformer = HOGTransformer(4).set_output(transform="pandas")
    frame = transformer.fit_transform(X)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame) == transformer.get_feature_names_out().tolist()
    assert list(frame)[:2] == ["hogtransformer0", "hogtransformer1"]
    assert frame.shape == (5, 2 * 2 * 4 * 4)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_chunks_and_processes_change_nothing(monkeypatch, n_jobs):
    X = images(9, 12, 12)
    expected = HOGTransformer().transform(X)
    monkeypatch.setattr("skl_signlang.preprocessing._hog_transformer._CHUNK_SIZE", 4)
    out = HOGTransformer(n_jobs=n_jobs).transform(X)
    np.testing.assert_array_equal(out, expected)


def test_pickles_and_leaves_its_input_alone():
    X = images(5, 12, 12).astype(np.float32)
    before = X.copy()
    fitted = HOGTransformer().fit(X)
    out = fitted.transform(X)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).transform(X), out)
    np.testing.assert_array_equal(X, before)


def test_it_sees_edges_whatever_their_light():
    rng = np.random.default_rng(0)
    light = rng.uniform(20, 200, (60, 1, 1))
    stripes = light * (np.arange(16) // 3 % 2) * np.ones((16, 1))
    stripes[::2] = stripes[::2].transpose(0, 2, 1)
    y = np.tile(["lying", "standing"], 30)
    model = make_pipeline(HOGTransformer(), LogisticRegression())
    assert model.fit(stripes[:40], y[:40]).score(stripes[40:], y[40:]) == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"orientations": 0}, "'orientations' parameter"),
        ({"pixels_per_cell": 0}, "'pixels_per_cell' parameter"),
        ({"pixels_per_cell": (4, 0)}, r"pixels_per_cell must be .*got \(4, 0\)"),
        ({"pixels_per_cell": (4, 4, 4)}, "pixels_per_cell must be a number of pixels"),
        ({"cells_per_block": (2.5, 1)}, "cells_per_block must be a number of cells"),
        ({"block_norm": "l2"}, "'block_norm' parameter"),
        ({"image_shape": (5, 5)}, "needs rows of 25 values; X has 144"),
        ({"n_jobs": "2"}, "'n_jobs' parameter"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_wrong_parameters(parameters, message, method):
    with pytest.raises(ValueError, match=message):
        getattr(HOGTransformer(**parameters), method)(images(5, 144))


def test_the_error_without_scikit_image_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.feature", None)
    with pytest.raises(ImportError, match=r'pip install "skl_signlang\[hog\]"'):
        HOGTransformer().fit(images(5, 12, 12))


@pytest.mark.slow
def test_scikit_image_is_imported_late():
    code = (
        "import sys, skl_signlang.preprocessing as p; p.HOGTransformer();"
        "assert not {'skimage', 'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
