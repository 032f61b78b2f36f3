import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel, delayed
from PIL import Image
from sklearn.base import clone
from sklearn.datasets import get_data_home
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skl_signlang._pipelines import takes_images
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.persistence import load, save
from skl_signlang.preprocessing import (
    HandCropper,
    HandFinder,
    HandLandmarks,
    _hand_search,
    _hand_transformer,
    draw_hands,
)
from skl_signlang.preprocessing._hand_crops import (
    Square,
    cut_out,
    look_at,
    square_of_all,
    square_of_hand,
)
from skl_signlang.preprocessing._hand_geometry import (
    FEATURES,
    describe_hands,
    feature_names,
    mirror_left_hands,
)
from skl_signlang.preprocessing._hand_models import Hand
from skl_signlang.preprocessing._palms import Palm, find_palms, square_of_palm

SHARED_MODELS = Path(__file__).parents[3] / "shared" / "models"
HAND = make_fingerspelling(1, letters="L", image_size=16, mirror=0, random_state=0)
RIGHT_HAND = HAND.joints[0]


def images(*shape):
    return np.random.RandomState(0).randint(0, 256, shape, dtype=np.uint8)


class PretendedModel:
    """Takes images that are brighter on the right for right hands."""

    side = 224

    def __init__(self, model):
        pass

    def __call__(self, image, down):
        assert image.shape == (224, 224, 3)
        assert image.dtype == np.float32
        assert 0 <= image.min() <= image.max() <= 1
        light = image.mean(axis=(0, 2), dtype=float)
        lean = (light[112:].sum() - light[111::-1].sum()) / light.sum()
        joints = RIGHT_HAND * [np.sign(lean), 1, 1 + light.sum()]
        return Hand(
            112 + 40 * joints, light.mean(), 0.5 + lean / 2, joints.astype(np.float32)
        )


@pytest.fixture
def pretended(monkeypatch):
    monkeypatch.setattr(_hand_search, "LandmarkModel", PretendedModel)


@pytest.fixture(scope="module")
def data_home(tmp_path_factory):
    """A data home with the models; skips where they, or LiteRT, are absent."""
    pytest.importorskip("ai_edge_litert.interpreter")
    home = tmp_path_factory.mktemp("data")
    (home / "hand_landmarks").mkdir()
    for name in ("hand_landmark_full", "hand_landmark_lite", "palm_detection_full"):
        path = SHARED_MODELS / f"{name}.tflite"
        if not path.exists():
            pytest.skip(f"needs ../shared/models/{path.name}: not present")
        (home / "hand_landmarks" / path.name).symlink_to(path)
    return home


@pytest.fixture
def real(data_home, monkeypatch):
    """Models are where they belong."""
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(data_home))


@pytest.fixture(scope="module")
def hands():
    return make_fingerspelling(24, image_size=224, color=True, random_state=0)


@pytest.mark.slow
@parametrize_with_checks([HandLandmarks("lite")])
def test_common_checks(estimator, check, real):
    check(estimator)


# What comes in


SHAPES = [(20, 20), (20, 20, 1), (12, 31, 3), (9, 5, 4), (28, 17, 2)]


@pytest.mark.slow
@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "form",
    {
        "rows": lambda X: X.reshape(len(X), -1),
        "frame": lambda X: pd.DataFrame(X.reshape(len(X), -1)),
        "lists of numbers": lambda X: X.tolist(),
        "list": list,
        "tuple": tuple,
        "other numbers": lambda X: X.astype(np.int64),
        "floats": lambda X: X.astype(np.float64),
    }.items(),
    ids=lambda form: form[0],
)
def test_all_forms_agree(shape, form):
    X = images(4, *shape)
    landmarks = HandLandmarks(features=FEATURES, image_shape=shape)
    expected = landmarks.fit_transform(X)
    assert expected.shape == (4, len(landmarks.get_feature_names_out()))
    assert expected.dtype == np.float32
    assert len(np.unique(expected, axis=0)) > 1
    np.testing.assert_array_equal(landmarks.fit_transform(form[1](X)), expected)
    np.testing.assert_array_equal(clone(landmarks).transform(form[1](X)), expected)
    np.testing.assert_array_equal(landmarks.presence(form[1](X)), expected[:, -1])


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("as_objects", [False, True])
def test_images_of_different_sizes(as_objects):
    X = [images(*shape) for shape in ((28, 28), (96, 128), (40, 30, 3), (1, 1))]
    if as_objects:
        X = np.array([*X, None], dtype=object)[:-1]
    landmarks = HandLandmarks().fit(X)
    alone = [landmarks.transform(image[np.newaxis])[0] for image in X]
    np.testing.assert_array_equal(landmarks.transform(X), alone)
    assert not hasattr(landmarks, "n_features_in_")


@pytest.mark.usefixtures("pretended")
def test_images_of_any_size_follow_any_others_but_rows_are_compared():
    landmarks = HandLandmarks().fit(images(3, 28, 28))
    assert landmarks.transform(images(3, 96, 128)).shape == (3, 63)
    assert landmarks.transform(images(3, 100)).shape == (3, 63)
    landmarks.fit(images(3, 100))
    assert landmarks.n_features_in_ == 100
    assert landmarks.transform(images(3, 28, 28)).shape == (3, 63)
    with pytest.raises(ValueError, match="expecting 100 features"):
        landmarks.transform(images(3, 121))
    assert not hasattr(landmarks.fit(images(3, 28, 28)), "n_features_in_")


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("pixel_range", [(0, 1), (-1, 1), (50, 51.5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pixel_range(pixel_range, dtype):
    X = images(4, 12, 12, 3)
    low, high = pixel_range
    scaled = (X.astype(dtype) / 255 * (high - low) + low).astype(dtype)
    landmarks = HandLandmarks(features=FEATURES)
    expected = landmarks.transform(X)
    landmarks.set_params(pixel_range=pixel_range)
    np.testing.assert_allclose(landmarks.transform(scaled), expected, atol=2e-3)
    beyond = landmarks.transform(np.full((1, 12, 12), 1e30))
    np.testing.assert_array_equal(
        landmarks.transform(np.full((1, 12, 12), high)), beyond
    )


@pytest.mark.usefixtures("pretended")
def test_what_is_true_is_white():
    X = images(4, 12, 12) > 99
    landmarks = HandLandmarks(features=FEATURES)
    expected = landmarks.transform(X * np.uint8(255))
    landmarks.set_params(pixel_range=(0, 1))
    np.testing.assert_array_equal(landmarks.transform(X), expected)


@pytest.mark.usefixtures("pretended")
def test_input_is_left_alone():
    X = images(4, 12, 12, 3).astype(np.float32)
    before = X.copy()
    HandLandmarks(pixel_range=(3, 99), both_hands=True, refine=True).transform(X)
    np.testing.assert_array_equal(X, before)


BAD_INPUT = {
    "text": ([["A", "b"]], "string|convert"),
    "one image's row": (np.zeros(9), "Expected 2D array"),
    "five dimensions": (np.zeros((1, 2, 3, 4, 5)), "X has 5 dimensions"),
    "channels first": (np.zeros((2, 3, 28, 28)), "28 channels"),
    "no images": (np.zeros((0, 28, 28)), "0 sample"),
    "empty list": ([], "Expected 2D array|0 sample"),
    "no pixels": (np.zeros((2, 0, 28)), "0 feature"),
    "missing values": (np.full((2, 4, 4), np.nan), "NaN"),
    "infinity": (np.full((2, 16), np.inf), "infinity"),
    "too large": (np.full((2, 4, 4), 1e300), "too large for float32"),
    "Pillow images": ([Image.new("P", (4, 4))], "Row 0 of X is a Image.*ImageDecoder"),
    "a row among images": ([np.zeros((4, 4)), np.zeros(16)], r"Row 1 .*\(16,\)"),
    "a stack in a list": ([np.zeros((4, 4)), np.zeros((1, 4, 4, 3))], "Row 1 of X is"),
    "None in a list": ([np.zeros((4, 4)), None], "Row 1 of X is a NoneType"),
    "no pixels in a list": (
        [np.zeros((4, 4)), np.zeros((0, 4))],
        "Row 1 of X: .*0 fea",
    ),
    "NaN in a list": ([np.zeros((4, 4)), np.full((4, 4), np.nan)], "Row 1 of X: .*NaN"),
    "channels in a list": ([np.zeros((4, 4, 9))], "Row 0 of X: .*9 channels"),
    "objects in a list": ([np.array([["a", "b"]])], "Row 0 of X: "),
}


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("case", BAD_INPUT)
@pytest.mark.parametrize("method", ["fit", "transform", "presence"])
def test_bad_input(case, method):
    X, message = BAD_INPUT[case]
    with pytest.raises(ValueError, match=message):
        getattr(HandLandmarks(), method)(X)


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": 3}, "'model' parameter"),
        ({"features": "landmarks"}, "'features' parameter"),
        ({"features": ()}, "features must be one or more of 'landmarks', 'angles'"),
        ({"features": ("angle",)}, r"each once; got \('angle',\)"),
        ({"features": ["angles", "angles"]}, "each once; got"),
        ({"features": [["angles"]]}, "features must be one or more"),
        ({"frame": "hand"}, "'frame' parameter"),
        ({"both_hands": "yes"}, "'both_hands' parameter"),
        ({"refine": None}, "'refine' parameter"),
        ({"padding": -0.1}, "'padding' parameter"),
        ({"padding": 7}, "'padding' parameter"),
        ({"pixel_range": (1, 0)}, "pixel_range must be two finite numbers"),
        ({"pixel_range": 255}, "'pixel_range' parameter"),
        ({"image_shape": (5, 5)}, "needs rows of 25 values; X has 144"),
        ({"image_shape": 5}, "'image_shape' parameter"),
        ({"n_jobs": "2"}, "'n_jobs' parameter"),
        ({"n_jobs": 0}, "'n_jobs' parameter"),
    ],
)
def test_wrong_parameters(parameters, message):
    X = images(5, 144)
    for method in ("fit", "transform", "presence"):
        with pytest.raises(ValueError, match=message):
            getattr(HandLandmarks(**parameters), method)(X)


# What comes out


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("both_hands", [False, True])
@pytest.mark.parametrize("frame", ["palm", "camera"])
def test_left_hands_come_out_as_right_ones(both_hands, frame):
    X = np.zeros((2, 20, 20), np.uint8)
    X[0, :, 14:] = X[1, :, :6] = 200
    features = ("landmarks", "angles", "distances", "orientation")
    landmarks = HandLandmarks(features=features, frame=frame, both_hands=both_hands)
    right, left = landmarks.transform(X)
    np.testing.assert_array_equal(left, right)


@pytest.mark.usefixtures("pretended")
def test_both_hands_keeps_one_of_the_two_looks():
    X = images(9, 10, 10)
    seen = np.stack([HandLandmarks().transform(x) for x in (X, X[:, :, ::-1])], axis=1)
    kept = HandLandmarks(both_hands=True).transform(X)
    assert (kept[:, np.newaxis] == seen).all(axis=2).any(axis=1).all()


@pytest.mark.usefixtures("pretended")
def test_columns_and_names():
    X = images(3, 20, 20)
    landmarks = HandLandmarks(features=("presence", "orientation"))
    landmarks.set_output(transform="pandas")
    frame = landmarks.fit_transform(X)
    assert list(frame) == landmarks.get_feature_names_out().tolist()
    assert list(frame) == feature_names(["presence", "orientation"])
    np.testing.assert_array_equal(frame["presence"], landmarks.presence(X))
    assert landmarks.presence(X).dtype == np.float32


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("n_jobs", [None, 1, 2, 3, -1, -2])
def test_threads_change_nothing_but_the_time(n_jobs, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    X = images(7, 20, 20)
    expected = HandLandmarks(n_jobs=1).transform(X)
    out = HandLandmarks(n_jobs=n_jobs).transform(X)
    np.testing.assert_array_equal(out, expected)


def test_a_worker_of_joblib_starts_no_more_threads_than_its_share(monkeypatch):
    monkeypatch.setattr(_hand_transformer, "cpu_count", lambda: 8)
    for share, n_threads in (("1", 1), ("3", 3), ("99", 8), ("0", 8), ("", 8)):
        monkeypatch.setenv("OMP_NUM_THREADS", share)
        assert _hand_transformer._count_threads(-1) == n_threads
        assert _hand_transformer._count_threads(-2) == max(1, n_threads - 1)
        assert _hand_transformer._count_threads(5) == 5
        assert _hand_transformer._count_threads(None) == 1


# What the model is shown


def image_of_a_dot(x, y, width=300, height=200):
    across, down = np.arange(width) + 0.5, np.arange(height)[:, np.newaxis] + 0.5
    light = np.exp(-((across - x) ** 2 + (down - y) ** 2) / 50)
    return Image.fromarray((255 * light).astype(np.uint8))


def brightest(pixels):
    weights = pixels[..., 0] ** 2
    places = np.mgrid[:224, :224][::-1] + 0.5
    return (places * weights).sum(axis=(1, 2)) / weights.sum()


@pytest.mark.parametrize("center", [(140, 100), (150, 100)])
@pytest.mark.parametrize("angle", [0, 0.3, 2, -3])
@pytest.mark.parametrize("side", [150, 300, 700])
def test_what_is_cut_out_is_where_the_square_says(center, angle, side):
    dot = np.array([160, 90])
    square = Square(np.array(center), side, angle)
    pixels = cut_out(image_of_a_dot(*dot), square, 224)
    found = square.center + (brightest(pixels) - 112) @ square.axes * square.side / 224
    np.testing.assert_allclose(found, dot, atol=square.side / 224)


def test_all_of_a_image_is_seen_with_room_around_it():
    image = Image.new("L", (200, 100), 255)
    pixels = cut_out(image, square_of_all(image, 1 / 6), 224)
    rows, columns = (np.flatnonzero(pixels[..., 0].any(axis=axis)) for axis in (1, 0))
    assert (columns[0], columns[-1]) == (28, 195)
    assert (rows[0], rows[-1]) == (70, 153)
    assert set(np.unique(pixels)) == {0, 1}


@pytest.mark.parametrize("angle", [0.0, 1.0, 2.5, -1.5])
def test_a_second_look_shows_the_hand_upright_and_whole(angle):
    points = 300 + 60 * RIGHT_HAND[:, :2] @ Square(None, 1, angle).axes
    square = square_of_hand(points)
    seen = 112 + (points - square.center) @ square.axes.T * 224 / square.side
    assert seen.min() > 0
    assert seen.max() < 224
    assert np.ptp(seen, axis=0).max() > 80
    fingers = 2 * seen[10] + seen[6] + seen[14] - 4 * seen[0]
    assert abs(fingers[0]) < 1e-6
    assert fingers[1] < 0


@pytest.mark.parametrize("angle", [0.0, 1.0, 2.5, -1.5])
def test_what_a_look_finds_is_told_in_terms_of_the_image(angle):
    square = Square(np.array([50.0, 40.0]), 448, angle)
    joints = RIGHT_HAND @ np.array([[1, 0, 0], [0, 1, 0], [0, 0, 3]])
    points = square.center + 100 * joints[:, :2]
    turn = np.eye(3)
    turn[:2, :2] = square.axes
    shown = np.zeros((21, 3))
    shown[:, :2] = 112 + (points - square.center) @ square.axes.T / 2
    hand = Hand(shown, 1.0, 1.0, joints @ turn.T)
    down = []

    def model(pixels, way):
        down.append(way)
        return hand

    model.side = 224
    found = look_at(Image.new("L", (100, 80)), square, model)
    np.testing.assert_allclose(down[0] @ square.axes, [0, 1], atol=1e-9)
    np.testing.assert_allclose(found.points, points, atol=1e-3)
    np.testing.assert_allclose(found.joints, joints, atol=1e-5)


# Palms


def answers(*palms):
    """Return outputs of the palm model that tell of palms: (anchor, logit, numbers)."""
    boxes, logits = np.zeros((2016, 18), np.float32), np.full(2016, -200, np.float32)
    for anchor, logit, numbers in palms:
        boxes[anchor], logits[anchor] = numbers, logit
    return lambda image: (boxes, logits)


def numbers_of(side, wrist, middle):
    """Return what the model tells of a palm around an anchor."""
    numbers = np.zeros(18)
    numbers[2:4] = side
    numbers[4:6], numbers[8:10] = wrist, middle
    return numbers


# Of the anchors, two in each of 24 x 24 cells, then six in each of 12 x 12
@pytest.mark.parametrize(
    ("anchor", "center"), [(0, (4, 4)), (2 * (24 * 3 + 5), (44, 28)), (1152, (8, 8))]
)
@pytest.mark.parametrize("size", [(192, 192), (96, 96), (384, 192), (60, 120)])
def test_palms_are_in_pixels_of_the_image(anchor, center, size):
    model = answers((anchor, 3.0, numbers_of(20, (0, 10), (0, -10))))
    (palm,) = find_palms(Image.new("RGB", size), model, 0.5)
    scale = max(size) / 192
    corner = (np.array(size) - max(size)) / 2
    expected = corner + scale * np.array(center)
    np.testing.assert_allclose((palm.box[:2] + palm.box[2:]) / 2, expected)
    np.testing.assert_allclose(palm.box[2:] - palm.box[:2], 20 * scale)
    np.testing.assert_allclose(palm.points[0], np.add(expected, [0, 10 * scale]))
    assert palm.score == pytest.approx(1 / (1 + np.exp(-3)))


def test_boxes_that_overlap_are_one_palm_weighted_by_score():
    one, near, far = 600, 602, 100
    numbers = numbers_of(40, (0, 10), (0, -10))
    model = answers((one, 2.0, numbers), (near, 1.0, numbers), (far, 0.5, numbers))
    image = Image.new("RGB", (192, 192))
    first, second = find_palms(image, model, 0.5)
    assert first.score > second.score
    weights = 1 / (1 + np.exp(-np.array([2.0, 1.0])))
    shift = 8 * weights[1] / weights.sum()
    (alone,) = find_palms(image, answers((one, 2.0, numbers)), 0.5)
    np.testing.assert_allclose(
        first.points, np.add(alone.points, [shift, 0]), atol=1e-9
    )
    assert find_palms(image, model, 0.9) == []


@pytest.mark.parametrize("angle", [0.0, 0.7, np.pi / 2, 3.0, -2.0])
def test_the_square_of_a_palm_turns_with_it(angle):
    turn = Square(np.zeros(2), 1.0, angle)
    wrist, middle = np.array([[0, 10], [0, -10]]) @ turn.axes
    box = np.array([80.0, 80.0, 120.0, 120.0])
    points = np.zeros((7, 2))
    points[0], points[2] = 100 + wrist, 100 + middle
    square = square_of_palm(Palm(0.9, box, points))
    assert square.side == pytest.approx(2.6 * 40)
    np.testing.assert_allclose(square.axes, turn.axes, atol=1e-9)
    np.testing.assert_allclose((square.center - 100) @ turn.axes.T, [0, -20], atol=1e-9)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("side", [20.0, 224.0, 900.0])
@pytest.mark.parametrize("angle", [0.0, 0.4, -2.0])
def test_crops_of_the_mirror_image_are_those_of_a_mirrored_image(mode, side, angle):
    image = Image.fromarray(images(150, 211, 3)).convert(mode)
    mirror = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    square = Square(np.array([60.0, 71.0]), side, angle)
    np.testing.assert_array_equal(
        cut_out(image, square, 32, mirrored=True), cut_out(mirror, square, 32)
    )
    whole = square_of_all(image, 0.1)
    np.testing.assert_array_equal(
        cut_out(image, whole, 32, mirrored=True), cut_out(mirror, whole, 32)
    )


def test_a_square_outside_the_image_is_black():
    image = Image.new("RGB", (40, 30), "white")
    for side in (10.0, 3000.0):
        square = Square(np.array([-9e4, 15.0]), side, 0.3)
        assert not cut_out(image, square, 16).any()


# The house


def test_parameters_and_the_error_without_litert(monkeypatch):
    landmarks = HandLandmarks("lite", features=["angles"], n_jobs=2)
    assert clone(landmarks).get_params() == landmarks.get_params()
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    for method in (landmarks.fit, landmarks.transform, landmarks.presence):
        with pytest.raises(
            ImportError, match=r'pip install "skl_signlang\[landmarks\]"'
        ):
            method(images(2, 20, 20))


@pytest.mark.slow
def test_litert_is_imported_late():
    code = (
        "import sys, skl_signlang.preprocessing as p;"
        "p.HandLandmarks().get_feature_names_out();"
        "assert not {'ai_edge_litert', 'tensorflow', 'pooch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# With the models


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_it_finds_the_joints_that_were_rendered(hands):
    """Axes and handedness mean the same in both, so training may mix them."""
    joints = mirror_left_hands(hands.joints, hands.handedness == "left")
    landmarks = HandLandmarks("full", FEATURES, frame="camera", refine=True)
    names = landmarks.get_feature_names_out()
    found = pd.DataFrame(landmarks.transform(hands.images), columns=names)
    known = pd.DataFrame(describe_hands(joints, FEATURES, "camera"), columns=names)
    seen = found["presence"] > 0.5
    assert seen.mean() > 0.7
    found, known = found[seen], known[seen]
    # Of 0.87, 0.89 and 0.6 for x, y and z when this was written
    for axis, least in zip("xyz", (0.7, 0.7, 0.4), strict=True):
        columns = [name for name in names[3:63] if name.endswith(f"_{axis}")]
        pair = found[columns].to_numpy().ravel(), known[columns].to_numpy().ravel()
        assert np.corrcoef(pair)[0, 1] > least
    # Of 0.87, 0.26 radians and 18 degrees
    to = found.filter(like="_to_")
    assert to.corrwith(known[to.columns]).median() > 0.7
    bends = found.filter(like="_bend")
    assert (bends - known[bends.columns]).abs().median().median() < 0.4
    down = found.filter(like="down_"), known.filter(like="down_")
    assert np.median((down[0] * down[1]).sum(axis=1)) > np.cos(np.radians(30))


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_in_the_frame_of_the_palm_it_is_nearer_to_right_hands_than_to_left(hands):
    found = HandLandmarks().transform(hands.images)
    joints = mirror_left_hands(hands.joints, hands.handedness == "left")
    right, left = describe_hands(joints), describe_hands(joints * [-1, 1, 1])
    assert apart(found, right).mean() < apart(found, left).mean()


@pytest.mark.usefixtures("real")
def test_both_models_see_the_same_hands(hands):
    full, lite = (HandLandmarks(m).transform(hands.images) for m in ("full", "lite"))
    assert np.median(apart(full, lite)) < 0.7 * np.median(apart(full, lite[::-1]))


def apart(rows, others):
    """Mean distance of the joints of hands."""
    first, second = (np.asarray(x)[:, :63].reshape(-1, 21, 3) for x in (rows, others))
    return np.linalg.norm(first - second, axis=2).mean(axis=1)


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("refine", [False, True])
def test_mirrored_images_say_the_same(hands, refine):
    X = hands.images[:4]
    landmarks = HandLandmarks(features=FEATURES, both_hands=True, refine=refine)
    np.testing.assert_array_equal(
        landmarks.transform(X[:, :, ::-1]), landmarks.transform(X)
    )


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_refining_finds_more_hands_however_they_are_turned(hands):
    known = describe_hands(mirror_left_hands(hands.joints, hands.handedness == "left"))[
        :12
    ]
    wrong, seen = {}, {}
    for turned in (False, True):
        X = hands.images[:12].swapaxes(1, 2)[:, ::-1] if turned else hands.images[:12]
        for refine in (False, True):
            landmarks = HandLandmarks(features=("landmarks", "presence"), refine=refine)
            found = landmarks.transform(X)
            wrong[turned, refine] = np.median(apart(found, known))
            seen[turned, refine] = found[:, -1].mean()
        assert seen[turned, True] > seen[turned, False]
        assert wrong[turned, True] < wrong[turned, False]
    assert wrong[True, True] < wrong[False, False] < wrong[True, False]


@pytest.mark.usefixtures("real")
def test_presence_tells_hands_from_none(hands):
    none = np.zeros((4, 224, 224, 3), np.uint8)
    none[1] = 255
    none[2] = images(224, 224, 3)
    none[3] = np.arange(224)[:, np.newaxis]
    landmarks = HandLandmarks()
    assert landmarks.presence(none).max() < 0.1
    assert np.median(landmarks.presence(hands.images[:12])) > 0.7


@pytest.mark.usefixtures("real")
def test_strange_images_get_finite_rows():
    strange = [
        np.zeros((1, 1), np.uint8),
        np.full((1, 1, 4), 255, np.uint8),
        images(10_000, 10),
        images(10, 10_000, 3),
        np.zeros((3, 700), bool),
        np.full((50, 40), -1e30, np.float32),
        np.full((50, 40), 3e38, np.float32),
    ]
    rows = HandLandmarks("lite", FEATURES, refine=True).fit_transform(strange)
    assert np.isfinite(rows).all()
    assert rows[:, -1].max() < 0.5


@pytest.mark.usefixtures("real")
def test_one_image_and_many_agree_in_any_thread(hands):
    X = hands.images[:6]
    landmarks = HandLandmarks()
    expected = landmarks.transform(X)
    one_by_one = [landmarks.transform(x[np.newaxis])[0] for x in X]
    np.testing.assert_array_equal(one_by_one, expected)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: landmarks.transform(X), range(4)):
            np.testing.assert_array_equal(rows, expected)


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_other_processes_agree(hands):
    X = hands.images[:4]
    # by its path: workers that joblib started before know of no other data home
    path = Path(get_data_home(), "hand_landmarks", "hand_landmark_full.tflite")
    landmarks = HandLandmarks(str(path)).fit(X)
    expected = landmarks.transform(X)
    pickled = pickle.dumps(landmarks)
    assert len(pickled) < 1000
    np.testing.assert_array_equal(pickle.loads(pickled).transform(X), expected)
    # What is running here is of use in a fork too, and not to be waited for
    with multiprocessing.get_context("fork").Pool(1) as pool:
        forked = pool.apply_async(landmarks.transform, (X,)).get(timeout=300)
        np.testing.assert_array_equal(forked, expected)
    for rows in Parallel(n_jobs=2)(delayed(landmarks.transform)(X) for _ in range(2)):
        np.testing.assert_array_equal(rows, expected)


@pytest.mark.usefixtures("real")
def test_small_gray_images_do_too(hands):
    gray = hands.images[:12].mean(axis=3).astype(np.uint8)
    small = gray.reshape(-1, 28, 8, 28, 8).mean(axis=(2, 4)).astype(np.uint8)
    landmarks = HandLandmarks()
    away = apart(landmarks.transform(small), landmarks.transform(gray))
    strangers = apart(landmarks.transform(small), landmarks.transform(gray[::-1]))
    assert np.median(away) < 0.5 * np.median(strangers)


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_pipelines_learn_letters_and_are_searched():
    train, test = (
        make_fingerspelling(n, letters="BL", image_size=64, random_state=n)
        for n in (32, 16)
    )
    pipeline = make_pipeline(HandLandmarks("lite"), StandardScaler(), SVC())
    grid = {"handlandmarks__features": [("landmarks",), ("angles", "distances")]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(train.images, train.target)
    assert search.best_score_ > 0.8
    assert search.score(list(test.images), test.target) > 0.8


@pytest.mark.slow
@pytest.mark.usefixtures("real")
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("head", [SVC(), MLPClassifier((8,), max_iter=3, solver="sgd")])
def test_archives(tmp_path, data_home, head):
    hands = make_fingerspelling(12, letters="BL", image_size=64, random_state=0)
    path = data_home / "hand_landmarks" / "hand_landmark_lite.tflite"
    for model in ("lite", str(path)):
        pipeline = make_pipeline(HandLandmarks(model, ("angles", "presence")), head)
        pipeline.fit(hands.images, hands.target)
        save(pipeline, tmp_path / "x.signlang")
        copy = load(tmp_path / "x.signlang")
        # the file of the other machine is not looked for
        expected = {**pipeline[0].get_params(), "model": "lite"}
        assert copy[0].get_params() == expected
        assert (copy.predict(hands.images) == pipeline.predict(hands.images)).all()


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("transformer", [HandCropper(16), HandFinder(model="lite")])
def test_finders_fit_and_transform_alike(transformer, hands):
    X = hands.images[:2]
    fitted = clone(transformer).fit(X)
    for one, other in zip(fitted.transform(X), transformer.transform(X), strict=True):
        assert len(one) == len(other)
    assert pickle.loads(pickle.dumps(fitted)).get_params() == fitted.get_params()


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_the_palm_detector_is_asked_for_where_images_are_larger_than_hands(hands):
    """A hand in a corner of a large frame is found, upright or not."""
    small = [Image.fromarray(image).resize((160, 160)) for image in hands.images[:12]]
    frames = [Image.new("RGB", (640, 480), (90, 100, 110)) for _ in small]
    for frame, image in zip(frames, small, strict=True):
        frame.paste(image, (440, 40))
    frames = [np.asarray(frame) for frame in frames]
    presence = {
        find: HandLandmarks(find=find, refine=True).presence(frames).mean()
        for find in (False, True)
    }
    assert presence[True] > presence[False]


@pytest.mark.slow
@pytest.mark.usefixtures("real")
def test_crops_are_of_right_hands_of_any_size_and_side(hands):
    X = hands.images[:6]
    crops = HandCropper(32).fit_transform(X)
    assert crops.shape == (6, 32, 32, 3)
    assert crops.dtype == np.uint8
    mirrored = HandCropper(32).transform(X[:, :, ::-1])
    apart = np.abs(crops.astype(float) - mirrored).mean(axis=(1, 2, 3))
    other = np.abs(crops.astype(float) - crops[:, :, ::-1]).mean(axis=(1, 2, 3))
    assert np.median(apart) < np.median(other)
    gray = HandCropper(32).transform(list(X[..., 0]))
    assert (gray[..., 0] == gray[..., 2]).all()


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    "image",
    {
        "no hand": np.zeros((200, 300, 3), np.uint8),
        "one pixel": np.zeros((1, 1), np.uint8),
        "a strip": np.zeros((2000, 2), np.uint8),
        "noise": images(64, 64, 4),
    }.items(),
    ids=lambda case: case[0],
)
def test_images_without_a_hand(image):
    assert HandFinder().transform([image[1]]) == [[]]
    assert HandCropper(8).transform([image[1]]).shape == (1, 8, 8, 3)
    row = HandLandmarks(features=FEATURES, find=True, refine=True).transform([image[1]])
    assert np.isfinite(row).all()
    assert row[0, -1] < 0.5


@pytest.mark.usefixtures("real")
def test_drawings_show_the_hands_and_leave_the_image(hands):
    image = hands.images[0]
    (found,) = HandFinder(max_hands=1).transform(image[np.newaxis])
    before = image.copy()
    drawn = draw_hands(image, found)
    np.testing.assert_array_equal(image, before)
    assert drawn.shape == image.shape
    assert (drawn != image).any() == bool(found)
    np.testing.assert_array_equal(draw_hands(image, []), image)


@pytest.mark.parametrize("kind", [HandCropper, HandLandmarks])
def test_a_pipeline_that_looks_for_hands_takes_images(kind):
    last = SVC().fit([[0.0], [1.0]], ["A", "B"])
    assert takes_images(make_pipeline(kind(), last))
    assert not takes_images(make_pipeline(StandardScaler(), last))


# The package's own network


OWN_FEATURES = (*FEATURES, "letters")


@pytest.mark.slow
@parametrize_with_checks([HandLandmarks("own", OWN_FEATURES)])
def test_common_checks_of_the_own_network(estimator, check):
    check(estimator)


@pytest.fixture
def nothing_else(monkeypatch, tmp_path):
    """Neither LiteRT nor MediaPipe's models."""
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))


@pytest.mark.usefixtures("nothing_else")
def test_the_own_network_finds_the_joints_that_were_rendered(hands):
    joints = mirror_left_hands(hands.joints, hands.handedness == "left")
    landmarks = HandLandmarks("own", refine=True, both_hands=True)
    found, known = landmarks.transform(hands.images), describe_hands(joints)
    assert np.median(apart(found, known)) < 0.7 * np.median(apart(found, known[::-1]))
    assert np.median(landmarks.presence(hands.images)) > 0.7


@pytest.mark.usefixtures("nothing_else")
@pytest.mark.parametrize("shape", [(224, 224, 3), (28, 28), (1, 1), (10, 3000)])
def test_the_own_network_tells_hands_from_none(shape, hands):
    none = [np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)]
    landmarks = HandLandmarks("own", OWN_FEATURES, find=True, refine=True)
    rows = landmarks.transform(none)
    assert np.isfinite(rows).all()
    presence = landmarks.get_feature_names_out().tolist().index("presence")
    found = landmarks.presence(hands.images[:12])
    assert rows[:, presence].max() < 0.9 < np.median(found)
    assert HandFinder(min_presence=0.9, model="own").transform(none) == [[], []]
    assert HandCropper(8, model="own").transform(none).shape == (2, 8, 8, 3)


@pytest.mark.usefixtures("nothing_else")
def test_letters_of_the_own_network_are_log_probabilities(hands):
    rows = HandLandmarks("own", ("letters",)).transform(hands.images[:4])
    assert rows.shape == (4, 25)
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, rtol=1e-4)
    with pytest.raises(
        ValueError, match="'letters' need model='own'; got model='lite'"
    ):
        HandLandmarks("lite", ("letters",)).fit(hands.images)


@pytest.mark.usefixtures("nothing_else")
@pytest.mark.parametrize("find", [False, True])
def test_each_side_is_that_side_alone_and_that_of_the_mirror_image(find, hands):
    X = hands.images[:3]
    made = {
        side: HandLandmarks(
            "own", OWN_FEATURES, handedness=side, find=find, refine=True
        )
        for side in ("each", "right", "left")
    }
    each = made["each"].transform(X)
    right, left = (made[side].transform(X) for side in ("right", "left"))
    np.testing.assert_array_equal(each, np.hstack([right, left]))
    mirrored = made["each"].transform(X[:, :, ::-1])
    sides = np.split(mirrored, 2, axis=1)[::-1]
    np.testing.assert_allclose(sides, [right, left], atol=1e-3 * find)
    names = made["each"].get_feature_names_out().tolist()
    assert len(names) == each.shape[1] == len(set(names))
    presence = [each[:, names.index(f"{side}_presence")] for side in ("right", "left")]
    np.testing.assert_array_equal(made["each"].presence(X), np.max(presence, axis=0))


@pytest.mark.usefixtures("nothing_else")
def test_the_own_network_is_stored_by_its_name(tmp_path, hands):
    X, y = hands.images[:8], list("ABABABAB")
    pipeline = make_pipeline(HandLandmarks("own", ("angles", "letters")), SVC())
    save(pipeline.fit(X, y), tmp_path / "x.signlang")
    copy = load(tmp_path / "x.signlang")
    assert copy[0].get_params() == pipeline[0].get_params()
    assert (copy.predict(X) == pipeline.predict(X)).all()
