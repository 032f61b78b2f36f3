"""Options that several subcommands share."""

import argparse

from skl_signlang._language import translate
from skl_signlang.cli.options._integer import bounded_integer

MAX_SEED = 2**31 - 1

SAMPLE_FORMATS = "a CSV, JSON, Parquet or .npz file, a folder or a zip"
"""Formats of `load_samples`, for help texts."""

MODELS = (
    "the name of a pretrained classifier, letters or letters-landmarks, or latest for "
    "the newest runs/*/model.signlang"
)
"""What names a model that is not a file, in the help of commands."""


def add_command(commands, name, purpose, more, *, reports=True):
    """Add a subcommand, with the options that all have."""
    about = f"{purpose[0].upper()}{purpose[1:]}. {more}"
    parser = commands.add_parser(name, help=translate(purpose), description=about)
    parser.set_defaults(parser=parser)
    parser.add_argument(
        "--quiet",
        action="store_true",
        help="print results, warnings and errors only",
    )
    if reports:
        parser.add_argument(
            "--json",
            dest="as_json",
            action="store_true",
            help="print results as one line of JSON, and progress to standard error",
        )
    return parser


def add_test_data(parser):
    parser.add_argument(
        "data",
        metavar="DATA",
        help="Sign Language MNIST as Kaggle ships it, of which the test is read, or "
        f"images in {SAMPLE_FORMATS}",
    )
    add_reading(parser)


def add_reading(parser):
    parser.add_argument(
        "--image-size",
        type=bounded_integer(1, 4096),
        metavar="N",
        help="resize images of a folder, a zip or JSON to N x N pixels",
    )
    parser.add_argument(
        "--codes",
        choices=("auto", "kaggle", "dense", "one-based", "alphabet", "none"),
        help="coding of integer labels: kaggle, 0 to 24 without 9, as in Sign "
        "Language MNIST; dense, 0 to 23, where 9 is K; one-based, 1 to 24; "
        "alphabet, 0 to 25, where 9 is J; auto, the coding that fits all; "
        "none, labels remain as they are. Default: auto for files with the columns "
        "of Sign Language MNIST; else none",
    )


def add_model_file(parser, default="letters"):
    parser.add_argument(
        "--model",
        metavar="FILE",
        help=f"a .signlang file, or {MODELS}; default: {default}",
    )
    add_saved_model(parser)


def add_words(parser):
    """Add the option of the lexicon."""
    parser.add_argument(
        "--words",
        metavar="WORDS",
        help="correct words: a text file with a word in each line, the most frequent "
        'first, or a language such as en, for which pip install "skl_signlang[words]" '
        "brings the words; default: words remain as they are spelled",
    )


def add_port(parser, default):
    """Add the option of a server's port."""
    parser.add_argument(
        "--port",
        type=bounded_integer(0, 65535),
        default=default,
        metavar="N",
        help=f"port to listen on, 0 for a free one; default: {default}",
    )


def add_overwrite(parser):
    """Add the option that allows a file to be replaced."""
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace the file if it exists; default: that is an error",
    )


def add_saved_model(parser):
    parser.add_argument(
        "--saved-model",
        metavar="FOLDER",
        help="the SavedModel that the .signlang file was fitted with, if it needs "
        "one; it can run code: pass only what you trust",
    )


def add_training(parser, epochs):
    """Add the options of commands that train; `epochs` is the help of --epochs."""
    parser.add_argument(
        "data",
        nargs="?",
        metavar="DATA",
        help="Sign Language MNIST as Kaggle ships it, or images in "
        f"{SAMPLE_FORMATS}. The report is on the official test where there "
        "is one, else on a tenth of the groups: signers if the data name them, or "
        "near-duplicates. Without DATA, hands are rendered, and the report is on "
        "signers held out.",
    )
    add_reading(parser)
    parser.add_argument(
        "--model",
        choices=("cnn", "dense"),
        default=argparse.SUPPRESS,  # train distinguishes the default
        help="default: cnn",
    )
    parser.add_argument(
        "--epochs", type=bounded_integer(1, 10**6), metavar="N", help=epochs
    )
    parser.add_argument(
        "--samples",
        type=bounded_integer(240, 10**6),
        default=argparse.SUPPRESS,  # the default is that of hold_out
        metavar="N",
        help="number of hands to render without DATA; default: 36000",
    )
    parser.add_argument(
        "--out", metavar="DIR", help="folder; default: runs/<date-time>"
    )
    parser.add_argument(
        "--license",
        metavar="TEXT",
        help="license of DATA, for the model card; default: not stated",
    )
    parser.add_argument(
        "--seed",
        type=bounded_integer(0, MAX_SEED),
        default=0,
        metavar="N",
        help="seed of the random numbers; default: 0",
    )
