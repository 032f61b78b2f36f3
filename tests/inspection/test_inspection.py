import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from skl_signlang.inspection import ClassBalanceDisplay, LeakageDisplay
from skl_signlang.model_selection import leakage_report

matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def draw(figure):
    """Draw as a file would, so that what only drawing finds is found."""
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())


def copies(shape=(8, 8), dtype=np.uint8, n=40, n_copies=5):
    rng = np.random.default_rng(0)
    X = np.repeat(rng.integers(20, 220, (n, *shape)), n_copies, axis=0)
    X += rng.integers(-2, 3, X.shape)
    return X.astype(dtype), np.repeat(np.resize(["A", "B"], n), n_copies)


def rows(X):
    return X.reshape(len(X), -1)


def test_importing_takes_no_matplotlib_and_no_tensorflow():
    code = (
        "import sys, skl_signlang.inspection;"
        "assert not {'matplotlib', 'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ClassBalanceDisplay


def test_bars_are_the_counts():
    display = ClassBalanceDisplay.from_labels(list("BABBC"))
    assert list(display.labels) == ["A", "B", "C"]
    assert [bar.get_height() for bar in display.bars_] == [1, 3, 1]
    ticks = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert ticks == ["A", "B", "C"]
    assert display.figure_ is display.ax_.figure
    draw(display.figure_)


def test_title_tells_the_extremes():
    y = ["E"] * 1294 + ["R"] * 144 + ["A"] * 500
    title = ClassBalanceDisplay.from_labels(y).ax_.get_title()
    assert title == "Most frequent: E (1,294)   Least: R (144)   Ratio: 9.0"
    y = ["A", "B"] * 10
    title = ClassBalanceDisplay.from_labels(y).ax_.get_title()
    assert title == "All labels equally frequent (10 each)"


def test_extremes_stand_out():
    colors = [
        bar.get_facecolor()
        for bar in ClassBalanceDisplay.from_labels(list("AABCCC")).bars_
    ]
    assert len(set(colors)) == 3
    chosen = ClassBalanceDisplay.from_labels(list("AABCCC"), color="red").bars_
    assert len({bar.get_facecolor() for bar in chosen}) == 1


def test_weights_count():
    display = ClassBalanceDisplay.from_labels(
        ["A", "B", "A"], sample_weight=[0.5, 2, 0.25]
    )
    assert display.counts == [0.75, 2]
    assert "Least: A (0.75)" in display.ax_.get_title()


def test_labels_that_could_occur():
    display = ClassBalanceDisplay.from_labels(list("AAB"), labels=list("CBA"))
    assert display.counts == [0, 1, 2]
    assert "Least: C (0)   Ratio: infinite" in display.ax_.get_title()
    with pytest.raises(ValueError, match=r"must contain all .*missing are \['B'\]"):
        ClassBalanceDisplay.from_labels(list("AAB"), labels=["A"])


def test_numbers_and_long_words_are_labels():
    assert list(ClassBalanceDisplay.from_labels([3, 10, 3]).labels) == [3, 10]
    words = [f"a rather long word {i}" for i in range(12) for _ in range(i + 1)]
    display = ClassBalanceDisplay.from_labels(words)
    draw(display.figure_)
    assert "\n" in display.ax_.get_title()


def test_one_label():
    draw(ClassBalanceDisplay.from_labels(["A"]).figure_)


@pytest.mark.parametrize("name", ["{}", "class {}"])
def test_200_labels_can_be_read(name):
    y = [name.format(i) for i in range(200)]
    display = ClassBalanceDisplay.from_labels(y * 2)
    draw(display.figure_)
    assert len(display.bars_) == 200
    labels = display.ax_.get_xticklabels()
    places = {
        bar.get_x() + bar.get_width() / 2: i for i, bar in enumerate(display.bars_)
    }
    for text in labels:
        nearest = min(places, key=lambda place: abs(place - text.get_position()[0]))
        assert text.get_text() == display.labels[places[nearest]]
    boxes = [text.get_window_extent() for text in labels]
    assert all(not a.overlaps(b) for a, b in zip(boxes[1:], boxes, strict=False))


def test_axes_given_are_drawn_on():
    figure, axes = plt.subplots(1, 2)
    display = ClassBalanceDisplay.from_labels(list("AAB"), ax=axes[1])
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert display.plot() is display
    assert display.ax_ is not axes[1]


def test_no_labels():
    with pytest.raises(ValueError, match="y must contain at least one label"):
        ClassBalanceDisplay.from_labels([])


# LeakageDisplay


def test_bars_are_the_scores():
    X, y = copies()
    model = KNeighborsClassifier(1)
    report = leakage_report(model, rows(X), y, random_state=0)
    display = LeakageDisplay.from_report(report, X)
    heights = [bar.get_height() for bar in display.bars_]
    assert heights == [report.ungrouped_score, report.grouped_score]
    assert f"{report.gap:.3f}" in display.ax_.get_title()
    assert display.ax_.get_ylabel() == "accuracy"
    assert "of samples have a copy" in display.ax_.get_xlabel()
    report = leakage_report(model, rows(X), y, X_test=rows(X), y_test=y)
    display = LeakageDisplay.from_report(report, X)
    assert [bar.get_height() for bar in display.bars_][2] == report.test_score == 1


@pytest.mark.parametrize("dtype", [np.uint8, float])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (6, 9), (8, 8, 3), (8, 8, 4)])
def test_images_are_the_pairs(shape, dtype):
    X, y = copies(shape, dtype)
    report = leakage_report(KNeighborsClassifier(1), rows(X), y, groups=np.arange(200))
    display = LeakageDisplay.from_report(report, rows(X), image_shape=shape)
    assert display.pair_axes_.shape == (5, 2)
    for pair, axes in zip(report.pairs, display.pair_axes_, strict=True):
        for index, ax in zip(pair, axes, strict=True):
            shown = ax.images[0].get_array()
            expected = X[index].astype(float)
            expected = expected[..., :3] if shape[2:] in [(3,), (4,)] else expected
            correlation = np.corrcoef(shown.ravel(), expected.ravel())[0, 1]
            assert correlation == pytest.approx(1)
            assert shown.min() >= 0
            assert shown.max() <= 1
            assert str(index) in ax.get_xlabel()
    draw(display.figure_)


def test_from_estimator_is_the_report_drawn():
    X, y = copies()
    options = {"cv": 4, "n_pairs": 3, "random_state": 0, "scoring": "f1_macro"}
    options |= {"groups": np.arange(200) // 2, "X_test": rows(X)[:9], "y_test": y[:9]}
    model = KNeighborsClassifier(1)
    display = LeakageDisplay.from_estimator(model, rows(X), y, **options)
    report = leakage_report(model, rows(X), y, **options)
    for key in ("ungrouped_score", "grouped_score", "test_score", "n_groups"):
        assert display.report[key] == report[key]
    np.testing.assert_array_equal(display.report.pairs, report.pairs)
    assert display.pair_axes_.shape == (3, 2)
    assert display.ax_.get_ylabel() == "f1_macro"


def test_axes_given_are_divided():
    X, y = copies()
    figure, axes = plt.subplots(1, 2, layout="constrained")
    display = LeakageDisplay.from_estimator(
        KNeighborsClassifier(1), rows(X), y, ax=axes[1]
    )
    assert display.figure_ is figure
    draw(figure)
    left = axes[0].get_position()
    for ax in (display.ax_, *display.pair_axes_.flat):
        assert ax.get_position().x0 > left.x1
    display.plot(n_pairs=2)
    assert display.pair_axes_.shape == (2, 2)
    assert display.figure_ is not figure


def test_scores_beyond_0_and_1_and_no_pairs():
    X, _ = copies()
    target = np.random.default_rng(0).normal(size=200)
    display = LeakageDisplay.from_estimator(
        KNeighborsRegressor(1),
        rows(X),
        target,
        scoring="neg_mean_absolute_error",
        n_pairs=0,
    )
    draw(display.figure_)
    assert display.pair_axes_.shape == (0, 2)
    assert display.ax_.get_ylim()[0] < display.report.ungrouped_score


def test_one_class():
    X, _ = copies()
    report = leakage_report(KNeighborsClassifier(1), rows(X), np.full(200, "A"))
    draw(LeakageDisplay.from_report(report, X).figure_)


def test_wrong_axes_and_images():
    X, y = copies()
    report = leakage_report(KNeighborsClassifier(1), rows(X), y)
    with pytest.raises(ValueError, match="is on 200 samples; X has 3"):
        LeakageDisplay.from_report(report, X[:3])
    ax = plt.figure().add_axes([0, 0, 1, 1])
    with pytest.raises(ValueError, match="ax must be part of a grid"):
        LeakageDisplay.from_report(report, X, ax=ax)
