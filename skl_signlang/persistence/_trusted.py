"""Types that an archive may hold."""

import sys
from importlib import import_module

from skl_signlang._once import once
from skl_signlang._untrusted import allowed_classes
from skl_signlang.persistence._class_names import public_classes, true_name

# Parts of searches, calibrated classifiers and scikit-learn's networks: plain data
# without code
_SKLEARN_TYPES = (
    "sklearn._loss.link.HalfLogitLink",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogLink",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfGammaLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfPoissonLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn._loss.loss.HalfTweedieLoss",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn._loss.loss.HuberLoss",
    "sklearn._loss.loss.PinballLoss",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.metrics._scorer._MultimetricScorer",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.model_selection._split._CVIterableWrapper",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
)
_SPARSE_TYPES = tuple(
    f"scipy.sparse._{kind}.{kind}_{form}"
    for kind in ("csc", "csr")
    for form in ("array", "matrix")
)
# Their C code does not check the feature indices of trees
_REFUSED = (
    *("GradientBoostingClassifier", "GradientBoostingRegressor"),
    *("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"),
    "IsolationForest",
)
_OURS = ("estimators", "model_selection", "preprocessing")


def find_type(name):
    """Return a type whose attributes an archive may set."""
    if name.startswith("skl_signlang."):
        return _our_types().get(name)
    if name in _SKLEARN_TYPES:
        module, _, kind = name.rpartition(".")
        return getattr(import_module(module), kind, None)
    return _sklearn_types().get(name) or _subclasses().get(name)


def is_metric(name):
    """Check whether a function is that of a scoring such as ``"accuracy"``."""
    return name in _metrics()


def is_ufunc(node):
    """Check whether an object is a ufunc of NumPy or SciPy."""
    import numpy as np
    import scipy.special  # noqa: F401

    module = node["__module__"]
    if not module.startswith(("numpy", "scipy.special")):
        return False
    found = getattr(sys.modules.get(module), node["__class__"], None)
    return isinstance(found, np.ufunc)


def trusted_types():
    """Return the types that skops trusts in addition to its own."""
    names = [*_SKLEARN_TYPES, "sklearn.tree._tree.Tree", "sklearn.utils._bunch.Bunch"]
    names += _SPARSE_TYPES
    return [*names, *_sklearn_types(), *_our_types(), *_metrics(), *_subclasses()]


@once
def _our_types():
    kinds = [
        # not KerasCallback: Keras callbacks write to any path
        import_module("skl_signlang.callbacks").StopAtMetric,
        *(k for home in _OURS for k in public_classes(f"skl_signlang.{home}").values()),
    ]
    return {true_name(kind): kind for kind in kinds}


def _subclasses():
    """Return the subclasses with networks of their own that the caller passed."""
    home = import_module("skl_signlang.estimators")
    own = home.NetworkClassifier, home.NetworkRegressor
    kinds = allowed_classes().items()
    return {name: kind for name, kind in kinds if issubclass(kind, own)}


@once
def _sklearn_types():
    from sklearn.utils import all_estimators

    kinds = [kind for name, kind in all_estimators() if name not in _REFUSED]
    kinds += [
        splitter
        for splitter in public_classes("sklearn.model_selection").values()
        if hasattr(splitter, "get_n_splits")
    ]
    return {true_name(k): k for k in kinds if k.__module__.startswith("sklearn.")}


@once
def _metrics():
    from sklearn.metrics import get_scorer, get_scorer_names

    return {true_name(get_scorer(name)._score_func) for name in get_scorer_names()}
