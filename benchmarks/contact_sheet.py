"""Draw the contact sheet of rendered hands that the docs show.

``python -m benchmarks.contact_sheet [--out PATH] [--image-size 72] [--columns 7]``
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


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--image-size", type=int, default=72)
    parser.add_argument("--columns", type=int, default=7)
    options = parser.parse_args(argv)
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
