"""Values of Keras variables."""

import random
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state


def read_variables(variables):
    """Copy the values of variables."""
    return [np.array(variable.numpy()) for variable in variables]


def write_variables(variables, values):
    """Assign values to variables."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def strategy_key():
    """Return a key of the current `tf.distribute` strategy."""
    return id(tf.distribute.get_strategy())


def seed_positions(model):
    """Return the positions of the states of random generators among the variables."""
    paths = [variable.path for variable in model.variables]
    return [i for i, path in enumerate(paths) if path.endswith("generator_state")]


@contextmanager
def same_random_state(seed=None):
    """Restore Python's random state, from which building a model draws seeds."""
    state = random.getstate()
    try:
        if seed is not None:
            random.seed(seed)
        yield
    finally:
        random.setstate(state)


@contextmanager
def variables_without_values():
    """Build models whose variables have shapes, but take no memory."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        # the next scope would give them values
        global_state.set_global_attribute("uninitialized_variables", [])
