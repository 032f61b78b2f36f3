"""Entries of docstrings that the loaders share."""

from skl_signlang._docstrings import Entry

ENTRIES = {
    "image_size": Entry(
        "int or tuple of int",
        "Height and width in pixels to resize the images to; an integer is both. None "
        "keeps their size, which must be the same for all images.",
    ),
    "resize_mode": Entry(
        '{"crop", "pad", "stretch", "hand"}',
        "Treatment of images of other proportions than `image_size`: cropped around "
        "the center, as by `LetterPredictor`; padded by repeating their edges; "
        "stretched; or cropped to the hand that the package's detector finds, and "
        "padded, or padded as a whole where it finds none.",
    ),
    "color": Entry("bool", "Whether to convert images to RGB rather than gray."),
    "codes": Entry(
        '{"auto", "kaggle", "dense", "one-based", "alphabet"}',
        "Coding of integer labels, see :func:`codes_to_letters`: labels become "
        "upper-case letters, and records of J or Z are invalid. None keeps all labels.",
    ),
    "on_error": Entry(
        '{"raise", "report"}',
        "Whether to raise an error for an invalid record, or skip it and report it in "
        "``rejected``.",
    ),
    "subset": Entry(
        '{"train", "test", "all"}',
        'Images to load; "all" is the training images followed by the test images.',
    ),
    "return_X_y": Entry(
        "bool", "Whether to return ``(data, target)`` instead of a Bunch."
    ),
    "images": Entry(
        "ndarray of uint8, shape (n, h, w) or (n, h, w, 3)",
        "Images, upright; transparent pixels are white.",
    ),
    "data": Entry(
        "ndarray of uint8, shape (n, features)",
        "Flattened pixels, a view of ``images``.",
    ),
    "target": Entry(
        "ndarray of str or int64, shape (n,)",
        "Labels, integers if all are integers; letters with `codes`.",
    ),
    "target_names": Entry("ndarray", "The distinct labels, sorted."),
    "groups": Entry("None", "The source has no group labels."),
    "rejected": Entry(
        "DataFrame with the columns file, position, reason",
        'Invalid records, if ``on_error="report"``.',
    ),
    "DESCR": Entry("str", "Description of the data."),
    "data_and_target": Entry(
        "tuple of ndarray", "If `return_X_y` is True.", "(data, target)"
    ),
}
