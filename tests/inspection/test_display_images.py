"""Each Display beside an image of it that somebody looked at, in golden/displays."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image
from sklearn.utils import Bunch

from skl_signlang import inspection
from skl_signlang.inspection import (
    ActivationDisplay,
    AugmentationDisplay,
    ClassBalanceDisplay,
    ConfusedLettersDisplay,
    KernelDisplay,
    LeakageDisplay,
    SaliencyDisplay,
    SampleGridDisplay,
    TrainingHistoryDisplay,
)

matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

GOLDEN = Path(__file__).parents[1] / "golden" / "displays"
TOLERANCE = 11  # of 255; what matplotlib 3.10 draws is up to 9.6 from what 3.11 does


def discs(n, rng, side=16):
    """Gray images, uint8, of a disc each."""
    down, right = np.mgrid[:side, :side]
    y, x, radius = rng.uniform([[3], [3], [3]], [[12], [12], [6]], (3, n))
    away = np.hypot(down - y[:, None, None], right - x[:, None, None])
    return np.where(away < radius[:, None, None], 230, 40).astype(np.uint8)


def sample_grid(rng):
    labels = rng.choice(list("ABL"), 12)
    return SampleGridDisplay(
        discs(12, rng), y_true=labels, y_pred=rng.choice(list("ABL"), 12)
    ).plot(n_columns=6)


def class_balance(rng):
    return ClassBalanceDisplay(list("ABCDEFGHIK"), rng.randint(10, 500, 10)).plot()


def training_history(rng):
    epochs = np.arange(1, 13)

    def history(rate):
        losses = {
            "loss": np.exp(-rate * epochs),
            "val_loss": np.exp(-rate * epochs) + 0.002 * epochs**2,
        }
        return losses | {
            name.replace("loss", "accuracy"): 1 - values / 2
            for name, values in losses.items()
        }

    low, high = np.sort(rng.uniform(0.05, 1, 2))
    return TrainingHistoryDisplay({"slow": history(low), "fast": history(high)}).plot()


def confused_letters(rng):
    y = np.repeat(list("KMNUVW"), 40)
    X, read = (
        discs(len(y), rng),
        np.where(rng.rand(len(y)) < 0.3, rng.permutation(y), y),
    )
    return ConfusedLettersDisplay.from_predictions(y, read, X=X, n_pairs=4)


def kernels(rng):
    return KernelDisplay(rng.normal(size=(12, 5, 5))).plot()


def activations(rng):
    maps = {"conv_1": rng.rand(16, 16, 6), "conv_2": rng.rand(8, 8, 6)}
    return ActivationDisplay(discs(1, rng)[0], maps).plot()


def saliency(rng):
    heat = discs(6, rng, 8).astype(np.float32) / 255
    read = rng.choice(list("AB"), 6)
    return SaliencyDisplay(discs(6, rng), heat, read, y_true=list("ABABAB")).plot()


def augmentation(rng):
    images = discs(3, rng)
    draws = np.stack([np.roll(images, step, 2) for step in (-3, 2, 4, 7)], axis=1)
    return AugmentationDisplay(images, draws.astype(np.float32), (0, 255)).plot()


def leakage(rng):
    grouped, random = np.sort(rng.uniform(0.3, 1, (2, 5)), axis=0)
    report = Bunch(
        ungrouped_scores=random,
        ungrouped_score=random.mean(),
        grouped_scores=grouped,
        grouped_score=grouped.mean(),
        test_score=grouped.min(),
        gap=random.mean() - grouped.mean(),
        score_name="accuracy",
        straddling_share=0.9,
        groups=np.arange(200) // 5,
        n_groups=40,
        pairs=np.array([[3, 4], [17, 16], [120, 123]]),
        pair_similarity=np.array([0.9991, 0.9987, 0.9983]),
    )
    return LeakageDisplay(report, discs(6, rng).reshape(3, 2, 16, 16)).plot()


DRAWINGS = {
    SampleGridDisplay: sample_grid,
    ClassBalanceDisplay: class_balance,
    TrainingHistoryDisplay: training_history,
    ConfusedLettersDisplay: confused_letters,
    KernelDisplay: kernels,
    ActivationDisplay: activations,
    SaliencyDisplay: saliency,
    AugmentationDisplay: augmentation,
    LeakageDisplay: leakage,
}
every_drawing = pytest.mark.parametrize(
    "draw", DRAWINGS.values(), ids=lambda draw: draw.__name__
)


def write(draw, seed, path):
    """Draw as if nobody had set anything.

    Without words: versions of matplotlib set them otherwise, and other tests read them.
    """
    with matplotlib.style.context("default"):
        display = draw(np.random.RandomState(seed))
        for text in display.figure_.findobj(Text):
            text.set_visible(False)
        # a little above whole pixels, which versions get in other ways
        size = np.round(display.figure_.get_size_inches(), 1) + 1e-6
        display.figure_.set_size_inches(size)
        display.figure_.savefig(path, dpi=50)
        plt.close(display.figure_)


def difference(path, expected):
    """The root mean square of what differs, 0 to 255; infinite for another form.

    Of the means of 4 x 4 pixels, since versions round a place to this pixel or that.
    """
    if not expected.exists():
        return np.inf
    with Image.open(path) as found, Image.open(expected) as golden:
        if found.size != golden.size:
            return np.inf
        found, golden = (image.convert("RGB").reduce(4) for image in (found, golden))
    return np.sqrt(np.square(np.subtract(found, golden, dtype=float)).mean())


@every_drawing
def test_a_display_looks_as_it_did(draw, tmp_path):
    name = f"{draw.__name__}.png"
    write(draw, 0, tmp_path / name)
    assert difference(tmp_path / name, GOLDEN / name) < TOLERANCE, (
        f"Look at {tmp_path / name}: if it is right, put it in the place of "
        f"{GOLDEN / name}."
    )


@every_drawing
def test_other_data_are_beyond_the_tolerance(draw, tmp_path):
    """Else the test above could not fail."""
    for seed in (0, 1):
        write(draw, seed, tmp_path / f"{seed}.png")
    assert difference(tmp_path / "1.png", tmp_path / "0.png") > TOLERANCE


def test_every_display_has_its_image():
    drawn = {display.__name__ for display in DRAWINGS}
    assert drawn == {name for name in inspection.__all__ if name.endswith("Display")}
