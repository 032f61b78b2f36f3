"""Reading archives."""

import json
import zipfile

from skl_signlang._files import check_path
from skl_signlang.persistence._distributions import with_distributions
from skl_signlang.persistence._manifest import (
    ESTIMATOR,
    FORMAT_VERSION,
    MANIFEST,
    describe,
)
from skl_signlang.persistence._trusted import trusted_types


def load(path):
    """Read a fitted estimator from a ``.signlang`` archive.

    Nothing is unpickled: networks are read with Keras' ``safe_mode=True``, all else by
    skops, and only types of this package and of scikit-learn are let in. Every member
    is compared with its hash in the manifest before anything is made of it. That
    finds damage; it does not prove who wrote the archive.

    Parameters
    ----------
    path : str or path-like
        What `save` wrote.

    Returns
    -------
    estimator : estimator instance
        It predicts as the one that was saved, to the bit on the same machine.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no archive, is damaged, has a format version that is not known here,
        or holds types that are not trusted.

    See Also
    --------
    skl_signlang.persistence.save : Write one, with an example.
    """
    from sklearn.base import BaseEstimator

    path = check_path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; expected a .signlang archive.")
    try:
        estimator = _deserialize(_read_members(path))
    # what damaged or hostile content makes libraries raise has no common class
    except Exception as error:
        raise ValueError(
            f"{path} cannot be loaded as a .signlang archive: {error}"
        ) from error
    if not isinstance(estimator, BaseEstimator):
        raise ValueError(f"{path} holds no estimator but a {type(estimator).__name__}.")
    return estimator


def _read_members(path):
    """Read all members but the manifest, and compare them with it."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if MANIFEST not in names:
            raise ValueError(f"it holds no {MANIFEST}.")
        expected = _check_manifest(json.loads(archive.read(MANIFEST)))
        if sorted(names) != sorted([MANIFEST, *expected]):
            raise ValueError(
                f"it holds {sorted(names)}, its manifest lists {sorted(expected)}."
            )
        return {name: _read(archive, name, expected[name]) for name in expected}


def _check_manifest(manifest):
    """Return what the manifest says of each member."""
    version = manifest.get("format_version") if isinstance(manifest, dict) else None
    if version != FORMAT_VERSION:
        raise ValueError(
            f"its format version is {version!r}; this skl_signlang reads "
            f"{FORMAT_VERSION}. Update the one that is older."
        )
    members = manifest.get("members")
    if not isinstance(members, dict) or ESTIMATOR not in members:
        raise ValueError(f"its manifest does not list {ESTIMATOR}.")
    return members


def _read(archive, name, expected):
    """Read one member; sizes come first, so that none unpacks to more than is said."""
    size = archive.getinfo(name).file_size
    content = archive.read(name) if {"bytes": size}.items() <= expected.items() else b""
    if describe(content) != expected:
        raise ValueError(f"{name} is not what the manifest says: its hash is another.")
    return content


def _deserialize(members):
    """Turn the members of an archive into an estimator."""
    import skops.io

    from skl_signlang.estimators._network import networks_apart

    with networks_apart(members):
        estimator = skops.io.loads(members[ESTIMATOR], trusted=trusted_types())
    return with_distributions(estimator)
