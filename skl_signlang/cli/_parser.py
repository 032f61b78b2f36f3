"""Options of ``skl-signlang``."""

import argparse

from skl_signlang import __version__
from skl_signlang.cli._argument_parser import ArgumentParser
from skl_signlang.cli._integer import bounded_integer
from skl_signlang.cli._shared_options import (
    PRETRAINED,
    SAMPLE_FORMATS,
    add_command,
    add_model_file,
    add_reading,
    add_saved_model,
    add_test_data,
)

MAX_SEED = 2**31 - 1


def make_parser():
    """Build the parser of all subcommands, without heavy imports."""
    parser = ArgumentParser(
        prog="skl-signlang",
        description="Read the static letters of the American manual alphabet.",
    )
    parser.add_argument(
        "--version", action="version", version=f"skl-signlang {__version__}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_train(commands)
    _add_tune(commands)
    _add_predict(commands)
    _add_evaluate(commands)
    _add_report(commands)
    _add_export(commands)
    _add_data(commands)
    _add_serve(commands)
    return parser


def _add_train(commands):
    parser = add_command(
        commands,
        "train",
        "train a letter classifier, and report on hands that it never saw",
        "Results go into OUT: model.signlang, report.json, confusion.png and "
        "history.png. After Ctrl-C they are of the best network so far.",
    )
    _add_run(parser, "passes through the images; default: the model's own")
    parser.add_argument(
        "--checkpoint",
        metavar="DIR",
        help="folder that keeps the state after each epoch: the same command resumes "
        "from it and ends with the same network; default: none",
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="FILE",
        help="continue training this model.signlang, or a pretrained classifier by its "
        'name, such as "letters" ("pretrained" is the same): 5 to 20 images of each '
        "letter teach it your own hand; default: start from nothing",
    )


def _add_tune(commands):
    parser = add_command(
        commands,
        "tune",
        "search for a letter classifier that reads better, and keep the best",
        "Units (64 to 512), dropout (0.2 to 0.6) and learning rate (1e-4 to 1e-2) are "
        "drawn, and scored by cross-validation that keeps signers or near-duplicates "
        "together; what is promising trains on, the rest stops. Results go into OUT: "
        "model.signlang, results.csv, report.json, confusion.png and history.png. "
        "After Ctrl-C they hold what is known by then.",
    )
    _add_run(
        parser,
        "most passes through the images of one candidate; default: the model's own, "
        "9 without DATA",
    )
    parser.add_argument(
        "--jobs",
        type=bounded_integer(1, 1024),
        default=1,
        metavar="N",
        help="trainings at the same time; default: 1",
    )


def _add_run(parser, epochs):
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
        help="hands to render without DATA; default: 36000",
    )
    parser.add_argument(
        "--out", metavar="DIR", help="folder; default: runs/<date-time>"
    )
    parser.add_argument(
        "--seed",
        type=bounded_integer(0, MAX_SEED),
        default=0,
        metavar="N",
        help="decides all that is left to chance; default: 0",
    )


def _add_predict(commands):
    parser = add_command(
        commands,
        "predict",
        "name the letters that images show",
        "Prints a line for each image: its name, the letter, the probability. Of a "
        "image that is not square the square in its center is read, so the hand "
        "should be there; the pretrained classifier reads all of it. FILE "
        "may also be one that export wrote as ONNX or LiteRT. The exit status is 1 if "
        "an image could not be read.",
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="image file")
    add_model_file(parser)


def _add_evaluate(commands):
    parser = add_command(
        commands,
        "evaluate",
        "score a model on images whose letters are known",
        "Prints accuracy, macro-F1 and the five most confused pairs of letters.",
    )
    add_test_data(parser)
    add_model_file(parser)


def _add_report(commands):
    parser = add_command(
        commands,
        "report",
        "write what is known of a model into one HTML file",
        "It opens from disk and needs no network. Where DATA name the signers, the "
        "grouped score is by signer, else by near-duplicates. Nothing is trained.",
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        help=f"a .signlang file, or the name of a pretrained classifier, {PRETRAINED}",
    )
    add_saved_model(parser)
    add_test_data(parser)
    parser.add_argument(
        "--out",
        default=argparse.SUPPRESS,  # the default is that of report
        metavar="FILE",
        help="file to write; default: report.html",
    )


def _add_export(commands):
    parser = add_command(
        commands,
        "export",
        "write a model for ONNX Runtime, LiteRT or TensorFlow Serving",
        "What is written takes raw pixels and gives the probabilities of the letters; "
        "that of a network of tables takes rows. It is run and compared with "
        "the model before it takes its name.",
    )
    parser.add_argument(
        "path",
        metavar="PATH",
        help="file to write, or for saved_model a folder, which gets a folder for the "
        "version in it; nothing is added to the name",
    )
    parser.add_argument(
        "--format",
        choices=("onnx", "litert", "saved_model"),
        help="saved_model is laid out for TensorFlow Serving; default: what the "
        "extension of PATH says, .onnx or .tflite",
    )
    parser.add_argument(
        "--int8",
        metavar="DATA",
        help="for litert: 8 bits instead of 32, on scales found with these images, "
        "which should be such as will come",
    )
    parser.add_argument(
        "--max-accuracy-loss",
        type=float,
        default=argparse.SUPPRESS,  # the number stands in one place: export
        metavar="P",
        help="most of the images of --int8 whose letter may change; default: 0.05",
    )
    add_reading(parser)
    add_model_file(parser)


def _add_data(commands):
    about = "look into a data set, clean it, convert it, tell whether its score lies"
    parser = commands.add_parser("data", help=about, description=about.capitalize())
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    audit = add_command(
        actions,
        "audit",
        "tell what a data set holds and what is wrong with it",
        "Names each record that cannot be read, is damaged, contradictory or there "
        "twice. The exit status is 1 if there is one.",
    )
    clean = add_command(
        actions,
        "clean",
        "write a data set without what is wrong with it",
        "Leaves out what audit finds, and names it. The official test of Sign Language "
        "MNIST goes into a file of its own, OUT with _test.",
    )
    convert = add_command(
        actions,
        "convert",
        "write a data set in another format",
        "A record that cannot be read is an error. The official test of Sign Language "
        "MNIST goes into a file of its own, OUT with _test.",
    )
    leakage = add_command(
        actions,
        "leakage",
        "tell how much a random split flatters",
        "Prints the score of a nearest neighbor in a random split beside that in "
        "one that keeps near-duplicates (or the signers, if the data name them) "
        "together, and that on the official test where there is one.",
    )
    for action in (audit, clean, convert, leakage):
        action.add_argument("data", metavar="DATA", help=SAMPLE_FORMATS)
        add_reading(action)
    for action in (clean, convert):
        action.add_argument(
            "out",
            metavar="OUT",
            help="a .csv, .csv.gz, .npz or .json file, or a folder, not there yet",
        )
    for action in (audit, clean):
        action.add_argument(
            "--any-labels",
            action="store_true",
            help="labels may be other than the 24 letters, their codes, space, del and "
            "nothing; J and Z are still told, for they move",
        )
    leakage.add_argument(
        "--out",
        metavar="FILE",
        help="a PNG file for the scores and the nearest pairs that a random split cuts",
    )


def _add_serve(commands):
    parser = add_command(
        commands,
        "serve",
        "serve a model over HTTP, with a page for a camera",
        "It runs until Ctrl-C or SIGTERM, and then answers what it has accepted. A new "
        "file in MODEL's place is taken up while it runs.",
    )
    parser.add_argument(
        "model",
        nargs="?",
        metavar="MODEL",
        help="a .signlang file, one that export wrote as ONNX or LiteRT, or the name "
        f"of a pretrained classifier, {PRETRAINED}, or latest for the newest "
        "runs/*/model.signlang; default: letters",
    )
    add_saved_model(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; default: 127.0.0.1, this machine alone",
    )
    parser.add_argument(
        "--port",
        type=bounded_integer(0, 65535),
        default=8000,
        metavar="N",
        help="port to listen on, 0 for a free one; default: 8000",
    )
    parser.add_argument(
        "--api-key",
        metavar="KEY",
        help="what clients must send; default: the variable SKL_SIGNLANG_API_KEY, "
        "which other users of this machine cannot see",
    )
    parser.add_argument(
        "--allowed-host",
        dest="allowed_hosts",
        action="append",
        default=argparse.SUPPRESS,
        metavar="NAME",
        help="name or address by which clients may ask for this server, as in "
        "--allowed-host letters.example.org; may be repeated; default: this machine's "
        "own, localhost and 127.0.0.1; needed with another --host",
    )
    parser.add_argument(
        "--cors-origin",
        dest="cors_origins",
        action="append",
        default=argparse.SUPPRESS,
        metavar="ORIGIN",
        help="other site whose pages may use this server, as in --cors-origin "
        "https://example.org; may be repeated; default: none",
    )
    for name, what in (("certfile", "certificate"), ("keyfile", "its private key")):
        parser.add_argument(
            f"--ssl-{name}", metavar="FILE", help=f"PEM file for HTTPS: {what}"
        )
    parser.add_argument(
        "--rejection-threshold",
        type=float,
        default=argparse.SUPPRESS,  # the defaults are those of create_app
        metavar="P",
        help="/predict says 'none' below this probability; default: never",
    )
    for name, most, what in (
        ("max-bytes", 2**40, "bytes of a request; default: 16777216"),
        ("max-pixels", 50_000_000, "pixels of a request; default: 50000000"),
        ("max-batch", 10**6, "images of a request; default: 64"),
        ("max-in-flight", 10**6, "requests at one time; default: 128"),
    ):
        parser.add_argument(
            f"--{name}",
            type=bounded_integer(1, most),
            default=argparse.SUPPRESS,
            metavar="N",
            help=f"most {what}",
        )
    parser.add_argument(
        "--timeout",
        type=float,
        default=argparse.SUPPRESS,
        metavar="SECONDS",
        help="that a request may take; default: 10",
    )
