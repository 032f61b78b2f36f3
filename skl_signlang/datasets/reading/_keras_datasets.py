"""The image data sets of Keras as Bunches."""

import gzip

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._docstrings import fill_docstring
from skl_signlang._files import open_regular
from skl_signlang._keras_home import check_file, keras_folder
from skl_signlang._quiet import start_tensorflow_quietly
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._loader_entries import ENTRIES

_FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck"
_CIFAR100 = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge
    bus butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud
    cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox
    girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man
    maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree
    pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
    road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel
    streetcar sunflower sweet_pepper table tank telephone television tiger tractor train
    trout tulip turtle wardrobe whale willow_tree wolf woman worm
"""

# Names of the classes, and the shape of an image
_SETS = {
    "mnist": (tuple(range(10)), (28, 28)),
    "fashion_mnist": (_FASHION, (28, 28)),
    "cifar10": (tuple(_CIFAR10.split()), (32, 32, 3)),
    "cifar100": (tuple(_CIFAR100.split()), (32, 32, 3)),
}

_GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_TORONTO = "https://www.cs.toronto.edu/~kriz/"
_FASHION_FILES = (
    "train-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
)

# Files below Keras' datasets folder, and what Keras would download
_FILES = {
    "mnist": {"mnist.npz": f"{_GOOGLE}mnist.npz"},
    "fashion_mnist": {
        f"fashion-mnist/{file}": f"{_GOOGLE}{file}" for file in _FASHION_FILES
    },
    "cifar10": {
        "cifar-10-batches-py-target_archive": f"{_TORONTO}cifar-10-python.tar.gz"
    },
    "cifar100": {
        "cifar-100-python-target_archive": f"{_TORONTO}cifar-100-python.tar.gz"
    },
}

_MAX_BYTES = 256 << 20  # CIFAR-10's archive has 171 MB
# The images of the training set and what their file begins with
_MAX_UNPACKED_BYTES = 60_000 * 28 * 28 + 16
_BLOCK_BYTES = 1 << 20

_DESCRS = {
    "mnist": """\
MNIST
=====

Handwritten digits, 0 to 9: 60,000 images for training and 10,000 to test on, 28 x 28
pixels, white on black. Y. LeCun and C. Cortes, CC BY-SA 3.0.
""",
    "fashion_mnist": """\
Fashion-MNIST
=============

Articles of clothing in ten classes: 60,000 images for training and 10,000 to test on,
28 x 28 pixels, light on black. Zalando SE, MIT licence.
https://github.com/zalandoresearch/fashion-mnist
""",
    "cifar10": """\
CIFAR-10
========

Animals and vehicles in ten classes: 50,000 images for training and 10,000 to test on,
32 x 32 pixels in color. A. Krizhevsky, 2009.
https://www.cs.toronto.edu/~kriz/cifar.html
""",
    "cifar100": """\
CIFAR-100
=========

A hundred classes, the fine ones: 50,000 images for training and 10,000 to test on,
32 x 32 pixels in color. A. Krizhevsky, 2009.
https://www.cs.toronto.edu/~kriz/cifar.html
""",
}


@fill_docstring(ENTRIES)
@validate_params(
    {
        "name": [StrOptions(set(_SETS))],
        "subset": [StrOptions({"train", "test", "all"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_keras_dataset(name, *, subset="train", return_X_y=False):
    """Load one of the image data sets of Keras.

    =================   =======   =============   =======  ===========================
    Name                Classes   Train, test     Pixels   Target
    =================   =======   =============   =======  ===========================
    ``mnist``                10   60,000 10,000   28 x 28  the digits, int64
    ``fashion_mnist``        10   60,000 10,000   28 x 28  'Ankle boot', 'Bag', ...
    ``cifar10``              10   50,000 10,000   32 x 32  'airplane', 'automobile', ...
    ``cifar100``            100   50,000 10,000   32 x 32  'apple', 'aquarium_fish', ...
    =================   =======   =============   =======  ===========================

    Keras downloads missing files into ``datasets`` in the folder of the environment
    variable KERAS_HOME when Keras was imported, or ``~/.keras``.

    .. versionadded:: 0.1

    Parameters
    ----------
    name : {"mnist", "fashion_mnist", "cifar10", "cifar100"}
        Name of the data set.
    {subset}
    {return_X_y}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the entries:

        images : ndarray of uint8, shape (n, 28, 28) or (n, 32, 32, 3)
            The images.
        data : ndarray of uint8, shape (n, 784) or (n, 3072)
            Flattened pixels, a view of ``images``.
        target : ndarray of int64 or str, shape (n,)
            Classes; the fine ones of CIFAR-100.
        {target_names}
        {groups}
        {DESCR}

    {data_and_target}

    Raises
    ------
    OSError
        If Keras cannot download the files, or if they are damaged, too large or not
        regular files. The message says which files to save where, and their URLs.

    Notes
    -----
    The files of CIFAR are pickles. Keras reads them only from an archive whose SHA-256
    it has checked, and unpacks them each time; Keras 3.15 restricts them to arrays. It
    checks mnist.npz too, but not the files of Fashion-MNIST, which contain only
    numbers. A file with a wrong hash is not read: Keras downloads it again, and deletes
    it if it cannot.

    Examples
    --------
    >>> from skl_signlang.datasets import fetch_keras_dataset
    >>> bunch = fetch_keras_dataset("fashion_mnist", subset="test")  # doctest: +SKIP
    >>> bunch.images.shape, bunch.target[0]  # doctest: +SKIP
    ((10000, 28, 28), np.str_('Ankle boot'))
    """
    names, shape = _SETS[name]
    try:
        train, test = _load(name)
        pairs = {"train": [train], "test": [test], "all": [train, test]}[subset]
        parts = [_check(images, labels, len(names), shape) for images, labels in pairs]
    except (ImportError, MemoryError):
        raise
    # Keras raises a bare Exception without an internet connection
    except Exception as error:
        raise OSError(_describe_failure(name, error)) from error
    if len(parts) > 1:
        parts = [[np.concatenate(part) for part in zip(*parts, strict=True)]]
    images, labels = parts[0]
    bunch = image_bunch(images, np.array(names)[labels], descr=_DESCRS[name])
    return (bunch.data, bunch.target) if return_X_y else bunch


def _load(name):
    """Load ((X_train, y_train), (X_test, y_test)) by Keras."""
    _check_files(name)
    # Keras takes seconds to import
    start_tensorflow_quietly()
    import keras

    return getattr(keras.datasets, name).load_data()


def _check_files(name):
    """Raise OSError or ValueError for files that Keras would read without a limit."""
    for file in _FILES[name]:
        path = keras_folder("datasets") / file
        check_file(path, _MAX_BYTES)
        if path.suffix == ".gz" and path.exists():
            _check_unpacked(path)
        # Keras overwrites files when it unpacks an archive
        for member in path.with_name(path.name.removesuffix("_archive")).rglob("*"):
            if not member.is_dir():
                check_file(member, _MAX_BYTES)


def _check_unpacked(path):
    """Raise ValueError if a file unpacks to more than the training images."""
    with open_regular(path, _MAX_BYTES) as file, gzip.open(file) as stream:
        left = _MAX_UNPACKED_BYTES
        while left >= 0 and (block := stream.read(_BLOCK_BYTES)):
            left -= len(block)
    if left < 0:
        raise ValueError(f"{path} unpacks to more than {_MAX_UNPACKED_BYTES:,} bytes")


def _check(images, labels, n_classes, shape):
    """Check images and labels, and return them as (n, h, w[, c]) and (n,)."""
    if images.shape[1:] == (3, 32, 32):
        # Keras is set to have the channels first
        images = images.transpose(0, 2, 3, 1)
    labels = labels.reshape(-1)
    if images.shape != (len(labels), *shape) or images.dtype != np.uint8:
        raise ValueError(
            f"it holds images of shape {images.shape} and type {images.dtype} and "
            f"{len(labels)} labels; expected uint8 of shape {(len(labels), *shape)}"
        )
    if labels.max(initial=0) >= n_classes:
        raise ValueError(f"label {labels.max()} is not one of its {n_classes} classes")
    # Fashion-MNIST is a read-only array
    return np.require(images, requirements="W"), labels


def _describe_failure(name, error):
    """Describe the error and which files to download by hand."""
    folder = keras_folder("datasets")
    files = "".join(
        f"\n  {url}\n    as {folder / file}" for file, url in _FILES[name].items()
    )
    reason = str(error).rstrip(".") or type(error).__name__
    return (
        f"Keras cannot load {name}: {reason}. Without an internet connection, or if "
        f"files are damaged, download manually and save{files}"
    )
