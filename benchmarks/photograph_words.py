"""Words of a video made of photographs: how many come out wrong.

Each letter is a photograph of t32rahman's, held for .7 s; gray frames come between
equal letters, and before and after the word. The shipped ``letters`` and the network
that follows the hand have learned from these photographs: ``--model`` is another
classifier, such as one of ``python -m benchmarks.train_pretrained --leave-out
t32rahman --out FILE``.

``python -m benchmarks.photograph_words [--model FILE] [--words N]``
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from PIL import Image

from benchmarks._report import print_table, save
from benchmarks.letter_stream import RATE, lexicon, rates
from benchmarks.unseen_hands import PHOTOS, of_author
from skl_signlang.inference import HandPredictor, LetterStream
from skl_signlang.persistence import load
from skl_signlang.pretrained import pretrained_path

AUTHOR, SEED = "t32rahman", 2027
HOLD, GAP = 0.7, 0.3  # seconds
SIDE = 256  # pixels
GRAY = np.full((SIDE, SIDE, 3), 128, np.uint8)


def frames_of(word, photographs, rng):
    """Yield the frames of a word."""
    yield from [GRAY] * round(GAP * RATE)
    last = ""
    for letter in word:
        if letter == last:
            yield from [GRAY] * round(GAP * RATE)
        shown = photographs[letter]
        image = Image.fromarray(shown[rng.randint(len(shown))])
        image.thumbnail((SIDE, SIDE))
        frame = GRAY.copy()
        x, y = (SIDE - image.width) // 2, (SIDE - image.height) // 2
        frame[y : y + image.height, x : x + image.width] = np.asarray(image)
        yield from [frame] * round(HOLD * RATE)
        last = letter
    yield from [GRAY] * round(GAP * RATE)


def read(words, photographs, predictor, streams):
    """Return the texts of each stream."""
    rng = np.random.RandomState(SEED)
    texts = {name: [] for name in streams}
    for word in words:
        predictor.reset()
        frames = [
            predictor.predict(image, i / RATE)
            for i, image in enumerate(frames_of(word, photographs, rng))
        ]
        for name, stream in streams.items():
            stream.clear()
            for i, frame in enumerate(frames):
                stream.push(frame, i / RATE)
            texts[name].append(stream.finish().replace(" ", ""))
    return texts


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=pretrained_path("letters"))
    parser.add_argument("--words", type=int, default=20)
    options = parser.parse_args(argv)
    if not PHOTOS.exists():
        print(f"skipped: needs {PHOTOS}")
        return
    images, letters = of_author(AUTHOR)
    photographs = {
        letter: [images[i] for i in np.flatnonzero(letters == letter)]
        for letter in np.unique(letters)
    }
    known, rng = lexicon(), np.random.RandomState(SEED)
    spelled = [w for w in known if 3 <= len(w) <= 9 and photographs.keys() >= {*w}]
    words = rng.choice(spelled, options.words, replace=False).tolist()
    streams = {"none": LetterStream(), "lexicon": LetterStream(words=known)}
    predictor = HandPredictor(load(options.model))
    found = read(words, photographs, predictor, streams)
    scores = {name: rates(texts, words) for name, texts in found.items()}
    print_table(
        ["lexicon", "word error rate", "letter error rate"],
        [
            [name, *(f"{rate:.3f} ({a:.3f}-{b:.3f})" for rate, a, b in one.values())]
            for name, one in scores.items()
        ],
    )
    for word, text in zip(words, found["none"], strict=True):
        if word != text:
            print(f"{word}: {text}")
    save("photograph_words", {"words": words, **found, "rates": scores}, seeds=(SEED,))


if __name__ == "__main__":
    main()
