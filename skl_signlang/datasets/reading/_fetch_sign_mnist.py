"""Download of Sign Language MNIST."""

import hashlib
import os
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from sklearn.datasets import get_data_home
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._docstrings import fill_docstring
from skl_signlang._fetch import fetch
from skl_signlang._files import check_folder, open_regular, write_whole
from skl_signlang.datasets.reading._archives import check_member, open_zip
from skl_signlang.datasets.reading._bunch import image_bunch
from skl_signlang.datasets.reading._loader_entries import ENTRIES
from skl_signlang.datasets.reading._sign_mnist import (
    FILES,
    PARTS,
    find_files,
    find_member,
    load_sign_mnist,
)

_PAGE = "https://www.kaggle.com/datasets/datamunge/sign-language-mnist"
_FOLDER = "sign_language_mnist"

# Of files with line feeds; there are copies with Windows' line ends
_SHA256 = {
    "train": "b7ff39ad5f1210fa765ce11aa5f20c2e97fe467ffc22231aac923c863eef75c4",
    "test": "178c0dd21c4b0e86d58df12f14ea1e9efa795ad19d146802b3b28094a16d56ae",
}

_KAGGLE = (
    "https://www.kaggle.com/api/v1/datasets/download/datamunge/sign-language-mnist"
)
_GITHUB = "https://raw.githubusercontent.com/"
_MIRRORS = (
    "gchilingaryan/Sign-Language/4fbfd8030dc9c7ddca02d0b04cfd6dd91b5478be/",
    "Aryanchaturvedi075/Sign_Language_MNIST/4ee6e2df65228de9781c539be1525f08c1604ce3/",
)
_SOURCES = (
    {"train": _KAGGLE, "test": _KAGGLE},
    *({part: _GITHUB + mirror + FILES[part] for part in FILES} for mirror in _MIRRORS),
)

_MAX_BYTES = 256 << 20
_BLOCK_BYTES = 1 << 20


@fill_docstring(ENTRIES)
@validate_params(
    {
        "subset": [StrOptions(set(PARTS))],
        "data_home": [str, os.PathLike, None],
        "download_if_missing": ["boolean"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
def fetch_sign_mnist(
    *, subset="train", data_home=None, download_if_missing=True, return_X_y=False
):
    """Load Sign Language MNIST, downloading it if necessary.

    ================   ==================================
    Classes                                            24
    Samples            27,455 (train), 7,172 (test)
    Dimensionality     784 (28 x 28 pixels, gray)
    Values             integers from 0 to 255
    ================   ==================================

    The files are stored in the folder ``sign_language_mnist`` of scikit-learn's data
    home. Files that you save there are used: Kaggle's zip, whatever its name, or the
    CSV files, nested or not. A file is read only if its SHA-256 is that of the original
    (with line feeds as line ends). The sources are Kaggle and then two mirrors on
    GitHub, at fixed commits. Proxies of the environment are used.

    .. versionadded:: 0.1

    Parameters
    ----------
    {subset}
    data_home : str or path-like, default=None
        Folder of all data sets. None means that of
        :func:`sklearn.datasets.get_data_home`: the environment variable
        SCIKIT_LEARN_DATA, or ``~/scikit_learn_data``.
    download_if_missing : bool, default=True
        Whether to download missing files, or raise OSError.
    {return_X_y}

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        As of :func:`load_sign_mnist`: ``images`` (n, 28, 28) and ``data`` (n, 784) of
        uint8, ``target``, a letter each, ``target_names``, ``groups`` (None)
        and ``DESCR``.
    {data_and_target}

    Raises
    ------
    OSError
        If a file is missing and cannot be downloaded, or if its hash is wrong. The
        message says which files to save where, and the error of each source.

    See Also
    --------
    load_sign_mnist : Load a local file, without a check of its hash.

    References
    ----------
    .. [1] `Sign Language MNIST
       <https://www.kaggle.com/datasets/datamunge/sign-language-mnist>`_, CC0.

    Examples
    --------
    >>> from skl_signlang.datasets import fetch_sign_mnist
    >>> bunch = fetch_sign_mnist(subset="test")  # doctest: +SKIP
    >>> bunch.images.shape  # doctest: +SKIP
    (7172, 28, 28)
    """
    home = None if data_home is None else check_folder(data_home, "data_home")
    folder = Path(get_data_home(home), _FOLDER)
    bunches = [_load_part(part, folder, download_if_missing) for part in PARTS[subset]]
    bunch = bunches[0] if len(bunches) == 1 else _join(bunches)
    return (bunch.data, bunch.target) if return_X_y else bunch


def _load_part(part, folder, download_if_missing):
    """Load one file of the data set, downloading it if necessary."""
    path, others = _find(part, folder)
    if path is None:
        _check_not_present(part, folder)
        if not download_if_missing:
            reasons = ["download_if_missing=False", *others]
            raise _missing(part, folder, reasons)
        path = _download(part, folder, others)
    return load_sign_mnist(path, subset=part)


def _find(part, folder):
    """Return the path of a file with the right hash, or None, and errors."""
    others = []
    for path in _candidates(part, folder):
        try:
            if zipfile.is_zipfile(path):
                found = _hash_of_member(path, part)
            else:
                found = _hash_of_file(path)
        except (OSError, ValueError) as error:
            others.append(str(error))
            continue
        if found == _SHA256[part]:
            return path, others
        if found is not None:
            others.append(f"{path} is another file, of SHA-256 {found}")
    return None, others


def _candidates(part, folder):
    """List candidate files, least nested first."""
    found = [*find_files(folder, FILES[part]), *find_files(folder, "*.zip")]
    return sorted(found, key=lambda path: len(path.parts))


def _hash_of_file(path):
    with open_regular(path) as stream:
        return _copy(stream, None)


def _hash_of_member(path, part):
    """Return the hash of the member that `load_sign_mnist` would read, or None."""
    with open_zip(path) as archive:
        member = find_member(archive, FILES[part])
        if member is None:
            return None
        check_member(member, f"{path}/{member.filename}")
        with archive.open(member) as stream:
            return _copy(stream, None)


def _copy(stream, file):
    """Copy a stream to a file or None; return its SHA-256 with line feeds."""
    digest, n_bytes, held = hashlib.sha256(), 0, b""
    while block := stream.read(_BLOCK_BYTES):
        n_bytes += len(block)
        if n_bytes > _MAX_BYTES:
            raise ValueError(f"it has more than {_MAX_BYTES:,} bytes")
        if file is not None:
            file.write(block)
        block = held + block
        # The line feed of a last carriage return may come with the next block
        held = b"\r" if block.endswith(b"\r") else b""
        digest.update(block.removesuffix(b"\r").replace(b"\r\n", b"\n"))
    digest.update(held)
    return digest.hexdigest()


def _check_not_present(part, folder):
    """Raise OSError if a user's file would be overwritten."""
    path = folder / FILES[part]
    if path.exists():
        raise OSError(
            f"{path} is there, but its SHA-256 is not {_SHA256[part]}: it is another "
            f"or a damaged file. Move it away, or replace it by the one of {_PAGE}."
        )


def _download(part, folder, others):
    """Download a file from the first source that has it; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    reasons = []
    for source in _SOURCES:
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                fetch(source[part], file, max_bytes=_MAX_BYTES)
                return _keep(file, part, folder)
        # requests' and zipfile's errors, a wrong hash, a file too long
        except (OSError, ValueError) as error:
            reasons.append(f"{source[part]}: {error}")
    raise _missing(part, folder, [*reasons, *others])


def _keep(file, part, folder):
    """Save the downloaded file, or the members of a downloaded zip."""
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return _save(file, part, folder)
    path = _keep_member(file, part, folder)
    for other in FILES.keys() - {part}:
        if not (folder / FILES[other]).exists():
            # The user did not ask for this part: no error if it is damaged
            with suppress(ValueError):
                _keep_member(file, other, folder)
    return path


def _keep_member(file, part, folder):
    with open_zip(file, "it") as archive:
        member = find_member(archive, FILES[part])
        if member is None:
            raise ValueError(f"the zip holds no {FILES[part]}")
        check_member(member, f"its {member.filename}")
        with archive.open(member) as stream:
            return _save(stream, part, folder)


def _save(stream, part, folder):
    """Write a file if its hash is right; return its path."""
    path = folder / FILES[part]
    with write_whole(path) as file:
        found = _copy(stream, file)
        if found != _SHA256[part]:
            raise ValueError(f"its SHA-256 is {found}, expected {_SHA256[part]}")
    return path


def _join(bunches):
    """Concatenate the images of several files."""
    images = np.concatenate([bunch.images for bunch in bunches])
    target = np.concatenate([bunch.target for bunch in bunches])
    return image_bunch(images, target, descr=bunches[0].DESCR)


def _missing(part, folder, reasons):
    """Return the OSError that says which files to save where."""
    reasons = "".join(f"\n  {reason.rstrip('.')}." for reason in reasons)
    return OSError(
        f"Sign Language MNIST's {FILES[part]} is not in {folder} and was not "
        f"downloaded. Download the zip from {_PAGE} manually and put it, or the "
        f"{FILES[part]} that it holds, into {folder}.{reasons}"
    )
