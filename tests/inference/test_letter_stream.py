"""Text of frames, from a source that needs no images: letters, presence and joints."""

from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from signed_frames import RATE, draw_frame, signs_of
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skl_signlang import DenseClassifier
from skl_signlang._letters import LETTERS
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.datasets.rendering._hand_motion import draw_habits, spell
from skl_signlang.datasets.rendering._hand_poses import draw_signers
from skl_signlang.inference import (
    HandPredictor,
    LetterFrame,
    LetterPredictor,
    LetterStream,
)
from skl_signlang.preprocessing import HandLandmarks, HandTracker
from skl_signlang.pretrained import load_pretrained

NOBODY = LetterFrame({"A": 1.0}, presence=0.0)
UNSURE = LetterFrame(dict.fromkeys("ABCDEFGHIKLMNOPQRSTUVWXY", 1 / 24))
HAND = np.random.RandomState(0).standard_normal((21, 3))


def frame(letter, probability=0.9):
    """A frame that shows a letter, or nobody."""
    if letter in (".", "none"):
        return NOBODY
    others = [other for other in "ABCDEFGHIKLMN" if other != letter]
    rest = (1 - probability) / len(others)
    return LetterFrame({letter: probability, **dict.fromkeys(others, rest)})


def spelled(words, frames=12, gap=5, pause=30, noise=0.0, seed=0):
    """Frames at 15 a second: held letters, and nobody in between."""
    random_state = np.random.RandomState(seed)
    shown = []
    for word in words:
        for letter in word:
            shown += [letter] * frames + ["."] * gap
        shown += ["."] * pause
    shown = np.array(shown, dtype=object)
    wrong = random_state.rand(len(shown)) < noise
    shown[wrong] = random_state.choice([*"ABCDEFGHIKLMN", "."], wrong.sum())
    return [frame(letter) for letter in shown]


def read(stream, frames, start=0.0, rate=15):
    text = stream.text
    for i, one in enumerate(frames):
        text = stream.push(one, start + i / rate)
    return text


def words_of(n, seed=0):
    """Words with letters that come twice."""
    random_state = np.random.RandomState(seed)
    return ["".join(random_state.choice([*"ABEL"], 5)) for _ in range(n)]


def moving(shown, places, jitter=0.0, seed=0):
    """Frames of letters whose hand is at places, in palm lengths."""
    random_state = np.random.RandomState(seed)
    palm = np.linalg.norm(HAND[9] - HAND[0])
    frames = []
    for letter, place in zip(shown, places, strict=True):
        noise = jitter * palm * random_state.standard_normal((21, 3))
        joints = HAND + noise + [palm * place, 0, 0]
        frames.append(frame(letter)._replace(joints=joints))
    return frames


@pytest.mark.parametrize(("noise", "least"), [(0, 1), (0.1, 0.97), (0.2, 0.85)])
def test_words_come_out_as_they_were_spelled(noise, least):
    words = words_of(100)
    stream = LetterStream()
    read(stream, spelled(words, noise=noise))
    found = stream.finish().split()
    assert SequenceMatcher(None, words, found, autojunk=False).ratio() >= least


def test_the_same_frames_and_times_give_the_same_text():
    frames = spelled(words_of(5), noise=0.4)
    texts = {read(LetterStream(), frames, start) for start in (0.0, 1e6, -50.0)}
    assert len(texts) == 1


@pytest.mark.parametrize("rate", [5, 10, 15, 30, 60])
def test_the_rate_of_frames_changes_nothing(rate):
    frames = [
        frame(letter)
        for letter in "BADE"
        for letter in [letter] * (rate * 2 // 3) + ["."] * (rate // 3)
    ]
    assert read(LetterStream(), frames, rate=rate) == "BADE"


def test_a_letter_is_held_before_it_is_written_and_then_written_once():
    stream = LetterStream(hold_time=0.5)
    assert read(stream, [frame("A")] * 7) == ""
    assert stream.letter == "A"
    assert read(stream, [frame("A")] * 900, start=7 / 15) == "A"
    assert stream.letter == "A"
    assert stream.probability > 0.9


def test_memory_stays_small_however_long_a_letter_or_nobody_is_shown():
    stream = LetterStream()
    for shown in ([frame("A")], [NOBODY], [frame("A"), frame("B")]):
        stream.clear()
        read(stream, shown * (2000 // len(shown)))
        assert len(stream._decoder._frames) < 100


def test_letters_on_the_way_are_not_written():
    frames = [frame(letter) for letter in "A" * 12 + "CD" + "B" * 12]
    assert read(LetterStream(), frames) == "AB"
    way = np.concatenate([np.zeros(12), np.linspace(0.5, 5, 9), np.full(12, 5.5)])
    assert read(LetterStream(), moving("A" * 12 + "C" * 9 + "B" * 12, way)) == "AB"


def test_letters_are_doubled_by_a_release_a_slide_or_a_bounce():
    for between, text in (("." * 8, "LL"), (".", "L"), ("BB", "L"), ("B" * 12, "LBL")):
        frames = [frame(letter) for letter in "L" * 12 + between + "L" * 12]
        assert read(LetterStream(), frames) == text
    still = [0] * 12
    for places, text in (
        ([*still, 0.12, 0.3, *[0.4] * 12], "LL"),
        ([*still, 0.2, 0.3, 0.15, *still], "LL"),
        ([*still, 0.02, 0.04, 0.02, *still], "L"),
    ):
        assert read(LetterStream(), moving("L" * len(places), places)) == text


def test_hands_that_tremble_double_no_letters():
    drift = 0.1 * np.sin(np.arange(150) / 15)
    assert read(LetterStream(), moving("L" * 150, drift, jitter=0.015)) == "L"


def test_nothing_is_written_without_a_hand_or_a_probable_letter():
    for shown in (NOBODY, UNSURE, frame("A")._replace(presence=0.4)):
        stream = LetterStream()
        assert read(stream, [shown] * 100) == ""
        assert stream.letter == "none"
    somewhat = frame("A", 0.3)
    assert read(LetterStream(rejection_threshold=0.99), [somewhat] * 30) == ""
    assert read(LetterStream(rejection_threshold=0), [somewhat] * 30) == "A"


def test_a_pause_is_one_space_and_never_comes_first():
    frames = [NOBODY] * 60 + [frame("A")] * 12 + [NOBODY] * 90 + [frame("B")] * 12
    assert read(LetterStream(pause=1.5), frames) == "A B"
    short = [frame("A")] * 12 + [NOBODY] * 15 + [frame("B")] * 12
    assert read(LetterStream(pause=1.5), short) == "AB"
    assert read(LetterStream(pause=0.8), short) == "A B"


def test_a_letter_that_is_not_settled_before_a_pause_is_written_once():
    frames = [NOBODY] * 10 + [frame("A")] * 4 + [NOBODY] * 60
    assert read(LetterStream(hold_time=0.1, pause=0.26), frames) == "A "


def test_a_camera_that_stopped_is_a_pause():
    stream = LetterStream(pause=1.5)
    read(stream, [frame("A")] * 12)
    assert read(stream, [frame("A")] * 12, start=10.0) == "A A"
    other = LetterStream(pause=1.5)
    read(other, [frame("A")] * 12)
    assert read(other, [frame("A")] * 12, start=1.6) == "AA"  # released, yet no pause


def test_settled_text_never_changes():
    stream = LetterStream()
    before = ""
    for i, one in enumerate(spelled(words_of(10), noise=0.3)):
        text = stream.push(one, i / 15)
        assert stream.settled.startswith(before)
        assert text.startswith(stream.settled)
        before = stream.settled
    assert stream.finish().startswith(before.rstrip())


def test_a_letter_settles_soon():
    stream = LetterStream()
    read(stream, [frame("A")] * 10)
    assert (stream.text, stream.settled) == ("A", "A")


def test_with_words_letters_are_provisional_soon_and_settle_at_the_pause():
    stream = LetterStream(words=["ABLE", "BALL"])
    read(stream, [frame("A")] * 9)
    assert (stream.text, stream.settled) == ("A", "")
    read(stream, spelled(["BLE"]), start=1.0)
    assert (stream.text, stream.settled) == ("ABLE ", "ABLE ")


def test_letters_have_times_and_probabilities():
    stream = LetterStream()
    read(stream, [NOBODY] * 15 + [frame("A")] * 15 + [NOBODY] * 5 + [frame("B")] * 15)
    first, second = stream.letters
    assert (first.letter, second.letter) == ("A", "B")
    assert first.start == 1.0
    assert 1.9 < first.end < second.start < second.end < 3.4
    assert first.probabilities["A"] == first.probability > 0.9


def test_delete_and_clear():
    stream = LetterStream()
    read(stream, spelled(["AB"], pause=0))
    assert stream.delete() == "A"
    assert stream.delete() == stream.delete() == ""
    read(stream, [frame("C")] * 12, start=9)
    assert stream.delete() == ""
    assert read(stream, [frame("C")] * 12, start=9.8) == ""  # still held
    stream.clear()
    assert (stream.text, stream.letter) == ("", "none")
    assert read(stream, [frame("C")] * 12, start=0.0) == "C"


def test_signs_of_other_alphabets():
    signs = [LetterFrame({sign: 1.0}) for sign in ("space", "nothing", "del")]
    frames = spelled(["AB"], pause=0)
    frames += [signs[0]] * 12 + [signs[1]] * 8 + [signs[2]] * 12
    assert read(LetterStream(), frames[:-12]) == "AB "
    assert read(LetterStream(), frames) == "AB"


def test_a_predictor_of_whole_images():
    rows = np.eye(6, dtype=np.uint8)[:, :, None].repeat(6, axis=2) * 255
    X, y = np.tile(rows, (20, 1, 1)), np.tile([*"ABCDEF"], 20)
    model = DenseClassifier(
        hidden_layer_sizes=(16,), epochs=60, learning_rate=0.01, random_state=0
    )
    stream = LetterStream(LetterPredictor(model.fit(X, y)))
    frames = [rows["ABCDEF".index(letter)] for letter in "FACE" for _ in range(12)]
    assert read(stream, frames) == "FACE"


def test_rendered_movements_are_read_without_images():
    """Joints of moving hands, and a source that knows the letters while they last."""
    words = ["HELLO", "BOOK", "CATS", "WORLD"]
    rng = np.random.RandomState(0)
    left = np.zeros(len(words), bool)
    habits = draw_habits(len(words), (0.5, 0.7), (0.2, 0.3), left, rng)
    motion = spell(words, draw_signers(len(words), rng), habits, 15, rng)
    joints = motion.joints @ motion.rotation.swapaxes(1, 2) * [1, -1, -1]
    joints[..., :2] += motion.place[:, None]
    found = []
    for video in range(len(words)):
        stream = LetterStream()
        for i in np.flatnonzero(motion.video == video):
            name = motion.label[i]
            shown = UNSURE if name == "none" else frame(name, 0.5)
            stream.push(shown._replace(joints=joints[i]), i / 15)
        found.append(stream.finish())
    assert found == words


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"hold_time": 0}, "hold_time must be a number of seconds above 0; got 0"),
        ({"hold_time": "1"}, "hold_time must be a number"),
        ({"pause": float("inf")}, "pause must be a number"),
        ({"pause": 0.1}, "pause must be longer than hold_time; got 0.1 and 0.2"),
        ({"rejection_threshold": 2}, "must be a probability from 0 to 1"),
    ],
)
def test_wrong_parameters_of_streams(parameters, reason):
    with pytest.raises(ValueError, match=reason):
        LetterStream(**parameters)


def test_wrong_frames_and_times():
    with pytest.raises(TypeError, match="a LetterPredictor or None; got 'A'"):
        LetterStream("A")
    stream = LetterStream()
    shown = frame("A")
    stream.push(shown, 1.0)
    with pytest.raises(ValueError, match=r"not go backwards; got 0.5 after 1.0"):
        stream.push(shown, 0.5)
    for time in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="must be finite"):
            stream.push(shown, time)
    for time in (None, "1", True):
        with pytest.raises(TypeError, match="must be a number of seconds"):
            stream.push(shown, time)
    for wrong in (np.zeros((5, 5), np.uint8), "A", LetterFrame({}), LetterFrame("A")):
        with pytest.raises(TypeError, match="without a predictor a frame must be a"):
            stream.push(wrong, 2.0)
    with pytest.raises(TypeError, match="probabilities of A, B, C"):
        stream.push(LetterFrame({"Ä": 1.0}), 2.0)
    assert stream.push(shown, 1.0) == ""


def test_nothing_is_written_on_an_empty_wall():
    stream = LetterStream(LetterPredictor(load_pretrained()))
    noise = np.random.RandomState(0)
    for i in range(30):
        wall = (180 + noise.normal(0, 4, (96, 128, 3))).astype(np.uint8)
        stream.push(wall, i / 15)
    assert stream.finish() == ""


def test_hand_predictors_need_a_fitted_classifier():
    for wrong in (DenseClassifier(), make_pipeline(HandLandmarks("own"), SVC()), 3):
        with pytest.raises((TypeError, NotFittedError)):
            HandPredictor(wrong)


@pytest.mark.parametrize("as_predictor", [False, True])
def test_classifiers_of_images_get_the_square_around_the_hand(as_predictor):
    model = load_pretrained("letters")
    predictor = HandPredictor(LetterPredictor(model) if as_predictor else model)
    hands = make_fingerspelling(
        6, letters="BLY", image_size=120, color=True, random_state=0
    )
    found = []
    for image in hands.images:
        wide = np.full((240, 400, 3), 128, np.uint8)
        wide[100:220, 250:370] = image
        predictor.reset()
        frame = [predictor.predict(wide, i / 15) for i in range(6)][-1]
        assert frame.presence > 0.9
        assert frame.joints.shape == (21, 3)
        found.append(max(frame.probabilities, key=frame.probabilities.get))
    assert (np.array(found) == hands.target).all()


class Silent(HandTracker):
    """A tracker whose network says nothing of letters."""

    def track(self, image, time):
        hand = super().track(image, time)
        return hand and hand._replace(letters=None)


@pytest.mark.parametrize("letters", [LETTERS, LETTERS[:23], [*LETTERS, "space"]])
def test_the_network_that_follows_the_hand_votes_for_the_letters_it_knows(letters):
    y = [*letters] * 4
    X = np.full((len(y), 8, 8), 128, np.uint8)
    unsure = DenseClassifier(epochs=1, random_state=0).fit(X, y)
    image = make_fingerspelling(1, letters="B", image_size=120, random_state=0).images
    found = []
    for tracker in (HandTracker(0.9, "own"), Silent(0.9, "own")):
        predictor = HandPredictor(unsure, tracker=tracker)
        frames = [predictor.predict(image[0], i / 15) for i in range(6)]
        found.append(frames[-1].probabilities)
        assert sum(found[-1].values()) == pytest.approx(1, abs=1e-5)
    assert (found[0] != found[1]) == (letters == LETTERS)


def test_a_hand_whose_letter_is_rejected_is_no_letter():
    predictor = LetterPredictor(load_pretrained("letters"), rejection_threshold=1.0)
    stream = LetterStream(HandPredictor(predictor))
    for i, sign in enumerate(signs_of("LAB")):
        stream.push(draw_frame(sign), i / RATE)
        assert stream.frame.presence == 0
    assert stream.finish() == ""


def test_a_search_around_landmarks_is_a_classifier_of_joints():
    hands = make_fingerspelling(12, letters="BL", image_size=96, random_state=0)
    pipeline = make_pipeline(HandLandmarks("own"), LogisticRegression())
    search = GridSearchCV(pipeline, {"logisticregression__C": [1.0]}, cv=2)
    predictor = HandPredictor(search.fit(hands.images, hands.target))
    assert [*predictor.classes_] == ["B", "L"]
    assert predictor.tracker.model == "own"


def test_hand_predictors_do_not_take_letters_of_the_own_network():
    landmarks = HandLandmarks("own", ("angles", "letters"))
    head = SVC().fit([[0.0], [1.0]], ["A", "B"])
    with pytest.raises(TypeError, match="'letters', which a tracked hand"):
        HandPredictor(make_pipeline(landmarks, head))


def test_a_pretrained_classifier_predicts_the_letter_of_a_tracked_hand(
    monkeypatch, tmp_path
):
    pytest.importorskip("ai_edge_litert.interpreter")
    (tmp_path / "hand_landmarks").mkdir()
    for name in ("hand_landmark_full", "palm_detection_full"):
        path = Path(__file__).parents[3] / "shared" / "models" / f"{name}.tflite"
        if not path.exists():
            pytest.skip(f"needs ../shared/models/{path.name}: not present")
        (tmp_path / "hand_landmarks" / path.name).symlink_to(path)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    hands = make_fingerspelling(6, letters="BLY", image_size=160, random_state=0)
    found = []
    for image in hands.images:
        predictor = HandPredictor()
        frames = [predictor.predict(image, i / 15) for i in range(6)]
        assert sum(frames[-1].probabilities.values()) == pytest.approx(1, abs=1e-5)
        found.append(max(frames[-1].probabilities, key=frames[-1].probabilities.get))
    assert np.mean(np.array(found) == hands.target) > 0.6
