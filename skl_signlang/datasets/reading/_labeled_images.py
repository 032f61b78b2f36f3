"""Labels and images of records: limits, decoding, and the Bunch of them."""

import threading

import numpy as np

from skl_signlang._errors import quote
from skl_signlang._image_files import describe_sizes
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._json_records import describe
from skl_signlang.datasets.reading._label_codes import find_letters

MAX_PIXEL_BYTES = 4 << 30
"""Maximum bytes of all decoded images."""

_MAX_LABEL = 100


def check_label(label):
    """Return the label; raise ValueError if it is not a string or an integer."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)  # as pandas writes the integers of a column with gaps
    if isinstance(label, str):
        if not label.strip() or not label.isprintable() or len(label) > _MAX_LABEL:
            raise ValueError(
                f"the label is {quote(label)}; expected 1 to {_MAX_LABEL} printable "
                "characters"
            )
    elif isinstance(label, bool) or not isinstance(label, int):
        raise ValueError(
            f"the label is {describe(label)}; expected a string or an integer"
        )
    elif not -(2**63) <= label < 2**63:
        raise ValueError(f"the label is {describe(label)}, too large for 64 bits")
    return label


class TooLargeError(ValueError):
    """Error of images that do not fit into memory, whatever the record."""


class PixelBudget:
    """Thread-safe limit on the bytes of decoded images.

    A file of a megabyte may hold a thousand white images of 50 million pixels.
    """

    def __init__(self):
        self._n_bytes = 0
        self._lock = threading.Lock()

    def take(self, n_bytes):
        """Count `n_bytes`; raise TooLargeError above the limit."""
        with self._lock:
            self._n_bytes += n_bytes
            if self._n_bytes > MAX_PIXEL_BYTES:
                raise TooLargeError(
                    f"the decoded images need more than {MAX_PIXEL_BYTES:,} bytes; "
                    "pass a smaller image_size, or split the file"
                )


def decode_records(records, decode, path, invalid, *, find_label=None):
    """Return (position, label, image) of records that are (position, content, label).

    `decode` converts contents to images, `find_label` converts labels.
    """
    budget = PixelBudget()
    samples = []
    for position, content, label in records:
        try:
            label = check_label(label if find_label is None else find_label(label))
            image = decode(content)
            budget.take(image.nbytes)
        except TooLargeError as error:
            raise ValueError(f"{path}, {position}: {error}.") from error
        except ValueError as error:
            invalid.add(path, position, str(error))
        else:
            samples.append((position, label, image))
    return samples


def bunch_of_records(samples, invalid, path, descr, codes):
    """Return the (position, label, image) samples as a Bunch."""
    labels = [label for _, label, _ in samples]
    letters, problems = find_letters(labels, codes, path)
    for position, label, _ in samples:
        if label in problems:
            invalid.add(path, position, f"the label {problems[label]}")
    samples = [sample for sample in samples if sample[1] in letters]
    # Parse errors come first, then errors of images and labels
    invalid.sort([path])
    invalid.check_some_left(len(samples), path)
    if not samples:
        raise ValueError(f"{path}: got no record; expected images with labels.")
    positions, labels, images = zip(*samples, strict=True)
    for position, image in zip(positions, images, strict=True):
        if image.shape != images[0].shape:
            sizes = positions[0], images[0].shape, position, image.shape
            raise ValueError(f"{path}: {describe_sizes(*sizes)}.")
    # Several records may share one image
    try:
        PixelBudget().take(len(images) * images[0].nbytes)
    except TooLargeError as error:
        raise ValueError(f"{path}: {error}.") from None
    labels = [letters[label] for label in labels]
    whole = all(isinstance(label, int) for label in labels)
    target = np.array(
        labels if whole else list(map(str, labels)), int if whole else str
    )
    return image_bunch(np.stack(images), target, descr=descr, **invalid.entries())
