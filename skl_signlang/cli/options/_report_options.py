"""Options of ``skl-signlang report``."""

import argparse

from skl_signlang.cli.options._shared_options import (
    MODELS,
    add_command,
    add_overwrite,
    add_saved_model,
    add_test_data,
)


def add_report(commands):
    parser = add_command(
        commands,
        "report",
        "write a model report as one HTML file",
        "The file needs no internet connection. The groups of the grouped score are "
        "signers, if DATA has them, else near-duplicates. Nothing is trained.",
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        help=f"a .signlang file, or {MODELS}",
    )
    add_saved_model(parser)
    add_test_data(parser)
    parser.add_argument(
        "--out",
        default=argparse.SUPPRESS,  # the default is that of report
        metavar="FILE",
        help="file to write; default: report.html",
    )
    add_overwrite(parser)
