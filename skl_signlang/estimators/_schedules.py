"""How the learning rate changes from epoch to epoch."""

from math import cos, pi

import keras


def constant(epoch, epochs):
    """Keep the rate.

    Parameters
    ----------
    epoch, epochs : int
        Ignored.

    Returns
    -------
    factor : float
        1.
    """
    return 1.0


def cosine(epoch, epochs):
    """Let the rate fall from itself towards zero along half a cosine [1]_.

    Parameters
    ----------
    epoch : int
        From 0.
    epochs : int
        How many there are.

    Returns
    -------
    factor : float
        What the rate is multiplied with, 1 in the first epoch, above 0 in the last.

    References
    ----------
    .. [1] I. Loshchilov, F. Hutter, "SGDR: Stochastic Gradient Descent with Warm
       Restarts", ICLR 2017, equation 5, without restarts.

    Examples
    --------
    >>> from skl_signlang.estimators._schedules import cosine
    >>> [round(cosine(epoch, 4), 2) for epoch in range(4)]
    [1.0, 0.85, 0.5, 0.15]
    """
    return (1 + cos(pi * epoch / epochs)) / 2


SCHEDULES = {"constant": constant, "cosine": cosine}
"""The schedules by name."""


def set_rates(learning_rate, schedule, initial_epoch, epochs):
    """Make a callback that sets the learning rate at the start of each epoch.

    Parameters
    ----------
    learning_rate : float
        Of the first epoch.
    schedule : str
        A name in `SCHEDULES`.
    initial_epoch : int
        Epochs trained before these.
    epochs : int
        How many are trained now.

    Returns
    -------
    callback : keras.callbacks.Callback
        To pass to training.
    """
    factor = SCHEDULES[schedule]
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: learning_rate * factor(epoch - initial_epoch, epochs)
    )
