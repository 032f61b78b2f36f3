"""Decoded images on disk, for data sets larger than memory."""

import hashlib
import json
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np

from skl_signlang._files import open_regular, read_regular, write_whole
from skl_signlang._untrusted import Budget, parse_json

_FORMAT = 1
_MAX_MANIFEST = 256 << 20  # one line per unreadable image


class ImageCache:
    """Decoded images in a ``.npy`` file, with a manifest of their sources.

    Each source and set of options has a pair of files in the folder:
    ``images-SOURCE.json`` and ``images-SOURCE-KEY.npy``. The key is a hash of all that
    determines the pixels; when it changes, the old file is deleted. Both are written
    atomically.
    """

    def __init__(self, folder, source, settings, stamps):
        self.folder = Path(folder)
        self.about = {
            "format": _FORMAT,
            "source": source,
            "settings": settings,
            "versions": {name: version(name) for name in ("pillow", "skl_signlang")},
        }
        self.key = _digest([self.about, stamps])
        self._stem = f"images-{_digest([source, settings])}"
        self._manifest = self.folder / f"{self._stem}.json"
        self._images = self.folder / f"{self._stem}-{self.key}.npy"

    def read(self):
        """Open the memory map and its read errors; return None if stale or missing."""
        try:
            manifest = self._read_manifest()
            if manifest["key"] != self.key:
                return None
            with open_regular(self._images):
                images = np.load(self._images, mmap_mode="r", allow_pickle=False)
            if [*images.shape] != manifest["shape"] or images.dtype != np.uint8:
                return None
            return images, [[str(p), str(r)] for p, r in manifest["rejected"]]
        # An edited manifest may hold anything
        except (OSError, ValueError, KeyError, TypeError, EOFError, RecursionError):
            return None

    def _read_manifest(self):
        content = read_regular(self._manifest, _MAX_MANIFEST)
        return parse_json(content, _MAX_MANIFEST, Budget(len(content)))

    def write(self, decoded, n_most, invalid):
        """Write the decoded images one by one, and open them as a memory map."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with write_whole(self._images) as file:
            shape = _stream(file, decoded, n_most, self.folder)
        images = np.load(self._images, mmap_mode="r", allow_pickle=False)
        rejected = [[position, reason] for _, position, reason in invalid.records]
        manifest = {"key": self.key, **self.about, "shape": shape, "rejected": rejected}
        with write_whole(self._manifest) as file:
            file.write(json.dumps(manifest, indent=1).encode())
        for old in self.folder.glob(f"{self._stem}-*.npy"):
            if old != self._images:
                old.unlink(missing_ok=True)
        return images


def _digest(thing):
    """Return a hash of a value's JSON."""
    return hashlib.sha256(json.dumps(thing).encode()).hexdigest()[:16]


def _stream(file, decoded, n_most, folder):
    """Write a ``.npy`` file whose length shows only at its end; return its shape."""
    first = next(decoded)
    _check_room(folder, n_most * first.nbytes)
    # NumPy pads headers so that the first axis can grow
    _write_header(file, (n_most, *first.shape))
    start = file.tell()
    file.write(first.tobytes())
    n = 1
    for image in decoded:
        file.write(image.tobytes())
        n += 1
    file.seek(0)
    shape = (n, *first.shape)
    _write_header(file, shape)
    if file.tell() != start:
        raise AssertionError("NumPy wrote headers of two lengths.")
    return shape


def _write_header(file, shape):
    """Write the header of a ``.npy`` file."""
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _check_room(folder, n_bytes):
    """Raise OSError if the disk has less than `n_bytes` free."""
    free = shutil.disk_usage(folder).free
    if n_bytes > free:
        raise OSError(
            f"The decoded images take up to {n_bytes / 1e6:,.1f} MB, but {folder} has "
            f"{free / 1e6:,.1f} MB left. Pass a smaller image_size or another cache."
        )
