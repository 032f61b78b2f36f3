"""The optional libraries of the extra ``serve``."""

import importlib

from skl_signlang._language import translate


def require_web_libraries(*names):
    """Raise ImportError for the first of these libraries that is not installed."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ImportError(
                translate(
                    "serving needs {name}, which is not installed; run pip install "
                    '"skl_signlang[serve]".',
                    name=error.name,
                )
            ) from error
