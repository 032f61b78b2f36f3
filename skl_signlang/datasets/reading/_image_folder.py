"""Image files in one folder per class."""

import os
from itertools import islice
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._docstrings import fill_docstring
from skl_signlang._errors import list_some
from skl_signlang._files import open_regular
from skl_signlang._image_files import (
    IMAGE_EXTENSIONS,
    RESIZE_MODES,
    check_size,
)
from skl_signlang._intervals import Interval
from skl_signlang.datasets.reading._archives import is_system_file
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._decoded_images import DecodedImages
from skl_signlang.datasets.reading._folder_classes import (
    find_classes,
    find_empty,
    name_letters,
)
from skl_signlang.datasets.reading._format import Format
from skl_signlang.datasets.reading._image_records import (
    N_FIRST_BYTES,
    begins_as_image,
    open_records,
)
from skl_signlang.datasets.reading._invalid_records import (
    InvalidRecords,
    check_on_error,
)
from skl_signlang.datasets.reading._label_codes import CODES
from skl_signlang.datasets.reading._loader_entries import ENTRIES

_MAX_FILES_CHECKED = 1000

_DESCR = """\
Images of {source}
============{line}

{n} images of {n_classes} classes, {height} x {width} pixels, {color}, 0 to 255,
each in the folder of its class. {n_invalid} files could not be read. Skipped, as no
part of a class: {skipped}.

The folder does not state their content, origin or license, nor who
signs, so that groups is None. Images of one film or one signer are near-duplicates:
keep them together in groups when you split.
"""


@fill_docstring(ENTRIES)
@validate_params(
    {
        "path": [str, os.PathLike],
        "image_size": [Interval(Integral, 1, None, closed="left"), tuple, list, None],
        "resize_mode": [StrOptions({*RESIZE_MODES})],
        "color": ["boolean"],
        "cache": [str, os.PathLike, None],
        "n_jobs": [Integral, None],
        "codes": CODES,
        "on_error": [StrOptions({"raise", "report"})],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def load_image_folder(
    path,
    *,
    image_size=None,
    resize_mode="crop",
    color=False,
    cache=None,
    n_jobs=None,
    codes=None,
    on_error="raise",
    return_X_y=False,
):
    """Load image files from one folder per class.

    In ``A/1.png``, ``A/left/2.jpg``, ``B/1.png``, the class is the name of the top
    folder. A folder that holds all images in subfolders is ignored: in
    ``hands/A/1.png`` and ``hands/B/1.png`` the classes are A and B. Only files with the
    extensions of images count for this rule.

    A file in a class folder is a record if its extension or its first bytes are an
    image's. A record that cannot be read is invalid, and so is an image outside of the
    class folders.
    Other files, such as README, LICENSE and ``data.yaml``, and empty folders are
    skipped and listed in ``skipped``, with a warning for those in a class folder.
    System files are ignored: names
    that begin with a dot, also of their folders, ``__MACOSX``, ``Thumbs.db`` and
    ``desktop.ini``.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        The folder, or a zip of it, which is not unpacked to disk.
    {image_size}
    {resize_mode}
    {color}
    cache : str or path-like, default=None
        A folder outside of `path` for the decoded images. They are written one by one,
        and ``images`` is a read-only memory map, so that the data set may be larger
        than memory. Later calls decode again only if the name, size or time of a file,
        `image_size`, `resize_mode` or `color` has changed. None decodes to memory.
    n_jobs : int, default=None
        Number of threads. None means 1 unless in a :obj:`joblib.parallel_config`
        context, -1 all processors.
    codes : {"auto", "kaggle", "dense", "one-based", "alphabet"}, default=None
        Coding of folders named by integers, see :func:`codes_to_letters`: classes
        become upper-case letters, and files of J or Z are invalid records. None keeps
        the names.
    {on_error}
    {return_X_y}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        In the order of the classes, then of the names of the files, both compared
        character by character (``10.png`` comes before ``2.png``). With the entries:

        images : ndarray or memmap of uint8, shape (n, h, w) or (n, h, w, 3)
            Images, upright; transparent pixels are white.
        data : ndarray or memmap of uint8, shape (n, features)
            Flattened pixels, a view of ``images``.
        target : ndarray of str, shape (n,)
            Class of each image.
        {target_names}
        {groups}
        filenames : ndarray of str, shape (n,)
            Names within `path`, with slashes.
        skipped : list of str
            Names of files that are not images, and of empty folders.
        {rejected}
        {DESCR}

    {data_and_target}

    Raises
    ------
    FileNotFoundError
        If the path does not exist.
    ValueError
        If the zip is damaged or has more than 1,000,000 members; for an image that is
        damaged, has more than 64 MiB or 50 million pixels, or is not in a
        class folder, for a symbolic link to a folder or out of `path`, unless these are
        reported; if there are no images; if sizes differ and `image_size` is None; if
        the top folders are splits, such as ``train`` and ``test``; if the images need
        more than 8 GiB and `cache` is None; if the coding of folders named by integers
        is ambiguous.
    OSError
        If the cache cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from PIL import Image
    >>> from skl_signlang.datasets import load_image_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for letter, side in [("A", 40), ("B", 60)]:
    ...         Path(folder, letter).mkdir()
    ...         Image.new("L", (side, side)).save(Path(folder, letter, "1.png"))
    ...     bunch = load_image_folder(folder, image_size=(28, 28))
    >>> bunch.images.shape, bunch.target.tolist(), bunch.filenames.tolist()
    ((2, 28, 28), ['A', 'B'], ['A/1.png', 'B/1.png'])
    """
    check_on_error(on_error, return_X_y)
    form = {
        "color": color,
        "image_size": check_size(image_size),
        "resize_mode": resize_mode,
    }
    path = Path(path).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {path}.")
    invalid = InvalidRecords(on_error)
    with open_records(path) as (records, folders):
        if not records:
            raise ValueError(f"{path} holds no file; expected CLASS/IMAGE.")
        skipped = find_empty(records, folders)
        records = find_classes(records, path, skipped)
        if not records:
            raise ValueError(
                f"{path} holds no class folder with images; expected CLASS/IMAGE. It "
                f"holds {list_some(skipped)}."
            )
        records = name_letters(records, codes, path)
        decoded = DecodedImages(records, path, form, n_jobs, invalid)
        images = decoded.to_memory() if cache is None else decoded.to_disk(cache)
    rejected = {position for _, position, _ in invalid.records}
    kept = [record for record in records if record.name not in rejected]
    target = np.array([record.label for record in kept])
    bunch = image_bunch(
        images,
        target,
        descr=_describe(path, images, len(np.unique(target)), len(rejected), skipped),
        filenames=np.array([record.name for record in kept]),
        skipped=skipped,
        **invalid.entries(),
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _describe(path, images, n_classes, n_invalid, skipped):
    """Return the DESCR."""
    height, width = images.shape[1:3]
    return _DESCR.format(
        source=path.name,
        line="=" * len(path.name),
        n=f"{len(images):,}",
        n_classes=n_classes,
        height=height,
        width=width,
        color="RGB" if images.ndim == 4 else "gray",
        n_invalid=n_invalid or "No",
        skipped=list_some(skipped) or "nothing",
    )


# --- detection ------------------------------------------------------------------------


def _detect(source):
    """Return why a source is a folder or zip of images, or None."""
    if source.is_folder:
        files = islice(_files_in_subfolders(source.path), _MAX_FILES_CHECKED)
        found = any(map(_is_image, files))
        return "a folder whose sub-folders hold images" if found else None
    names = (name for name in source.names if "/" in name)
    found = any(name.lower().endswith(IMAGE_EXTENSIONS) for name in names)
    return "a zip with images in folders" if found else None


def _files_in_subfolders(root):
    """Yield the paths of the files below a folder that are not directly in it."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not is_system_file([name]))
        if Path(folder) != root:
            yield from (Path(folder, name) for name in names)


def _is_image(path):
    """Return whether a file is an image, by its extension or first bytes."""
    if is_system_file([path.name]):
        return False
    if path.name.lower().endswith(IMAGE_EXTENSIONS):
        return True
    try:
        with open_regular(path) as file:
            return begins_as_image(file.read(N_FIRST_BYTES))
    except (OSError, ValueError):
        return False


FORMAT = Format(
    "image_folder",
    _detect,
    load_image_folder,
    "a folder or zip with a folder of images for each class",
)
