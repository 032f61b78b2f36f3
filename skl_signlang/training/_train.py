"""One training: who looks on, and what it leaves."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from skl_signlang.networks._variables import read
from skl_signlang.training._averaging import WeightAverage
from skl_signlang.training._best_so_far import watch_best
from skl_signlang.training._checkpoints import (
    Checkpoint,
    GoOn,
    KeepState,
    state_of_callbacks,
)
from skl_signlang.training._epoch_ends import (
    EarlyStopping,
    Hide,
    Show,
    SlowDown,
    ToUnits,
    Validate,
)
from skl_signlang.training._fitted_network import Network
from skl_signlang.training._named_callbacks import stops
from skl_signlang.training._reports import Report, ReportEpochs
from skl_signlang.training._schedules import check_keras_schedule, set_rates
from skl_signlang.training._training_data import Samples

SLOWER = 0.2
"""What ``reduce_lr=True`` multiplies the rate with, as scikit-learn's "adaptive"."""


class Control(NamedTuple):
    """What a fit is controlled by, beside the parameters of the estimator."""

    validation: Samples | None = None
    callbacks: list = ()
    checkpoint: Checkpoint | None = None
    report: Report | None = None
    phase: int = 0
    whole: Callable | None = None

    @property
    def is_past(self):
        """Whether the state to go on from is of a later phase."""
        return self.checkpoint is not None and self.checkpoint.is_past(self.phase)


def train(estimator, samples, control, epochs):
    """Train an estimator's network, and let the estimator have what comes of it."""
    network = estimator._network
    optimizer, rate, loss = estimator._compile_arguments()
    set_rate = rate
    steps = -(-len(samples.rows) // estimator.batch_size) * epochs
    check_keras_schedule(estimator, optimizer, steps)
    average = WeightAverage(network.values) if estimator.average else None
    carried = _carried(estimator)
    stopping, slowing = _stopping(estimator, average), _slow_down(estimator)
    keeping = _keeping(estimator, control, average, [*stopping, *slowing])
    start = network.values_to_train, network.optimizer_values
    first, epochs_left = estimator.n_iter_, epochs
    rates = _rates(estimator, rate, epochs)
    if carried.get("rate") == rate:
        # what a plateau or a callback has made of it is in the optimizer's values
        rate = None
    for watcher in slowing:
        fresh = watcher.best, watcher.waited
        watcher.best, watcher.waited = carried.get("plateau") or fresh
    for keep in keeping:
        start = keep.restore_weights(*start)
        first = keep.n_iter
        epochs_left = 0 if keep.stopped else epochs - keep.n_trained
        rates = _rates(estimator, set_rate, epochs, keep.n_iter - keep.n_trained)
        rate = None if keep.n_trained else rate
    trainer = network.graph.borrow_trainer(optimizer, loss, estimator._history_metrics)
    for keep in keeping:
        keep.check_optimizer(trainer.model.optimizer.variables)
    fitted = partial(_fitted, estimator, control, average, trainer)
    history = keeping[0].history if keeping else estimator.history_
    values, optimizer_values, history = trainer.train(
        *start,
        samples,
        learning_rate=rate,
        batch_size=estimator.batch_size,
        epochs=epochs_left,
        initial_epoch=first,
        seed=estimator._seed,
        augmentation=estimator._augmentation(samples.X),
        callbacks=[
            *rates,
            *([] if average is None else [average]),
            *_while_shown(_lookers(estimator, trainer, control), average),
            *stopping,
            *slowing,
            *_going_on(control, carried),
            *_reporting(control, fitted),
            *watch_best(estimator, fitted, history, first),
            *keeping,
        ],
        verbose=estimator.verbose,
    )
    network.graph.give_back(trainer)
    last = values if average is None else average.last
    if stopping and stopping[0].state is not None:
        values, last, optimizer_values = stopping[0].state
    for keep in keeping:
        history = keep.history
    if stopping and stopping[0].state is not None:
        losses = [stopping[0].best]
    else:
        losses = [history[name][-1] for name in ("loss", "val_loss") if name in history]
    if not all(np.isfinite(value).all() for value in [*values, losses]):
        raise ValueError(
            f"The training diverged: loss {losses[-1]} after "
            f"{len(history['loss'])} epochs. Lower learning_rate, or scale X and y."
        )
    estimator._network = Network(
        network.graph, values, optimizer_values, last_values=last
    )
    estimator._carried = {
        "rate": set_rate,
        "plateau": next(([one.best, one.waited] for one in slowing), None),
        "callbacks": state_of_callbacks(control.callbacks),
    }
    if keeping:
        estimator.history_, estimator.n_iter_ = history, keeping[0].n_iter
        return
    estimator.history_ = _joined(estimator.history_, history, estimator.n_iter_)
    estimator.n_iter_ += len(history["loss"])


def _carried(estimator):
    """Give what training in pieces goes on with, beside weights and optimizer."""
    # stopping goes back to the best epoch, and begins to wait anew
    anew = estimator.early_stopping or estimator._network.optimizer_values is None
    return {} if anew else vars(estimator).get("_carried", {})


def _going_on(control, carried):
    callbacks = [pair for pair in control.callbacks if not stops(pair[1])]
    state = carried.get("callbacks")
    return [] if state is None or not callbacks else [GoOn(callbacks, *state)]


def _rates(estimator, rate, epochs, first=None):
    if estimator.lr_schedule == "constant":
        return []
    first = estimator.n_iter_ if first is None else first
    return [set_rates(rate, estimator.lr_schedule, first, epochs)]


def _lookers(estimator, trainer, control):
    """List what looks at the network after each epoch."""
    looking = [callback for _, callback in control.callbacks]
    if estimator._units():
        looking = [ToUnits(estimator._units()), *looking]
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
        return []
    return [EarlyStopping(estimator.patience, estimator.min_delta, average)]


def _slow_down(estimator):
    if not estimator.reduce_lr:
        return []
    factor = SLOWER if estimator.reduce_lr is True else estimator.reduce_lr
    # sooner than stopping, so that it has a chance to help
    return [SlowDown(factor, max(1, estimator.patience // 2), estimator.min_delta)]


def _keeping(estimator, control, average, watchers):
    if control.checkpoint is None:
        return []
    graph, whole = estimator._network.graph, control.whole

    def to_bytes(values):
        network = Network(graph, values)
        return (network if whole is None else whole(network)).to_state()["keras"]

    return [
        KeepState(
            control.checkpoint,
            control.phase,
            estimator,
            average,
            watchers,
            control.callbacks,
            to_bytes,
        )
    ]


def _reporting(control, fitted):
    """List what tells scikit-learn's callbacks of epochs, if there are any."""
    return [] if control.report is None else [ReportEpochs(control.report, fitted)]


def _fitted(estimator, control, average, trainer):
    """Give what training has made of an estimator by now."""
    values = read(trainer.model.variables) if average is None else average.values
    network = Network(estimator._network.graph, values)
    return {"_network": network if control.whole is None else control.whole(network)}


def _joined(before, run, n_before):
    """Put a run's history behind that of the epochs before, entry by entry."""
    names = dict.fromkeys([*before, *run])
    n_run = len(run["loss"])
    return {
        name: before.get(name, [float("nan")] * n_before)
        + run.get(name, [float("nan")] * n_run)
        for name in names
    }
