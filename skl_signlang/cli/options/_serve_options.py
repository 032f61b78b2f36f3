"""Options of ``skl-signlang serve``."""

import argparse

from skl_signlang.cli.options._integer import bounded_integer
from skl_signlang.cli.options._shared_options import (
    MODELS,
    add_command,
    add_port,
    add_saved_model,
    add_words,
)


def add_serve(commands):
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
        help=f"a .signlang file, one that export wrote as ONNX or LiteRT, or {MODELS}; "
        "default: letters",
    )
    add_saved_model(parser)
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="IP address to listen on; default: 127.0.0.1, this machine only",
    )
    add_port(parser, 8000)
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
    add_words(parser)
    for name, most, what in (
        ("max-bytes", 2**40, "bytes of a request; default: 16777216"),
        ("max-pixels", 50_000_000, "pixels of a request; default: 50000000"),
        ("max-batch", 10**6, "images of a request; default: 64"),
        ("max-in-flight", 10**6, "requests at one time; default: 128"),
        ("max-streams", 10**4, "cameras connected at one time; default: 32"),
        ("max-streams-per-client", 10**4, "of them of one IP address; default: 8"),
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
