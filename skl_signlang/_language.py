"""The language of help and messages, from the catalogs of GNU gettext."""

import gettext
import os
from contextlib import contextmanager
from pathlib import Path

DOMAIN = "skl_signlang"
FOLDER = Path(__file__).parent / "locale"
VARIABLE = "SKL_SIGNLANG_LANG"


def translate(text, /, **values):
    """Return a text in the language of the user, with values for names in braces."""
    text = gettext.gettext(text)
    return text.format(**values) if values else text


@contextmanager
def in_language_of_user():
    """Translate what gettext is asked for, to the language of the environment."""
    before = gettext.textdomain()
    with _preferred(os.environ.get(VARIABLE)):
        gettext.bindtextdomain(DOMAIN, FOLDER)
        gettext.textdomain(DOMAIN)
        try:
            yield
        finally:
            gettext.textdomain(before)


@contextmanager
def _preferred(language):
    """Set the variable of gettext that is read before LC_ALL and LANG."""
    before = os.environ.get("LANGUAGE")
    if language:
        os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        if language and before is None:
            del os.environ["LANGUAGE"]
        elif language:
            os.environ["LANGUAGE"] = before
