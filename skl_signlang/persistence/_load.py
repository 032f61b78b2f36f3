"""Reading archives, and networks kept as architecture and weights."""

from skl_signlang._files import check_path
from skl_signlang._untrusted._keras_files import check_keras_file
from skl_signlang.persistence._archive import unpack_archive
from skl_signlang.persistence._distributions import with_distributions
from skl_signlang.persistence._manifest import CARD, ESTIMATOR, NETWORK, check_facts
from skl_signlang.persistence._pair import load_pair
from skl_signlang.persistence._skops_files import check_skops_file
from skl_signlang.persistence._trusted import trusted_types


def load(path, weights=None):
    """Read a fitted estimator from a ``.signlang`` archive.

    Nothing is unpickled: networks are read with Keras' ``safe_mode=True``, all else by
    skops, and only types of this package, of Keras' layers and of scikit-learn are let
    in. Every member is compared with its size and its hash in the manifest before
    anything is made of it. That finds damage; it does not prove who wrote the archive.

    Parameters
    ----------
    path : str or path-like
        What `save` wrote; with `weights`, what `export_architecture` wrote.
    weights : str or path-like, default=None
        What `export_weights` wrote, or Keras' own ``save_weights``.

    Returns
    -------
    estimator : estimator instance or keras.Model
        It predicts as the one that was saved, to the bit on the same machine. With
        `weights` it is the network alone, a `keras.Model` that is not compiled: an
        architecture does not know of classes, letters or preprocessing.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no archive, is damaged, has a format version that is not known here,
        holds types that are not trusted, or is not what its manifest says; or if
        architecture and weights are not safe or do not fit.

    See Also
    --------
    skl_signlang.persistence.save : Write one, with an example.
    skl_signlang.persistence.export_architecture : Write a network without weights.
    """
    path = _check_there(path)
    if weights is not None:
        return load_pair(path, _check_there(weights))
    try:
        manifest, members, budget = unpack_archive(path)
        estimator = _deserialize(members, budget)
        check_facts(manifest, estimator)
    # what damaged or hostile content makes libraries raise has no common class
    except Exception as error:
        is_deep = isinstance(error, RecursionError)
        reason = "it is nested too deeply." if is_deep else error
        raise ValueError(
            f"{path} cannot be loaded as a .signlang archive: {reason}"
        ) from error
    return estimator


def _check_there(path):
    path = check_path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; expected a .signlang archive.")
    return path


def _deserialize(members, budget):
    """Turn the members of an archive into an estimator."""
    import skops.io
    from sklearn.base import BaseEstimator

    from skl_signlang.estimators._network import networks_apart

    check_parts(members, budget)
    networks = {name: c for name, c in members.items() if name.endswith(NETWORK)}
    with networks_apart(networks):
        estimator = skops.io.loads(members[ESTIMATOR], trusted=trusted_types())
    if not isinstance(estimator, BaseEstimator):
        raise ValueError(f"it holds no estimator but a {type(estimator).__name__}.")
    return with_distributions(estimator)


def check_parts(members, budget):
    """Refuse members that could do harm, before anything is made of one.

    Parameters
    ----------
    members : dict of str to bytes
        All but the manifest, by name.
    budget : Budget
        Of the whole archive.

    Raises
    ------
    ValueError
        If a network or skops' file is not as this package writes it, or a member is
        neither of these nor the card.
    """
    for name, content in members.items():
        try:
            if name == ESTIMATOR:
                check_skops_file(content, budget)
            elif name.endswith(NETWORK):
                check_keras_file(content, budget)
            elif name != CARD:
                raise ValueError("it is no part of an archive.")
        # as in load
        except Exception as error:
            raise ValueError(f"{name}: {error}") from error
