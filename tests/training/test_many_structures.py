"""Networks of many structures in one process: what is kept of them is bounded."""

import gc
import os
import sys

import numpy as np
import pytest

from skl_signlang import DenseClassifier
from skl_signlang.training import _compiled_models as _graph

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3)).astype(np.float32)
y = np.arange(12) % 2


def fitted(**params):
    """Fit a tiny network for an epoch, and predict."""
    model = DenseClassifier(**{"epochs": 1, "random_state": 0} | params).fit(X, y)
    model.predict(X)
    return model


def what_is_kept():
    """Count graphs, functions of TensorFlow's runtime, and threads."""
    from tensorflow.python.eager import context
    from tensorflow.python.framework.func_graph import FuncGraph

    gc.collect()
    n_graphs = sum(isinstance(thing, FuncGraph) for thing in gc.get_objects())
    threads = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 0
    return n_graphs, len(context.context().list_function_names()), threads


@pytest.mark.parametrize(
    "activation", ["relu", pytest.param("silu", marks=pytest.mark.nightly)]
)
def test_what_is_kept_of_structures_is_bounded(activation, monkeypatch):
    monkeypatch.setattr(_graph, "MAX_COMPILED_MODELS", 1)
    kept = []
    for width in range(2, 6):
        fitted(hidden_layer_sizes=(width,), activation=activation)
        kept.append(what_is_kept())
    # not one more for each structure; a thread more or less is TensorFlow's own
    assert np.all(np.subtract(kept[3], kept[1]) <= 1), kept


def test_a_structure_in_use_keeps_its_trainers(monkeypatch):
    """It is found by its parameters, and is not to be forgotten by its graph."""
    monkeypatch.setattr(_graph, "MAX_COMPILED_MODELS", 2)

    def trainers_of(width):
        compiled = fitted(hidden_layer_sizes=(width,))._network.compiled
        return list(compiled._trainers.values())

    first = trainers_of(11)
    trainers_of(12)
    assert trainers_of(11) == first
    trainers_of(13)
    assert trainers_of(11) == first != []
