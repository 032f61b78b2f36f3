"""Options of ``skl-signlang data``."""

from skl_signlang._language import translate
from skl_signlang.cli.options._shared_options import (
    SAMPLE_FORMATS,
    add_command,
    add_overwrite,
    add_reading,
)


def add_data(commands):
    about = "inspect, clean and convert data sets, and measure leakage"
    parser = commands.add_parser(
        "data", help=translate(about), description=about.capitalize()
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    audit = add_command(
        actions,
        "audit",
        "print the contents and the problems of a data set",
        "Lists each record that is unreadable, damaged, contradictory or duplicated. "
        "The exit status is 1 if there is one.",
    )
    clean = add_command(
        actions,
        "clean",
        "write a data set without invalid samples",
        "Removes the samples that audit finds, and lists them. The official test of "
        "Sign Language MNIST is written to a separate file, OUT with _test.",
    )
    convert = add_command(
        actions,
        "convert",
        "write a data set in another format",
        "A record that cannot be read is an error. The official test of Sign "
        "Language MNIST is written to a separate file, OUT with _test.",
    )
    leakage = add_command(
        actions,
        "leakage",
        "compare scores under random and grouped splits",
        "Prints the score of a nearest neighbor under a random split, under a split "
        "that does not divide near-duplicates (or signers, if the data have them), "
        "and on the official test if there is one.",
    )
    for action in (audit, clean, convert, leakage):
        action.add_argument("data", metavar="DATA", help=SAMPLE_FORMATS)
        add_reading(action)
    for action in (clean, convert):
        action.add_argument(
            "out",
            metavar="OUT",
            help="a new .csv, .csv.gz, .npz or .json file, or a new folder",
        )
    for action in (audit, clean):
        action.add_argument(
            "--any-labels",
            action="store_true",
            help="labels may be other than the 24 letters, their codes, space, del "
            "and nothing; J and Z are still reported, because they move",
        )
    leakage.add_argument(
        "--out",
        metavar="FILE",
        help="PNG file for the scores and the nearest pairs that a random split "
        "divides",
    )
    add_overwrite(leakage)
