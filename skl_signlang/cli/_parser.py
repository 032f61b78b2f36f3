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
    add_overwrite,
    add_reading,
    add_saved_model,
    add_test_data,
)

PROGRAM = "skl-signlang"
MAX_SEED = 2**31 - 1


def make_parser():
    """Build the parser of all subcommands, without heavy imports."""
    parser = ArgumentParser(
        prog=PROGRAM,
        description="Classify images of letters of the American manual alphabet.",
        epilog="Exit status: 0 if all went well; 1 if an image could not be read, or "
        "data audit found a problem; 2 for bad input; 130 after Ctrl-C or SIGTERM.",
    )
    parser.add_argument(
        "--version", action="version", version=f"skl-signlang {__version__}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_train(commands)
    _add_tune(commands)
    _add_predict(commands)
    _add_spell(commands)
    _add_evaluate(commands)
    _add_report(commands)
    _add_export(commands)
    _add_data(commands)
    _add_serve(commands)
    _add_completion(commands)
    # main turns it into --help; it stands here to be listed
    help_ = commands.add_parser("help", help="explain a command, as in help train")
    help_.add_argument("words", nargs="*", metavar="COMMAND")
    return parser


def _add_train(commands):
    parser = add_command(
        commands,
        "train",
        "train a letter classifier, and report its scores on unseen hands",
        "Writes model.signlang, report.json, confusion.png and history.png to OUT. "
        "After Ctrl-C they are those of the best network so far.",
    )
    _add_run(parser, "number of epochs; default: that of the model")
    parser.add_argument(
        "--checkpoint",
        metavar="DIR",
        help="folder of the training state after each epoch: the same command resumes "
        "from it, with the same result; default: none",
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="FILE",
        help="continue training this model.signlang, or a pretrained classifier by "
        'its name, such as "letters" ("pretrained" is the same): 5 to 20 '
        "images per letter adapt it to your hand; default: random weights",
    )


def _add_tune(commands):
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
    _add_run(
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


def _add_predict(commands):
    parser = add_command(
        commands,
        "predict",
        "predict the letters in images",
        "Prints the name, the letter and the probability of each image, and with "
        "--json a line of JSON for each. Images that "
        "are not square are cropped around the center, except by the pretrained "
        "classifier. FILE may also be an exported ONNX or LiteRT file. The exit "
        "status is 1 if an image could not be read.",
    )
    parser.add_argument(
        "images",
        nargs="+",
        metavar="IMAGE",
        help="an image file, a folder of images, a pattern such as photos/*.jpg, - for "
        "one image on standard input, or with --allow-url a URL",
    )
    parser.add_argument(
        "--allow-url",
        action="store_true",
        help="download images whose URLs are given; default: URLs are an error",
    )
    add_model_file(parser)


def _add_spell(commands):
    parser = add_command(
        commands,
        "spell",
        "convert a video, or what a camera shows, to text",
        "Follows one hand, and prints letters once they settle; J and Z are recognized "
        "by their movement. With --json each line has the text so far, and the new "
        "letters with times in seconds and probabilities. It ends with the video, or "
        "with Ctrl-C. The exit status is 1 if an image of a folder could not be read.",
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a video file (MP4, MOV, Matroska, WebM, AVI or Ogg), the number of a "
        "camera, 0 for the first, or a folder of images, which are sorted by the "
        "numbers in their names",
    )
    parser.add_argument(
        "--fps",
        type=bounded_integer(1, 240),
        metavar="N",
        help="images of a folder that make a second; default: 15",
    )
    parser.add_argument(
        "--words",
        metavar="WORDS",
        help="correct words: a text file with a word in each line, the most frequent "
        'first, or a language such as en, for which pip install "skl_signlang[words]" '
        "brings the words; default: words remain as they are spelled",
    )
    parser.add_argument(
        "--rejection-threshold",
        type=float,
        default=argparse.SUPPRESS,  # the default is that of LetterStream
        metavar="P",
        help="letters are not written below this probability; default: 0.3",
    )
    parser.add_argument(
        "--draw",
        metavar="FILE",
        help="write a video, .mp4, with the joints of the hand and the text",
    )
    add_overwrite(parser)
    add_model_file(
        parser,
        "letters-landmarks with the landmark model of MediaPipe if both are installed, "
        "else with the own one",
    )


def _add_evaluate(commands):
    parser = add_command(
        commands,
        "evaluate",
        "score a model on labeled images",
        "Prints accuracy, macro-F1 and the five most confused pairs of letters.",
    )
    add_test_data(parser)
    add_model_file(parser)


def _add_report(commands):
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
    add_overwrite(parser)


def _add_export(commands):
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


def _add_data(commands):
    about = "inspect, clean and convert data sets, and measure leakage"
    parser = commands.add_parser("data", help=about, description=about.capitalize())
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


def _add_serve(commands):
    parser = add_command(
        commands,
        "serve",
        "serve a model over HTTP, with a web page for the camera",
        "It runs until Ctrl-C or SIGTERM, and then completes open requests. When the "
        "file MODEL changes, it is reloaded.",
        reports=False,
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
        help="IP address to listen on; default: 127.0.0.1, this machine only",
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
        help="key that clients must send; default: the environment variable "
        "SKL_SIGNLANG_API_KEY, which other users of this machine cannot see",
    )
    parser.add_argument(
        "--allowed-host",
        dest="allowed_hosts",
        action="append",
        default=argparse.SUPPRESS,
        metavar="NAME",
        help="host name by which clients may address this server, as in "
        "--allowed-host letters.example.org; may be repeated; default: this "
        "machine's own, localhost and 127.0.0.1; needed with another --host",
    )
    parser.add_argument(
        "--cors-origin",
        dest="cors_origins",
        action="append",
        default=argparse.SUPPRESS,
        metavar="ORIGIN",
        help="origin whose pages may use this server, as in --cors-origin "
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


def _add_completion(commands):
    parser = add_command(
        commands,
        "completion",
        "print the completion of a shell",
        'For bash: eval "$(skl-signlang completion bash)", there or in ~/.bashrc; for '
        "zsh, write it to _skl-signlang in a folder of fpath.",
        reports=False,
    )
    parser.add_argument(
        "shell", choices=("bash", "zsh", "tcsh"), help="the shell that completes"
    )
