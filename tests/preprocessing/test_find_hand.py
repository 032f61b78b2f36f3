"""Images that are cropped to the hand, by the package's own detector."""

import io

import numpy as np
import pytest
from PIL import Image
from sklearn.pipeline import make_pipeline

from skl_signlang import DenseClassifier
from skl_signlang._hand_detector import detect_hands
from skl_signlang.datasets import load_image_folder, make_fingerspelling
from skl_signlang.export import export, open_exported
from skl_signlang.inference import LetterPredictor
from skl_signlang.preprocessing import ImageDecoder

SIZE = 40


@pytest.fixture(scope="module")
def hands():
    return make_fingerspelling(48, image_size=80, random_state=3)


@pytest.fixture(scope="module")
def frames(hands):
    """Frames with a hand somewhere, and the boxes of the images that were put there."""
    random_state = np.random.RandomState(0)
    slope = np.linspace(60, 120, 200)[:, np.newaxis] + np.zeros(200)
    frames = np.repeat(slope[np.newaxis].astype(np.uint8), len(hands.images), axis=0)
    places = random_state.randint(0, 121, (len(frames), 2))
    for frame, image, (x, y) in zip(frames, hands.images, places, strict=True):
        frame[y : y + 80, x : x + 80] = image
    return frames, places


def png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_hands_are_found_where_they_are(frames):
    near = []
    for frame, place in zip(*frames, strict=True):
        found = detect_hands(Image.fromarray(frame))
        near.append(bool(found) and np.abs(found[0].center - place - 40).max() < 30)
    assert np.mean(near) > 0.8


def test_crops_show_more_of_the_hand_than_the_frame(hands, frames):
    crops = ImageDecoder(SIZE, find_hand=True).transform(frames[0])
    whole = ImageDecoder(SIZE).transform(frames[0])
    small = ImageDecoder(SIZE).transform(hands.images).astype(float)

    def likeness(images):
        pairs = zip(images, small, strict=True)
        return np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs])

    assert likeness(crops) > likeness(whole) + 0.1


def test_scores_sort_hands_and_bound_them(frames):
    for frame in frames[0][:12]:
        image = Image.fromarray(frame)
        scores = [hand.score for hand in detect_hands(image, 0.1)]
        assert scores == sorted(scores, reverse=True)
        assert len(detect_hands(image, 0.6)) == sum(score >= 0.6 for score in scores)


@pytest.mark.parametrize("shape", [(90, 160), (160, 90, 3), (300, 300), (2000, 10)])
@pytest.mark.parametrize("light", [0, 200])
def test_images_without_a_hand_are_kept_whole(shape, light):
    image = np.full(shape, light, np.uint8)
    found, whole = (
        ImageDecoder(SIZE, pad_to_aspect_ratio=True, find_hand=find).transform([image])
        for find in (True, False)
    )
    np.testing.assert_array_equal(found, whole)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (28, 28), (SIZE, SIZE), (40, 20)])
def test_images_that_are_not_larger_are_taken_whole(shape):
    image = np.random.RandomState(0).randint(0, 256, shape).astype(np.uint8)
    found, whole = (
        ImageDecoder(SIZE, pad_to_aspect_ratio=True, find_hand=find).transform([image])
        for find in (True, False)
    )
    if max(shape) <= SIZE:
        np.testing.assert_array_equal(found, whole)
    assert found.shape == whole.shape


def test_crops_stay_as_they_are(frames):
    decoder = ImageDecoder(SIZE, find_hand=True)
    crops = decoder.transform(frames[0][:6])
    np.testing.assert_array_equal(decoder.transform(crops), crops)


def test_all_forms_of_an_image_give_one_crop(frames):
    frame = frames[0][0]
    deep = Image.fromarray(frame.astype(np.uint16) * 257)
    alpha = Image.fromarray(frame).convert("RGBA")
    forms = [frame, Image.fromarray(frame), png(frame), deep, alpha]
    crops = ImageDecoder(SIZE, find_hand=True).transform(forms)
    for crop in crops[1:]:
        np.testing.assert_array_equal(crop, crops[0])


def test_a_size_is_needed():
    decoder = ImageDecoder(find_hand=True)
    with pytest.raises(ValueError, match="image_size=None"):
        decoder.fit([np.zeros((9, 9), np.uint8)])
    with pytest.raises(ValueError, match="image_size=None"):
        decoder.transform([np.zeros((9, 9), np.uint8)])


def test_decoders_of_older_archives_find_no_hands(frames):
    decoder = ImageDecoder(SIZE)
    state = dict(decoder.__getstate__())
    del state["find_hand"]
    older = ImageDecoder(7)
    older.__setstate__(state)
    assert older.get_params() == decoder.get_params()


@pytest.mark.slow
def test_predictor_export_and_loaders_crop_as_the_pipeline(frames, hands, tmp_path):
    few, letters = frames[0][:12], hands.target[:12]
    dense = DenseClassifier(hidden_layer_sizes=(8,), epochs=2, random_state=0)
    model = make_pipeline(ImageDecoder(SIZE, find_hand=True), dense)
    model.fit(list(few), letters)
    expected = model.predict_proba(list(few)).max(axis=1)
    export(model, tmp_path / "x.onnx")
    assert open_exported(tmp_path / "x.onnx").resize_mode == "hand"
    for source in (model, tmp_path / "x.onnx"):
        for images in (few, [png(frame) for frame in few]):
            found = LetterPredictor(source).predict_many(images)
            probabilities = [prediction.probability for prediction in found]
            np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    (tmp_path / "photos" / "A").mkdir(parents=True)
    (tmp_path / "photos" / "A" / "1.png").write_bytes(png(few[0]))
    loaded = load_image_folder(
        tmp_path / "photos", image_size=SIZE, resize_mode="hand"
    ).images
    np.testing.assert_array_equal(loaded, model[0].transform(few[:1]))
