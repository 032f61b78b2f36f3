"""Smoothing of positions in videos."""

import numpy as np

_SPEED_CUTOFF = 1.0  # Hz, as in the paper


class OneEuroFilter:
    r"""Smooth positions: much where they rest, little where they move.

    The filter is a low pass of first order whose cutoff frequency rises with the speed
    [1]_: :math:`f_c = f_{min} + \beta |v|`, and a new position has the weight
    :math:`1 / (1 + 1 / (2 \pi f_c \Delta t))`.

    Parameters
    ----------
    min_cutoff : float
        Cutoff frequency at rest, in Hz.
    beta : float
        Growth of the cutoff frequency, in Hz per unit of length and second.

    References
    ----------
    .. [1] G. Casiez, N. Roussel and D. Vogel, "1 Euro Filter: A Simple Speed-based
       Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012.
    """

    def __init__(self, min_cutoff, beta):
        self.min_cutoff, self.beta = min_cutoff, beta
        self.reset()

    def reset(self):
        """Forget all positions."""
        self._time = self._position = self._speed = None

    def __call__(self, position, time, unit=1.0):
        """Return the smoothed position.

        Parameters
        ----------
        position : ndarray of float, shape (n, n_axes)
            Positions of n points.
        time : float
            Time in seconds, after that of the last call; the same time changes nothing.
        unit : float, default=1.0
            The unit of length in which `beta` is meant, in units of the positions.

        Returns
        -------
        smoothed : ndarray of float, shape (n, n_axes)
        """
        if self._time is None:
            self._position, self._speed = position, np.zeros_like(position)
        elif time > self._time:
            step = time - self._time
            speed = (position - self._position) / (unit * step)
            self._speed = self._speed + _weight(_SPEED_CUTOFF, step) * (
                speed - self._speed
            )
            way = np.linalg.norm(self._speed, axis=1, keepdims=True)
            weight = _weight(self.min_cutoff + self.beta * way, step)
            self._position = self._position + weight * (position - self._position)
        self._time = time
        return self._position


def _weight(cutoff, step):
    return 1 / (1 + 1 / (2 * np.pi * cutoff * step))
