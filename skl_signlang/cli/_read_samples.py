"""Labeled images of any format, given by path only."""

import warnings
from contextlib import contextmanager
from pathlib import Path

from skl_signlang._errors import list_some, to_command_words
from skl_signlang._language import translate
from skl_signlang.cli._output import label, print_note, print_progress, print_warning
from skl_signlang.datasets import detect_format, load_csv, load_samples

# Image files, which may be photographs of any size
_OF_FILES = ("base64", "image_folder", "json", "parquet")
SIDE = 28
"""Height and width of images to train on: the recipes were chosen at this size."""


def read_samples(
    path,
    *,
    image_size=None,
    codes=None,
    any_labels=False,
    on_error="raise",
    model_shape=(None, None),
):
    """Load labeled images; of Sign Language MNIST the training part.

    `model_shape` is the shape and the resize mode to which image files are brought
    unless `image_size` is given. With `any_labels`, a CSV file with Kaggle's header
    may have other labels than letters.
    """
    # loaders of formats with a fixed size lack the option
    options = {"image_size": image_size, "codes": codes}
    place = Path(path).expanduser()
    detected = detect_format(place)
    format = detected.format
    is_of_files = format in _OF_FILES
    shape, resize_mode = model_shape
    if is_of_files and image_size is None and shape is not None:
        options |= {"image_size": tuple(shape[:2]), "resize_mode": resize_mode}
    given = {name: value for name, value in options.items() if value is not None}
    if codes == "none":
        given["codes"] = None
    with print_warnings():
        if any_labels and format == "sign_mnist" and detected.is_plain_file:
            samples = load_csv(path, on_error=on_error, **{"codes": "auto"} | given)
            samples.update(format="csv", format_reason="a CSV of labels and pixels")
        else:
            samples = load_samples(path, on_error=on_error, **given)
    if skipped := samples.get("skipped"):
        print_progress(label(translate("skipped"), list_some(skipped)))
    return samples


def describe_format(samples):
    """Describe the format of a data set, and how it was found."""
    reason = translate(samples.format_reason)
    return label(translate("format"), f"{samples.format}: {reason}")


def read_to_train(path, *, image_size=None, **options):
    """Load labeled images; image files at the size to train on, which is printed."""
    shape = (SIDE, SIDE), "crop"
    samples = read_samples(path, image_size=image_size, model_shape=shape, **options)
    if samples.format in _OF_FILES and image_size is None:
        print_note(
            translate(
                "images are resized to {side} x {side} pixels; --image-size changes it",
                side=SIDE,
            )
        )
    return samples


def read_official_test(path, *, codes=None, on_error="raise"):
    """Load the test set of Sign Language MNIST."""
    path = Path(path).expanduser()
    detected = detect_format(path)
    if detected.format != "sign_mnist" or detected.is_plain_file:
        return None
    options = {"codes": codes} if codes not in (None, "none") else {}
    try:
        with print_warnings():
            return load_samples(path, subset="test", on_error=on_error, **options)
    except FileNotFoundError:
        return None


def read_parts(path, *, read=read_samples, codes=None, on_error="raise", **options):
    """Load labeled images, and the official test set if there is one."""
    samples = read(path, codes=codes, on_error=on_error, **options)
    test = read_official_test(path, codes=codes, on_error=on_error)
    if test is None:
        return [("", samples)]
    return [("training", samples), ("official test", test)]


@contextmanager
def print_warnings():
    """Print the warnings of the block as lines on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for message in dict.fromkeys(str(warning.message) for warning in caught):
        print_warning(to_command_words(message, [("codes", "--codes")]))
