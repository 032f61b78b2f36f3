"""Variables as arrays, and back; whose they are; and models built without a trace."""

import random
from contextlib import contextmanager

import numpy as np
import tensorflow as tf


def read(variables):
    """Copy the values of variables.

    Parameters
    ----------
    variables : list of keras.Variable
        What to read.

    Returns
    -------
    values : list of ndarray
        Copies.
    """
    return [np.array(variable.numpy()) for variable in variables]


def write(variables, values):
    """Give variables their values.

    Parameters
    ----------
    variables : list of keras.Variable
        What to write.
    values : list of ndarray
        One for each.
    """
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def strategy_key():
    """Tell between the strategies of `tf.distribute` that variables belong to.

    Returns
    -------
    key : int
        Of the one whose scope this is, as long as it lives; variables keep it alive.
    """
    return id(tf.distribute.get_strategy())


def seed_positions(model):
    """Tell where among the variables the states of random generators are.

    Parameters
    ----------
    model : keras.Model
        Any.

    Returns
    -------
    positions : list of int
        In ``model.variables``.
    """
    paths = [variable.path for variable in model.variables]
    return [i for i, path in enumerate(paths) if path.endswith("generator_state")]


@contextmanager
def same_random_state(seed=None):
    """Leave Python's generator as it was: building a model draws seeds from it.

    Parameters
    ----------
    seed : int, default=None
        Where the generator stands meanwhile, so that what is built draws the same
        weights each time; None changes nothing.
    """
    state = random.getstate()
    try:
        if seed is not None:
            random.seed(seed)
        yield
    finally:
        random.setstate(state)
