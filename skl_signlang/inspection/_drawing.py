"""Drawing functions shared by the Displays."""

import io
from math import ceil

import numpy as np

from skl_signlang._image_shapes import shape_of_images

MAX_INCHES = 40  # per side; Agg takes minutes for larger figures
MAX_CHARACTERS = 12  # of a label in a title
CORRECT, WRONG = "black", "C3"


def divide_axes(ax, width, height):
    """Hide axes and return them with their grid cell, for axes that replace them."""
    if ax is None:
        import matplotlib.pyplot as plt

        size = min(width, MAX_INCHES), min(height, MAX_INCHES)
        _, ax = plt.subplots(figsize=size, layout="constrained")
    place = ax.get_subplotspec()
    if place is None:
        raise ValueError(
            "ax must be part of a grid, as from plt.subplots(), because several axes "
            "replace it; got axes without a grid."
        )
    ax.set_axis_off()
    return ax, place


def grid_of_axes(ax, n_rows, n_columns):
    """Replace axes by a grid of axes for images, shape (n_rows, n_columns)."""
    ax, place = divide_axes(ax, 1.2 * n_columns, 1.3 * n_rows)
    grid = place.subgridspec(n_rows, n_columns, wspace=0.05, hspace=0.1)
    axes = grid.subplots(squeeze=False)
    for cell in axes.flat:
        cell.set(xticks=[], yticks=[])
        cell.set_frame_on(False)
    return ax, axes


def grid_shape(n_cells, n_columns):
    """Return (n_rows, n_columns) of a grid with `n_cells` cells."""
    n_columns = min(n_cells, n_columns)
    return ceil(n_cells / n_columns), n_columns


def as_images(X, image_shape=None):
    """Return rows or images as drawable images, (n, h, w) or (n, h, w, 3)."""
    X = np.asarray(X)
    shape = shape_of_images(X.shape, image_shape)
    X = X.reshape(len(X), *shape)
    # a last channel beside gray or RGB is alpha
    return X[..., :3] if shape[2] > 2 else X[..., 0]


def scale_to_unit(images, value_range=None):
    """Scale images to the range 0 to 1; the default range of uint8 is 0 to 255."""
    if value_range is None:
        is_bytes = images.dtype == np.uint8
        value_range = (0, 255) if is_bytes else (images.min(), images.max())
    low, high = map(float, value_range)
    scaled = (images - low) / (high - low if high > low else 1)
    return np.clip(scaled, 0, 1)


def draw_image(ax, image, extent=None):
    """Draw an image with values from 0 to 1, within (left, right, bottom, top)."""
    ax.imshow(image, cmap="gray", vmin=0, vmax=1, extent=extent)
    ax.set(xticks=[], yticks=[])


def to_png(figure, dots_per_inch=100):
    """Return a figure as the bytes of a PNG file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dots_per_inch)
    return file.getvalue()


def write_label(ax, *, true=None, predicted=None):
    """Write true and predicted label above an image, in red if they differ."""
    is_wrong = true is not None and predicted is not None and true != predicted
    if is_wrong:
        text = f"{shorten(true)} predicted as {shorten(predicted)}"
    elif true is not None:
        text = shorten(true)
    else:
        text = f"predicted as {shorten(predicted)}"
    write_literally(
        ax.set_title(text, fontsize=8, pad=3, color=WRONG if is_wrong else CORRECT)
    )


def write_literally(*texts):
    """Disable mathtext, so that ``$`` and ``_`` in names are drawn as they are."""
    # only for names that come from data: numbers of a logarithmic axis are mathtext
    for text in texts:
        text.set_parse_math(False)
        text.set_usetex(False)


def shorten(label):
    """Return a label as a string, with the middle of a long one left out."""
    text = str(label)
    return text if len(text) <= MAX_CHARACTERS else f"{text[:6]}…{text[-5:]}"
