"""Options of ``skl-signlang tune``."""

from skl_signlang.cli.options._integer import bounded_integer
from skl_signlang.cli.options._shared_options import add_command, add_training


def add_tune(commands):
    parser = add_command(
        commands,
        "tune",
        "search for a more accurate letter classifier, and save the best",
        "Units (64 to 512), dropout (0.2 to 0.6) and learning rate (1e-4 to 1e-2) "
        "are sampled, and scored by cross-validation that does not divide signers or "
        "near-duplicates; promising candidates continue training, the others stop. "
        "Writes model.signlang, results.csv, report.json, confusion.png and "
        "history.png to OUT. After Ctrl-C they contain the results so far.",
    )
    add_training(
        parser,
        "maximum number of epochs of a candidate; default: that of the model, 9 "
        "without DATA",
    )
    parser.add_argument(
        "--jobs",
        type=bounded_integer(1, 1024),
        default=1,
        metavar="N",
        help="number of parallel fits; default: 1",
    )
