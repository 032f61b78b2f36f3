"""The parser of ``skl-signlang``, built without heavy imports."""

from skl_signlang import __version__
from skl_signlang._language import translate
from skl_signlang.cli.options._argument_parser import ArgumentParser
from skl_signlang.cli.options._completion_options import add_completion
from skl_signlang.cli.options._data_options import add_data
from skl_signlang.cli.options._evaluate_options import add_evaluate
from skl_signlang.cli.options._export_options import add_export
from skl_signlang.cli.options._playground_options import add_playground
from skl_signlang.cli.options._predict_options import add_predict
from skl_signlang.cli.options._report_options import add_report
from skl_signlang.cli.options._serve_options import add_serve
from skl_signlang.cli.options._spell_options import add_spell
from skl_signlang.cli.options._train_options import add_train
from skl_signlang.cli.options._tune_options import add_tune

PROGRAM = "skl-signlang"


def make_parser():
    """Build the parser of all subcommands."""
    parser = ArgumentParser(
        prog=PROGRAM,
        description="Classify images of letters of the American manual alphabet.",
        epilog="Exit status: 0 if all went well; 1 if an image could not be read, or "
        "data audit found a problem; 2 for bad input; 130 after Ctrl-C or SIGTERM.",
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"skl-signlang {__version__}",
        help="print the version and exit",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_train(commands)
    add_tune(commands)
    add_predict(commands)
    add_spell(commands)
    add_evaluate(commands)
    add_report(commands)
    add_export(commands)
    add_data(commands)
    add_serve(commands)
    add_playground(commands)
    add_completion(commands)
    # main turns it into --help; it stands here to be listed
    help_ = commands.add_parser(
        "help", help=translate("explain a command, as in help train")
    )
    help_.add_argument("words", nargs="*", metavar="COMMAND")
    return parser
