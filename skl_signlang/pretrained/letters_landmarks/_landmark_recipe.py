"""The recipe of ``letters-landmarks``; `benchmarks.unseen_hands` trains it."""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline, make_pipeline

from skl_signlang._letters import LETTERS
from skl_signlang.estimators import DenseClassifier
from skl_signlang.preprocessing import HandLandmarks

SIDES = ("right", "left")
"""Each image is seen as that of a right hand, and of a left hand."""


def make_landmarks(model="full"):
    """Make the transformer that describes hands.

    Parameters
    ----------
    model : {"full", "lite"} or path-like, default="full"
        The landmark model, see `HandLandmarks`.

    Returns
    -------
    transformer : HandLandmarks
        Its features tell letters apart; those of both sides are in a row.
    """
    return HandLandmarks(
        str(model),
        features=("landmarks", "angles", "distances", "orientation"),
        handedness="each",
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
    classifier : sklearn.pipeline.Pipeline
        Fitted: the transformer, and a soft vote of the two.
    """
    landmarks = make_landmarks(model)
    n_columns = len(landmarks.get_feature_names_out())
    X = np.zeros((len(LETTERS), n_columns), np.float32)
    sides = np.split(np.arange(n_columns), len(SIDES))
    votes = []
    for side, columns, head in zip(SIDES, sides, heads, strict=True):
        select = ColumnTransformer([(side, "passthrough", columns.tolist())]).fit(X)
        votes.append((side, FrozenEstimator(make_pipeline(select, head))))
    vote = VotingClassifier(votes, voting="soft").fit(X, list(LETTERS))
    return Pipeline([("landmarks", landmarks), ("vote", vote)])
