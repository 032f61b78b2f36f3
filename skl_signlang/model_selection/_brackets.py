"""Brackets of Hyperband and their candidates."""

from itertools import count, islice
from math import ceil, floor, inf, prod

from sklearn.model_selection import ParameterSampler

_ROUNDING = 1e-9


def plan_brackets(max_resource, factor):
    """Return the brackets of Hyperband: lists of (n_candidates, resource)."""
    most = 0
    while factor ** (most + 1) <= max_resource * (1 + _ROUNDING):
        most += 1
    brackets = []
    for n_halvings in range(most, -1, -1):
        n = ceil((most + 1) * factor**n_halvings / (n_halvings + 1) - _ROUNDING)
        rungs = []
        for rung in range(n_halvings + 1):
            resource = max(1, round(max_resource / factor ** (n_halvings - rung)))
            rungs.append((n, resource))
            n = n_promoted(n, factor)
        brackets.append(rungs)
    return brackets


def n_promoted(n_candidates, factor):
    """Return the number of candidates that advance to the next rung."""
    return max(1, floor(n_candidates / factor + _ROUNDING))


def draw_candidates(space, sizes, random_state):
    """Draw the candidates of each bracket."""
    n_settings = _count(space)
    if sum(sizes) <= n_settings:
        drawn = iter(ParameterSampler(space, sum(sizes), random_state=random_state))
        return [list(islice(drawn, size)) for size in sizes]
    return [
        list(ParameterSampler(space, min(size, n_settings), random_state=random_state))
        for size in sizes
    ]


def number_candidates(drawn, resource):
    """Return the candidates of each bracket by their number over all brackets."""
    if any(resource in params for bracket in drawn for params in bracket):
        raise ValueError(
            f"{resource!r} is the resource, so it cannot be searched; leave it out of "
            "param_distributions."
        )
    numbers = count()
    return [{next(numbers): params for params in bracket} for bracket in drawn]


def _count(space):
    """Count the settings in a space; infinite with a distribution."""
    spaces = [space] if isinstance(space, dict) else space
    if any(hasattr(values, "rvs") for part in spaces for values in part.values()):
        return inf
    return sum(prod(len(values) for values in part.values()) for part in spaces)
