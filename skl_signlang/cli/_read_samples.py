"""Labeled images of any format, given by path only."""

import sys
import warnings
import zipfile
from contextlib import contextmanager
from pathlib import Path

from skl_signlang._errors import in_words_of_a_command, list_some
from skl_signlang.cli._output import print_progress
from skl_signlang.datasets import detect_format, load_samples


def read_samples(path, *, image_size=None, codes=None, on_error="raise"):
    """Load labeled images; of Sign Language MNIST the training part."""
    # loaders of formats with a fixed size lack the option
    options = {"image_size": image_size, "codes": codes}
    given = {name: value for name, value in options.items() if value is not None}
    with telling_warnings():
        samples = load_samples(path, on_error=on_error, **given)
    if skipped := samples.get("skipped"):
        print_progress(f"skipped    {list_some(skipped)}")
    return samples


def read_official_test(path, *, codes=None, on_error="raise"):
    """Load the test set of Sign Language MNIST."""
    path = Path(path).expanduser()
    if detect_format(path).format != "sign_mnist" or _is_one_csv(path):
        return None
    options = {} if codes is None else {"codes": codes}
    try:
        with telling_warnings():
            return load_samples(path, subset="test", on_error=on_error, **options)
    except FileNotFoundError:
        return None


def read_parts(path, *, codes=None, on_error="raise", **options):
    """Load labeled images, and the official test set if there is one."""
    samples = read_samples(path, codes=codes, on_error=on_error, **options)
    test = read_official_test(path, codes=codes, on_error=on_error)
    if test is None:
        return [("", samples)]
    return [("training", samples), ("official test", test)]


@contextmanager
def telling_warnings():
    """Print the warnings of the block as lines on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for message in dict.fromkeys(str(warning.message) for warning in caught):
        words = in_words_of_a_command(message, [("codes", "--codes")])
        print(f"skl-signlang: warning: {words}", file=sys.stderr, flush=True)


def _is_one_csv(path):
    return path.is_file() and not zipfile.is_zipfile(path)
