"""The recipe of ``letters-landmarks``; `benchmarks.unseen_hands` trains it."""

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skl_signlang._letters import LETTERS
from skl_signlang.estimators import DenseClassifier
from skl_signlang.preprocessing import HandLandmarks


def make_landmarks(refine, model="full"):
    """Make the transformer that describes hands.

    Parameters
    ----------
    refine : bool
        Whether several crops of each image are tried.
    model : {"full", "lite"} or path-like, default="full"
        The landmark model, see `HandLandmarks`.

    Returns
    -------
    transformer : HandLandmarks
        Its features tell letters apart.
    """
    return HandLandmarks(
        str(model),
        features=("landmarks", "angles", "distances", "orientation"),
        both_hands=True,
        refine=refine,
    )


def make_head(random_state=0):
    """Make the classifier of those features, not fitted.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=0
        Seed of weights, batches and dropout.

    Returns
    -------
    classifier : DenseClassifier
        Of two hidden layers, with averaged weights.
    """
    return DenseClassifier(
        hidden_layer_sizes=(512, 256),
        dropout=0.5,
        average=True,
        epochs=30,
        random_state=random_state,
    )


def join_heads(heads, model="full"):
    """Join two fitted heads to a classifier of images.

    Parameters
    ----------
    heads : sequence of two DenseClassifier
        Fitted on features of one crop, and on those of several.
    model : {"full", "lite"} or path-like, default="full"
        The landmark model, see `HandLandmarks`.

    Returns
    -------
    classifier : sklearn.ensemble.VotingClassifier
        Fitted: a soft vote of the two.
    """
    pipelines = [
        (name, FrozenEstimator(make_pipeline(make_landmarks(refine, model), head)))
        for name, refine, head in zip(
            ("glance", "closer_look"), (False, True), heads, strict=True
        )
    ]
    classifier = VotingClassifier(pipelines, voting="soft")
    return classifier.fit(np.zeros((len(LETTERS), 28, 28), np.uint8), list(LETTERS))
