"""Draw the contact sheet of rendered hands that the docs show, or a blind one.

The blind one numbers 48 right hands of 112 pixels, two of each letter in any order, for
somebody to name; ``--answers`` prints what they are.

``python -m benchmarks.contact_sheet [--out PATH] [--image-size 72] [--columns 7]``

``python -m benchmarks.contact_sheet --blind SEED --out PATH [--answers]``
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from skl_signlang._letters import LETTERS
from skl_signlang.datasets import make_fingerspelling

OUT = Path(__file__).parents[1] / "docs" / "images" / "contact_sheet.png"
LABEL_WIDTH = 24
GAP = 2
HALVES = 2
BLIND, BLIND_COLUMNS = 48, 8


def contact_sheet(hands, columns):
    """Put the pictures of each letter into a row of their own, in two columns."""
    size = hands.images.shape[1] + GAP
    rows = len(LETTERS) // HALVES
    half = LABEL_WIDTH + columns * size
    sheet = Image.new("RGB", (HALVES * half + GAP, rows * size + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    for place, letter in enumerate(LETTERS):
        left = place // rows * half + GAP
        top = place % rows * size + GAP
        draw.text((left + 6, top + size / 2 - 10), letter, "black", font_size=18)
        pictures = hands.images[hands.target == letter][:columns]
        for column, picture in enumerate(pictures):
            x = left + LABEL_WIDTH + column * size
            sheet.paste(Image.fromarray(np.ascontiguousarray(picture)), (x, top))
    return sheet


def blind_sheet(seed):
    """Draw hands in any order with numbers; return the sheet and their letters."""
    hands = make_fingerspelling(
        BLIND, image_size=112, color=True, mirror=0.0, random_state=seed
    )
    side = hands.images.shape[1] + LABEL_WIDTH // 2
    sheet = Image.new("RGB", (BLIND_COLUMNS * side, BLIND // BLIND_COLUMNS * side))
    draw = ImageDraw.Draw(sheet)
    for number, picture in enumerate(hands.images):
        x, y = number % BLIND_COLUMNS * side, number // BLIND_COLUMNS * side
        sheet.paste(Image.fromarray(picture), (x, y + LABEL_WIDTH // 2))
        draw.text((x + 2, y), str(number + 1), "white")
    return sheet, hands.target


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--image-size", type=int, default=72)
    parser.add_argument("--columns", type=int, default=7)
    parser.add_argument("--blind", type=int, metavar="SEED")
    parser.add_argument("--answers", action="store_true")
    options = parser.parse_args(argv)
    if options.blind is not None:
        sheet, letters = blind_sheet(options.blind)
        sheet.save(options.out)
        print(*(letters if options.answers else [options.out]))
        return
    hands = make_fingerspelling(
        options.columns * len(LETTERS),
        image_size=options.image_size,
        color=True,
        random_state=0,
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    sheet = contact_sheet(hands, options.columns)
    sheet.quantize(128).save(options.out, optimize=True)
    print(options.out)


if __name__ == "__main__":
    main()
