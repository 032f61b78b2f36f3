"""Conversion of numbers that are not Python's.

NumPy scalars overflow; TensorFlow does not compute with those of other libraries, such
as `fractions.Fraction`; JSON accepts neither.
"""

from functools import wraps
from numbers import Integral, Real

import numpy as np


def plain_number(value):
    """Convert a NumPy scalar, or a real number of any type, to a Python number."""
    if isinstance(value, np.generic) and not isinstance(value, np.longdouble):
        return value.item()
    if not isinstance(value, Real) or isinstance(value, int | float):
        return value
    # the item() of a longdouble is itself
    return int(value) if isinstance(value, Integral) else float(value)


def python_numbers(method):
    """Decorate a method that computes with the parameters of an estimator.

    During the call, parameters that are numbers are Python's; afterwards they are the
    user's objects again.
    """

    @wraps(method)
    def run(self, *args, **kwargs):
        names = self.get_params(deep=False)
        given = {name: vars(self)[name] for name in names if name in vars(self)}
        plain = {name: plain_number(value) for name, value in given.items()}
        given = {name: given[name] for name in given if plain[name] is not given[name]}
        vars(self).update({name: plain[name] for name in given})
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
