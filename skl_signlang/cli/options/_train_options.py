"""Options of ``skl-signlang train``."""

from skl_signlang.cli.options._shared_options import add_command, add_training


def add_train(commands):
    parser = add_command(
        commands,
        "train",
        "train a letter classifier, and report its scores on unseen hands",
        "Writes model.signlang, report.json, confusion.png and history.png to OUT. "
        "After Ctrl-C they are those of the best network so far.",
    )
    add_training(parser, "number of epochs; default: that of the model")
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
