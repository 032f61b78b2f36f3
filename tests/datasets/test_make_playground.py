import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skl_signlang.datasets import make_playground

KINDS = ["circle", "gaussian", "spiral", "xor"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_samples", [2, 3, 101, 500])
def test_form(kind, n_samples):
    bunch = make_playground(n_samples, kind=kind, noise=0.2, random_state=0)
    assert bunch.data.shape == (n_samples, 2)
    assert bunch.data.dtype == np.float64
    assert bunch.target.shape == (n_samples,)
    assert bunch.target.dtype == np.int64
    assert set(bunch.target) <= {0, 1}
    assert bunch.target_names[[0, 1]].tolist() == ["orange", "blue"]
    assert bunch.feature_names == ["x", "y"]
    assert kind in bunch.DESCR
    assert f"{n_samples} points" in bunch.DESCR


@pytest.mark.parametrize("kind", KINDS)
def test_random_state_decides(kind):
    def make(seed):
        return make_playground(kind=kind, noise=0.1, random_state=seed, return_X_y=True)

    for once, again in zip(make(3), make(3), strict=True):
        np.testing.assert_array_equal(once, again)
    assert (make(3)[0] != make(4)[0]).any()


@pytest.mark.parametrize("kind", KINDS)
def test_the_global_state_is_left_alone(kind):
    before = np.random.get_state()[1].copy()
    make_playground(kind=kind, random_state=0)
    np.testing.assert_array_equal(before, np.random.get_state()[1])


@pytest.mark.parametrize("kind", KINDS)
def test_shuffling_changes_the_order_only(kind):
    X, y = make_playground(kind=kind, shuffle=False, random_state=0, return_X_y=True)
    Z, z = make_playground(kind=kind, random_state=0, return_X_y=True)
    assert (X != Z).any()
    np.testing.assert_array_equal(
        np.unique(np.column_stack([X, y]), axis=0),
        np.unique(np.column_stack([Z, z]), axis=0),
    )


@pytest.mark.parametrize("kind", ["circle", "gaussian", "spiral"])
def test_classes_are_equally_large(kind):
    target = make_playground(501, kind=kind, random_state=0).target
    assert np.bincount(target).tolist() == [250, 251]


# What the formulas of the page promise


def test_circle_is_a_disc_in_a_ring():
    X, y = make_playground(5000, kind="circle", random_state=0, return_X_y=True)
    radius = np.linalg.norm(X, axis=1)
    assert radius[y == 1].max() < 2.5
    assert radius[y == 1].max() > 2.4
    assert 3.5 <= radius[y == 0].min() < 3.6
    assert 4.9 < radius[y == 0].max() < 5


def test_xor_follows_the_signs_and_keeps_off_the_axes():
    X, y = make_playground(5000, kind="xor", random_state=0, return_X_y=True)
    np.testing.assert_array_equal(y, X[:, 0] * X[:, 1] > 0)
    assert 0.3 <= np.abs(X).min() < 0.31
    assert 5.2 < np.abs(X).max() < 5.3


@pytest.mark.parametrize(("noise", "variance"), [(0, 0.5), (0.25, 2.25), (0.5, 4)])
def test_gaussian_has_its_centres_and_variance(noise, variance):
    X, y = make_playground(
        20_000, kind="gaussian", noise=noise, random_state=0, return_X_y=True
    )
    np.testing.assert_allclose(X[y == 1].mean(axis=0), [2, 2], atol=0.1)
    np.testing.assert_allclose(X[y == 0].mean(axis=0), [-2, -2], atol=0.1)
    np.testing.assert_allclose(X[y == 1].var(axis=0), variance, rtol=0.05)


def test_spiral_arms_are_each_other_turned_by_half():
    X, y = make_playground(200, kind="spiral", shuffle=False, return_X_y=True)
    np.testing.assert_allclose(X[y == 1], -X[y == 0], atol=1e-12)
    arm = X[y == 1]
    np.testing.assert_allclose(np.linalg.norm(arm, axis=1), np.arange(100) / 20)
    angle = np.unwrap(np.arctan2(arm[1:, 0], arm[1:, 1]))
    np.testing.assert_allclose(np.diff(angle), 2 * np.pi * 1.75 / 100)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_makes_it_harder(kind):
    def score(noise):
        X, y = make_playground(
            2000, kind=kind, noise=noise, random_state=0, return_X_y=True
        )
        return KNeighborsClassifier().fit(X[:1000], y[:1000]).score(X[1000:], y[1000:])

    assert score(0) > 0.98
    assert score(0.5) < score(0) - 0.02


@pytest.mark.parametrize("kind", ["circle", "xor"])
def test_noise_leaves_points_where_they_are(kind):
    calm = make_playground(kind=kind, shuffle=False, random_state=0)
    noisy = make_playground(kind=kind, noise=0.5, shuffle=False, random_state=0)
    np.testing.assert_array_equal(calm.data, noisy.data)
    assert (calm.target != noisy.target).any()


@pytest.mark.parametrize("kind", KINDS)
def test_only_gaussian_is_solved_by_a_line(kind):
    X, y = make_playground(1000, kind=kind, random_state=0, return_X_y=True)
    assert (LogisticRegression().fit(X, y).score(X, y) > 0.95) == (kind == "gaussian")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_samples": 1}, "'n_samples' parameter"),
        ({"kind": "moons"}, "'kind' parameter"),
        ({"noise": -0.1}, "'noise' parameter"),
        ({"random_state": "0"}, "'random_state' parameter"),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        make_playground(**parameters)
