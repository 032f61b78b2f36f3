"""Downloads from fixed URLs, in bounded time and memory."""

import time

_MAX_SECONDS = 1800
_TIMEOUT = (10, 30)


def fetch(url, file, *, max_bytes):
    """Download a URL to a file.

    Follows redirects, and uses the proxies of the environment. The caller checks the
    content.
    """
    # imports requests, which is slow
    import pooch

    pooch.HTTPDownloader(timeout=_TIMEOUT)(url, _Bounded(file, max_bytes), None)
    file.seek(0)


class _Bounded:
    """File that raises an error above a number of bytes or seconds."""

    def __init__(self, file, max_bytes):
        self.file, self.n_bytes, self.max_bytes = file, 0, max_bytes
        self.end = time.monotonic() + _MAX_SECONDS

    def write(self, content):
        self.n_bytes += len(content)
        if self.n_bytes > self.max_bytes:
            raise ValueError(f"it has more than {self.max_bytes:,} bytes")
        if time.monotonic() > self.end:
            raise ValueError(f"it took more than {_MAX_SECONDS} seconds")
        self.file.write(content)

    def flush(self):
        self.file.flush()
