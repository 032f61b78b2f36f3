"""Learning-rate schedules."""

from math import cos, pi
from numbers import Real

import keras


def constant(epoch, epochs):
    """Return the factor of an epoch, 1."""
    return 1.0


def cosine(epoch, epochs):
    """Return the factor of an epoch: from 1 towards zero along half a cosine.

    Loshchilov, Hutter, "SGDR", ICLR 2017, equation 5, without restarts.
    """
    return (1 + cos(pi * epoch / epochs)) / 2


def one_cycle(epoch, epochs):
    """Return the factor of an epoch: up to 1, then towards zero, along half cosines.

    Smith, Topin, "Super-Convergence", 2019, with the 25 and the cosines of fastai.
    """
    rising = max(1, epochs // 3)
    if epoch >= rising:
        return cosine(epoch - rising, epochs - rising)
    return (1 + _START + (_START - 1) * cos(pi * epoch / rising)) / 2


_START = 1 / 25
ONE_CYCLE_EPOCHS = 3
"""Minimum epochs of one_cycle: warm-up, peak and decay."""

SCHEDULES = {"constant": constant, "cosine": cosine, "one_cycle": one_cycle}
"""Schedules by name."""


def check_rates(estimator, phases):
    """Raise ValueError for parameters of the learning rate that exclude each other."""
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
    """Check the Keras schedule of an optimizer."""
    rate = getattr(optimizer, "_learning_rate", None)
    if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return
    name = type(rate).__name__
    if estimator.reduce_lr:
        raise ValueError(
            f"reduce_lr={estimator.reduce_lr!r}, but the optimizer's learning_rate is "
            f"a schedule, {name}. Set reduce_lr=False, or give it a number."
        )
    # others continue for as long as training does
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
    """Return a callback that sets the learning rate at the start of each epoch."""
    factor = SCHEDULES[schedule]
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: learning_rate * factor(epoch - initial_epoch, epochs)
    )
