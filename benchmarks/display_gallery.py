"""Draw the pictures that docs/visualization.md shows.

``python -m benchmarks.display_gallery [--out FOLDER] [--samples 4800] [--epochs 20]``
"""

import argparse
import io
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image

from skl_signlang import CNNClassifier
from skl_signlang.datasets import make_fingerspelling
from skl_signlang.inspection import ConfusedLettersDisplay, SaliencyDisplay
from skl_signlang.model_selection import split_samples

OUT = Path(__file__).parents[1] / "docs" / "images"


def save_small(figure, path, dpi=75):
    """Write a PNG of few colors, which takes a fraction of the bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    Image.open(file).convert("RGB").quantize(256).save(path, optimize=True)
    print(path)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--samples", type=int, default=4800)
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args(argv)
    plt.switch_backend("Agg")
    hands = make_fingerspelling(options.samples, random_state=0)
    train, test = split_samples(hands, (0.75, 0.25), random_state=0)
    model = CNNClassifier(filters=(16, 32), epochs=options.epochs, random_state=0)
    model.fit(train.images, train.target)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, display in (
        ("confused_letters", ConfusedLettersDisplay),
        ("saliency", SaliencyDisplay),
    ):
        drawn = display.from_estimator(model, test.images, test.target)
        save_small(drawn.figure_, options.out / f"{name}.png")


if __name__ == "__main__":
    main()
