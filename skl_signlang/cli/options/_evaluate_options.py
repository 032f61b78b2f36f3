"""Options of ``skl-signlang evaluate``."""

from skl_signlang.cli.options._shared_options import (
    add_command,
    add_model_file,
    add_test_data,
)


def add_evaluate(commands):
    parser = add_command(
        commands,
        "evaluate",
        "score a model on labeled images",
        "Prints accuracy, macro-F1 and the five most confused pairs of letters.",
    )
    add_test_data(parser)
    add_model_file(parser)
