"""What Displays share: axes in the place of one, and images on them."""

import io
from math import ceil

import numpy as np

from skl_signlang._images import shape_of_images

MAX_INCHES = 40  # sides of a figure beyond which Agg draws for minutes
MAX_CHARACTERS = 12  # of a label above an image
RIGHT, WRONG = "black", "C3"


def divide_axes(ax, width, height):
    """Hide axes, so that others can be put in their place."""
    if ax is None:
        import matplotlib.pyplot as plt

        size = min(width, MAX_INCHES), min(height, MAX_INCHES)
        _, ax = plt.subplots(figsize=size, layout="constrained")
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError(
            "ax must be part of a grid, such as those of plt.subplots(), because it is "
            "divided; got axes at a place of their own."
        )
    ax.set_axis_off()
    return ax, place


def grid_of_axes(ax, n_rows, n_columns):
    """Put a grid of axes for images in the place of one."""
    ax, place = divide_axes(ax, 1.2 * n_columns, 1.3 * n_rows)
    grid = place.subgridspec(n_rows, n_columns, wspace=0.05, hspace=0.1)
    axes = grid.subplots(squeeze=False)
    for cell in axes.flat:
        cell.set(xticks=[], yticks=[])
        cell.set_frame_on(False)
    return ax, axes


def rows_for(n_cells, n_columns):
    """Tell the form of a grid that holds so many cells."""
    n_columns = min(n_cells, n_columns)
    return ceil(n_cells / n_columns), n_columns


def as_images(X, image_shape=None):
    """Bring rows or images to a form that can be drawn."""
    X = np.asarray(X)
    shape = shape_of_images(X.shape, image_shape)
    X = X.reshape(len(X), *shape)
    # a last channel beside grey or RGB is opacity
    return X[..., :3] if shape[2] > 2 else X[..., 0]


def between_0_and_1(images, value_range=None):
    """Bring images to one scale."""
    if value_range is None:
        is_bytes = images.dtype == np.uint8
        value_range = (0, 255) if is_bytes else (images.min(), images.max())
    low, high = map(float, value_range)
    scaled = (images - low) / (high - low if high > low else 1)
    return np.clip(scaled, 0, 1)


def draw_image(ax, image):
    """Draw one image."""
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])


def to_png(figure, dots_per_inch=100):
    """Turn a figure into the content of a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dots_per_inch)
    return file.getvalue()


def write_label(ax, *, true=None, read=None):
    """Write above an image what it shows and, in red if wrong, as what it was read."""
    is_wrong = true is not None and read is not None and true != read
    if is_wrong:
        text = f"{shorten(true)} read as {shorten(read)}"
    elif true is not None:
        text = shorten(true)
    else:
        text = f"read as {shorten(read)}"
    write_literally(
        ax.set_title(text, fontsize=8, pad=3, color=WRONG if is_wrong else RIGHT)
    )


def write_literally(*texts):
    """Have names drawn as they are: ``$`` and ``_`` are no signs of formulas.

    Every text that holds a name from outside goes through here, and no other: the
    numbers of a logarithmic axis are formulas.
    """
    for text in texts:
        text.set_parse_math(False)
        text.set_usetex(False)


def shorten(label):
    """Write a label, or the beginning and the end of a long one."""
    text = str(label)
    return text if len(text) <= MAX_CHARACTERS else f"{text[:6]}…{text[-5:]}"
