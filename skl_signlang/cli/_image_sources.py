"""Images that words of the command name: files, folders, patterns, URLs, a pipe."""

import glob
import os
import sys
from functools import partial
from pathlib import Path

from skl_signlang._download import download
from skl_signlang._files import read_at_most
from skl_signlang._image_files import IMAGE_EXTENSIONS, MAX_BYTES, read_image_file
from skl_signlang._language import translate

PIPE = "-"
_URLS = ("http://", "https://")


def check_urls(words, allow_url):
    """Raise an error for URLs unless they are allowed."""
    urls = [word for word in words if _is_url(word)]
    if urls and not allow_url:
        raise ValueError(
            translate(
                "{url} is a URL; with --allow-url it is downloaded and read.",
                url=urls[0],
            )
        )


def find_images(words):
    """Yield the name of each image, and a function that returns its bytes."""
    for word in words:
        if word == PIPE:
            yield word, _read_standard_input
        elif _is_url(word):
            yield word, partial(download, word)
        elif os.path.isdir(word):
            names = _list_folder(word)
            yield from names or [
                (word, partial(_fail, translate("the folder holds no image")))
            ]
        elif not os.path.lexists(word) and glob.has_magic(word):
            found = sorted(glob.glob(word, recursive=True))
            names = [(name, partial(read_image_file, name)) for name in found]
            yield from names or [
                (word, partial(_fail, translate("no file has such a name")))
            ]
        else:
            yield word, partial(read_image_file, word)


def _is_url(word):
    return word.lower().startswith(_URLS)


def _list_folder(folder):
    """List the images below a folder by their extensions, sorted by name."""
    return [
        (str(path), partial(read_image_file, path))
        for path in sorted(Path(folder).rglob("*"))
        if path.suffix.lower() in IMAGE_EXTENSIONS and path.is_file()
    ]


def _read_standard_input():
    return read_at_most(sys.stdin.buffer, MAX_BYTES)


def _fail(reason):
    raise ValueError(reason)
