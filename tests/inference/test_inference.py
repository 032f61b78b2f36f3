import base64
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skl_signlang import CNNClassifier, DenseClassifier, DenseRegressor
from skl_signlang._image_files import decode_image
from skl_signlang.export import export
from skl_signlang.inference import LetterPrediction, LetterPredictor
from skl_signlang.inference._calibration import choose_threshold
from skl_signlang.inference._prepare_images import read_image
from skl_signlang.persistence import save
from skl_signlang.preprocessing import ImageDecoder, ImageResizer, ImageScaler

LETTERS = np.array([*"ABCDEF"])
SMALL = {"filters": (4,), "hidden_layer_sizes": (8,), "epochs": 1, "random_state": 0}


def draw(n=48, seed=0, noise=60):
    """Images of 12 x 12 with a bright row that tells the letter, and noise."""
    random_state = np.random.RandomState(seed)
    codes = random_state.permutation(np.resize(np.arange(6), n))
    images = random_state.randint(0, noise, (n, 12, 12)).astype(np.uint8)
    images[np.arange(n), 2 * codes] = 255
    return images, LETTERS[codes]


@pytest.fixture(scope="module")
def model():
    return DenseClassifier(hidden_layer_sizes=(16,), epochs=40, random_state=0).fit(
        *draw(240)
    )


@pytest.fixture(scope="module")
def predictor(model):
    return LetterPredictor(model)


@pytest.fixture(scope="module")
def files(model, tmp_path_factory):
    """The model in each kind of file, all under names that tell nothing."""
    folder = tmp_path_factory.mktemp("files")
    save(model, folder / "keras")
    for backend in ("onnx", "litert"):
        export(model, folder / backend, format=backend)
    return folder


def png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


# --- images in ----------------------------------------------------------------------


def test_a_image_in_any_form_gives_the_same(predictor, model, tmp_path):
    images, letters = draw(seed=1)
    image, content = images[0], png(images[0])
    path = tmp_path / "hand.png"
    path.write_bytes(content)
    text = base64.b64encode(content).decode()
    forms = [
        image,
        image[..., np.newaxis],
        np.repeat(image[..., np.newaxis], 3, axis=2),
        np.dstack([image, np.full_like(image, 255)]),
        image.astype(int),
        image.ravel(),
        np.repeat(np.repeat(image, 4, axis=0), 4, axis=1),
        path,
        str(path),
        content,
        bytearray(content),
        text,
        f"data:image/png;base64,{text}",
        Image.fromarray(image),
    ]
    expected = model.predict_proba(image[np.newaxis])[0].max()
    for prediction in predictor.predict_many(forms):
        assert prediction.letter == letters[0]
        assert prediction.probability == pytest.approx(expected, abs=0.2)
    assert [predictor.predict(form).letter for form in forms] == [letters[0]] * 14


def test_one_by_one_and_many_agree_with_the_estimator(predictor, model):
    images, _ = draw(300, seed=2)
    many = predictor.predict_many(images)
    assert [p.letter for p in many] == model.predict(images).tolist()
    one = [predictor.predict(image) for image in images[:10]]
    for a, b in zip(one, many[:10], strict=True):
        assert a.letter == b.letter
        assert a.probability == pytest.approx(b.probability, abs=1e-6)


def test_the_best_letters_are_listed_best_first(predictor):
    image = draw(seed=3)[0][0]
    prediction = predictor.predict(image)
    assert isinstance(prediction, LetterPrediction)
    assert len(prediction.top) == 5
    everything = predictor.predict(image, top=99).top
    assert {letter for letter, _ in everything} == set(LETTERS)
    probabilities = [probability for _, probability in everything]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)
    assert everything[:5] == prediction.top
    assert prediction[:2] == prediction.top[0]
    assert type(prediction.letter) is str
    assert type(prediction.probability) is float


def test_what_is_rejected_is_none_and_says_what_it_would_have_been(model):
    image = draw(seed=3)[0][0]
    best = LetterPredictor(model).predict(image)
    rejected = LetterPredictor(model, rejection_threshold=1).predict(image)
    assert rejected == ("none", best.probability, best.top)
    assert (
        LetterPredictor(model, rejection_threshold=best.probability).predict(image)
        == best
    )


@pytest.mark.parametrize("resize_mode", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("channels", [1, 3])
def test_files_and_their_pixels_are_brought_to_one_size_alike(resize_mode, channels):
    # as LetterPredictor reads files, the server decodes them, and loaders learn them
    random_state = np.random.RandomState(0)
    pixels = random_state.randint(0, 256, (40, 60, 4), np.uint8)
    image = Image.fromarray(pixels).resize((900, 600), Image.Resampling.BICUBIC)
    shape, color = (28, 20, channels), channels == 3
    for kind, saved in (("PNG", image), ("JPEG", image.convert("RGB"))):
        file = io.BytesIO()
        saved.save(file, kind)
        decoded = decode_image(file.getvalue(), color=color)
        learned = decode_image(
            file.getvalue(), color=color, image_size=shape[:2], resize_mode=resize_mode
        )
        found = read_image(file.getvalue(), shape, resize_mode)
        np.testing.assert_array_equal(found, read_image(decoded, shape, resize_mode))
        np.testing.assert_array_equal(found, learned.reshape(shape))


def test_a_photograph_is_turned_upright_cropped_and_shrunk(tmp_path):
    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[:, 20:80] = [200, 100, 50]  # the square in the middle
    pixels[:30, 20:50] = 255  # its top left corner
    image = Image.fromarray(pixels)
    exif = image.getexif()
    exif[0x0112] = 6  # a camera that lay on its side: turn clockwise
    image.save(tmp_path / "upright.png")
    image.save(tmp_path / "turned.png", exif=exif)
    upright = read_image(tmp_path / "upright.png", (6, 6, 3))
    assert upright.shape == (6, 6, 3)
    assert upright.dtype == np.uint8
    # the pixels at the margin are weighted with what is beyond
    assert (upright[:2, 1] == 255).all()
    assert (upright[4:, 4] == [200, 100, 50]).all()
    turned = read_image(tmp_path / "turned.png", (6, 6, 3))
    # one axis is resized after the other, and rounded in between
    np.testing.assert_allclose(turned, np.rot90(upright, -1), atol=1)
    np.testing.assert_array_equal(read_image(pixels, (6, 6, 3)), upright)
    assert read_image(tmp_path / "upright.png", (6, 6, 1)).shape == (6, 6, 1)
    assert read_image(tmp_path / "upright.png", (5, 10, 1)).shape == (5, 10, 1)
    assert (read_image(np.zeros((1, 50), np.uint8), (6, 6, 1)) == 0).all()


def test_transparency_is_white_and_sixteen_bits_become_eight(tmp_path):
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert (read_image(clear, (4, 4, 1)) == 255).all()
    deep = np.full((8, 8), 128 * 257, np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert (read_image(tmp_path / "deep.png", (4, 4, 1)) == 128).all()


@pytest.mark.parametrize(
    ("image", "error", "reason"),
    [
        (Path("none.png"), FileNotFoundError, "no file none.png"),
        ("none.png", FileNotFoundError, "no file none.png"),
        ("http://a.b/c.png", ValueError, "URLs are not supported"),
        ("A", ValueError, "no such file, and as base64"),
        ("", ValueError, "empty"),
        (b"", ValueError, "empty, 0 bytes"),
        (b"GIF89a", ValueError, "6 bytes: "),
        (png(draw()[0][0])[:-30], ValueError, "damaged"),
        (None, ValueError, "expected a path, the bytes"),
        (3, ValueError, "int 3: expected a path"),
        ([[1]], ValueError, "type list: expected a path"),
        (np.zeros((0, 5), np.uint8), ValueError, r"shape \(0, 5\): expected an array"),
        (np.zeros((5, 5, 7), np.uint8), ValueError, "1 to 4 channels"),
        (np.zeros(5, np.uint8), ValueError, r"shape \(5,\)"),
        (np.zeros((5, 5)), ValueError, "float64.*expected pixels from 0 to 255"),
        (np.full((5, 5), 256), ValueError, "from 256 to 256; expected"),
        (np.full((5, 5), -1), ValueError, "from -1 to -1; expected"),
        (np.full((5, 5), "a"), ValueError, "expected an array of uint8"),
    ],
)
def test_what_is_no_image(predictor, image, error, reason):
    with pytest.raises(error, match=reason):
        predictor.predict(image)
    with pytest.raises(error, match=f"Image 1: .*{reason}"):
        predictor.predict_many([draw()[0][0], image])


def test_one_image_is_not_many(predictor):
    for image in ("hand.png", b"x", Path("hand.png"), Image.new("L", (5, 5)), 3, None):
        with pytest.raises(TypeError, match="expected several images"):
            predictor.predict_many(image)
    assert predictor.predict_many([]) == []


# --- models ---------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["keras", "onnx", "litert"])
def test_every_backend_says_the_same(model, files, backend):
    images, _ = draw(seed=4)
    expected = model.predict_proba(images)
    named = {"backend": backend}
    for source, choice in ((files / backend, {}), (files / "keras", named)):
        predictor = LetterPredictor(source, **choice)
        assert predictor.backend_ == backend
        assert predictor.classes_.tolist() == LETTERS.tolist()
        assert predictor.image_shape_ == (12, 12, 1)
        for row, prediction in zip(
            expected, predictor.predict_many(images), strict=True
        ):
            assert prediction.letter == LETTERS[row.argmax()]
            assert prediction.probability == pytest.approx(row.max(), abs=1e-5)


def test_no_backend_runs_the_file_of_another(files):
    for name, other in (("onnx", "litert"), ("litert", "onnx"), ("onnx", "keras")):
        with pytest.raises(ValueError, match=f"a file for {name}; backend='{other}'"):
            LetterPredictor(files / name, backend=other)


@pytest.mark.parametrize("backend", ["keras", "onnx", "litert"])
def test_threads_do_not_mix_their_images(files, backend):
    predictor = LetterPredictor(files / backend)
    images, _ = draw(200, seed=5)
    alone = [predictor.predict(image) for image in images]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(predictor.predict, images))
    assert together == alone


@pytest.mark.slow
def test_pipelines_searches_and_other_classifiers():
    images, letters = draw(120)
    large = np.repeat(np.repeat(images, 2, axis=1), 2, axis=2)
    dense = DenseClassifier(hidden_layer_sizes=(16,), epochs=30, random_state=0)
    search = GridSearchCV(make_pipeline(ImageResizer(12), dense), {}, cv=2)
    forest = RandomForestClassifier(20, random_state=0)
    table = pd.DataFrame(images.reshape(120, -1)).rename(columns=str)
    decoded = make_pipeline(ImageDecoder(12), ImageScaler(), dense)
    for model in (
        search.fit(large, letters),
        make_pipeline(ImageScaler(), dense).fit(images, letters),
        forest.fit(images.reshape(120, -1), letters),
        DenseClassifier(hidden_layer_sizes=(16,), epochs=30, random_state=0).fit(
            table, letters
        ),
        decoded.fit([Image.fromarray(image) for image in images], letters),
    ):
        predictions = LetterPredictor(model).predict_many(images)
        found = [prediction.letter for prediction in predictions]
        assert np.mean(found == letters) > 0.8


@pytest.mark.parametrize("pad", [False, True])
def test_decoders_give_images_their_size(pad, tmp_path):
    decoder = ImageDecoder(12, pad_to_aspect_ratio=pad)
    dense = DenseClassifier(hidden_layer_sizes=(16,), epochs=5, random_state=0)
    images, letters = draw()
    model = make_pipeline(decoder, dense).fit(list(images), letters)
    export(model, tmp_path / "x.onnx")
    wide = np.random.RandomState(0).randint(0, 256, (5, 20, 48)).astype(np.uint8)
    expected = model.predict_proba(list(wide)).max(axis=1)
    for source in (model, tmp_path / "x.onnx"):
        for images in (wide, [png(image) for image in wide]):
            found = LetterPredictor(source).predict_many(images)
            probabilities = [prediction.probability for prediction in found]
            np.testing.assert_allclose(probabilities, expected, atol=1e-5)


class Negative(ImageDecoder):
    def transform(self, X):
        return 255 - super().transform(X)


class Renamed(ImageDecoder):
    """Decodes as `ImageDecoder` does."""


@pytest.mark.parametrize("kind", [Negative, Renamed])
def test_decoders_of_ones_own_decode_their_way(kind, tmp_path):
    images, letters = draw()
    dense = DenseClassifier(hidden_layer_sizes=(4,), epochs=1, random_state=0)
    model = make_pipeline(kind(12), dense).fit(list(images), letters)
    wide = np.random.RandomState(0).randint(0, 256, (3, 20, 48)).astype(np.uint8)
    expected = model.predict_proba(list(wide)).max(axis=1)
    found = LetterPredictor(model).predict_many(wide)
    np.testing.assert_allclose([p.probability for p in found], expected, atol=1e-5)
    if kind is Negative:
        with pytest.raises(ValueError, match="Negative cannot be exported"):
            export(model, tmp_path / "x.onnx")


def test_images_go_whole_to_what_takes_any_size():
    model = make_pipeline(Brightness(), LogisticRegression())
    images = [np.full((n, 40, 3), n, np.uint8) for n in (10, 20, 200, 220)]
    model.fit([*images], [*"AABB"])
    predictor = LetterPredictor(model)
    assert predictor.image_shape_ is None
    assert [p.letter for p in predictor.predict_many(images)] == [*"AABB"]


class Brightness(TransformerMixin, BaseEstimator):
    """Tells how bright images of any size are."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return np.array([[np.mean(image)] for image in X])


def test_labels_that_are_no_text_are_named_as_text():
    images, letters = draw()
    codes = np.searchsorted(LETTERS, letters)
    predictor = LetterPredictor(CNNClassifier(**SMALL).fit(images, codes))
    assert predictor.predict(images[0]).letter in set("012345")
    assert predictor.classes_.tolist() == list(range(6))


@pytest.mark.slow
def test_models_that_cannot_be_taken(tmp_path, model):
    images, letters = draw()
    regressor = DenseRegressor(hidden_layer_sizes=(2,), epochs=1).fit(
        images, np.arange(48)
    )
    with pytest.raises(NotFittedError):
        LetterPredictor(DenseClassifier())
    with pytest.raises(ValueError, match="A DenseRegressor gives no probabilities"):
        LetterPredictor(regressor)
    save(regressor, tmp_path / "r")
    with pytest.raises(ValueError, match="r holds a DenseRegressor, which gives no"):
        LetterPredictor(tmp_path / "r")
    for thing in (None, 3, DenseClassifier, model.model_):
        with pytest.raises(
            TypeError, match="expected a fitted classifier, or the path"
        ):
            LetterPredictor(thing)
    with pytest.raises(FileNotFoundError, match="no file"):
        LetterPredictor(tmp_path / "none.onnx")
    with pytest.raises(ValueError, match="is a folder"):
        LetterPredictor(tmp_path)
    for content in (b"", b"\x08\x07nothing", b"\0\0\0\0TFL3", b"text", b"\x89HDF\r\n"):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(ValueError, match=r"x cannot be (loaded|opened) as"):
            LetterPredictor(tmp_path / "x")
    shares = DenseClassifier(hidden_layer_sizes=(2,), epochs=1).fit(
        images / 255, letters
    )
    with pytest.raises(ValueError, match="fitted on values in 0-1"):
        LetterPredictor(shares)
    two = DenseClassifier(hidden_layer_sizes=(2,), epochs=1).fit(
        np.stack([images] * 2, 3), letters
    )
    cnn = CNNClassifier(**SMALL).fit(np.stack([images] * 2, 3), letters)
    assert LetterPredictor(two).image_shape_[2] == 1  # a strip
    with pytest.raises(ValueError, match="2 channels; expected 1 or 3"):
        LetterPredictor(cnn)


def test_a_file_without_letters_is_refused(files, tmp_path):
    import onnx

    content = (files / "litert").read_bytes()
    (tmp_path / "x").write_bytes(content[: content.index(b"PK\x03\x04")])
    foreign = onnx.load(files / "onnx")
    del foreign.metadata_props[:]
    (tmp_path / "y").write_bytes(foreign.SerializeToString())
    for name in "xy":
        with pytest.raises(
            ValueError, match=f"{name} cannot .*do not list its letters"
        ):
            LetterPredictor(tmp_path / name)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"backend": "torch"}, "backend must be one of 'auto', .*'torch'"),
        ({"rejection_threshold": 1.5}, "from 0 to 1, or None; got 1.5"),
        ({"rejection_threshold": float("nan")}, "got nan"),
        ({"rejection_threshold": True}, "got True"),
        ({"rejection_threshold": "high"}, "got 'high'"),
    ],
)
def test_wrong_parameters(model, parameters, reason):
    with pytest.raises(ValueError, match=reason):
        LetterPredictor(model, **parameters)


@pytest.mark.parametrize("top", [0, -1, 1.5, True, "3"])
def test_a_wrong_number_of_letters(predictor, top):
    with pytest.raises(ValueError, match="top must be an integer"):
        predictor.predict(draw()[0][0], top=top)


# --- calibration ----------------------------------------------------------------------


def test_new_groups_get_wrong_letters_as_rarely_as_stated():
    random_state = np.random.RandomState(0)
    shares = []
    for _ in range(200):
        # groups differ in how hard they are; the last is the new one
        hardness = np.repeat(random_state.beta(1, 3, 40), 25)
        wrong = random_state.rand(1000) < hardness
        probabilities = random_state.beta(np.where(wrong, 3, 6), 2)
        known = np.arange(1000) < 975
        groups = np.repeat(np.arange(40), 25)[known]
        threshold = choose_threshold(probabilities[known], wrong[known], groups, 0.1)
        shares.append(np.mean(wrong[~known] & (probabilities[~known] >= threshold)))
    assert 0.04 < np.mean(shares) <= 0.1


def test_a_rarer_error_rejects_more():
    random_state = np.random.RandomState(0)
    wrong = random_state.rand(500) < 0.3
    probabilities = random_state.beta(np.where(wrong, 2, 5), 2)
    rates = (0.31, 0.2, 0.1, 0.05, 0.01)
    found = [
        choose_threshold(probabilities, wrong, np.arange(500), rate) for rate in rates
    ]
    assert found == sorted(found)
    assert len(set(found)) == 5
    for rate, threshold in zip(rates, found, strict=True):
        assert np.mean(wrong & (probabilities >= threshold)) <= rate
    assert choose_threshold(probabilities, np.zeros(500, bool), wrong, 0.4) == 0


def test_calibrating_rejects_blank_walls(model):
    images, letters = draw(300, seed=6)
    walls = np.random.RandomState(0).randint(0, 60, (300, 12, 12)).astype(np.uint8)
    X, y = np.concatenate([images, walls]), [*letters, *["none"] * 300]
    predictor = LetterPredictor(model)
    assert predictor.calibrate(X, y, np.arange(600) // 10, error_rate=0.05) is predictor
    named = [p.letter for p in predictor.predict_many(walls)]
    assert np.mean(np.array(named) == "none") > 0.85
    again = LetterPredictor(model).calibrate(X, y, np.arange(600) // 10)
    assert again.rejection_threshold == predictor.rejection_threshold


def test_what_cannot_be_calibrated(predictor):
    X, y = draw()
    for arguments, reason in (
        ((X, y, np.arange(48) % 5), "error_rate=0.05 needs at least 19 groups; got 5"),
        ((X, y[:-1]), "48 images and y 47 labels"),
        ((X, y, [1, 2]), r"groups has shape \(2,\)"),
        ((X, ["Q", *y[1:]]), r"does not know: \['Q'\]"),
    ):
        with pytest.raises(ValueError, match=reason):
            predictor.calibrate(*arguments)
    for rate in (0, 1, "low"):
        with pytest.raises(ValueError, match="error_rate must be a fraction"):
            predictor.calibrate(X, y, error_rate=rate)
    assert predictor.rejection_threshold is None
