"""The parts of a multipart body, kept in memory."""

from typing import NamedTuple

_MAX_HEADER_BYTES = 4096


class Part(NamedTuple):
    """One part of a form.

    Parameters
    ----------
    name : str
        The file's, or that of the field where it is no file.
    content : bytes
        As it came.
    is_file : bool
        Whether it came with a file's name.
    """

    name: str
    content: bytes
    is_file: bool


def read_multipart(content, content_type, most):
    """Take a multipart body apart.

    Parameters
    ----------
    content : bytes
        All of it.
    content_type : str
        What its header says, with the boundary.
    most : int
        Parts beyond which it is not read on.

    Returns
    -------
    parts : list of Part
        At most one more than `most`.

    Raises
    ------
    ValueError
        If it is no multipart body or is cut off.
    """
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise ValueError("the multipart body's Content-Type names no boundary")
    reader = _Reader(most)
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(content)
        parser.finalize()
    except _EnoughError:
        return reader.parts
    except (FormParserError, ValueError) as error:
        raise ValueError(f"the multipart body is damaged: {error}") from error
    if not reader.is_whole:
        raise ValueError("the multipart body is cut off: its last boundary is missing")
    return reader.parts


class _EnoughError(Exception):
    """There are more parts than are read."""


class _Reader:
    """Collects what python-multipart's parser calls back with."""

    def __init__(self, most):
        self.parts = []
        self.is_whole = False
        self._most = most
        self._begin()

    def callbacks(self):
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._end_header,
            "on_part_data": self._on_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin(self):
        self._disposition = b""
        self._field, self._value = bytearray(), bytearray()
        self._data = bytearray()

    def _on_header_field(self, data, start, end):
        self._extend(self._field, data[start:end])

    def _on_header_value(self, data, start, end):
        self._extend(self._value, data[start:end])

    def _extend(self, header, more):
        header += more
        if len(header) > _MAX_HEADER_BYTES:
            raise ValueError("a header in it is too long")

    def _end_header(self):
        if self._field.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._field, self._value = bytearray(), bytearray()

    def _on_data(self, data, start, end):
        self._data += data[start:end]

    def _end_part(self):
        from python_multipart.multipart import parse_options_header

        options = parse_options_header(self._disposition)[1]
        name = options.get(b"filename", options.get(b"name", b""))
        name = name.decode("utf-8", "replace")
        self.parts.append(Part(name, bytes(self._data), b"filename" in options))
        if len(self.parts) > self._most:
            raise _EnoughError

    def _end(self):
        self.is_whole = True
