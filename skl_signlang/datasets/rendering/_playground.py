"""The two-dimensional data sets of the TensorFlow playground."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import Bunch, check_random_state
from sklearn.utils._param_validation import StrOptions, validate_params

from skl_signlang._intervals import Interval
from skl_signlang._numbers import python_arguments

_RADIUS = 5
_PADDING = 0.3  # that keeps the points of "xor" off the axes
_TURNS = 1.75  # of each arm of the spiral
_VARIANCE = 0.5, 7  # of the clouds without noise, and its growth with it

_DESCR = """\
TensorFlow playground: {kind}
========================{line}

{n_samples} points in the plane of two classes, made with noise={noise}.
{words}

Source: D. Smilkov, S. Carter, https://playground.tensorflow.org, whose formulas these
are (src/dataset.ts in https://github.com/tensorflow/playground).
"""


@validate_params(
    {
        "n_samples": [Interval(Integral, 2, None, closed="left")],
        "kind": [StrOptions({"circle", "gaussian", "spiral", "xor"})],
        "noise": [Interval(Real, 0, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "return_X_y": ["boolean"],
    },
    prefer_skip_nested_validation=True,
)
@python_arguments
def make_playground(
    n_samples=500,
    *,
    kind="circle",
    noise=0.0,
    shuffle=True,
    random_state=None,
    return_X_y=False,
):
    """Generate one of the four two-class data sets of the TensorFlow playground.

    They are those of the page [1]_, which shows the noise in percent: ``noise=0.25`` is
    25 there. Only "gaussian" is linearly separable.

    .. versionadded:: 0.1

    Parameters
    ----------
    n_samples : int, default=500
        Number of points, 2 or more.
    kind : {"circle", "gaussian", "spiral", "xor"}, default="circle"
        Data set: class 1 is

        - "circle": a disc of radius 2.5, in a ring from radius 3.5 to 5 of class 0;
        - "gaussian": a cloud around (2, 2), beside one around (-2, -2);
        - "spiral": one of two arms that turn 1.75 times, out to radius 5;
        - "xor": two quarters of a square of side 10.6, where both coordinates have
          the same sign.
    noise : float, default=0.0
        Overlap of the classes, 0 or more; the page offers 0 to 0.5. "spiral" moves
        points by up to `noise` along each axis; "gaussian" has a variance of ``0.5 + 7
        * noise``; "circle" and "xor" compute the label after moving a point by up to
        ``5 * noise`` along each axis, but return the original point.
    shuffle : bool, default=True
        Whether to shuffle the points.
    random_state : int, RandomState instance or None, default=None
        Random state. Pass an int for reproducible points across calls.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the entries:

        data : ndarray of float64, shape (n_samples, 2)
            The coordinates, x and y.
        target : ndarray of int64, shape (n_samples,)
            The class of each point, 0 or 1.
        target_names : ndarray of str, shape (2,)
            The classes' colors on the page, "orange" and "blue".
        feature_names : list of str
            "x" and "y".
        DESCR : str
            Description of the data.

    (data, target) : tuple of ndarray
        If `return_X_y`.

    See Also
    --------
    sklearn.datasets.make_moons : Two interleaving half circles.
    sklearn.datasets.make_circles : One circle in another.

    References
    ----------
    .. [1] D. Smilkov, S. Carter, D. Sculley et al., "Direct-Manipulation
       Visualization of Deep Networks", 2017, arXiv:1708.03788;
       https://playground.tensorflow.org, of which ``src/dataset.ts`` has the formulas.

    Examples
    --------
    >>> from skl_signlang.datasets import make_playground
    >>> bunch = make_playground(100, kind="xor", random_state=0)
    >>> bunch.data.shape, bunch.target_names.tolist()
    ((100, 2), ['orange', 'blue'])
    >>> bool(((bunch.data.prod(axis=1) > 0) == bunch.target).all())
    True
    """
    random_state = check_random_state(random_state)
    make, words = _KINDS[kind]
    data, target = make(n_samples, noise, random_state)
    if shuffle:
        order = random_state.permutation(n_samples)
        data, target = data[order], target[order]
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=np.array(["orange", "blue"]),
        feature_names=["x", "y"],
        DESCR=_DESCR.format(
            kind=kind,
            line="=" * len(kind),
            n_samples=n_samples,
            noise=noise,
            words=words,
        ),
    )


def _halves(n_samples):
    """Return the numbers of points of the positive and the negative class."""
    return n_samples - n_samples // 2, n_samples // 2


def _polar(radius, angle):
    return np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])


def _moved(data, noise, random_state):
    """Move points by up to `noise` of the radius along each axis."""
    return data + noise * random_state.uniform(-_RADIUS, _RADIUS, data.shape)


def _make_circle(n_samples, noise, random_state):
    inside, outside = _halves(n_samples)
    radius = np.concatenate(
        [
            random_state.uniform(0, 0.5 * _RADIUS, inside),
            random_state.uniform(0.7 * _RADIUS, _RADIUS, outside),
        ]
    )
    data = _polar(radius, random_state.uniform(0, 2 * np.pi, n_samples))
    distance = np.linalg.norm(_moved(data, noise, random_state), axis=1)
    return data, (distance < 0.5 * _RADIUS).astype(np.int64)


def _make_gaussian(n_samples, noise, random_state):
    target = np.repeat([1, 0], _halves(n_samples))
    center = np.where(target == 1, 2, -2)[:, np.newaxis]
    deviation = np.sqrt(_VARIANCE[0] + _VARIANCE[1] * noise)
    return random_state.normal(center, deviation, (n_samples, 2)), target


def _make_spiral(n_samples, noise, random_state):
    sizes = _halves(n_samples)
    target = np.repeat([1, 0], sizes)
    way = np.concatenate([np.arange(size) / size for size in sizes])
    angle = 2 * np.pi * _TURNS * way + np.where(target == 1, 0, np.pi)
    data = _polar(_RADIUS * way, angle)
    return data + noise * random_state.uniform(-1, 1, data.shape), target


def _make_xor(n_samples, noise, random_state):
    data = random_state.uniform(-_RADIUS, _RADIUS, (n_samples, 2))
    data += np.where(data > 0, _PADDING, -_PADDING)
    moved = _moved(data, noise, random_state)
    return data, (moved.prod(axis=1) >= 0).astype(np.int64)


_KINDS = {
    "circle": (_make_circle, "Class 1 is a disc, class 0 a ring around it."),
    "gaussian": (_make_gaussian, "Each class is a normally distributed cloud."),
    "spiral": (_make_spiral, "Each class is an arm of a spiral."),
    "xor": (
        _make_xor,
        "Class 1 is where both coordinates have the same sign, class 0 elsewhere.",
    ),
}
