"""How many candidates Hyperband trains for how long, and which they are."""

from itertools import islice
from math import ceil, floor, inf, prod

from sklearn.model_selection import ParameterSampler

_ROUNDING = 1e-9


def plan_brackets(max_resource, factor):
    """Plan the brackets of Hyperband [1]_, with whole numbers as resources.

    Parameters
    ----------
    max_resource : int
        The most that one candidate gets, such as epochs.
    factor : float
        From rung to rung one candidate in so many goes on, for so many times as long.

    Returns
    -------
    brackets : list of list of (int, int)
        For each bracket, for each of its rungs, the number of candidates and what
        each has had at its end. The first bracket has the most candidates, and the
        shortest training at first.

    References
    ----------
    .. [1] L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, "Hyperband: A
       Novel Bandit-Based Approach to Hyperparameter Optimization", JMLR 18 (2018),
       algorithm 1.

    Examples
    --------
    >>> from skl_signlang.model_selection._brackets import plan_brackets
    >>> for rungs in plan_brackets(9, 3):
    ...     print(rungs)
    [(9, 1), (3, 3), (1, 9)]
    [(5, 3), (1, 9)]
    [(3, 9)]
    """
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
    """Tell how many candidates of a rung go on to the next.

    Parameters
    ----------
    n_candidates : int
        In this rung.
    factor : float
        Of Hyperband.

    Returns
    -------
    n : int
        At least one.
    """
    return max(1, floor(n_candidates / factor + _ROUNDING))


def draw_candidates(space, sizes, random_state):
    """Draw the candidates of each bracket.

    Parameters
    ----------
    space : dict or list of dict
        Lists or distributions by parameter, as in `RandomizedSearchCV`.
    sizes : list of int
        How many each bracket takes.
    random_state : RandomState instance
        Draws them.

    Returns
    -------
    candidates : list of list of dict
        One list for each bracket. From lists alone none is drawn twice, unless there
        are fewer settings than all brackets take: then none is twice in a bracket,
        and a bracket may hold fewer than it would take.
    """
    n_settings = _count(space)
    if sum(sizes) <= n_settings:
        drawn = iter(ParameterSampler(space, sum(sizes), random_state=random_state))
        return [list(islice(drawn, size)) for size in sizes]
    return [
        list(ParameterSampler(space, min(size, n_settings), random_state=random_state))
        for size in sizes
    ]


def _count(space):
    """Count the settings in a space; with a distribution they have no end."""
    spaces = [space] if isinstance(space, dict) else space
    if any(hasattr(values, "rvs") for part in spaces for values in part.values()):
        return inf
    return sum(prod(len(values) for values in part.values()) for part in spaces)
