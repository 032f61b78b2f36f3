"""The files of a web page."""

from importlib.resources import files

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}


def read_page(package):
    """Read the files of a package's page, and those that all pages share."""
    return {
        file.name: (file.read_bytes(), _TYPES[file.name[file.name.rindex(".") :]])
        for name in (__package__, package)
        for file in (files(name) / "page").iterdir()
        if file.name.endswith(tuple(_TYPES))
    }
