"""The recipe of ``letters-landmarks``; `benchmarks.unseen_hands` trains it."""

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline

from skl_signlang._letters import LETTERS
from skl_signlang.estimators import DenseClassifier
from skl_signlang.preprocessing import HandLandmarks

SIDES = ("right", "left")
"""Each image is seen as that of a right hand, and of a left hand."""


def make_landmarks(side, model="full"):
    """Make the transformer that describes hands.

    Parameters
    ----------
    side : {"right", "left"}
        The assumed handedness.
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
        handedness=side,
        refine=True,
        find=True,
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
        With two hidden layers and averaged weights.
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
        Fitted on features of both sides; each votes on one of them.
    model : {"full", "lite"} or path-like, default="full"
        The landmark model, see `HandLandmarks`.

    Returns
    -------
    classifier : sklearn.ensemble.VotingClassifier
        Fitted: a soft vote of the two.
    """
    pipelines = [
        (side, FrozenEstimator(make_pipeline(make_landmarks(side, model), head)))
        for side, head in zip(SIDES, heads, strict=True)
    ]
    classifier = VotingClassifier(pipelines, voting="soft")
    return classifier.fit(np.zeros((len(LETTERS), 28, 28), np.uint8), list(LETTERS))
