import subprocess
import sys
import zipfile
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.sparse.csgraph import connected_components
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedGroupKFold,
    cross_validate,
)

from skl_signlang.model_selection import _near_duplicates, near_duplicate_groups


def photographs(n=40, copies=5, noise=12, seed=0, side=16):
    """Smooth images, and of each some copies with noise of different strength."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((n, 4, 4)) * 200
    fine = np.kron(coarse, np.ones((side // 4, side // 4)))
    strength = rng.random((n, copies, 1, 1)) * noise
    images = fine[:, None] + strength * rng.normal(size=(n, copies, side, side))
    images = images.reshape(-1, side, side)
    return images[rng.permutation(len(images))].clip(0, 255).astype(np.uint8)


def correlations(X):
    return np.corrcoef(np.reshape(X, (len(X), -1)).astype(float))


def partition_of(links):
    """Components of a matrix of links, numbered by first appearance."""
    labels = connected_components(links, directed=False)[1]
    return pd.factorize(labels)[0]


def refines(fine, coarse):
    """Tell whether each group of `fine` lies within one of `coarse`."""
    return len(set(zip(fine, coarse, strict=True))) == len(set(fine))


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [0.1, 0.6, 0.9, 0.95, 0.98, 0.995])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_index_misses_no_pair(threshold, seed):
    X = photographs(n=150, seed=seed, noise=30)
    groups = near_duplicate_groups(X, threshold=threshold)
    np.testing.assert_array_equal(groups, partition_of(correlations(X) > threshold))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("N_AXES", 1),
        ("BOX_SIZE", 3),
        ("CHUNK_VALUES", 300),
        ("MAX_NEAR", 10),
        ("BATCH_SIZE", 5),
        ("ROUNDS", 0),
        ("CROWD", 0),
        ("CROWD", 10**9),
    ],
)
def test_the_size_of_blocks_changes_nothing(monkeypatch, name, value):
    X = photographs(n=80, noise=30)
    expected = near_duplicate_groups(X)
    assert 1 < len(set(expected)) < len(X)
    monkeypatch.setattr(_near_duplicates, name, value)
    np.testing.assert_array_equal(near_duplicate_groups(X), expected)


@pytest.mark.parametrize("threshold", [0.9, 0.99, 0.999])
def test_images_that_share_a_background(threshold):
    """All are close in sketch, which makes the search fall back on whole products."""
    rng = np.random.default_rng(0)
    X = rng.random(400) * 200 + rng.normal(0, 4, (400, 400))
    expected = partition_of(correlations(X) > threshold)
    np.testing.assert_array_equal(
        near_duplicate_groups(X, threshold=threshold), expected
    )


def test_noise_has_no_near_duplicates():
    X = np.random.default_rng(0).random((300, 28, 28))
    assert near_duplicate_groups(X).tolist() == list(range(300))


def test_brightness_and_contrast_do_not_matter():
    X = photographs()
    rng = np.random.default_rng(1)
    gain, offset = rng.uniform(0.1, 9, (2, len(X), 1, 1))
    groups = near_duplicate_groups(X)
    np.testing.assert_array_equal(near_duplicate_groups(X * gain + offset), groups)


def test_a_negative_is_no_duplicate():
    X = photographs(n=1, copies=1)
    assert near_duplicate_groups([X[0], 255 - X[0]]).tolist() == [0, 1]


def test_the_order_of_images_does_not_matter():
    X = photographs(noise=30)
    order = np.random.default_rng(1).permutation(len(X))
    groups = near_duplicate_groups(X)
    np.testing.assert_array_equal(
        near_duplicate_groups(X[order]), pd.factorize(groups[order])[0]
    )


def test_a_higher_threshold_only_splits():
    X = photographs(noise=40)
    levels = [near_duplicate_groups(X, threshold=t) for t in (0.7, 0.9, 0.97, 0.99)]
    for coarse, fine in pairwise(levels):
        assert refines(fine, coarse)
    assert len(set(levels[0])) < len(set(levels[-1]))


def test_groups_count_from_0_in_the_order_of_appearance():
    groups = near_duplicate_groups(photographs())
    assert groups.dtype == np.int64
    np.testing.assert_array_equal(groups, pd.factorize(groups)[0])


def test_a_chain_of_links_is_one_group():
    a, b = np.random.default_rng(0).normal(size=(2, 784))
    angles = np.deg2rad(np.arange(0, 60, 8))[:, None]
    X = a * np.cos(angles) + b * np.sin(angles)
    assert correlations(X).min() < 0.7
    assert set(near_duplicate_groups(X)) == {0}


def test_every_form_of_the_same_images_gives_the_same_groups():
    X = photographs()
    groups = near_duplicate_groups(X)
    rows = X.reshape(len(X), -1)
    forms = [rows, X[..., None], X.astype(float), X.tolist(), pd.DataFrame(rows)]
    forms += [X.astype(np.int64), np.asfortranarray(X), np.repeat(X[..., None], 3, -1)]
    for form in forms:
        np.testing.assert_array_equal(near_duplicate_groups(form), groups)


def test_x_is_left_as_it_is():
    X = photographs().astype(np.float32)
    before = X.copy()
    near_duplicate_groups(X, shift=1)
    np.testing.assert_array_equal(X, before)


def test_images_of_one_value_form_one_group():
    hand = photographs(n=1, copies=1)[0]
    X = np.stack([np.zeros_like(hand), hand, np.full_like(hand, 255), hand + 1])
    assert near_duplicate_groups(X).tolist() == [0, 1, 0, 1]
    assert near_duplicate_groups(np.full((3, 4, 4), 0.1)).tolist() == [0, 0, 0]


def test_one_image_is_one_group():
    assert near_duplicate_groups(photographs(n=1, copies=1)).tolist() == [0]


def test_large_values_do_not_overflow():
    X = photographs().astype(np.float32)
    np.testing.assert_array_equal(
        near_duplicate_groups(X * 1e35), near_duplicate_groups(X)
    )


def displaced(down, right, seed=0):
    """Two views of one scene of noise, and an image of another scene."""
    scene, other = np.random.default_rng(seed).random((2, 30, 30))
    here = scene[5:21, 5:21]
    there = scene[5 + down : 21 + down, 5 + right : 21 + right]
    return np.stack([here, there, other[:16, :16]])


@pytest.mark.slow
@pytest.mark.parametrize("down", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("right", [-2, 0, 1])
def test_shift_finds_displaced_images(down, right):
    X = displaced(down, right)
    needed = max(abs(down), abs(right))
    for shift in range(4):
        groups = near_duplicate_groups(X, shift=shift)
        assert groups.tolist() == ([0, 0, 1] if shift >= needed else [0, 1, 2])


def test_shift_is_the_best_correlation_over_overlaps():
    X = photographs(n=30, copies=3, noise=60, side=8)[:60]
    n, side, shift = len(X), X.shape[1], 1
    best = np.full((n, n), -1.0)
    for down in range(-shift, shift + 1):
        for right in range(-shift, shift + 1):
            rows = slice(max(down, 0), side + min(down, 0))
            columns = slice(max(right, 0), side + min(right, 0))
            back_rows = slice(max(-down, 0), side + min(-down, 0))
            back_columns = slice(max(-right, 0), side + min(-right, 0))
            here = X[:, rows, columns].reshape(n, -1)
            there = X[:, back_rows, back_columns].reshape(n, -1)
            best = np.maximum(best, np.corrcoef(here, there)[:n, n:])
    best = np.maximum(best, best.T)
    for threshold in (0.6, 0.75, 0.9):
        groups = near_duplicate_groups(X, threshold=threshold, shift=shift)
        np.testing.assert_array_equal(groups, partition_of(best > threshold))


def test_more_shift_only_merges():
    X = photographs(noise=40)
    levels = [near_duplicate_groups(X, shift=shift) for shift in range(3)]
    assert all(refines(a, b) for a, b in pairwise(levels))


def test_shift_looks_at_rows_as_images():
    X = displaced(1, 0)[:, :12]
    rows = X.reshape(len(X), -1)
    groups = near_duplicate_groups(rows, shift=1, image_shape=(12, 16))
    np.testing.assert_array_equal(groups, near_duplicate_groups(X, shift=1))


@pytest.mark.parametrize("cv", [GroupKFold(3), StratifiedGroupKFold(3)])
def test_no_group_straddles_a_fold(cv):
    X = photographs().reshape(200, -1)
    y = X[:, 0] > 100
    groups = near_duplicate_groups(X)
    for train, test in cv.split(X, y, groups):
        assert not set(groups[train]) & set(groups[test])


@pytest.mark.slow
def test_groups_go_through_a_search_and_metadata_routing():
    X = photographs().reshape(200, -1) / 255
    y = X[:, 0] > 0.4
    groups = near_duplicate_groups(X)
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=GroupKFold(3))
    search.fit(X, y, groups=groups)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = cross_validate(
            search,
            X,
            y,
            cv=GroupKFold(3),
            params={"groups": groups},
            error_score="raise",
        )
    assert search.best_score_ > 0.5
    assert len(routed["test_score"]) == 3


@pytest.mark.parametrize("threshold", [0, 1, 1.5, -0.5, float("nan"), "0.98", None])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(ValueError, match=r"threshold must be a correlation between 0"):
        near_duplicate_groups(photographs(), threshold=threshold)


@pytest.mark.parametrize("shift", [-1, 8, 0.5, None, "1"])
def test_a_shift_out_of_range_is_refused(shift):
    with pytest.raises(ValueError, match=r"shift must be an integer .* from 0 to 7"):
        near_duplicate_groups(photographs(), shift=shift)


def test_what_is_no_images_is_refused():
    with pytest.raises(ValueError, match="NaN"):
        near_duplicate_groups(np.full((3, 4, 4), np.nan))
    with pytest.raises(ValueError, match="got 1D array"):
        near_duplicate_groups(np.arange(5))
    with pytest.raises(ValueError, match=r"image_shape=\(3, 5\) needs rows of 15"):
        near_duplicate_groups(np.ones((3, 16)), image_shape=(3, 5))


@pytest.mark.slow
def test_importing_it_does_not_start_tensorflow():
    code = (
        "import sys, skl_signlang.model_selection as m; m.split_samples;"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_sign_language_mnist_has_1274_groups_of_one_letter_each(shared_data):
    with zipfile.ZipFile(shared_data("sign-language-mnist.zip")) as archive:
        table = pd.read_csv(archive.open("sign_mnist_train.csv"), dtype=np.uint8)
    groups = near_duplicate_groups(table.iloc[:, 1:].to_numpy())
    assert abs(len(set(groups)) - 1274) <= 2
    assert (pd.Series(table["label"]).groupby(groups).nunique() == 1).all()
