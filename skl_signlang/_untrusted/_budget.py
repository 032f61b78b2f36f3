"""Budget of one untrusted file."""

FREE_BYTES = 64 << 20
"""Bytes of a file that may be read before anything is known of it."""

_MAX_RATIO = 400
_FREE_VALUES = 1 << 17  # the largest network of keras.applications has 107,171
_VALUES_A_BYTE = 4  # twice what a compressed vocabulary has
_MAX_VALUES = 1 << 20
_BYTES_A_NUMBER = 16  # twice what the largest take


def max_bytes_of_numbers(n_numbers):
    """Return the most bytes that a file of so many weights may have."""
    return FREE_BYTES + _BYTES_A_NUMBER * n_numbers


def max_values(n_bytes):
    """Return the most values of JSON that a file of so many bytes may hold."""
    return min(_MAX_VALUES, _FREE_VALUES + _VALUES_A_BYTE * n_bytes)


class Budget:
    """Limit on all parts of one file together."""

    def __init__(self, n_bytes):
        self._left = {
            # unpacked, at each level of zips in zips
            "bytes": FREE_BYTES + _MAX_RATIO * n_bytes,
            "files": 20_000,
            # values, commas and brackets of JSON
            "JSON values": max_values(n_bytes),
            # a layer counts each time that it is called
            "layers": 20_000,
            "arrays": 200_000,
            # groups and arrays of weights in HDF5; keras.applications has 3,630
            "HDF5 entries": 20_000,
            # by transformers, for each sample
            "features made": 1 << 22,
        }
        self._limits = dict(self._left)

    def spend(self, kind, amount=1):
        """Subtract an amount; raise an error if it exceeds the rest."""
        self._left[kind] -= amount
        if self._left[kind] < 0:
            raise ValueError(
                f"it exceeds {self._limits[kind]:,} {kind}, the maximum for a file of "
                "this size."
            )
