"""Loading of archives, and of networks as architecture and weights."""

from skl_signlang._files import check_path
from skl_signlang._forks import is_lost
from skl_signlang._pipelines import check_pipelines
from skl_signlang._untrusted import archiving, check_keras_file
from skl_signlang.persistence._archive import unpack_archive
from skl_signlang.persistence._c_code import check_c_code
from skl_signlang.persistence._distributions import with_distributions
from skl_signlang.persistence._manifest import (
    CARD,
    ESTIMATOR,
    NETWORK,
    check_metadata,
)
from skl_signlang.persistence._network_files import load_pair
from skl_signlang.persistence._skops_files import check_skops_file, trusted_in


def load(path, weights=None, *, saved_model=None, model=None):
    """Load a fitted estimator from a ``.signlang`` archive.

    Nothing is unpickled, and no file, folder or URL named in the archive is opened.
    Networks are loaded with Keras' ``safe_mode=True``, all else by skops. Only types of
    this package, layers of Keras, types of scikit-learn and classes that you pass as
    `model` are allowed, with arguments that are known to be safe. Sizes are checked
    before any object is created, and each member is compared with its size and hash in
    the manifest, which detects damage but does not prove who wrote the archive.

    `predict` opens no files either. `fit` opens paths in parameters, but raises an
    error for a path from an archive until you set it yourself.

    .. versionadded:: 0.1

    Parameters
    ----------
    path : str or path-like
        An archive of `save`; with `weights`, a file of `export_architecture`.
    weights : str or path-like, default=None
        A weights file of `export_weights` or of Keras' ``save_weights``.
    saved_model : str or path-like, default=None
        The backbone of an archive that does not contain it: the folder of a SavedModel,
        or the ``.keras`` or ``.weights.h5`` file of a `BackboneFeatures`. It is opened
        if its hash is that in `fit`. Pass only what you trust: a SavedModel can run
        code. Without it, an archive that needs a backbone raises an error.
    model : callable or list of callable, default=None
        The function of a `NetworkClassifier` or `NetworkRegressor`, or the class that
        is a subclass of one of these; a list for several. An archive holds their names,
        weights and plain arguments; without them, an archive that needs a function
        raises an error that shows these.

    Returns
    -------
    estimator : estimator instance or keras.Model
        The estimator, whose predictions are bit-for-bit identical on the same machine.
        With `weights`, the network alone, an uncompiled `keras.Model`, without classes
        or preprocessing.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ValueError
        If the file is not an archive, is damaged, has an unknown format version,
        contains untrusted types, or does not match its manifest; or if architecture
        and weights are unsafe or do not match.
    RuntimeError
        In a process that was forked from one that had used TensorFlow.

    See Also
    --------
    skl_signlang.persistence.save : Write an archive, with an example.
    skl_signlang.export.export_architecture : Write a network without weights.
    skops.io.load : The format of the estimators.
    """
    path = _check_exists(path)
    if weights is not None:
        return load_pair(path, _check_exists(weights))
    if saved_model is not None:
        saved_model = check_path(saved_model)
        if not saved_model.exists():
            raise FileNotFoundError(f"There is no folder {saved_model}.")
    models = model if isinstance(model, list | tuple) else [model][model is None :]
    try:
        manifest, members, budget = unpack_archive(path)
        version = manifest["format_version"]
        allowed = archiving(saved_model, models)
        estimator = _deserialize(members, budget, allowed, version)
        check_metadata(manifest, estimator)
    # libraries raise errors of many types for damaged or hostile content
    except Exception as error:
        if is_lost() and isinstance(error, RuntimeError):
            raise  # an error of the process, not of the file
        raise ValueError(
            f"{path} cannot be loaded as a .signlang archive: {_reason(error)}"
        ) from error
    return estimator


def _check_exists(path):
    path = check_path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder; expected a .signlang archive.")
    return path


def _deserialize(members, budget, allowed, version):
    """Convert the members of an archive to an estimator."""
    with allowed:
        return _make(check_parts(members, budget, version))


def _make(members):
    """Return the estimator of checked members."""
    import skops.io
    from sklearn.base import BaseEstimator

    from skl_signlang.training import separate_networks

    networks = {name: c for name, c in members.items() if name.endswith(NETWORK)}
    content = members[ESTIMATOR]
    with separate_networks(networks):
        estimator = skops.io.loads(content, trusted=trusted_in(content))
    if not isinstance(estimator, BaseEstimator):
        raise ValueError(f"it holds no estimator but a {type(estimator).__name__}.")
    check_pipelines(estimator)
    check_c_code(estimator)
    return with_distributions(estimator)


def check_parts(members, budget, version=None):
    """Check all members, before any object is made of one."""
    # networks first: they are checked without Keras
    names = sorted(members, key=ESTIMATOR.__eq__)
    return {name: _check_part(name, members[name], budget, version) for name in names}


def _check_part(name, content, budget, version):
    try:
        if name == ESTIMATOR:
            return check_skops_file(content, budget, version)
        if name.endswith(NETWORK):
            check_keras_file(content, budget)
        elif name != CARD:
            raise ValueError("it is not a part of an archive.")
    # as in load
    except Exception as error:
        raise ValueError(f"{name}: {_reason(error)}") from error
    return content


def _reason(error):
    """Return the message of an error, shortened."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply."
    return str(error)[:2000] or type(error).__name__
