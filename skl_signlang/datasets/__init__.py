"""Data sets of hand images: loaded from files, downloaded or rendered.

All loaders return the same Bunch, and name each record that they cannot read.

Functions
---------
clean_samples
    Remove samples that are damaged, contradictory or duplicated.
codes_to_letters, letters_to_codes
    Convert integer codes to letters, and back.
fetch_keras_dataset
    Load one of the image data sets of Keras.
fetch_sign_mnist
    Load Sign Language MNIST, downloading it if necessary.
load_base64
    Load images stored as base64 text in a JSON file.
load_csv
    Load images from a CSV file whose rows are a label and pixels.
load_image_folder
    Load image files from one folder per class.
load_json
    Load images whose URLs or paths are listed in a JSON file.
load_parquet
    Load images from a Parquet file, as Hugging Face's datasets store them.
load_samples
    Load labeled images, detecting the format.
load_sign_mnist
    Load Sign Language MNIST from Kaggle's files.
make_fingerspelling
    Render hands that form the letters of the American manual alphabet.
make_fingerspelling_videos
    Render videos of hands that spell words.
make_playground
    Generate a two-class data set of the TensorFlow playground.
"""

from skl_signlang._letters import codes_to_letters, letters_to_codes
from skl_signlang.datasets.cleaning._clean_samples import clean_samples
from skl_signlang.datasets.reading._base64 import load_base64
from skl_signlang.datasets.reading._csv import load_csv
from skl_signlang.datasets.reading._fetch_sign_mnist import fetch_sign_mnist
from skl_signlang.datasets.reading._image_folder import load_image_folder
from skl_signlang.datasets.reading._json import load_json
from skl_signlang.datasets.reading._keras_datasets import fetch_keras_dataset
from skl_signlang.datasets.reading._load_samples import detect_format as detect_format
from skl_signlang.datasets.reading._load_samples import load_samples
from skl_signlang.datasets.reading._parquet import load_parquet
from skl_signlang.datasets.reading._sign_mnist import load_sign_mnist
from skl_signlang.datasets.rendering._fingerspelling import make_fingerspelling
from skl_signlang.datasets.rendering._fingerspelling_videos import (
    make_fingerspelling_videos,
)
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
    "load_parquet",
    "load_samples",
    "load_sign_mnist",
    "make_fingerspelling",
    "make_fingerspelling_videos",
    "make_playground",
]
