"""Fitted classifiers as the start of training."""

from sklearn.pipeline import Pipeline

from skl_signlang._language import translate
from skl_signlang.cli._find_model import find_model
from skl_signlang.estimators import BaseNetworkClassifier
from skl_signlang.persistence import load
from skl_signlang.pretrained import pretrained_path

PRETRAINED = "pretrained"
# For a few images per letter: many small steps, against forgetting
FINE_TUNING = {"epochs": 20, "learning_rate": 1e-3, "batch_size": 8}


def load_to_fine_tune(start, seed):
    """Load a fitted classifier whose next `fit` continues from its weights."""
    classifier = load(pretrained_path() if start == PRETRAINED else find_model(start))
    classifier = getattr(classifier, "best_estimator_", classifier)
    network = network_of(classifier)
    if not isinstance(network, BaseNetworkClassifier):
        raise ValueError(
            translate(
                "--from {start} holds a {kind}; expected a classifier of "
                "skl_signlang, or a Pipeline that ends in one.",
                start=start,
                kind=type(network).__name__,
            )
        )
    network.set_params(warm_start=True, random_state=seed, **FINE_TUNING)
    return classifier


def network_of(classifier):
    """Return the last step of a Pipeline, or else the estimator itself."""
    return classifier[-1] if isinstance(classifier, Pipeline) else classifier
