"""Images of hands: rendered, fetched, and read from the usual files.

Every reader returns the same Bunch, and names each record that it cannot read.

Functions
---------
clean_samples
    Leave out the samples that are damaged, contradictory or there twice.
codes_to_letters, letters_to_codes
    Integer codes into letters, and back.
fetch_sign_mnist
    Sign Language MNIST, downloaded once.
fetch_keras_dataset
    The small data sets that come with Keras.
load_base64
    JSON files with images as base64 text.
load_csv
    CSV files whose rows are a label and pixels.
load_image_folder
    A folder or a zip with a folder of images for each class.
load_json
    JSON files with the addresses of images.
load_samples
    Any of these: tells the format itself.
load_sign_mnist
    Sign Language MNIST, from the files that Kaggle ships.
make_fingerspelling
    Rendered hands that form the letters of the American manual alphabet.
make_playground
    Two classes in two dimensions.
"""

from skl_signlang._letters import codes_to_letters, letters_to_codes
from skl_signlang.datasets.cleaning._clean_samples import clean_samples
from skl_signlang.datasets.reading._base64 import load_base64
from skl_signlang.datasets.reading._csv import load_csv
from skl_signlang.datasets.reading._fetch_sign_mnist import fetch_sign_mnist
from skl_signlang.datasets.reading._image_folder import load_image_folder
from skl_signlang.datasets.reading._json import load_json
from skl_signlang.datasets.reading._keras_datasets import fetch_keras_dataset
from skl_signlang.datasets.reading._load_samples import load_samples
from skl_signlang.datasets.reading._sign_mnist import load_sign_mnist
from skl_signlang.datasets.rendering._fingerspelling import make_fingerspelling
from skl_signlang.datasets.rendering._playground import make_playground

__all__ = [
    "clean_samples",
    "codes_to_letters",
    "fetch_keras_dataset",
    "fetch_sign_mnist",
    "letters_to_codes",
    "load_base64",
    "load_csv",
    "load_image_folder",
    "load_json",
    "load_samples",
    "load_sign_mnist",
    "make_fingerspelling",
    "make_playground",
]
