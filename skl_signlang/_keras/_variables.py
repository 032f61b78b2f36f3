"""Variables as arrays, and back; whose they are; and models built without a trace."""

import random
from contextlib import contextmanager

import numpy as np
import tensorflow as tf


def read_variables(variables):
    """Copy the values of variables."""
    return [np.array(variable.numpy()) for variable in variables]


def write_variables(variables, values):
    """Give variables their values."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def strategy_key():
    """Tell between the strategies of `tf.distribute` that variables belong to."""
    return id(tf.distribute.get_strategy())


def seed_positions(model):
    """Tell where among the variables the states of random generators are."""
    paths = [variable.path for variable in model.variables]
    return [i for i, path in enumerate(paths) if path.endswith("generator_state")]


@contextmanager
def same_random_state(seed=None):
    """Leave Python's generator as it was: building a model draws seeds from it."""
    state = random.getstate()
    try:
        if seed is not None:
            random.seed(seed)
        yield
    finally:
        random.setstate(state)
