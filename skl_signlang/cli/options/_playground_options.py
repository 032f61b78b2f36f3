"""Options of ``skl-signlang playground``."""

from skl_signlang.cli.options._shared_options import add_command, add_port


def add_playground(commands):
    parser = add_command(
        commands,
        "playground",
        "train small networks on points of the plane, in a web page",
        "It runs until Ctrl-C or SIGTERM. Only browsers of this machine can open the "
        "page, whose training is done by DenseClassifier. Nothing is stored.",
        reports=False,
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="loopback address to listen on; default: 127.0.0.1",
    )
    add_port(parser, 8001)
