"""Run the command ``skl-signlang``.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once.
"""

import os
import signal
import sys
import threading
import warnings
from contextlib import contextmanager

from skl_signlang import cli
from skl_signlang._errors import print_error, to_command_words
from skl_signlang._language import in_language_of_user, translate
from skl_signlang.cli._output import output
from skl_signlang.cli.options import make_parser

BAD_INPUT, INTERRUPTED = 2, 130
_USER_ERRORS = (ValueError, TypeError, OSError, MemoryError, ImportError)
# Python parameters whose options have other names
_PARAMETERS = (
    ("checkpoint_dir", "--checkpoint"),
    ("labels=None", "--any-labels"),
    ("codes=None to load_samples", "--codes none"),
    ("codes=None", "--codes none"),
    ("n_jobs", "--jobs"),
    ("random_state", "--seed"),
    ("representative_data", "--int8"),
)


def main(argv=None):
    """Run the command ``skl-signlang``.

    Parameters
    ----------
    argv : list of str, default=None
        The words after the command's name; None takes those of the process.

    Returns
    -------
    status : int
        The exit status: 0 if all went well, 1 if some images could not be read or
        ``data audit`` found something, 2 for bad input, 130 after Ctrl-C or SIGTERM.

    Raises
    ------
    SystemExit
        After ``--help``, and for words that are not understood.

    Examples
    --------
    >>> from skl_signlang.cli import main
    >>> main(["evaluate", "no-such-file.csv"])
    2
    """
    with in_language_of_user():
        return _run(vars(make_parser().parse_args(_without_help(argv))))


def _run(arguments):
    """Run the command of parsed words, and return its status."""
    command = arguments.pop("command")
    settings = {name: arguments.pop(name, False) for name in ("as_json", "quiet")}
    options = [*_PARAMETERS, *_options_of(arguments.pop("parser"))]
    try:
        with _sigterm_as_ctrl_c(), _warnings_of_a_command(), output(**settings):
            if command == "data":
                command = f"data_{arguments.pop('action')}"
            status = getattr(cli, command)(**arguments)
            sys.stdout.flush()
            return status
    except KeyboardInterrupt:
        print(f"\nskl-signlang: {translate('interrupted')}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the program at the other end of the pipe has exited
        _discard_output()
        return BAD_INPUT
    except Exception as error:
        # such as a GPU out of memory; anything else is a bug
        of_tensorflow = type(error).__module__.startswith("tensorflow.")
        if not of_tensorflow and not isinstance(error, _USER_ERRORS):
            raise
        print_error(error, options=options)
        _flush_or_discard()
        return BAD_INPUT


def _without_help(argv):
    """Replace ``help train`` by ``train --help``."""
    words = sys.argv[1:] if argv is None else list(argv)
    return [*words[1:], "--help"] if words[:1] == ["help"] else words


def _options_of(parser):
    return [
        (one.dest, one.option_strings[0])
        for one in parser._actions
        if one.option_strings
    ]


@contextmanager
def _sigterm_as_ctrl_c():
    """Handle SIGTERM as Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _warnings_of_a_command():
    """Print warnings in one line, without the file and code that issued them."""

    def show(message, *_):
        return (
            f"skl-signlang: {translate('warning')}: {to_command_words(str(message))}\n"
        )

    before = warnings.formatwarning
    warnings.formatwarning = show
    try:
        yield
    finally:
        warnings.formatwarning = before


def _flush_or_discard():
    try:
        sys.stdout.flush()
    except OSError:
        _discard_output()


def _discard_output():
    """Redirect standard output, so that the interpreter can flush at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
