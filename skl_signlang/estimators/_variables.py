"""Variables as arrays, and back."""

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
    return [np.array(variable) for variable in variables]


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
