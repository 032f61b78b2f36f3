"""How the learning rate changes from epoch to epoch."""

from math import cos, pi
from numbers import Real

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
    >>> from skl_signlang.training._schedules import cosine
    >>> [round(cosine(epoch, 4), 2) for epoch in range(4)]
    [1.0, 0.85, 0.5, 0.15]
    """
    return (1 + cos(pi * epoch / epochs)) / 2


def one_cycle(epoch, epochs):
    """Let the rate rise to itself, then fall towards zero, along half cosines [1]_.

    Parameters
    ----------
    epoch : int
        From 0.
    epochs : int
        How many there are, `ONE_CYCLE_EPOCHS` at least.

    Returns
    -------
    factor : float
        What the rate is multiplied with: 1/25 in the first epoch, 1 after a third of
        them, above 0 in the last.

    References
    ----------
    .. [1] L. N. Smith, N. Topin, "Super-Convergence: Very Fast Training of Neural
       Networks Using Large Learning Rates", 2019. The 25 and the cosines are those
       of fastai.

    Examples
    --------
    >>> from skl_signlang.training._schedules import one_cycle
    >>> [round(one_cycle(epoch, 6), 2) for epoch in range(6)]
    [0.04, 0.52, 1.0, 0.85, 0.5, 0.15]
    """
    rising = max(1, epochs // 3)
    if epoch >= rising:
        return cosine(epoch - rising, epochs - rising)
    return (1 + _START + (_START - 1) * cos(pi * epoch / rising)) / 2


_START = 1 / 25
ONE_CYCLE_EPOCHS = 3
"""A first epoch, one at the height and one on the way down."""

SCHEDULES = {"constant": constant, "cosine": cosine, "one_cycle": one_cycle}
"""The schedules by name."""


def check_rates(estimator, phases):
    """Check the parameters that change the learning rate against each other.

    Parameters
    ----------
    estimator : estimator instance
        With ``lr_schedule`` and ``reduce_lr``, validated.
    phases : tuple of int
        How many epochs are trained, each time with the whole schedule.

    Raises
    ------
    ValueError
        If a schedule is longer than the training, has no rate to begin with, or two
        change the rate at once.
    """
    schedule = estimator.lr_schedule
    if schedule != "constant" and not isinstance(_rate_of(estimator), Real):
        raise ValueError(
            f"lr_schedule={schedule!r} needs a learning_rate that is a number; got it "
            f"from optimizer={estimator.optimizer!r}. Pass the optimizer by name or "
            "class with a number, or leave lr_schedule='constant'."
        )
    epochs = min(filter(None, phases))
    if schedule == "one_cycle" and epochs < ONE_CYCLE_EPOCHS:
        raise ValueError(
            f"lr_schedule='one_cycle' is longer than the training: it needs "
            f"{ONE_CYCLE_EPOCHS} epochs or more, and this trains {epochs}. Raise "
            "epochs, or choose lr_schedule='constant'."
        )
    if estimator.reduce_lr and schedule != "constant":
        raise ValueError(
            f"reduce_lr={estimator.reduce_lr!r} and lr_schedule={schedule!r} both set "
            "the learning rate. Set reduce_lr=False or lr_schedule='constant'."
        )


def check_keras_schedule(estimator, optimizer, steps):
    """Check a schedule of Keras that an optimizer brings.

    Parameters
    ----------
    estimator : estimator instance
        With ``reduce_lr`` and ``warm_start``.
    optimizer : keras.optimizers.Optimizer
        The schedule in it counts steps.
    steps : int
        How many are trained now.

    Raises
    ------
    ValueError
        If the schedule ends after the training, or ``reduce_lr`` wants to change what
        it sets.
    """
    rate = getattr(optimizer, "_learning_rate", None)
    if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return
    name = type(rate).__name__
    if estimator.reduce_lr:
        raise ValueError(
            f"reduce_lr={estimator.reduce_lr!r}, but the optimizer's learning_rate is "
            f"a schedule, {name}. Set reduce_lr=False, or give it a number."
        )
    # others repeat a change for as long as training lasts; these come to an end
    ends = isinstance(rate, _ENDING) and not getattr(rate, "cycle", False)
    length = rate.decay_steps + (getattr(rate, "warmup_steps", 0) or 0) if ends else 0
    if length > steps and not estimator.warm_start:
        raise ValueError(
            f"The optimizer's learning_rate, {name}, takes {length} steps and is "
            f"longer than the training, which takes {steps}. Lower decay_steps or "
            "raise epochs."
        )


def _rate_of(estimator):
    """Return the learning rate, or None if it is the optimizer's own."""
    if isinstance(estimator.optimizer, keras.optimizers.Optimizer):
        return None
    params = estimator.get_params()
    return params.get("optimizer__learning_rate", estimator.learning_rate)


_ENDING = (
    keras.optimizers.schedules.CosineDecay,
    keras.optimizers.schedules.PolynomialDecay,
)


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
