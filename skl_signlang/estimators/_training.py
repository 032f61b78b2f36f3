"""One training: who looks on, and what it leaves."""

from typing import NamedTuple

import numpy as np

from skl_signlang.estimators._averaging import WeightAverage
from skl_signlang.estimators._epoch_ends import (
    EarlyStopping,
    Hide,
    Show,
    SlowDown,
    Validate,
)
from skl_signlang.estimators._network import Network
from skl_signlang.estimators._samples import Samples
from skl_signlang.estimators._schedules import check_keras_schedule, set_rates

SLOWER = 0.2
"""What ``reduce_lr=True`` multiplies the rate with, as scikit-learn's "adaptive"."""


class Control(NamedTuple):
    """What a fit is controlled by, beside the parameters of the estimator.

    Parameters
    ----------
    validation : Samples or None
        What is validated on.
    callbacks : list of tuple of str and keras.callbacks.Callback
        The user's, made for this fit.
    """

    validation: Samples | None = None
    callbacks: list = ()


def train(estimator, samples, control, epochs):
    """Train an estimator's network, and let the estimator have what comes of it.

    Parameters
    ----------
    estimator : NetworkEstimator
        With a network.
    samples : Samples
        What to train on.
    control : Control
        Of this fit.
    epochs : int
        How many at most.

    Raises
    ------
    ValueError
        If the training diverged, or for parameters that contradict each other.
    """
    network = estimator._network
    optimizer, rate, loss = estimator._compile_arguments()
    steps = -(-len(samples.rows) // estimator.batch_size) * epochs
    check_keras_schedule(estimator, optimizer, steps)
    trainer = network.graph.borrow_trainer(optimizer, loss, estimator._history_metrics)
    average = WeightAverage(network.values) if estimator.average else None
    stopping = _stopping(estimator, average)
    values, optimizer_values, history = trainer.train(
        network.values_to_train,
        network.optimizer_values,
        samples,
        learning_rate=rate,
        batch_size=estimator.batch_size,
        epochs=epochs,
        initial_epoch=estimator.n_iter_,
        seed=estimator._seed,
        augmentation=estimator._augmentation(samples.X),
        callbacks=[
            *_rates(estimator, rate, epochs),
            *([] if average is None else [average]),
            *_while_shown(_lookers(estimator, trainer, control), average),
            *([] if stopping is None else [stopping]),
            *_slow_down(estimator),
        ],
        verbose=estimator.verbose,
    )
    network.graph.give_back(trainer)
    last = values if average is None else average.last
    if stopping is not None and stopping.state is not None:
        values, last, optimizer_values = stopping.state
    n_epochs = len(history["loss"])
    if not all(np.isfinite(value).all() for value in values):
        raise ValueError(
            f"The training diverged: loss {history['loss'][-1]} after "
            f"{n_epochs} epochs. Lower learning_rate, or scale X and y."
        )
    estimator._network = Network(
        network.graph, values, optimizer_values, last_values=last
    )
    estimator.history_ = _joined(estimator.history_, history, estimator.n_iter_)
    estimator.n_iter_ += n_epochs


def _rates(estimator, rate, epochs):
    if estimator.lr_schedule == "constant":
        return []
    return [set_rates(rate, estimator.lr_schedule, estimator.n_iter_, epochs)]


def _lookers(estimator, trainer, control):
    """List what looks at the network after each epoch."""
    looking = [callback for _, callback in control.callbacks]
    if control.validation is None:
        return looking
    return [
        Validate(lambda: trainer.measure(control.validation, estimator.batch_size)),
        *looking,
    ]


def _while_shown(lookers, average):
    """Let them see what will predict."""
    if average is None or not lookers:
        return lookers
    return [Show(average), *lookers, Hide(average)]


def _stopping(estimator, average):
    if not estimator.early_stopping:
        return None
    return EarlyStopping(estimator.patience, estimator.min_delta, average)


def _slow_down(estimator):
    if not estimator.reduce_lr:
        return []
    factor = SLOWER if estimator.reduce_lr is True else estimator.reduce_lr
    # sooner than stopping, so that it has a chance to help
    return [SlowDown(factor, max(1, estimator.patience // 2), estimator.min_delta)]


def _joined(before, run, n_before):
    """Put a run's history behind that of the epochs before, entry by entry."""
    names = dict.fromkeys([*before, *run])
    n_run = len(run["loss"])
    return {
        name: before.get(name, [float("nan")] * n_before)
        + run.get(name, [float("nan")] * n_run)
        for name in names
    }
