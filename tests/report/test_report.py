"""Reports: what they say, of what, and that a browser opens them from disk."""

import base64
import io
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import precision_recall_fscore_support
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from skl_signlang import (
    CNNClassifier,
    DenseClassifier,
    DenseRegressor,
    TransferLearningClassifier,
)
from skl_signlang.cli import main
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.inspection import ActivationDisplay, KernelDisplay, SaliencyDisplay
from skl_signlang.persistence import save
from skl_signlang.preprocessing import ImageDecoder, ImageScaler
from skl_signlang.report import write_report
from skl_signlang.report._cost import Cost
from skl_signlang.report._grouped_score import measure_score
from skl_signlang.report._html import (
    Details,
    EmbeddedImage,
    Paragraph,
    Table,
    render_page,
)
from skl_signlang.report._network_plots import show_history, show_saliency
from skl_signlang.report._predictions import compute_predictions
from skl_signlang.report._reliability import measure_calibration
from skl_signlang.report._robustness import CHANGES, change, show_robustness

pytestmark = pytest.mark.slow

SECTIONS = {
    "card": "Model card",
    "score": "Grouped score and score under random splits",
    "letters": "Metrics per letter",
    "calibration": "Calibration",
    "confusions": "Confusion matrix",
    "history": "Training history",
    "saliency": "Saliency",
    "robustness": "Robustness",
    "cost": "Latency and size",
}
SMALL = {"filters": (6, 8), "kernel_size": 3, "hidden_layer_sizes": (16,)}


class Page(HTMLParser):
    """Contents of a report by section."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.images, self.titles, self.tables = [], [], {}, {}
        self.texts, self.urls = {None: ""}, []
        self._section, self._open, self._rows = None, [], []
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.urls += [
            attributes[name] for name in ("src", "href") if name in attributes
        ]
        if tag == "section":
            self._section = attributes["id"]
            self.texts[self._section] = ""
        elif tag == "img":
            self.images.append((self._section, attributes))
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
            if tag == "th":
                assert attributes["scope"] in ("row", "col")
        elif tag == "table":
            self._rows = []
        if tag not in ("img", "meta", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        if tag == "section":
            self._section = None
        elif tag == "table":
            self.tables[self._section, self._caption] = self._rows

    def handle_data(self, data):
        tag = self._open[-1] if self._open else None
        if tag == "style":
            return
        self.texts[self._section] += data
        if tag == "caption":
            self._caption = data
        elif tag in ("td", "th"):
            self._rows[-1][-1] += data
        elif tag == "h2":
            self.titles[self._section] = data

    def table(self, section, beginning=""):
        """Return the rows of a table below the header, by their first cell."""
        (rows,) = [
            rows
            for (where, caption), rows in self.tables.items()
            if where == section and caption.startswith(beginning)
        ]
        return {row[0]: row[1:] for row in rows[1:]}


@pytest.fixture(scope="module")
def hands():
    return make_fingerspelling(240, letters="ABL", n_signers=12, random_state=0)


@pytest.fixture(scope="module")
def cnn(hands):
    model = CNNClassifier(**SMALL, epochs=6, batch_size=32, random_state=0)
    return model.fit(hands.images[:120], hands.target[:120])


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:400], y[:400]


@pytest.fixture(scope="module")
def made(cnn, hands, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(cnn, hands.images, hands.target, path, groups=hands.groups)
    return path


@pytest.fixture(scope="module")
def page(made):
    return Page(made)


def report_on(tmp_path, estimator, X, y, **options):
    write_report(estimator, X, y, tmp_path / "report.html", **options)
    return Page(tmp_path / "report.html")


class GivenProbabilities(ClassifierMixin, BaseEstimator):
    """Classifier that returns X as probabilities."""

    def __init__(self, names=("a", "b")):
        self.names = names

    def fit(self, X, y):
        self.classes_ = np.array(self.names)
        return self

    def predict_proba(self, X):
        return np.asarray(X)[:, : len(self.classes_)]

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


# --- the page -------------------------------------------------------------------------


def test_sections_and_images_are_complete(page):
    assert page.titles == SECTIONS
    assert list(page.titles) == list(SECTIONS)
    imaged = {section for section, _ in page.images}
    assert imaged == set(SECTIONS) - {"card", "letters", "cost"}
    for kind in CHANGES:
        assert len(page.table("robustness", kind.name.capitalize())) == len(kind.levels)


def test_nothing_is_loaded_and_nothing_runs(page, made):
    assert not {"script", "iframe", "object", "embed", "base"} & set(page.tags)
    assert all(url.startswith(("data:", "#")) for url in page.urls)
    assert not re.search(r"\son\w+=|url\(|@import|https?:", made.read_text("utf-8"))
    anchors = {a[1:] for a in page.urls if a.startswith("#")}
    assert anchors == set(SECTIONS)


def test_every_image_is_in_it_and_is_described(page):
    for _, attributes in page.images:
        kind, content = attributes["src"].split(",")
        assert kind == "data:image/png;base64"
        with Image.open(io.BytesIO(base64.b64decode(content))) as image:
            image.load()
            assert min(image.size) > 200
        assert len(attributes["alt"]) > 20


def test_the_same_data_give_the_same_report(cnn, hands, made, tmp_path):
    again = tmp_path / "again.html"
    write_report(cnn, hands.images, hands.target, again, groups=hands.groups)

    def without_times(path):
        text = path.read_text("utf-8")
        text = text[
            text.index('<section id="score"') : text.index('<section id="cost"')
        ]
        return text

    assert without_times(again) == without_times(made)


# --- what it says ---------------------------------------------------------------------


def test_metrics_per_letter_equal_those_of_scikit_learn(page, cnn, hands):
    expected = precision_recall_fscore_support(hands.target, cnn.predict(hands.images))
    rows = page.table("letters")
    assert list(rows) == ["A", "B", "L"]
    for row, *values, support in zip(rows.values(), *expected, strict=True):
        assert row == [*(f"{value:.3f}" for value in values), str(support)]


def test_the_grouped_score_weighs_groups_equally(cnn, hands):
    # one signer has many images more than the others
    rows = np.r_[np.arange(240), np.repeat(np.flatnonzero(hands.groups == 3), 5)]
    X, y, groups = hands.images[rows], hands.target[rows], hands.groups[rows]
    score = measure_score(compute_predictions(cnn, X, y, groups))
    right = cnn.predict(X) == y
    by_group = [right[groups == group].mean() for group in np.unique(groups)]
    assert score.ungrouped == pytest.approx(right.mean())
    assert score.grouped == pytest.approx(np.mean(by_group))
    for value, (low, high) in (
        (score.ungrouped, score.ungrouped_interval),
        (score.grouped, score.grouped_interval),
    ):
        assert 0 <= low < value < high <= 1


def test_the_page_says_both_scores(page, cnn, hands):
    rows = page.table("score", "Scores of")
    accuracy = np.mean(cnn.predict(hands.images) == hands.target)
    assert rows["Score under random splits"][0] == f"{accuracy:.3f}"
    assert {"Grouped score", "Macro-F1", "Most frequent label"} <= set(rows)
    assert "The 12 groups came with the data" in page.texts["score"]
    assert "12 groups are few" in page.texts["score"]
    worst = [float(row[1]) for row in page.table("score", "The groups").values()]
    assert worst == sorted(worst)


def test_near_duplicates_widen_the_grouped_interval(tmp_path):
    random_state = np.random.RandomState(0)
    X = np.repeat(random_state.randint(20, 220, (40, 8, 8)), 10, axis=0)
    X = (X + random_state.randint(-2, 3, X.shape)).astype(np.uint8).reshape(400, 64)
    y = np.repeat(random_state.permutation(np.resize(["A", "B"], 40)), 10)
    model = GaussianNB().fit(X[::10], random_state.permutation(y[::10]))
    score = measure_score(compute_predictions(model, X, y))
    assert len(score.names) == 40
    grouped, ungrouped = np.diff([score.grouped_interval, score.ungrouped_interval])
    assert grouped > 2 * ungrouped
    page = report_on(tmp_path, model, X, y)
    accuracies = page.table("score", "Accuracy of a nearest")
    assert accuracies["Random split"][0] == "1.000"
    assert 0.2 < float(accuracies["Grouped split"][0]) < 0.8
    assert "40 groups of near-duplicates were found" in page.texts["score"]


def test_calibration_error_is_the_mean_distance_of_bins():
    # 4 of 10 right at .65, 9 of 10 right at .95
    right = np.r_[np.repeat([1, 0], [4, 6]), np.repeat([1, 0], [9, 1])].astype(bool)
    best = np.repeat([0.65, 0.95], 10)
    X = np.c_[best, 1 - best, np.zeros((20, 3))]
    predictions = compute_predictions(
        GivenProbabilities().fit(X, None), X, np.where(right, "a", "b")
    )
    calibration = measure_calibration(predictions)
    assert calibration.error == pytest.approx((0.25 + 0.05) / 2)
    assert calibration.counts.tolist() == [10, 10]
    assert calibration.accuracies == pytest.approx([0.4, 0.9])


# --- changes --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def image():
    values = np.random.RandomState(0).randint(0, 256, (2, 12, 12, 3))
    return values.astype(np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float64, bool])
@pytest.mark.parametrize("kind", CHANGES, ids=lambda kind: kind.name)
def test_changes_keep_dtype_shape_and_range(kind, dtype, image):
    images = image.astype(dtype)
    for level in kind.levels:
        changed = change(images, kind.name, level)
        assert (changed.dtype, changed.shape) == (images.dtype, images.shape)
        assert images.min() <= changed.min()
        assert changed.max() <= images.max()
        if level == kind.same:
            assert np.array_equal(changed, images)
    assert dtype is bool or not np.array_equal(changed, images)


def test_changes_are_what_they_are_called(image):
    turned = change(image, "rotation", 90)
    assert np.array_equal(turned, np.rot90(image, axes=(1, 2)))
    mirrored = change(image, "mirror", 1)
    assert np.array_equal(mirrored[:, :, 0], image[:, :, -1])
    assert change(image, "blur", 6).std() < image.std()
    assert change(image, "brightness", 0.3).mean() > image.mean()
    dot = np.zeros((1, 13, 13, 1), np.uint8)
    dot[:, 5:8, 5:8] = 255
    area = [change(dot, "scale", factor).sum() for factor in (0.5, 1, 1.5)]
    assert area == sorted(area)
    center = change(dot, "scale", 1.5)[0, :, :, 0]
    assert np.array_equal(center, center[::-1, ::-1])


# --- what comes in --------------------------------------------------------------------


def test_a_table_has_no_images_and_the_rest_is_there(tmp_path):
    frame, y = load_iris(return_X_y=True, as_frame=True)
    page = report_on(tmp_path, LogisticRegression(max_iter=500).fit(frame, y), frame, y)
    assert list(page.titles) == list(SECTIONS)
    assert page.titles["letters"] == "Metrics per class"
    assert "these rows are not images" in page.texts["score"]
    assert "There are no images to show" in page.texts["confusions"]
    assert "LogisticRegression has no training history" in page.texts["history"]
    assert "LogisticRegression is not one" in page.texts["saliency"]
    assert "the data contain no images" in page.texts["robustness"]
    assert "The archive (.signlang) has" in page.texts["cost"]
    assert {section for section, _ in page.images} == {"calibration", "confusions"}


def test_missing_sections_state_the_reason(digits, tmp_path):
    X, y = digits
    page = report_on(tmp_path, LinearSVC().fit(X[:200], y[:200]), X[200:], y[200:])
    assert "LinearSVC has no predict_proba" in page.texts["calibration"]
    assert "Time of predict" in page.texts["cost"]
    assert any(section == "robustness" for section, _ in page.images)
    dense = DenseClassifier(hidden_layer_sizes=(8,), epochs=1, random_state=0)
    predictions = compute_predictions(dense.fit(X, y), X[:60], y[:60])
    (text, _) = show_saliency(predictions)[0]
    assert "network of DenseClassifier has none" in text
    dense.history_ = {}
    assert (
        "DenseClassifier has no training history" in show_history(predictions)[0].text
    )


def test_no_error_and_no_correct_prediction(digits, tmp_path):
    X, y = digits
    model = KNeighborsClassifier(1).fit(X, y)
    page = report_on(tmp_path, model, X, y, groups=np.arange(len(y)) // 4)
    assert "There are no errors" in page.texts["confusions"]
    assert (
        page.table("score", "Scores of")["Grouped score"][1] == "0.970\xa0to\xa01.000"
    )
    assert "rule of three" in page.texts["score"]
    wrong = DummyClassifier(strategy="constant", constant=1).fit(X, y)
    page = report_on(tmp_path, wrong, X[y == 0], y[y == 0])
    assert page.table("score", "Scores of")["Score under random splits"][0] == "0.000"
    assert "Not shown in these data" in page.texts["letters"]


def test_saliency_without_errors_or_correct_predictions(cnn, hands):
    correct = cnn.predict(hands.images) == hands.target
    for rows, message in (
        (correct, "There are no errors"),
        (~correct, "There are no correct predictions"),
    ):
        parts = show_saliency(
            compute_predictions(cnn, hands.images[rows], hands.target[rows])
        )
        texts = [part.text for part in parts if isinstance(part, Paragraph)]
        assert f"{message}." in texts
        assert sum(isinstance(part, EmbeddedImage) for part in parts) == 1


def test_one_class_one_group_and_one_image(cnn, hands, tmp_path):
    only = np.flatnonzero(hands.target == "B")
    X, y = hands.images[only], hands.target[only]
    page = report_on(tmp_path, cnn, X, y, groups=[7] * len(only))
    assert list(page.titles) == list(SECTIONS)
    assert "of one group" in page.texts["score"]
    assert "nothing is known of them: A, L." in page.texts["letters"]
    page = report_on(tmp_path, cnn, X[:1], y[:1])
    assert list(page.titles) == list(SECTIONS)


def test_two_hundred_classes(tmp_path):
    names = tuple(f"class {i:03}" for i in range(200))
    X = np.random.RandomState(0).dirichlet(np.ones(200), 600)
    model = GivenProbabilities(names).fit(X, None)
    y = model.predict(X)
    y[:50] = names[7]
    page = report_on(tmp_path, model, X, y)
    assert len(page.table("letters", "The 20")) == 20
    assert set(page.table("letters", "Each class")) == {*y, *model.predict(X)}
    assert "cannot be saved" in page.texts["cost"]


def test_labels_that_the_model_does_not_know_are_errors(digits, tmp_path):
    X, y = digits
    shown = np.where(np.arange(60) < 10, 77, y[:60])
    page = report_on(tmp_path, GaussianNB().fit(X, y), X[:60], shown)
    assert "The model does not know 77" in page.texts["letters"]
    assert page.table("letters")["77"] == ["-", "0.000", "0.000", "10"]


def test_pipelines_and_searches_over_images(hands, tmp_path):
    files = []
    for i, pixels in enumerate(hands.images[:60].reshape(-1, 28, 28)):
        files.append(str(tmp_path / f"{i}.png"))
        Image.fromarray(pixels).save(files[-1])
    network = CNNClassifier(**SMALL, epochs=1, random_state=0)
    decoding = make_pipeline(ImageDecoder(image_size=24), ImageScaler(), network)
    page = report_on(
        tmp_path, decoding.fit(files, hands.target[:60]), files, hands.target[:60]
    )
    assert "60 images, 3 letters, 24 x 24 pixels, gray" in page.texts[None]
    imaged = {section for section, _ in page.images}
    assert {"confusions", "history", "saliency", "robustness"} <= imaged

    pipe = make_pipeline(
        ImageScaler(), CNNClassifier(**SMALL, epochs=1, random_state=0)
    )
    # one structure, which is traced once
    rates = {"cnnclassifier__learning_rate": [1e-3, 1e-2]}
    search = GridSearchCV(pipe, rates, cv=2)
    search.fit(hands.images[:60], hands.target[:60])
    page = report_on(tmp_path, search, hands.images[:60], hands.target[:60])
    assert "best of 2 candidates" in page.texts["card"]
    assert {"history", "saliency", "robustness"} <= {
        section for section, _ in page.images
    }


def test_networks_that_others_trained(hands, tmp_path):
    network = TransferLearningClassifier(
        backbone="MobileNet",
        backbone_params={"alpha": 0.25},
        weights=None,
        image_size=32,
        epochs=1,
        random_state=0,
    )
    X, y = np.stack([hands.images[:60]] * 3, axis=-1), hands.target[:60]
    pipe = make_pipeline(ImageScaler(), network.set_params(pixel_range=(0, 1)))
    page = report_on(tmp_path, pipe.fit(X, y), X[:8], y[:8])
    assert list(page.titles) == list(SECTIONS)
    assert "28 x 28 pixels, RGB" in page.texts[None]
    assert {"confusions", "history", "saliency", "robustness"} <= {
        section for section, _ in page.images
    }
    n_parameters = pipe[-1].model_.count_params()
    assert f"The network has {n_parameters:,} parameters" in page.texts["cost"]
    assert "The archive (.signlang) has" in page.texts["cost"]

    X = pipe[:-1].transform(X[:3])
    display = SaliencyDisplay.from_estimator(pipe[-1], X, layer="conv_pw_1")
    assert display.heatmaps.shape == (3, 16, 16)
    assert KernelDisplay.from_estimator(pipe[-1]).kernels.shape == (8, 3, 3, 3)
    assert "conv1" in ActivationDisplay.from_estimator(pipe[-1], X).maps


def test_slow_models_predict_fewer_transformed_images(digits):
    predictions = compute_predictions(GaussianNB().fit(*digits), *digits)
    for seconds, n in ((0.25, 200), (25.0, 50)):
        cost = Cost("predict", seconds, seconds, 256, None, "", None)
        (text, *_) = show_robustness(predictions, cost)[0]
        assert text.startswith(f"{n} images, evenly")


def test_frames_of_pixels_are_images(digits, tmp_path):
    frame, y = load_digits(return_X_y=True, as_frame=True)
    model = GaussianNB().fit(frame[:400], y[:400])
    page = report_on(tmp_path, model, frame[400:500], y[400:500])
    assert "8 x 8 pixels" in page.texts[None]
    assert any(section == "robustness" for section, _ in page.images)


def test_names_from_data_are_escaped(digits, tmp_path):
    X, y = digits
    names = np.array(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "$\\frac{",
            "a & b &lt;i&gt;",
            "字",
            *"FGHIK",
        ]
    )
    model = GaussianNB().fit(X[:300], names[y[:300]])
    groups = np.array(["<b>one</b>", "</td>two", "three"])[np.arange(100) % 3]
    page = report_on(tmp_path, model, X[300:], names[y[300:]], groups=groups)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert all(attributes["src"].startswith("data:") for _, attributes in page.images)
    assert set(page.table("letters")) == set(names)
    assert "<script>alert(1)</script>" in page.texts["card"]
    assert "<b>one</b>" in page.texts["score"]


def test_every_block_is_escaped():
    tag = "<b>\"'"
    blocks = [
        Paragraph(tag),
        Paragraph(tag, "code"),
        Table(tag, [tag, tag, "bar"], [(tag, tag, 0.5)], bars="bar"),
        EmbeddedImage("", tag, 100, "chart"),
        Details(tag, [Paragraph(tag)]),
    ]
    html = render_page(tag, [tag], {tag: (tag, tag)}, {"card": (tag, blocks)}, tag)
    assert "<b>" not in html
    assert html.count("&lt;b&gt;&#34;&#39;") == 20
    bar = '<td class="number bar" style="--fraction:0.500">0.500</td>'
    assert bar in html


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (CNNClassifier(), NotFittedError, "CNNClassifier instance is not fitted"),
        (GaussianNB(), NotFittedError, "not fitted"),
        (DenseRegressor(), TypeError, "must be a classifier; DenseRegressor is not"),
        (LinearRegression(), TypeError, "LinearRegression is not a .*regressor"),
        (make_pipeline(LinearRegression()), TypeError, "Pipeline is not a classifier"),
        (KMeans(), TypeError, "KMeans is not a classifier"),
        (CNNClassifier, TypeError, "must be a fitted classifier"),
        ("model.signlang", TypeError, "must be a fitted classifier"),
    ],
)
def test_only_fitted_classifiers_are_reported_on(estimator, error, message, tmp_path):
    with pytest.raises(error, match=message):
        write_report(estimator, np.zeros((2, 64)), [0, 1], tmp_path / "r.html")
    assert list(tmp_path.iterdir()) == []


def test_bad_data_leave_the_old_file(digits, tmp_path):
    X, y = digits
    model = GaussianNB().fit(X, y)
    path = tmp_path / "report.html"
    path.write_text("old")
    for bad, message in (
        ((X, y[:-1]), "inconsistent numbers of samples"),
        ((X[:0], y[:0]), "X must contain at least one sample"),
        ((X, np.full(len(y), "A")), r"y has the labels \['A'\]; the model knows none"),
    ):
        with pytest.raises(ValueError, match=message):
            write_report(model, *bad, path)
    with pytest.raises(ValueError, match="one group for each of the 400 samples"):
        write_report(model, X, y, path, groups=[1, 2])
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_paths_that_cannot_be_written_raise(digits, tmp_path):
    model = GaussianNB().fit(*digits)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write_report(model, *digits, tmp_path / "no" / "r.html")
    with pytest.raises(ValueError, match="is not a file"):
        write_report(model, *digits, tmp_path)
    with pytest.raises(TypeError, match="path must be"):
        write_report(model, *digits, 3)


def test_works_without_a_display_server_and_closes_figures(tmp_path):
    code = (
        "import sys; from sklearn.datasets import load_iris;"
        "from sklearn.naive_bayes import GaussianNB;"
        "from skl_signlang.report import write_report;"
        "assert 'matplotlib' not in sys.modules;"
        "X, y = load_iris(return_X_y=True);"
        f"write_report(GaussianNB().fit(X, y), X, y, {str(tmp_path / 'r.html')!r});"
        "import matplotlib.pyplot as plt;"
        "assert not plt.get_fignums()"
    )
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    assert (tmp_path / "r.html").stat().st_size > 10_000


# --- the command ----------------------------------------------------------------------


@pytest.fixture
def archive(cnn, hands, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(cnn, "abl.signlang", data="120 rendered hands", metrics={"accuracy": 0.5})
    np.savez(
        "<i>hands.npz", images=hands.images, labels=hands.target, groups=hands.groups
    )
    return "abl.signlang"


def test_the_command_writes_a_report_with_the_archives_card(archive, tmp_path, capsys):
    assert main(["report", archive, "<i>hands.npz"]) == 0
    assert capsys.readouterr().out == "240 images\nreport: report.html\n"
    page = Page(tmp_path / "report.html")
    assert "120 rendered hands" in page.texts["card"]
    assert "accuracy: 0.5" in page.texts["card"]
    assert "Report on abl.signlang" in page.texts[None]
    assert "Data: <i>hands.npz" in page.texts[None]
    assert "The 12 groups came with the data" in page.texts["score"]
    assert "i" not in page.tags
    assert main(["report", archive, "<i>hands.npz"]) == 2
    assert "report.html exists already; --overwrite" in capsys.readouterr().err


def test_the_command_brings_images_to_the_models_size(archive, tmp_path):
    images = np.repeat(np.arange(0, 250, 25, dtype=np.uint8), 64 * 48).reshape(
        10, 64, 48
    )
    np.savez("other.npz", images=images, labels=np.resize([*"ABL"], 10))
    assert main(["report", archive, "other.npz", "--out", "other.html"]) == 0
    assert "28 x 28 pixels" in Page(tmp_path / "other.html").texts[None]


def test_the_command_explains_invalid_arguments(archive, tmp_path, capsys):
    regressor = DenseRegressor(epochs=1).fit(np.eye(4), np.arange(4.0))
    save(regressor, "numbers.signlang")
    (tmp_path / "folder").mkdir()
    for words, message in (
        (["no.signlang", "<i>hands.npz"], "no.signlang"),
        ([archive, "no.npz"], "no.npz"),
        (["numbers.signlang", "<i>hands.npz"], "expected a classifier"),
        ([archive, "<i>hands.npz", "--out", "no/r.html"], "there is no folder no"),
        ([archive, "<i>hands.npz", "--out", "folder"], "is not a file"),
    ):
        assert main(["report", *words]) == 2
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert message in lines[0]
    assert not (tmp_path / "report.html").exists()


# --- in a browser ---------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_opens_it_from_disk(made, scheme):
    reason = "needs playwright and chromium"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("needs chromium: apt-get install chromium")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            color_scheme=scheme,
            viewport={"width": 420, "height": 800},
        )
        page = context.new_page()
        failures, requests = [], []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda message: failures.append(message.text))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(made.as_uri())
        assert page.get_by_role("heading", level=2).all_inner_texts() == list(
            SECTIONS.values()
        )
        assert page.evaluate(
            "[...document.images].every((i) => i.complete && i.naturalWidth > 200)"
        )
        # a narrow screen scrolls wide tables, and not the page
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = np.mean([int(n) for n in re.findall(r"\d+", ground)[:3]])
        assert (brightness < 128) == (scheme == "dark")
        page.get_by_text("The numbers").first.click()
        assert page.get_by_role("table", name="Reliability").is_visible()
        browser.close()
    assert failures == []
    assert {url for url in requests if not url.startswith("data:")} == {made.as_uri()}


def test_the_command_has_help(capsys):
    with pytest.raises(SystemExit):
        main(["report", "--help"])
    assert "MODEL DATA" in capsys.readouterr().out.replace(os.linesep, " ")
