"""Images whose URLs or paths are listed in a JSON file."""

import hashlib
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sklearn.datasets import get_data_home
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._base64_text import decode_base64
from skl_signlang._docstrings import fill_docstring
from skl_signlang._download import download
from skl_signlang._errors import quote
from skl_signlang._files import check_folder, write_whole
from skl_signlang._image_files import (
    MAX_BYTES,
    RESIZE_MODES,
    check_size,
    decode_image,
    read_image_file,
)
from skl_signlang._intervals import Interval
from skl_signlang._progress import progress_bar
from skl_signlang.datasets.reading._format import Format
from skl_signlang.datasets.reading._invalid_records import (
    InvalidRecords,
    check_on_error,
)
from skl_signlang.datasets.reading._json_records import (
    describe,
    read_records,
    take_fields,
)
from skl_signlang.datasets.reading._label_codes import CODES
from skl_signlang.datasets.reading._labeled_images import (
    PixelBudget,
    TooLargeError,
    bunch_of_records,
    check_label,
)
from skl_signlang.datasets.reading._loader_entries import ENTRIES

_DESCR = """\
Images from URLs
================

The images that {name}, a JSON file, lists by URL or path, with its labels,
decoded to {mode}.
"""

# One letter and a colon are a Windows drive rather than a scheme
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


@fill_docstring(ENTRIES)
@validate_params(
    {
        "path": [str, os.PathLike],
        "root": [str, os.PathLike, None],
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list, None],
        "resize_mode": [StrOptions({*RESIZE_MODES})],
        "color": ["boolean"],
        "cache": [str, os.PathLike, "boolean", None],
        "n_jobs": [Interval(Integral, 1, 64, closed="both")],
        "timeout": [Interval(Real, 0, 3600, closed="right")],
        "retries": [Interval(Integral, 0, 100, closed="both")],
        "max_bytes": [Interval(Integral, 1, None, closed="left")],
        "progress": ["boolean"],
        "codes": CODES,
        "on_error": [StrOptions({"raise", "report"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_json(
    path,
    *,
    root=None,
    image_size=None,
    resize_mode="crop",
    color=False,
    cache=None,
    n_jobs=8,
    timeout=10.0,
    retries=2,
    max_bytes=MAX_BYTES,
    progress=False,
    codes=None,
    on_error="raise",
    return_X_y=False,
):
    """Load images whose URLs or paths are listed in a JSON file.

    The file is a list of objects ``{"content": "https://...", "label": "A"}``, or one
    such object a line; other keys are ignored. ``content`` is an http or https
    URL, the path of a file or a ``file:`` URL below `root`, or a data URL,
    ``data:image/png;base64,...``.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        A JSON file or JSON lines in UTF-8, at most 1 GiB, no line above 128 MiB; the
        decoded images may have 4 GiB.
    root : str or path-like, default=None
        Folder that paths are relative to, and outside of which no file is read, also
        through ``..`` or links. None means the folder of the JSON file.
    {image_size}
    {resize_mode}
    {color}
    cache : bool, str or path-like, default=None
        A folder for downloaded files; True is ``skl_signlang/images`` in
        :func:`sklearn.datasets.get_data_home`. Files in it are not downloaded again,
        however old: delete them to do so. None and False store nothing.
    n_jobs : int, default=8
        Number of threads that load images, 1 to 64.
    timeout : float, default=10.0
        Seconds that a server may be silent. In total, with redirects, retries and waits
        between them, an image gets ``2 * timeout * (retries + 1)`` seconds.
    retries : int, default=2
        Number of retries after timeouts, statuses such as 503 and incomplete
        transfers.
    max_bytes : int, default=67108864
        Maximum bytes of an image file, 64 MiB.
    progress : bool, default=False
        Whether to show a progress bar on standard error.
    {codes}
    {on_error}
    {return_X_y}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the entries:

        {images}
        {data}
        {target}
        {target_names}
        {groups}
        {DESCR}
        {rejected}

    {data_and_target}

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If the file is not JSON in UTF-8, is too large or holds no image that can be
        read; if images differ in size and `image_size` is None; and, if
        ``on_error="raise"``, for the first record that is not an image with a label.
        The message names the file, the record and the problem.
    OSError
        If the cache cannot be written.

    See Also
    --------
    load_base64 : Images stored in the JSON file itself.

    Notes
    -----
    The author of the JSON file chooses the URLs that this computer requests, local
    networks included; responses are only decoded as images. Redirects are followed to
    http and https only, and proxies of the environment are not used.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from skl_signlang.datasets import load_json
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.new("L", (28, 28), "white").save(Path(folder, "hand.png"))
    ...     path = Path(folder, "letters.jsonl")
    ...     n_written = path.write_text('{"content": "hand.png", "label": "A"}')
    ...     bunch = load_json(path)
    >>> bunch.images.shape, bunch.images.dtype, bunch.target.tolist()
    ((1, 28, 28), dtype('uint8'), ['A'])
    """
    check_on_error(on_error, return_X_y)
    form = {
        "color": color,
        "image_size": check_size(image_size),
        "resize_mode": resize_mode,
    }
    path = Path(path).expanduser()
    invalid = InvalidRecords(on_error)
    records = list(_read(path, invalid))
    transfer = {"timeout": timeout, "retries": retries}
    loader = _ImageLoader(
        _find_root(path, root), _make_cache(cache), max_bytes, transfer, form
    )
    samples = []
    with _fetch_images(
        loader, [record[2] for record in records], n_jobs, progress
    ) as got:
        for position, label, content in records:
            try:
                samples.append((position, label, got[content].result()))
            except TooLargeError as error:
                raise ValueError(f"{path}, {position}: {error}.") from error
            except ValueError as error:
                invalid.add(path, position, f"{quote(content)}: {error}")
    descr = _DESCR.format(name=path.name, mode="RGB" if color else "gray")
    bunch = bunch_of_records(samples, invalid, path, descr, codes)
    return (bunch.data, bunch.target) if return_X_y else bunch


def _read(path, invalid):
    """Yield position, label and content of the records that have them."""
    for position, record in read_records(path, invalid):
        try:
            content, label = take_fields(record, "content", "label")
            if not isinstance(content, str) or not content.strip():
                raise ValueError(
                    f"the content is {describe(content)}; expected a URL or a path"
                )
            label = check_label(label)
        except ValueError as error:
            invalid.add(path, position, str(error))
        else:
            yield position, label, content


def _find_root(path, root):
    """Return the folder that paths must not lead out of, without links."""
    root = path.parent if root is None else Path(root).expanduser()
    if not root.is_dir():
        raise ValueError(f"root must be a folder; got {str(root)!r}.")
    return root.resolve()


def _make_cache(cache):
    """Create and return the folder of downloaded files, or return None."""
    if cache is None or cache is False:
        return None
    if cache is True:
        cache = Path(get_data_home(), "skl_signlang", "images")
    cache = check_folder(cache, "cache")
    cache.mkdir(parents=True, exist_ok=True)
    return cache


@contextmanager
def _fetch_images(loader, contents, n_jobs, progress):
    """Load each image once in threads; yield the futures by content."""
    with progress_bar("load_json", len(set(contents)), progress) as advance:
        pool = ThreadPoolExecutor(n_jobs)
        try:
            futures = {
                content: pool.submit(loader.read, content)
                for content in dict.fromkeys(contents)
            }
            for future in futures.values():
                future.add_done_callback(lambda _: advance())
            yield futures
        finally:
            # After an error, downloads that have not started are canceled
            loader.stop.set()
            pool.shutdown(cancel_futures=True)


@dataclass
class _ImageLoader:
    """Thread-safe loader of images by URL or path."""

    root: Path
    cache: Path | None
    max_bytes: int
    transfer: dict
    form: dict
    stop: threading.Event = field(default_factory=threading.Event)
    budget: PixelBudget = field(default_factory=PixelBudget)

    def read(self, content):
        """Return the image at a URL or a path."""
        image = self._find(content)
        self.budget.take(image.nbytes)
        return image

    def _find(self, content):
        """Load an image by the scheme of its URL, or as a path."""
        match = _SCHEME.match(content)
        scheme = match[1].lower() if match else "path"
        if scheme in ("http", "https"):
            return self._from_web(content)
        if scheme == "data":
            return self._decode(decode_base64(content, max_bytes=self.max_bytes))
        if scheme == "path":
            return self._from_file(content)
        if scheme == "file":
            return self._from_file(_path_of(content))
        raise ValueError(f"{scheme}: is not read; expected http, https, file or a path")

    def _from_file(self, name):
        """Read a file, if it is below the root."""
        try:
            # pathlib would take as long as decoding a small image
            file = os.path.realpath(os.path.join(self.root, name))
            if os.path.commonpath([self.root, file]) != str(self.root):
                raise ValueError(f"it is outside of the folder {self.root}; see root")
            if not os.path.exists(file):
                raise ValueError("there is no such file")
            return self._decode(read_image_file(file, self.max_bytes))
        # Links in circles are a RuntimeError to Python 3.12 and older
        except (OSError, RuntimeError) as error:
            raise ValueError(f"it cannot be read: {error}") from error

    def _from_web(self, url):
        """Fetch a file, or find it in the cache."""
        if self.cache is None:
            return self._decode(self._download(url))
        digest = hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()
        file = self.cache / digest
        if file.is_file():
            # Damaged files are fetched again
            with suppress(ValueError):
                return self._decode(read_image_file(file, self.max_bytes))
        content = self._download(url)
        image = self._decode(content)
        with write_whole(file) as stream:
            stream.write(content)
        return image

    def _download(self, url):
        """Fetch a file."""
        return download(url, max_bytes=self.max_bytes, stop=self.stop, **self.transfer)

    def _decode(self, content):
        """Decode an image."""
        return decode_image(content, max_bytes=self.max_bytes, **self.form)


def _path_of(url):
    """Return the path in a file: URL."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(f"the file is on the host {quote(parts.netloc)}, not here")
    return url2pathname(parts.path)


def _detect(source):
    """Return why a source is JSON with URLs, or None."""
    return "JSON with the key 'content'" if "content" in source.json_keys else None


FORMAT = Format(
    "json", _detect, load_json, "JSON whose objects have 'content', a URL, and 'label'"
)
