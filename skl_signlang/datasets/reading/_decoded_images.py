"""Decoded images of records, in memory or in a cache on disk."""

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from joblib import effective_n_jobs

from skl_signlang._files import check_folder
from skl_signlang._image_files import MAX_BYTES, decode_image, describe_sizes
from skl_signlang.datasets.reading._image_cache import ImageCache

MAX_BYTES_IN_MEMORY = 8 << 30
"""Maximum bytes of decoded images without a cache on disk."""


class DecodedImages:
    """Iterable that decodes the images of records in order."""

    def __init__(self, records, path, form, n_jobs, invalid):
        self.records = records
        self.path = path
        self.form = form
        self.n_jobs = effective_n_jobs(n_jobs)
        self.invalid = invalid

    def to_memory(self):
        """Return an array (n, h, w[, 3]) of uint8."""
        with closing(iter(self)) as decoded:
            first = next(decoded)
            shape = len(self.records), *first.shape
            _check_memory(shape)
            images = np.empty(shape, np.uint8)
            images[0], n = first, 1
            for image in decoded:
                images[n] = image
                n += 1
        images.resize((n, *first.shape), refcheck=False)
        return images

    def to_disk(self, cache):
        """Return a memory map (n, h, w[, 3]) of uint8 from the updated cache."""
        cache = check_folder(cache, "cache")
        if self.path.is_dir() and cache.resolve().is_relative_to(self.path.resolve()):
            raise ValueError(f"cache must lie outside of {self.path}; got {cache}.")
        stamps = [[r.name, r.n_bytes, r.stamp, r.problem] for r in self.records]
        kept = ImageCache(cache, str(self.path.resolve()), self.form, stamps)
        found = kept.read()
        if found is not None:
            for position, reason in found[1]:
                self.invalid.add(self.path, position, reason)
            return found[0]
        with closing(iter(self)) as decoded:
            return kept.write(decoded, len(self.records), self.invalid)

    def __iter__(self):
        """Yield decoded images; add the others to the invalid records."""
        first, n = None, 0
        with closing(in_threads(self._decode, self.records, self.n_jobs)) as decoded:
            for record, image in zip(self.records, decoded, strict=True):
                if isinstance(image, str):
                    self.invalid.add(self.path, record.name, image)
                    continue
                first = first or (record.name, image.shape)
                if image.shape != first[1]:
                    sizes = describe_sizes(*first, record.name, image.shape)
                    raise ValueError(f"{self.path}: {sizes}.")
                n += 1
                yield image
        self.invalid.check_some_left(n, self.path)

    def _decode(self, record):
        """Return the decoded image, or the reason why it cannot be read."""
        if record.problem:
            return record.problem
        if record.n_bytes > MAX_BYTES:
            return f"it has {record.n_bytes:,} bytes; at most {MAX_BYTES:,} are read"
        try:
            return decode_image(record.read(MAX_BYTES), **self.form)
        except ValueError as error:
            return str(error)


def _check_memory(shape):
    """Raise ValueError if an array exceeds `MAX_BYTES_IN_MEMORY`."""
    n_bytes = int(np.prod(shape, dtype=np.int64))
    if n_bytes > MAX_BYTES_IN_MEMORY:
        raise ValueError(
            f"{shape[0]:,} images of {shape[1]} x {shape[2]} pixels take "
            f"{n_bytes / 1e9:.1f} GB. Pass a smaller image_size, or cache=FOLDER to "
            "keep them on disk."
        )


def in_threads(function, items, n_jobs):
    """Map in threads, at most two items per thread ahead of the consumer."""
    if n_jobs == 1:
        yield from map(function, items)
        return
    ahead = deque()
    with ThreadPoolExecutor(n_jobs) as pool:
        try:
            for item in items:
                ahead.append(pool.submit(function, item))
                if len(ahead) == 2 * n_jobs:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()
