"""Points of the plane, and their features."""

import numpy as np
from sklearn.model_selection import train_test_split

from skl_signlang.datasets import make_playground

N_POINTS = 500
"""Number of points, training and test together."""

LIMIT = 6
"""The plane goes from -6 to 6 along each axis."""

SIDE = 50
"""Number of points of the grid along each axis."""

_FEATURES = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1^2": lambda x1, x2: x1**2,
    "x2^2": lambda x1, x2: x2**2,
    "x1*x2": lambda x1, x2: x1 * x2,
    "sin(x1)": lambda x1, x2: np.sin(x1),
    "sin(x2)": lambda x1, x2: np.sin(x2),
}


def make_points(message):
    """Return training points, test points and their classes."""
    points, target = make_playground(
        N_POINTS,
        kind=message.data,
        noise=message.noise,
        random_state=message.data_seed,
        return_X_y=True,
    )
    return train_test_split(
        points,
        target,
        train_size=message.train_fraction,
        stratify=target,
        random_state=message.data_seed,
    )


def make_grid():
    """Return the points of the grid, row by row from the top left of the plane."""
    side = np.linspace(-LIMIT, LIMIT, SIDE)
    return np.stack(np.meshgrid(side, side[::-1]), axis=-1).reshape(-1, 2)


def compute_features(points, names):
    """Return the named features of points, one column each."""
    return np.column_stack([_FEATURES[name](*points.T) for name in names])
