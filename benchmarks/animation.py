"""Draw the animation of the README: a rendered hand spells, `LetterStream` reads.

``python -m benchmarks.animation [--word HELLO] [--tracker MODEL]`` (under a minute; it
needs the extras ``landmarks`` and ``words``, and writes ``docs/images/word.webp``)
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from PIL import Image, ImageDraw

from skl_signlang.datasets import make_fingerspelling_videos
from skl_signlang.inference import HandPredictor, LetterStream
from skl_signlang.preprocessing import HandTracker

OUT = Path(__file__).parents[1] / "docs" / "images" / "word.webp"
SIDE, WIDTH, RATE = 256, 560, 15  # pixels, and frames a second
INK, PALE, HAND = "#1f2328", "#d0d7de", "#0969da"
BONES = [(0, 5), (0, 17), (5, 9), (9, 13), (13, 17)] + [
    (joint - 1 if joint % 4 != 1 else 0, joint) for joint in range(1, 21)
]
LAST_SECONDS = 1.5


def draw(image, hand, stream):
    """Draw a frame, the joints that the tracker found, and what the stream reads."""
    panel = Image.new("RGB", (WIDTH, SIDE), "white")
    panel.paste(Image.fromarray(image), (0, 0))
    pen = ImageDraw.Draw(panel)
    if hand is not None:
        points = [tuple(map(float, point)) for point in hand.points]
        for start, end in BONES:
            pen.line([points[start], points[end]], HAND, 2)
    left = SIDE + 28
    known = stream.letter != "none"
    pen.text((left, 18), stream.letter if known else "-", INK, font_size=72)
    right = WIDTH - 28
    pen.rectangle((left, 112, right, 120), PALE)
    if known:
        length = stream.probability * (right - left)
        pen.rectangle((left, 112, left + length, 120), HAND)
    pen.text((left, 160), stream.text or " ", INK, font_size=44)
    pen.line((left, 216, right, 216), PALE, 1)
    return panel


def read(word, tracker, seed):
    """Yield the frames of a word that is read."""
    spelled = make_fingerspelling_videos(
        [word], image_size=SIDE, color=True, frame_rate=RATE, random_state=seed
    )
    predictor = HandPredictor(tracker=tracker)
    stream = LetterStream(predictor, words="en")
    for number, image in enumerate(spelled.videos[0]):
        stream.push(image, number / RATE)
        yield draw(image, predictor.hand, stream)
    stream.finish()
    frame = draw(image, None, stream)
    yield from [frame] * round(LAST_SECONDS * RATE)
    print(stream.text)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--word", default="HELLO")
    parser.add_argument("--tracker", default="full")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(argv)
    tracker = HandTracker(model=options.tracker)
    first, *others = read(options.word, tracker, options.seed)
    first.save(
        options.out,
        save_all=True,
        append_images=others,
        duration=round(1000 / RATE),
        loop=0,
        quality=70,
        method=6,
    )
    print(options.out, f"{options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
