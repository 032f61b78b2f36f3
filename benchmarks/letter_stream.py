"""Words spelled by rendered hands: how many come out wrong.

Videos of words of a lexicon and of names that are not in it, each by a signer of its
own that no classifier has learned from (`make_fingerspelling_videos`, 15 frames a
second). `LetterStream` reads them with and without the lexicon. Rates have bootstrap
intervals over words, which are signers too. In videos of walls, photographs and waving
hands nobody spells anything.

``python -m benchmarks.letter_stream [--model NAME] [--words N] [--names N]
[--seconds N]``
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.datasets import load_sample_images

from benchmarks._report import SIGN_MNIST, print_table, save
from skl_signlang.datasets import make_fingerspelling, make_fingerspelling_videos
from skl_signlang.inference import HandPredictor, LetterStream
from skl_signlang.preprocessing import HandTracker
from skl_signlang.pretrained import NAMES as NAMES_OF_MODELS
from skl_signlang.pretrained import load_pretrained

MODEL = SIGN_MNIST.parents[1] / "models" / "hand_landmark_full.tflite"
RATE = 15  # frames a second
N_LEXICON = 10_000
N_BOOTSTRAP = 2_000
SEED = 2026  # of words and signers that chose nothing
NAMES = """
Adela Agnar Anouk Ansgar Aroha Bashir Benat Bodhi Caoimhe Casimir Cosima Dagny Daiki
Dilnoza Edda Eilish Elowen Emeka Fadi Fenna Ghislain Gudrun Haruki Hedvig Ilkka Imani
Inaya Isolde Iwan Kalinda Katell Kofi Lachlan Leocadia Ludo Maelle Mairead Marwan Milica
Nadim Nayeli Oriol Paavo Radmila Rhona Saoirse Siobhan Tariq Thandi Ulrika
""".upper().split()
WORDS = """
able about above act add after again age ago air all allow alone also always among
apple area arm around art ask away baby back bad bag ball bank base bed before begin
believe below best better big bird black blue board body book both bottle box boy bread
bring brother build bus buy call camera car carry cat cause chair change child city
class clear cloud coffee cold color come common cook corn could country cover cross cup
cut dance dark daughter day deep dinner doctor dog door down draw dream dress drink
drive early earth east easy eat egg eight end enough evening every eye face fact fall
family far farm fast father feel feet few field fight fill find fire first fish five
floor flower fly follow food foot force forest four free friend from front fruit full
garden girl give glass gold good grass great green ground group grow hair half hand
happy hard hat hear heart hello help here high hill hold home horse hot hour house how
hundred ice idea inside island keep kind king kitchen know lady land large last late
laugh learn leave left letter light like line lion little live long jacket job join joy
judge juice jump just object project size zero zone lazy dozen prize crazy amazing
""".upper().split()


def lexicon():
    """Return the most frequent words: of wordfreq, or where it is absent the list."""
    try:
        from wordfreq import top_n_list
    except ImportError:
        return WORDS
    words = top_n_list("en", 2 * N_LEXICON)
    spelled = [word.upper() for word in words if word.isascii() and word.isalpha()]
    return spelled[:N_LEXICON]


def edits(found, meant):
    """Count the fewest insertions, deletions and replacements between two texts."""
    row = np.arange(len(found) + 1)
    for i, wanted in enumerate(meant, 1):
        last, row = row, np.empty_like(row)
        row[0] = i
        for k, got in enumerate(found, 1):
            row[k] = min(last[k] + 1, row[k - 1] + 1, last[k - 1] + (got != wanted))
    return int(row[-1])


def read(words, seed, predictor, streams):
    """Spell words before streams; return each one's texts, delays and the speed."""
    spelled = make_fingerspelling_videos(
        words, color=True, frame_rate=RATE, random_state=seed
    )
    found = {name: {"texts": [], "delays": []} for name in streams}
    seconds = n_frames = 0
    for video, letters in zip(spelled.videos, spelled.letters, strict=True):
        predictor.reset()
        start = time.perf_counter()
        frames = [predictor.predict(image, i / RATE) for i, image in enumerate(video)]
        seconds, n_frames = seconds + time.perf_counter() - start, n_frames + len(video)
        for name, stream in streams.items():
            stream.clear()
            writes = [0]
            for i, frame in enumerate(frames):
                stream.push(frame, i / RATE)
                writes.append(len(stream.letters))
            found[name]["texts"].append(stream.finish().replace(" ", ""))
            found[name]["delays"] += delays(letters, np.array(writes[1:]))
    return found, n_frames / seconds


def delays(letters, written):
    """Return the seconds from the first frame of each letter to its text."""
    begun = np.flatnonzero((letters[1:] != letters[:-1]) & (letters[1:] != "none")) + 1
    late = []
    for k, frame in enumerate(begun):
        shown = np.flatnonzero(written[frame:] > k)
        if shown.size:
            late.append(shown[0] / RATE)
    return late


def rates(texts, words):
    """Return word and letter error rates with their intervals, (low, high) at 95 %."""
    wrong = np.array([text != word for text, word in zip(texts, words, strict=True)])
    n_edits = np.array([edits(*pair) for pair in zip(texts, words, strict=True)])
    lengths = np.array([len(word) for word in words])
    drawn = np.random.RandomState(0).randint(len(words), size=(N_BOOTSTRAP, len(words)))
    letter_rates = n_edits[drawn].sum(axis=1) / lengths[drawn].sum(axis=1)
    return {
        "word error rate": _with_interval(wrong.mean(), wrong[drawn].mean(axis=1)),
        "letter error rate": _with_interval(
            n_edits.sum() / lengths.sum(), letter_rates
        ),
    }


def _with_interval(rate, drawn):
    low, high = np.percentile(drawn, [2.5, 97.5])
    return [float(rate), float(low), float(high)]


def empty_videos(n_frames, rng):
    """Yield the name and the frames of videos that show no letters."""
    wall = np.full((192, 192, 3), 180.0) + rng.normal(0, 4, (n_frames, 192, 192, 3))
    yield "walls", wall.clip(0, 255).astype(np.uint8)
    places = rng.randint(0, 200, (n_frames // RATE + 1, 2))
    photographs = load_sample_images().images
    shown = [
        photographs[i % 2][y : y + 192, x : x + 192] for i, (y, x) in enumerate(places)
    ]
    yield "photographs", np.repeat(shown, RATE, axis=0)[:n_frames]
    hands = make_fingerspelling(
        len(places), letters="B", image_size=128, color=True, random_state=SEED
    )
    across = 32 + 32 * np.sin(np.arange(n_frames) / RATE * 2 * np.pi * 1.5)
    yield (
        "waving hands",
        np.stack(
            [
                np.roll(
                    np.pad(
                        hands.images[i // (4 * RATE)],
                        ((32, 32), (0, 64), (0, 0)),
                        "edge",
                    ),
                    int(across[i]),
                    axis=1,
                )
                for i in range(n_frames)
            ]
        ),
    )


def false_letters(predictor, seconds):
    """Return the letters a minute in videos without letters."""
    found = {}
    for name, frames in empty_videos(seconds * RATE, np.random.RandomState(SEED)):
        stream = LetterStream(predictor)
        for i, image in enumerate(frames):
            stream.push(image, i / RATE)
        n_letters = len(stream.finish().replace(" ", ""))
        found[name] = 60 * n_letters / seconds
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=NAMES_OF_MODELS, default="letters-landmarks")
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--names", type=int, default=len(NAMES))
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args(argv)
    tracker = None
    if options.model == "letters-landmarks":
        if not MODEL.exists():
            print(f"skipped: needs {MODEL}")
            return
        tracker = HandTracker(model=MODEL)
    predictor = HandPredictor(load_pretrained(options.model), tracker=tracker)
    known = lexicon()
    rng = np.random.RandomState(SEED)
    still = [w for w in known if 3 <= len(w) <= 9 and not {*w} & {"J", "Z"}]
    words = rng.choice(still, min(options.words, len(still)), replace=False).tolist()
    streams = {"none": LetterStream(), "lexicon": LetterStream(words=known)}
    result, table = {}, []
    cases = {"words": words, "names": NAMES[: options.names]}
    for offset, (case, spelled) in enumerate(cases.items()):
        found, speed = read(spelled, SEED + offset, predictor, streams)
        for name, one in found.items():
            scores = rates(one["texts"], spelled)
            late = np.percentile(one["delays"], [50, 95]).tolist()
            result[f"{case}, {name}"] = {**scores, "delay": late, **one}
            cells = [
                f"{rate:.3f} ({low:.3f}-{high:.3f})"
                for rate, low, high in scores.values()
            ]
            table.append([f"{len(spelled)} {case}", name, *cells, f"{late[0]:.2f}"])
        print(f"{case}: {speed:.0f} frames a second", flush=True)
    print_table(
        ["spelled", "lexicon", "word error rate", "letter error rate", "delay, s"],
        table,
    )
    result["false letters a minute"] = false_letters(predictor, options.seconds)
    print(result["false letters a minute"])
    save("letter_stream", {"model": options.model, **result}, seeds=(SEED,))


if __name__ == "__main__":
    main()
