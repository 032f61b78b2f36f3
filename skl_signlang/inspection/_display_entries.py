"""Entries of docstrings that the Displays share."""

from skl_signlang._docstrings import Entry

ENTRIES = {
    "X": Entry(
        "array-like of shape (n, features), (n, h, w) or (n, h, w, c)", "Images."
    ),
    "images": Entry("ndarray of shape (n, h, w) or (n, h, w, 3)", "Gray or RGB."),
    "image_shape": Entry(
        "tuple of int",
        "(height, width) or (height, width, channels) of the images that rows hold; "
        "None infers a square, gray or RGB.",
    ),
    "ax": Entry("matplotlib Axes", "Axes to draw on, see :meth:`plot`."),
    "grid_ax": Entry(
        "matplotlib Axes",
        "Axes to draw on. Several axes replace them, so they must be part of a grid, "
        "as from :func:`matplotlib.pyplot.subplots`. None makes a figure.",
        "ax",
    ),
    "one_ax": Entry("matplotlib Axes", "Axes to draw on. None makes a figure.", "ax"),
    "ax_": Entry("matplotlib Axes", "Axes that the grid replaces (hidden)."),
    "figure_": Entry("matplotlib Figure", "Figure that contains the axes."),
}
