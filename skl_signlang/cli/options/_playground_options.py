"""Options of ``skl-signlang playground``."""

from skl_signlang.cli.options._integer import bounded_integer
from skl_signlang.cli.options._shared_options import add_command


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
    parser.add_argument(
        "--port",
        type=bounded_integer(0, 65535),
        default=8001,
        metavar="N",
        help="port to listen on, 0 for a free one; default: 8001",
    )
