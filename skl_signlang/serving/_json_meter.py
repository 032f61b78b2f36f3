"""Size limits of JSON bodies, checked while they are received."""

from skl_signlang._web import HTTPError

_BYTES_OF_NUMBER = 32  # a float of numpy.tolist(), with comma and spaces
_SPARE_BYTES = 64 << 10
_SPARE_SIGNS = 64
_SIGNS_OF_IMAGE = 8
# For models that take images of any size: the values of one large image
_NUMBERS_OF_ANY = 1_000_000


class JsonMeter:
    """Incremental count of the tokens in a JSON body, before it is parsed."""

    def __init__(self, n_numbers, n_images, image_key=None):
        self._n_numbers = n_numbers
        self._most_bytes = n_numbers * _BYTES_OF_NUMBER + _SPARE_BYTES
        spare = n_images * _SIGNS_OF_IMAGE + _SPARE_SIGNS
        self._most_signs = {
            b'"': spare,
            b",": n_numbers + spare,
            # as many lists as numbers: gray images may have a channel axis
            b"[": 2 * n_numbers + spare,
            b"{": spare,
        }
        self._n_bytes = 0
        self._n_signs = dict.fromkeys(self._most_signs, 0)
        self._is_in_string = self._is_image = False
        self._image_key = image_key
        self._name = self._sign = b""
        self._rest = b""

    def feed(self, chunk):
        """Count the tokens of the next chunk; raise HTTPError above a limit."""
        chunk = self._rest + chunk
        self._rest = b""
        if b"\\" in chunk:
            # escaped quotes do not end a string
            chunk = chunk.replace(b"\\\\", b"__").replace(b'\\"', b"__")
            if chunk.endswith(b"\\"):
                chunk, self._rest = chunk[:-1], b"\\"
        self._count(b'"', chunk)
        pieces = chunk.split(b'"')
        outside = b"".join(pieces[self._is_in_string :: 2])
        self._n_bytes += len(outside) + self._count_string_bytes(pieces)
        if self._n_bytes > self._most_bytes:
            raise self._size_error(f"more than {self._most_bytes:,} bytes")
        for sign in (b",", b"[", b"{"):
            self._count(sign, outside)

    def _count_string_bytes(self, pieces):
        """Return the bytes of strings that are not images."""
        n_bytes = 0
        for i, piece in enumerate(pieces):
            if i:
                self._is_in_string = not self._is_in_string
                if self._is_in_string:
                    # a string before a colon was a key
                    self._is_image = self._sign == b":" and self._is_image_name()
                    self._name = b""
            if not self._is_in_string:
                self._sign = piece.strip()[-1:] or (b"" if i else self._sign)
            elif not (self._image_key is None or self._is_image):
                n_bytes += len(piece)
                self._name += piece[: len(self._image_key) + 1 - len(self._name)]
        return n_bytes

    def _is_image_name(self):
        return self._image_key in (None, self._name)

    def _count(self, sign, text):
        self._n_signs[sign] += text.count(sign)
        most = self._most_signs[sign]
        if self._n_signs[sign] > most:
            raise self._size_error(f"more than {most:,} {sign.decode()}")

    def _size_error(self, what):
        room = (
            f"has room for {self._n_numbers:,} numbers"
            if self._n_numbers
            else ("is for images as base64 text")
        )
        return HTTPError(
            413, f"the JSON contains {what} outside of base64 images; it {room}"
        )


def count_numbers(image_shape, max_batch):
    """Return the maximum number of pixel values in a request."""
    if image_shape is None:
        return _NUMBERS_OF_ANY
    height, width, channels = image_shape
    return max_batch * height * width * channels
