"""Formats of labeled images, and the file or folder that they are detected by."""

import re
import zlib
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from skl_signlang._files import open_regular
from skl_signlang.datasets.reading._archives import (
    is_system_file,
    list_files,
    open_zip,
)
from skl_signlang.datasets.reading._csv_lines import (
    DELIMITERS,
    UTF16_MARKS,
    separator_of,
)

_START_BYTES = 1 << 16
_KEY = re.compile(r'"((?:[^"\\]|\\.){0,100})"\s*:\s*')


class Format(NamedTuple):
    """A format of labeled images."""

    name: str
    detect: (
        Callable  # takes a Source; returns the reason why it has the format, or None
    )
    load: Callable  # takes a path and `return_X_y`; returns a Bunch
    text: str  # completes "Expected ..."


class Source:
    """A file or folder of unknown format, of which no more than the start is read."""

    def __init__(self, path):
        self.path = path
        self.is_folder = path.is_dir()
        self._start = b""
        if not self.is_folder:
            with open_regular(path, expected="a file or a folder") as file:
                self._start = file.read(_START_BYTES)
        self.is_zip = self._start.startswith((b"PK\x03\x04", b"PK\x05\x06"))
        self.is_gzipped = self._start.startswith(b"\x1f\x8b")

    @cached_property
    def content(self):
        """First bytes of the file, decompressed if it is gzipped."""
        if not self.is_gzipped:
            return self._start
        try:
            return zlib.decompressobj(wbits=31).decompress(self._start, _START_BYTES)
        except zlib.error as error:
            raise ValueError(
                f"{self.path} cannot be read as a gzip file: {error}."
            ) from error

    @cached_property
    def names(self):
        """Names of the files in a zip, without system files."""
        if not self.is_zip:
            return []
        with open_zip(self.path) as archive:
            names = [
                member.filename.replace("\\", "/") for member in list_files(archive)
            ]
        return [name for name in names if not is_system_file(name.split("/"))]

    @cached_property
    def text(self):
        """Beginning of a text file without leading blanks, or None."""
        if self.is_folder or self.is_zip:
            return None
        encoding = "utf-16" if self.content.startswith(UTF16_MARKS) else "utf-8-sig"
        try:
            # The last character may be cut in two
            errors = "strict" if len(self.content) < _START_BYTES else "ignore"
            text = self.content.decode(encoding, errors)
        except UnicodeDecodeError:
            return None
        return None if "\0" in text else text.lstrip()

    @property
    def is_json_text(self):
        """Whether the text starts as JSON does."""
        return bool(self.text) and self.text.startswith(("{", "["))

    @property
    def is_markup(self):
        """Whether the text starts as HTML, XML or PDF do."""
        return bool(self.text) and self.text.startswith(("<", "%PDF"))

    @cached_property
    def json_keys(self):
        """Keys at the beginning of a JSON file that is not gzipped."""
        is_read = self.is_json_text and not self.is_gzipped
        return _KEY.findall(self.text) if is_read else []

    @cached_property
    def cells(self):
        """Cells of the first line of a text file."""
        line, _, rest = (self.text or "").partition("\n")
        if separator_of(line) is not None:
            line = rest.partition("\n")[0]
        cells = max((line.split(mark) for mark in DELIMITERS), key=len)
        return [cell.strip(' "\t\r') for cell in cells]
