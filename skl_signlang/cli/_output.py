"""What commands print: results, progress and notes."""

import json
import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from skl_signlang._language import translate


class _Settings(NamedTuple):
    as_json: bool = False
    quiet: bool = False


_DEFAULT = _Settings()
_settings = ContextVar("output")


@contextmanager
def output(*, as_json=False, quiet=False):
    """Set what the functions below print within the block."""
    token = _settings.set(_Settings(as_json, quiet))
    try:
        yield
    finally:
        _settings.reset(token)


def print_result(text, /, *, end="\n", **entries):
    """Print a result to standard output: as text, or as one line of JSON."""
    if _settings.get(_DEFAULT).as_json:
        text, end = json.dumps(entries, default=_plain, ensure_ascii=False), "\n"
    print(text, end=end, flush=True)


def _plain(value):
    """Convert arrays and numbers of NumPy, and paths."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def print_progress(text):
    """Print a line about the work in progress, to standard error with JSON."""
    settings = _settings.get(_DEFAULT)
    if not settings.quiet:
        file = sys.stderr if settings.as_json else sys.stdout
        print(text, file=file, flush=True)


def print_note(text):
    """Print a note on a choice of the command to standard error."""
    if not _settings.get(_DEFAULT).quiet:
        print(f"skl-signlang: {text}", file=sys.stderr, flush=True)


def print_warning(text):
    """Print a warning to standard error."""
    print(f"skl-signlang: {translate('warning')}: {text}", file=sys.stderr, flush=True)


def label(name, text):
    """Return a line of facts: a name, and what it names in a column of its own."""
    return f"{name:<11}{text}"


def shows_bars():
    """Return whether progress may be drawn in color and overwritten on the screen."""
    settings = _settings.get(_DEFAULT)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not (settings.quiet or settings.as_json or plain) and sys.stdout.isatty()
