"""Accuracy on transformed images."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from skl_signlang.inspection import as_images, draw_image, scale_to_unit
from skl_signlang.report._html import Details, Paragraph, Table, embed
from skl_signlang.report._predictions import evenly

MOST_IMAGES, FEWEST_IMAGES = 200, 50
MOST_VALUES = 2**22  # pixel values of the images, within these limits
SLOW = 0.025  # seconds per image; slower models predict FEWEST_IMAGES


class Change(NamedTuple):
    """Transformation with its unit, its identity and its levels."""

    name: str
    unit: str
    same: float
    levels: tuple


CHANGES = (
    Change("rotation", "degrees", 0, (-45, -30, -15, 0, 15, 30, 45)),
    Change("scale", "times", 1, (0.5, 0.7, 0.85, 1, 1.15, 1.3, 1.5)),
    Change(
        "brightness", "fraction of the range", 0, (-0.5, -0.3, -0.15, 0, 0.15, 0.3, 0.5)
    ),
    Change("blur", "% of the side", 0, (0, 1, 2, 3, 4, 5, 6)),
    Change("mirror", "left-right flip", 0, (0, 1)),
)


def change(images, name, level):
    """Transform images (n, h, w, c); the border is repeated outside the image."""
    if name == "mirror":
        return images[:, :, ::-1] if level else images
    is_bytes = images.dtype == np.uint8
    low, high = (0, 255) if is_bytes else (float(images.min()), float(images.max()))
    values = images.astype(np.float32)
    if name == "rotation":
        values = ndimage.rotate(
            values, level, axes=(2, 1), reshape=False, order=1, mode="nearest"
        )
    elif name == "scale":
        values = _zoom(values, level)
    elif name == "brightness":
        values += level * (high - low)
    else:
        sigma = level / 100 * min(images.shape[1:3])
        values = ndimage.gaussian_filter(values, (0, sigma, sigma, 0), mode="nearest")
    values = np.clip(values, low, high)
    if images.dtype.kind in "bui":
        values = np.rint(values)
    return values.astype(images.dtype)


def _zoom(values, factor):
    """Scale images about their center."""
    center = (np.array(values.shape[1:3]) - 1) / 2
    steps = np.array([1, 1 / factor, 1 / factor, 1])
    offset = np.array([0, *(center * (1 - 1 / factor)), 0])
    return ndimage.affine_transform(values, steps, offset, order=1, mode="nearest")


def show_robustness(predictions, cost):
    """Return the blocks of the section on robustness."""
    if predictions.images is None:
        return [Paragraph("Robustness is not available: the data contain no images.")]
    is_slow = cost.batch / cost.batch_size > SLOW
    most = 0 if is_slow else MOST_VALUES // predictions.images[0].size
    rows = evenly(len(predictions.y), int(np.clip(most, FEWEST_IMAGES, MOST_IMAGES)))
    images, y = predictions.images[rows], predictions.y[rows]
    plain = float(predictions.is_correct[rows].mean())
    curves = {
        kind: [
            plain
            if level == kind.same
            else float(
                np.mean(
                    predictions.predict_images(change(images, kind.name, level)) == y
                )
            )
            for level in kind.levels
        ]
        for kind in CHANGES
    }
    alt = "Accuracy over the strength of each change, above examples: " + "; ".join(
        f"{kind.name} from {min(curve):.3f} to {max(curve):.3f}"
        for kind, curve in curves.items()
    )
    tables = [
        Table(
            f"{kind.name.capitalize()}",
            [kind.unit, "accuracy"],
            [(f"{level:g}", a) for level, a in zip(kind.levels, curve, strict=True)],
        )
        for kind, curve in curves.items()
    ]
    return [
        Paragraph(_describe(curves, plain, len(rows))),
        embed(_draw(curves, images, plain), f"{alt}.", "images"),
        Details("The numbers", tables),
    ]


def _describe(curves, plain, n):
    kind, level, worst = min(
        (
            (kind, level, accuracy)
            for kind, curve in curves.items()
            for level, accuracy in zip(kind.levels, curve, strict=True)
        ),
        key=lambda entry: entry[2],
    )
    chance = 1.96 * np.sqrt(0.5 / n)  # 95 % of differences of two rates near 0.5
    text = (
        f"{n} images, evenly sampled, are transformed; the accuracy on the originals "
        f"is {plain:.3f}. Where a transformation leaves a part of the image empty, the "
        "border is repeated. "
    )
    if worst < plain:
        text += (
            f"The lowest accuracy is {worst:.3f}, at {kind.name} {level:g} "
            f"({kind.unit}). "
        )
    return text + f"Differences below {chance:.2f} may be chance."


def _draw(curves, images, plain):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.4, 3.9), layout="constrained")
    grid = figure.add_gridspec(2, len(curves), height_ratios=[3, 1])
    example = images[[len(images) // 2]]
    for column, (kind, curve) in enumerate(curves.items()):
        ax = figure.add_subplot(grid[0, column])
        ax.axhline(plain, color="0.6", linewidth=1, linestyle=":")
        ax.plot(kind.levels, curve, "o-", markersize=4)
        ax.set(title=kind.name, xlabel=kind.unit, ylim=(-0.02, 1.02))
        ax.grid(alpha=0.3)
        if column:
            ax.tick_params(labelleft=False)
        else:
            ax.set_ylabel("accuracy")
        if kind.name == "mirror":
            ax.set(xticks=[0, 1], xticklabels=["original", "flipped"], xlim=(-0.3, 1.3))
            ax.set_xlabel(" ")
    _draw_examples(figure, grid[1, :], example)
    return figure


def _draw_examples(figure, place, image):
    """Draw an image below each curve at its first, middle and last level."""
    grid = place.subgridspec(1, len(CHANGES))
    span = None if image.dtype == np.uint8 else (image.min(), image.max())
    half = 0.45  # of a width, so that there are gaps
    top = half * image.shape[1] / image.shape[2]
    for column, kind in enumerate(CHANGES):
        # axes take most of the time of a figure: one for all images of a curve
        ax = figure.add_subplot(grid[0, column])
        middle = [kind.levels[len(kind.levels) // 2]] if len(kind.levels) > 2 else []
        levels = kind.levels[0], *middle, kind.levels[-1]
        centers = np.linspace(0, 2, len(levels))
        for center, level in zip(centers, levels, strict=True):
            changed = as_images(change(image, kind.name, level))[0]
            sides = center - half, center + half, -top, top
            draw_image(ax, scale_to_unit(changed, span), extent=sides)
        ax.set(xlim=(-0.5, 2.5), ylim=(-top, top))
        ax.set_xticks(centers, [f"{level:g}" for level in levels], fontsize=7)
        ax.tick_params(length=0, pad=2)
        ax.set_frame_on(False)
