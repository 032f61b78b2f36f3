"""Conversion of NumPy scalars, which overflow and which JSON does not accept."""

from functools import wraps

import numpy as np


def plain_number(value):
    """Convert a NumPy scalar to a Python number."""
    if isinstance(value, np.longdouble):  # whose item() is itself
        return float(value)
    return value.item() if isinstance(value, np.generic) else value


def python_numbers(method):
    """Decorate a method that computes with the parameters of an estimator.

    During the call, parameters that are NumPy scalars are Python numbers; afterwards
    they are the user's objects again.
    """

    @wraps(method)
    def run(self, *args, **kwargs):
        names = self.get_params(deep=False)
        given = {
            name: value
            for name, value in vars(self).items()
            if name in names and isinstance(value, np.generic)
        }
        vars(self).update({name: plain_number(given[name]) for name in given})
        try:
            return method(self, *args, **kwargs)
        finally:
            vars(self).update(given)

    return run


def python_arguments(function):
    """Decorate a function that computes with its arguments."""

    @wraps(function)
    def run(*args, **kwargs):
        args = map(plain_number, args)
        return function(*args, **{k: plain_number(v) for k, v in kwargs.items()})

    return run
