import subprocess
import sys

import keras
import matplotlib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import (
    GroupKFold,
    LearningCurveDisplay,
    ValidationCurveDisplay,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang._keras import run_by_layer
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.inspection import (
    ActivationDisplay,
    AugmentationDisplay,
    ClassBalanceDisplay,
    ConfusedLettersDisplay,
    KernelDisplay,
    SaliencyDisplay,
    SampleGridDisplay,
    TrainingHistoryDisplay,
)
from skl_signlang.preprocessing import ImageScaler

pytestmark = pytest.mark.slow

matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

SMALL = {"filters": (6, 8), "kernel_size": 3, "hidden_layer_sizes": (16,)}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def hands():
    return make_fingerspelling(240, letters="ABL", n_signers=20, random_state=0)


@pytest.fixture(scope="module")
def cnn(hands):
    model = CNNClassifier(**SMALL, epochs=4, batch_size=32, random_state=0)
    return model.fit(hands.images, hands.target)


@pytest.fixture(scope="module")
def dense(hands):
    model = DenseClassifier(hidden_layer_sizes=(8,), epochs=2, random_state=0)
    return model.fit(hands.data, hands.target)


def draw(figure):
    """Draw as a file would, and see that the canvas shows something."""
    figure.canvas.draw()
    canvas = np.asarray(figure.canvas.buffer_rgba())
    assert len(np.unique(np.ascontiguousarray(canvas).view(np.uint32))) > 10  # colors
    return canvas


def shown(ax, image=0):
    return np.asarray(ax.images[image].get_array(), dtype=float)


def same_image(ax, image):
    return np.corrcoef(shown(ax).ravel(), np.ravel(image))[0, 1] > 0.999


def titles(axes):
    return [ax.get_title() for ax in axes.flat]


def is_red(ax):
    return matplotlib.colors.same_color(ax.title.get_color(), "C3")


# --- what all share -------------------------------------------------------------------

INSPECT = [
    KernelDisplay.from_estimator,
    lambda model: ActivationDisplay.from_estimator(model, np.zeros((2, 784))),
    lambda model: SaliencyDisplay.from_estimator(model, np.zeros((2, 784))),
]


@pytest.mark.parametrize("make", INSPECT)
def test_inspecting_a_network_raises_clear_errors(make, cnn, dense):
    with pytest.raises(NotFittedError, match="CNNClassifier instance is not fitted"):
        make(clone(cnn))
    with pytest.raises(ValueError, match=r"has no convolution.*such as CNNClassifier"):
        make(dense)
    with pytest.raises(TypeError, match="KNeighborsClassifier has no network"):
        make(KNeighborsClassifier())
    with pytest.raises(TypeError, match="Pipeline has no network to inspect"):
        make(make_pipeline(cnn))


def test_grids_replace_the_axes_given(cnn, hands):
    X, y = hands.images[:4], hands.target[:4]
    makers = [
        lambda ax: SampleGridDisplay.from_samples(X, y, ax=ax),
        lambda ax: KernelDisplay.from_estimator(cnn, ax=ax),
        lambda ax: ActivationDisplay.from_estimator(cnn, X, ax=ax),
        lambda ax: SaliencyDisplay.from_estimator(cnn, X, ax=ax),
        lambda ax: AugmentationDisplay.from_estimator(
            CNNClassifier(zoom=0.1), X, ax=ax
        ),
    ]
    figure, axes = plt.subplots(1, 1 + len(makers), figsize=(20, 4))
    for ax, make in zip(axes[1:], makers, strict=True):
        place = ax.get_position()
        display = make(ax)
        assert display.ax_ is ax
        assert display.figure_ is figure
        for cell in display.axes_.flat:
            assert cell.get_position().x0 >= place.x0 - 1e-6
            assert cell.get_position().x1 <= place.x1 + 1e-6
        assert display.plot() is display
        assert display.figure_ is not figure
        with pytest.raises(ValueError, match="ax must be part of a grid"):
            display.plot(plt.figure().add_axes([0, 0, 1, 1]))


def test_works_without_a_display_server():
    code = (
        "import matplotlib.pyplot as plt, numpy as np;"
        "from skl_signlang.inspection import SampleGridDisplay, ConfusedLettersDisplay;"
        "grid = SampleGridDisplay.from_samples(np.eye(4).reshape(1, 16));"
        "grid.figure_.canvas.draw();"
        "ConfusedLettersDisplay.from_predictions(list('AB'), list('BB'));"
        "assert plt.get_backend().lower() == 'agg', plt.get_backend()"
    )
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


@pytest.mark.parametrize("name", ["$x_", "$x_$", r"\frac{$", "$5 & $6"])
def test_names_are_not_parsed_as_mathtext(name):
    """``$x_$`` is one that cannot be parsed, and two names may hold a ``$`` each."""
    images, other = np.eye(8, dtype=np.uint8).reshape(2, 4, 8), f"{name}0"
    y, read = np.array([name, other]), np.array([other, name])
    _, ax = plt.subplots()
    draw(ax.figure)  # so that its title and ticks are there already
    grid = SampleGridDisplay.from_predictions(images, y, y[::-1])
    confused = ConfusedLettersDisplay.from_predictions(y, read, X=images)
    balance = ClassBalanceDisplay.from_labels([name, other, other], ax=ax)
    history = TrainingHistoryDisplay({name: RUN, other: RUN}).plot()
    maps = ActivationDisplay(images[0], {name: np.ones((4, 4, 1))}).plot()
    heat = SaliencyDisplay(images, np.ones((2, 2, 2)), read, y_true=y).plot()
    legend = history.ax_.get_legend().get_texts()
    texts = {
        f"{name} predicted as {other}": [
            grid.axes_[0, 0].title,
            heat.axes_[0, 0].title,
        ],
        f"{other} predicted as {name}": [confused.pair_axes_[1, 0].title],
        name: [
            confused.ax_.get_xticklabels()[0],
            confused.ax_.get_yticklabels()[0],
            balance.ax_.get_xticklabels()[0],
            maps.axes_[0, 1].yaxis.label,
        ],
        f"{name}, training": [legend[0]],
    }
    title = balance.ax_.title
    assert title.get_text().startswith(f"Most frequent: {other} (2)   Least: {name}")
    for expected, written in texts.items():
        for text in (*written, title):
            assert not text.get_parse_math()
            assert text.get_text() in (expected, title.get_text())
    for display in (grid, confused, balance, history, maps, heat):
        draw(display.figure_)


def test_numbers_of_a_logarithmic_axis_are_mathtext():
    ax = ClassBalanceDisplay.from_labels(["A", *"B" * 1000]).ax_
    ax.set_yscale("log")
    draw(ax.figure)
    assert all(text.get_parse_math() for text in ax.get_yticklabels())


def test_unfitted_classifiers_raise(hands):
    for display in (SampleGridDisplay, ConfusedLettersDisplay):
        with pytest.raises(NotFittedError, match="CNNClassifier instance is not"):
            display.from_estimator(CNNClassifier(), hands.images, hands.target)


def test_saliency_of_a_single_class(cnn, hands):
    X, y = hands.images[hands.target == "B"], ["B"] * np.sum(hands.target == "B")
    display = SaliencyDisplay.from_estimator(cnn, X, y)
    assert display.axes_.shape == (2, 8)
    draw(display.figure_)


# --- SampleGridDisplay ----------------------------------------------------------------


def test_each_label_is_shown_as_often_as_any_other(hands):
    unbalanced = np.r_[
        np.flatnonzero(hands.target == "A"), hands.target.tolist().index("B")
    ]
    display = SampleGridDisplay.from_samples(
        hands.images, hands.target, n_samples=9, n_columns=3, random_state=0
    )
    assert titles(display.axes_) == [*"AAABBBLLL"]
    draw(display.figure_)
    display = SampleGridDisplay.from_samples(
        hands.data[unbalanced], hands.target[unbalanced], n_samples=4, random_state=0
    )
    assert titles(display.axes_) == [*"AAAB"]


@pytest.mark.parametrize("form", ["rows", "gray", "color", "opacity", "floats"])
def test_images_come_in_every_form(hands, form):
    gray = hands.images[:3]
    X = {
        "rows": gray.reshape(3, -1),
        "gray": gray,
        "color": np.stack([gray] * 3, axis=-1),
        "opacity": np.stack([gray] * 4, axis=-1),
        "floats": gray / 255.0 - 3,
    }[form]
    display = SampleGridDisplay.from_samples(X, [0, 1, 2])
    for ax, image in zip(display.axes_.flat, gray, strict=True):
        seen = shown(ax)
        assert seen.shape == ((28, 28, 3) if X.shape[3:] else (28, 28))
        assert 0 <= seen.min() <= seen.max() <= 1
        expected = np.stack([image] * 3, axis=-1) if X.shape[3:] else image
        assert same_image(ax, expected)


def test_misclassified_images_have_red_titles(cnn, hands):
    X, y = hands.images[:2], np.array(["A", "B"])
    display = SampleGridDisplay.from_predictions(X, y, ["A", "L"])
    right, wrong = display.axes_.flat
    assert (right.get_title(), wrong.get_title()) == ("A", "B predicted as L")
    assert (is_red(right), is_red(wrong)) == (False, True)
    display = SampleGridDisplay.from_estimator(
        cnn, hands.images, hands.target, n_samples=30, random_state=1
    )
    n_red = sum(map(is_red, display.axes_.flat))
    assert n_red == np.sum(display.y_true != display.y_pred)


def test_grid_of_200_labels_of_one_and_of_none(hands):
    many = np.arange(240) % 200
    display = SampleGridDisplay.from_samples(hands.images, many, random_state=0)
    assert len(set(titles(display.axes_))) == 48
    one = SampleGridDisplay.from_samples(hands.images[:1], ["a rather long word"])
    assert titles(one.axes_) == ["a rath… word"]
    draw(one.figure_)
    unlabelled = SampleGridDisplay.from_samples(hands.images, n_samples=5)
    assert titles(unlabelled.axes_) == [""] * 5
    with pytest.raises(ValueError, match="X must contain at least one image"):
        SampleGridDisplay.from_samples(hands.images[:0], [])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        SampleGridDisplay.from_samples(hands.images, ["A"])


# --- TrainingHistoryDisplay -----------------------------------------------------------

RUN = {
    "loss": [0.9, 0.5, 0.3, 0.2],
    "accuracy": [0.5, 0.7, 0.8, 0.9],
    "val_loss": [0.8, 0.6, 0.7, 0.8],
    "val_accuracy": [0.4, 0.6, 0.6, 0.7],
}


def test_curves_are_the_history(cnn):
    display = TrainingHistoryDisplay.from_estimator(cnn)
    assert list(display.axes_) == ["loss", "accuracy"]
    for metric, ax in display.axes_.items():
        line = display.lines_["CNNClassifier", metric]
        assert ax.get_title() == metric
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
        np.testing.assert_array_equal(line.get_ydata(), cnn.history_[metric])
    assert display.ax_ is display.axes_["loss"]
    assert display.best_epochs_ == {}
    draw(display.figure_)


def test_validation_stands_beside_training_and_its_best_epoch_is_marked():
    display = TrainingHistoryDisplay({"small": RUN}).plot()
    assert list(display.axes_) == ["loss", "accuracy"]
    solid, dashed = (display.lines_["small", name] for name in ("loss", "val_loss"))
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    for ax in display.axes_.values():
        labels = [text.get_text() for text in ax.get_legend().get_texts()]
        assert labels == ["training", "validation", "best epoch 2 of 4"]
        assert ax.get_lines()[2].get_xdata() == [2, 2]
    draw(display.figure_)


def test_several_runs_have_names_and_colours(cnn, dense):
    display = TrainingHistoryDisplay.from_estimator(cnn, dense, cnn)
    assert list(display.histories) == [
        "CNNClassifier 1",
        "DenseClassifier",
        "CNNClassifier 2",
    ]
    colors = {display.lines_[run, "loss"].get_color() for run in display.histories}
    assert len(colors) == 3
    display = TrainingHistoryDisplay.from_estimator(cnn, dense, names=["a", "b"])
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["a, training", "b, training"]
    with pytest.raises(ValueError, match="names must contain 2 different names"):
        TrainingHistoryDisplay.from_estimator(cnn, dense, names=["a", "a"])


def test_runs_that_measured_different_things(hands):
    numbers = DenseRegressor(hidden_layer_sizes=(4,), epochs=1).fit(
        hands.data, np.arange(240.0)
    )
    histories = {"both": RUN, "numbers": numbers.history_}
    display = TrainingHistoryDisplay(histories).plot()
    assert len(display.axes_["accuracy"].get_lines()) == 3
    display.plot(metrics=["accuracy"])
    assert list(display.axes_) == ["accuracy"]
    draw(display.figure_)
    with pytest.raises(ValueError, match="'mae' was not measured; available: loss"):
        display.plot(metrics=["mae"])


def test_missing_histories_raise(cnn):
    with pytest.raises(NotFittedError):
        TrainingHistoryDisplay.from_estimator(clone(cnn))
    with pytest.raises(TypeError, match="KNeighborsClassifier has no history_"):
        TrainingHistoryDisplay.from_estimator(
            KNeighborsClassifier(1).fit([[0], [1]], [0, 1])
        )
    with pytest.raises(ValueError, match="histories contain no epoch"):
        TrainingHistoryDisplay({"none": {}}).plot()
    with pytest.raises(ValueError, match="estimators must contain at least one"):
        TrainingHistoryDisplay.from_estimator()


# --- scikit-learn's own curves --------------------------------------------------------


@pytest.mark.parametrize("steps", [(), (ImageScaler(),)])
def test_learning_and_validation_curves_are_scikit_learns(dense, hands, steps):
    model = make_pipeline(*steps, dense) if steps else dense
    data = model, hands.images, hands.target
    grouped = {"groups": hands.groups, "cv": GroupKFold(2)}
    display = LearningCurveDisplay.from_estimator(
        *data, train_sizes=[0.5, 1.0], shuffle=True, random_state=0, **grouped
    )
    assert display.train_sizes.tolist() == [60, 120]
    assert display.test_scores.shape == (2, 2)
    draw(display.figure_)
    name = "denseclassifier__epochs" if steps else "epochs"
    display = ValidationCurveDisplay.from_estimator(
        *data, param_name=name, param_range=[1, 20], **grouped
    )
    few, many = display.train_scores.mean(axis=1)
    assert few < many
    draw(display.figure_)


# --- ConfusedLettersDisplay -----------------------------------------------------------


def test_matrix_and_pairs_are_the_predictions():
    true, read = list("UUUVVWW"), list("VVUVUWU")
    display = ConfusedLettersDisplay.from_predictions(true, read)
    np.testing.assert_array_equal(
        shown(display.ax_), confusion_matrix(true, read, labels=list("UVW"))
    )
    assert display.pairs == [("U", "V", 2), ("V", "U", 1), ("W", "U", 1)]
    assert display.pair_axes_.shape == (0, 2)
    assert "4 of 7 misclassified" in display.ax_.get_title()
    ticks = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert ticks == ["U", "V", "W"]


@pytest.mark.parametrize("form", ["rows", "gray", "color"])
def test_pairs_show_the_most_similar_image_of_the_predicted_label(form):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (6, 8, 8), dtype=np.uint8)
    X[5] = X[0] ^ 1  # of the V, the one like the U that was taken for a V
    true, read = list("UUVVVV"), list("VUVVVV")
    given = {
        "rows": X.reshape(6, 64),
        "gray": X,
        "color": np.stack([X] * 3, axis=-1),
    }[form]
    display = ConfusedLettersDisplay.from_predictions(true, read, X=given)
    wrong, alike = display.pair_axes_[0]
    assert (wrong.get_title(), alike.get_title()) == ("U predicted as V", "V")
    assert wrong.get_ylabel() == "once"
    for ax, expected in ((wrong, X[0]), (alike, X[5])):
        expected = np.stack([expected] * 3, -1) if form == "color" else expected
        assert same_image(ax, expected)
    draw(display.figure_)


def test_from_estimator_is_from_predictions(cnn, hands):
    X, y = hands.images, np.roll(hands.target, 1)
    display = ConfusedLettersDisplay.from_estimator(cnn, X, y, n_pairs=3)
    other = ConfusedLettersDisplay.from_predictions(y, cnn.predict(X), n_pairs=3)
    np.testing.assert_array_equal(display.confusion_matrix, other.confusion_matrix)
    assert display.pairs == other.pairs
    assert display.pair_axes_.shape == (3, 2)


def test_no_errors_one_label_and_a_label_that_is_never_shown(hands):
    X = hands.images[:4]
    perfect = ConfusedLettersDisplay.from_predictions(list("ABAB"), list("ABAB"), X=X)
    assert perfect.pair_axes_.shape == (0, 2)
    assert "0 of 4 misclassified" in perfect.ax_.get_title()
    draw(perfect.figure_)
    draw(ConfusedLettersDisplay.from_predictions(["A"] * 4, ["A"] * 4, X=X).figure_)
    never = ConfusedLettersDisplay.from_predictions(["A"] * 4, ["B"] * 4, X=X)
    assert len(never.pair_axes_[0, 0].images) == 1
    assert len(never.pair_axes_[0, 1].images) == 0
    draw(never.figure_)


def test_200_labels_can_be_read():
    y = np.repeat([f"sign number {i}" for i in range(200)], 2)
    display = ConfusedLettersDisplay.from_predictions(y, np.roll(y, 1))
    draw(display.figure_)
    assert len(display.ax_.get_yticklabels()) <= 40
    assert not display.ax_.texts
    boxes = [text.get_window_extent() for text in display.ax_.get_yticklabels()]
    assert all(not a.overlaps(b) for a, b in zip(boxes[1:], boxes, strict=False))


def test_wrong_predictions():
    with pytest.raises(ValueError, match="y_true must contain at least one label"):
        ConfusedLettersDisplay.from_predictions([], [])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        ConfusedLettersDisplay.from_predictions(["A"], ["A", "B"])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        ConfusedLettersDisplay.from_predictions(["A"], ["A"], X=np.eye(4))


# --- KernelDisplay --------------------------------------------------------------------


def test_kernels_are_those_of_the_first_convolution(cnn):
    display = KernelDisplay.from_estimator(cnn, n_columns=4)
    weights = cnn.model_.get_layer("conv_1").get_weights()[0]
    assert display.axes_.shape == (2, 4)
    for i, ax in enumerate(list(display.axes_.flat)[:6]):
        np.testing.assert_array_equal(shown(ax), weights[:, :, 0, i].astype(float))
        low, high = ax.images[0].get_clim()
        assert high == -low == pytest.approx(np.abs(weights).max())
    assert not display.axes_[1, 3].images
    draw(display.figure_)
    assert KernelDisplay.from_estimator(cnn, n_kernels=2).axes_.shape == (1, 2)


def test_kernels_over_colours_are_coloured(hands):
    X = np.stack([hands.images, hands.images, 255 - hands.images], axis=-1)
    model = CNNClassifier(**SMALL, epochs=1, random_state=0).fit(X, hands.target)
    weights = model.model_.get_layer("conv_1").get_weights()[0]
    display = KernelDisplay.from_estimator(model)
    first = shown(display.axes_[0, 0])
    assert first.shape == (3, 3, 3)
    np.testing.assert_array_equal(first > 0.5, weights[..., 0] > 0)
    draw(display.figure_)


# --- ActivationDisplay ----------------------------------------------------------------


def test_maps_are_what_keras_says_that_the_layers_give(cnn, hands):
    names = ["conv_1", "pool_1", "conv_2"]
    display = ActivationDisplay.from_estimator(
        cnn, hands.images[3:5], layers=names, n_maps=5
    )
    model = cnn.model_
    part = keras.Model(model.input, [model.get_layer(name).output for name in names])
    expected = part(hands.images[3:4].reshape(1, 28, 28, 1).astype("float32"))
    assert same_image(display.axes_[0, 0], hands.images[3])
    for name, row, maps in zip(names, display.axes_, expected, strict=True):
        assert row[1].get_ylabel() == name
        for i, ax in enumerate(row[1:]):
            np.testing.assert_allclose(shown(ax), maps[0, ..., i], atol=1e-4)
    draw(display.figure_)


def test_nested_networks_are_inspected():
    """As those of transfer learning are: branches, models inside, a Sequential."""
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(4, 3, padding="same", name="first")(inputs)
    x = keras.layers.Add(name="branches")(
        [x, keras.layers.Conv2D(4, 1, name="short")(inputs)]
    )
    body = keras.Model(inputs, x, name="body")
    head = keras.Sequential(
        [
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    outer = keras.Input((8, 8, 1))
    model = keras.Model(outer, head(body(outer)))
    X = keras.random.normal((2, 8, 8, 1), seed=0)
    steps = run_by_layer(model, X)
    names = [step.layer.name for step in steps]
    assert {"first", "short", "branches"} <= set(names)
    np.testing.assert_allclose(steps[-1].output, model(X, training=False), atol=1e-6)


def test_many_convolutions_are_thinned(hands):
    model = CNNClassifier(
        filters=((2,) * 6, (2,) * 6), epochs=1, hidden_layer_sizes=()
    ).fit(hands.images, hands.target)
    names = list(ActivationDisplay.from_estimator(model, hands.images[:1]).maps)
    assert len(names) == 8
    assert (names[0], names[-1]) == ("conv_1_1", "conv_2_6")


def test_layers_without_maps(cnn, hands):
    for name in ("hidden_1", "conv_9"):
        with pytest.raises(ValueError, match=f"'{name}' is not a layer that outputs"):
            ActivationDisplay.from_estimator(cnn, hands.images, layers=[name])
    with pytest.raises(ValueError, match="is expecting 784 features"):
        ActivationDisplay.from_estimator(cnn, np.zeros((1, 9)))


# --- SaliencyDisplay ------------------------------------------------------------------


@pytest.fixture(scope="module")
def corners():
    """Images of noise; a bright square in a corner tells the class."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 60, (160, 16, 16), dtype=np.uint8)
    y = np.resize(["left", "none", "right"], 160)
    X[y == "left", 2:6, 2:6] = 250
    X[y == "right", 10:14, 10:14] = 250
    return X, y


@pytest.fixture(scope="module", params=["three classes", "two classes"])
def finder(request, corners):
    X, y = corners
    if request.param == "two classes":
        X, y = X[y != "none"], y[y != "none"]
    # strong, so that probabilities saturate and only scores have gradients
    model = CNNClassifier(
        filters=(8, 8), kernel_size=3, epochs=25, batch_size=16, random_state=0
    )
    return model.fit(X, y), X, y


def test_heat_is_where_the_class_is(finder):
    model, X, y = finder
    assert model.score(X, y) == 1
    for label, corner in (("left", (0, 0)), ("right", (1, 1))):
        display = SaliencyDisplay.from_estimator(model, X[y == label], n_samples=20)
        heat = display.heatmaps
        assert heat.shape == (20, 8, 8)
        assert 0 <= heat.min() <= heat.max() <= 1
        quarters = heat.reshape(20, 2, 4, 2, 4).sum(axis=(0, 2, 4))
        assert np.unravel_index(quarters.argmax(), (2, 2)) == corner


def test_heat_lies_over_the_images(cnn, hands):
    y = hands.target[:3].copy()
    y[1] = next(x for x in "ABL" if x != cnn.predict(hands.images[1:2])[0])
    display = SaliencyDisplay.from_estimator(cnn, hands.images[:3], y)
    assert display.axes_.shape == (2, 3)
    for i, (above, below) in enumerate(display.axes_.T):
        assert same_image(above, hands.images[i])
        assert same_image(below, hands.images[i])
        np.testing.assert_array_equal(shown(below, 1), display.heatmaps[i])
        assert below.images[1].get_extent() == below.images[0].get_extent()
        assert is_red(above) == (display.y_pred[i] != y[i])
    assert is_red(display.axes_[0, 1])
    draw(display.figure_)
    fine = SaliencyDisplay.from_estimator(cnn, hands.images[:1], layer="conv_1")
    assert fine.heatmaps.shape == (1, 28, 28)
    assert fine.axes_[0, 0].get_title() == f"predicted as {fine.y_pred[0]}"


def test_heat_of_strips_one_pixel_high():
    X, y = np.random.default_rng(0).random((40, 7)), np.tile([0, 1], 20)
    model = CNNClassifier(**SMALL, epochs=1).fit(X, y)
    draw(SaliencyDisplay.from_estimator(model, X[:2]).figure_)


def test_inspection_does_not_change_the_model(cnn, hands):
    before = cnn.predict_proba(hands.images)
    n_nodes = len(cnn.model_.get_layer("conv_1")._inbound_nodes)
    SaliencyDisplay.from_estimator(cnn, hands.images)
    ActivationDisplay.from_estimator(cnn, hands.images)
    np.testing.assert_array_equal(cnn.predict_proba(hands.images), before)
    assert len(cnn.model_.get_layer("conv_1")._inbound_nodes) == n_nodes


# --- AugmentationDisplay --------------------------------------------------------------


@pytest.mark.parametrize("form", ["gray", "color", "floats"])
def test_images_stand_beside_what_is_made_of_them(hands, form):
    X = {
        "gray": hands.images,
        "color": np.stack([hands.images] * 3, axis=-1),
        "floats": hands.images / 255,
    }[form]
    model = CNNClassifier(rotation=25, brightness=0.2)
    display = AugmentationDisplay.from_estimator(
        model, X, n_samples=3, n_draws=5, random_state=0
    )
    assert display.axes_.shape == (3, 6)
    for row, image in zip(display.axes_, X, strict=False):
        assert same_image(row[0], image)
        different = {shown(ax).tobytes() for ax in row}
        assert len(different) == 6
        assert all(0 <= shown(ax).min() <= shown(ax).max() <= 1 for ax in row)
    draw(display.figure_)


def test_only_what_is_asked_for_is_changed(hands):
    """A mirrored image is the one thing that mirroring alone can make."""
    display = AugmentationDisplay.from_estimator(
        CNNClassifier(horizontal_flip=1.0), hands.images, n_samples=2, n_draws=1
    )
    for row, image in zip(display.axes_, hands.images, strict=False):
        np.testing.assert_allclose(shown(row[1]), image[:, ::-1] / 255, atol=1e-5)


def test_the_same_seed_draws_the_same_fitted_or_not(cnn, hands):
    model = clone(cnn).set_params(translation=0.2, epochs=1)
    unfitted = AugmentationDisplay.from_estimator(model, hands.images, random_state=3)
    assert not model.__sklearn_is_fitted__()
    assert not hasattr(model, "n_features_in_")
    model.fit(hands.images, hands.target)
    fitted, other = (
        AugmentationDisplay.from_estimator(model, hands.images, random_state=seed)
        for seed in (3, 4)
    )
    np.testing.assert_array_equal(fitted.augmented, unfitted.augmented)
    assert not np.array_equal(fitted.augmented, other.augmented)


def test_estimators_that_change_nothing_say_so(cnn, dense, hands):
    with pytest.raises(
        ValueError, match=r"rotation, .* horizontal_flip are all 0\. Set one"
    ):
        AugmentationDisplay.from_estimator(cnn, hands.images)
    with pytest.raises(ValueError, match=r"DenseClassifier does not augment .* has no"):
        AugmentationDisplay.from_estimator(dense, hands.images)
    with pytest.raises(TypeError, match="KNeighborsClassifier has no network"):
        AugmentationDisplay.from_estimator(KNeighborsClassifier(), hands.images)
    with pytest.raises(ValueError, match="'zoom' parameter"):
        AugmentationDisplay.from_estimator(CNNClassifier(zoom=2), hands.images)
