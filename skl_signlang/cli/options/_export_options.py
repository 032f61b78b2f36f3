"""Options of ``skl-signlang export``."""

import argparse

from skl_signlang.cli.options._shared_options import (
    add_command,
    add_model_file,
    add_overwrite,
    add_reading,
)


def add_export(commands):
    parser = add_command(
        commands,
        "export",
        "write a model for ONNX Runtime, LiteRT or TensorFlow Serving",
        "The file takes raw pixels, or rows for a network of tables, and returns "
        "probabilities. It is run and compared with the model before it is written.",
    )
    parser.add_argument(
        "path",
        metavar="PATH",
        help="file to write, or for saved_model a folder, in which a folder for the "
        "version is created; no extension is added",
    )
    parser.add_argument(
        "--format",
        choices=("onnx", "litert", "saved_model"),
        help="saved_model has the layout of TensorFlow Serving; default: what the "
        "extension of PATH says, .onnx or .tflite",
    )
    parser.add_argument(
        "--int8",
        metavar="DATA",
        help="for litert: 8 bits instead of 32, on scales computed from these images, "
        "which should be like the future input",
    )
    parser.add_argument(
        "--max-accuracy-loss",
        type=float,
        default=argparse.SUPPRESS,  # the number stands in one place: export
        metavar="P",
        help="most of the images of --int8 whose letter may change; default: 0.05",
    )
    add_overwrite(parser)
    add_reading(parser)
    add_model_file(parser)
