"""Which types an archive may hold, beyond those that skops trusts by itself."""

import inspect
from importlib import import_module

# What searches, calibrated classifiers and scikit-learn's own networks hold: plain
# data, nothing in it is run
SKLEARN_TYPES = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.metrics._scorer._MultimetricScorer",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.model_selection._split._CVIterableWrapper",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.utils._bunch.Bunch",
)


def trusted_types():
    """List the types that archives may hold.

    Returns
    -------
    names : list of str
        Full names: our estimators, transformers and searches, scikit-learn's ways to
        split, and the scorers that it has names for with the metrics behind them.
    """
    ours = [
        *_public_classes("skl_signlang.estimators"),
        *_public_classes("skl_signlang.model_selection"),
        *_public_classes("skl_signlang.preprocessing"),
    ]
    splitters = [
        splitter
        for splitter in _public_classes("sklearn.model_selection")
        if hasattr(splitter, "get_n_splits")
    ]
    return [*SKLEARN_TYPES, *map(_name, [*ours, *splitters, *_metrics()])]


def _public_classes(module):
    things = vars(import_module(module)).items()
    return [
        thing for name, thing in things if inspect.isclass(thing) and name[0] != "_"
    ]


def _metrics():
    """Return the functions behind scorings such as ``"accuracy"``."""
    from sklearn.metrics import get_scorer, get_scorer_names

    return {get_scorer(name)._score_func for name in get_scorer_names()}


def _name(thing):
    return f"{thing.__module__}.{thing.__qualname__}"
