"""Entries of docstrings that the transformers share."""

from skl_signlang._docstrings import Entry

ENTRIES = {
    "image_shape": Entry(
        "tuple of int",
        "(height, width) or (height, width, channels) of the input images, in pixels. "
        "None infers square images from rows, gray or RGB, and otherwise strips one "
        "pixel high.",
    ),
    "pixel_range": Entry("tuple of float", "Values of black and white in `X`."),
    "n_jobs": Entry(
        "int",
        "Number of threads. None means 1, and -1 all processors, or the value of "
        "``OMP_NUM_THREADS``, which joblib sets in its workers to their share.",
    ),
    "image_shape_": Entry(
        "tuple of int", "(height, width, channels) of the input images."
    ),
    "n_features_in_": Entry("int", "Number of values in an input image."),
    "feature_names_in_": Entry(
        "ndarray of str, shape (`n_features_in_`,)",
        "Feature names, if X had them.",
    ),
    "X": Entry(
        "array-like of shape (n, features), (n, h, w) or (n, h, w, c)",
        "Rows of pixels or images, of any dtype.",
    ),
    "images": Entry(
        "array-like of shape (n, features), (n, h, w) or (n, h, w, c), or list of "
        "ndarray of shape (h, w) or (h, w, c)",
        "Rows of pixels or images, of any dtype.",
        "X",
    ),
    "entries": Entry(
        "array-like of shape (n,) or (n, 1)",
        "Paths, bytes, strings or images, see above.",
        "X",
    ),
    "self": Entry("object", "Fitted transformer."),
}
