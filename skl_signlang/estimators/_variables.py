"""Variables as arrays, and back; and models built without a trace."""

import random
from contextlib import contextmanager

import numpy as np


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


@contextmanager
def same_random_state():
    """Leave Python's generator as it was: building a model draws seeds from it."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
