"""Distributions of random searches as plain data.

The pickled state of a SciPy distribution contains source code that is executed, so
archives store the parameters instead.
"""

import copy
from numbers import Integral, Real

SPACE = "param_distributions"
NAME = "scipy.stats"


def without_distributions(search):
    """Return the distributions of a search as plain data."""
    if not hasattr(search, SPACE):
        return search
    search = copy.copy(search)
    setattr(search, SPACE, _map(_describe, getattr(search, SPACE)))
    return search


def with_distributions(search):
    """Undo `without_distributions`, in place."""
    if hasattr(search, SPACE):
        setattr(search, SPACE, _map(_freeze, getattr(search, SPACE)))
    return search


def _map(function, space):
    """Apply a function to the distribution of each parameter."""
    if isinstance(space, list):
        return [_map(function, part) for part in space]
    return {name: function(values) for name, values in space.items()}


def _describe(values):
    distribution = getattr(values, "dist", None)
    if not _is_known(getattr(distribution, "name", "")):
        return values
    return {
        NAME: distribution.name,
        "args": [_plain(number) for number in values.args],
        "kwds": {key: _plain(number) for key, number in values.kwds.items()},
    }


def _plain(number):
    return int(number) if isinstance(number, Integral) else float(number)


def _freeze(values):
    if not isinstance(values, dict):
        return values
    if not _is_known(values[NAME]):
        raise ValueError(f"scipy.stats has no distribution {values[NAME]!r}.")
    numbers = [*values["args"], *values["kwds"].values()]
    if not all(isinstance(number, Real) for number in numbers) or len(numbers) > 16:
        raise ValueError(f"{values[NAME]} in it has parameters that are not numbers.")
    import scipy.stats

    return getattr(scipy.stats, values[NAME])(*values["args"], **values["kwds"])


def _is_known(name):
    import scipy.stats

    kinds = (scipy.stats.rv_continuous, scipy.stats.rv_discrete)
    return isinstance(getattr(scipy.stats, name, None), kinds)
