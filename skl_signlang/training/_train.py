"""The training of one phase."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from skl_signlang._keras import read_variables
from skl_signlang.training._averaging import WeightAverage
from skl_signlang.training._best_so_far import track_best
from skl_signlang.training._checkpoints import (
    Checkpoint,
    RestoreCallbacks,
    WriteCheckpoints,
    state_of_callbacks,
)
from skl_signlang.training._epoch_ends import (
    EarlyStopping,
    KeepLastEpoch,
    ReduceLROnPlateau,
    ScaleLogs,
    SwapInAverage,
    SwapOutAverage,
    Validation,
)
from skl_signlang.training._fitted_network import FittedNetwork
from skl_signlang.training._named_callbacks import stops
from skl_signlang.training._reports import Report, ReportEpochs
from skl_signlang.training._schedules import check_keras_schedule, set_rates
from skl_signlang.training._training_data import TrainingData

LR_FACTOR = 0.2
"""Factor of ``reduce_lr=True``, as in scikit-learn's "adaptive"."""

_LARGE, _FEW_SAMPLES = 1e6, 16  # smaller weights give finite predictions


class FitContext(NamedTuple):
    """Validation data, callbacks, checkpoint and phase of one fit."""

    validation: TrainingData | None = None
    callbacks: list = ()
    checkpoint: Checkpoint | None = None
    report: Report | None = None
    phase: int = 0
    whole: Callable | None = None

    @property
    def is_past(self):
        """Whether the checkpoint is of a later phase."""
        return self.checkpoint is not None and self.checkpoint.is_past(self.phase)


def train(estimator, samples, context, epochs):
    """Train the network of an estimator, and set its fitted attributes.

    Return whether all epochs were trained, rather than interrupted by Ctrl-C.
    """
    network = estimator._network
    optimizer, rate, loss = estimator._compile_arguments()
    _refuse_ema(optimizer)
    set_rate = rate
    steps = -(-len(samples.rows) // estimator.batch_size) * epochs
    check_keras_schedule(estimator, optimizer, steps)
    average = WeightAverage(network.values) if estimator.average else None
    carried = _state_to_resume(estimator)
    stopping, plateaus = (
        _stopping_callbacks(estimator, average),
        _plateau_callbacks(estimator),
    )
    checkpoints = _checkpoint_callbacks(
        estimator, context, average, [*stopping, *plateaus]
    )
    start = network.values_to_train, network.optimizer_values
    first, epochs_left = estimator.n_iter_, epochs
    rates = _rates(estimator, rate, epochs)
    if carried.get("rate") == rate:
        # the current rate is among the optimizer's values
        rate = None
    for plateau in plateaus:
        fresh = plateau.best, plateau.waited
        plateau.best, plateau.waited = carried.get("plateau") or fresh
    for checkpoint in checkpoints:
        start = checkpoint.restore_weights(*start)
        first = checkpoint.n_iter
        epochs_left = 0 if checkpoint.stopped else epochs - checkpoint.n_trained
        rates = _rates(
            estimator, set_rate, epochs, checkpoint.n_iter - checkpoint.n_trained
        )
        rate = None if checkpoint.n_trained else rate
    trainer = network.compiled.acquire_trainer(
        optimizer, loss, estimator._history_metrics
    )
    for checkpoint in checkpoints:
        checkpoint.check_optimizer(trainer.model.optimizer.variables)
    fitted = partial(_fitted, estimator, context, average, trainer)
    history = checkpoints[0].history if checkpoints else estimator.history_
    last_epoch = _interrupt_callbacks(estimator, average, history, first)
    run = partial(
        trainer.train,
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
            *_on_average(_epoch_callbacks(estimator, trainer, context), average),
            *stopping,
            *plateaus,
            *_restored_callbacks(context, carried),
            *_report_callbacks(context, fitted),
            *track_best(estimator, fitted, history, first),
            *checkpoints,
            *last_epoch,
        ],
        verbose=estimator.verbose,
    )
    is_interrupted = False
    try:
        values, optimizer_values, history = run()
        network.compiled.release_trainer(trainer)
        last = values if average is None else average.last
    except KeyboardInterrupt:
        if not last_epoch or last_epoch[0].state is None:
            raise
        is_interrupted = True
        values, last, optimizer_values = last_epoch[0].state
        history = last_epoch[0].history
    if stopping and stopping[0].state is not None:
        values, last, optimizer_values = stopping[0].state
    for checkpoint in () if is_interrupted else checkpoints:
        history = checkpoint.history
    if stopping and stopping[0].state is not None:
        losses = [stopping[0].best]
    else:
        losses = [history[name][-1] for name in ("loss", "val_loss") if name in history]
    if not all(np.isfinite(value).all() for value in [*values, losses]):
        raise ValueError(
            f"The training diverged: loss {losses[-1]} after "
            f"{len(history['loss'])} epochs. Lower learning_rate, or scale X and y."
        )
    estimator._check_losses(history["loss"], loss, samples)
    estimator._network = FittedNetwork(
        network.compiled, values, optimizer_values, last_values=last
    )
    _check_predictions(estimator._network, samples.X)
    estimator._state_to_resume = {
        "rate": set_rate,
        "plateau": next(([one.best, one.waited] for one in plateaus), None),
        "callbacks": state_of_callbacks(context.callbacks),
    }
    if is_interrupted:
        estimator.history_, estimator.n_iter_ = history, last_epoch[0].n_iter
        _warn_of_interrupt(estimator)
        return False
    if checkpoints:
        estimator.history_, estimator.n_iter_ = history, checkpoints[0].n_iter
        return True
    estimator.history_ = _joined(estimator.history_, history, estimator.n_iter_)
    estimator.n_iter_ += len(history["loss"])
    return True


def _check_predictions(network, X):
    """Raise ValueError if the last batch, whose loss is unknown, broke the network."""
    largest = max(
        (
            np.abs(value).max()
            for value in network.values
            if value.dtype.kind == "f" and value.size
        ),
        default=0,
    )
    if largest < _LARGE or np.isfinite(network.predict(X[:_FEW_SAMPLES])).all():
        return
    raise ValueError(
        f"The training diverged: with weights up to {largest:.3g} the predictions are "
        "not finite. Lower learning_rate, or scale X and y."
    )


def _refuse_ema(optimizer):
    """Raise ValueError if Keras would replace the weights when training ends."""
    if getattr(optimizer, "use_ema", False):
        raise ValueError(
            "optimizer: use_ema=True replaces the weights by their average at the end "
            "of a training, so that it could not be continued. Set average=True of "
            "the estimator instead, which keeps both."
        )


def _interrupt_callbacks(estimator, average, history, n_iter):
    """Return the callback that keeps epochs, if Ctrl-C shall not lose them."""
    if estimator.on_interrupt == "restore":
        return []
    return [KeepLastEpoch(average, history, n_iter)]


def _warn_of_interrupt(estimator):
    n_epochs = f"{estimator.n_iter_} epoch{'s' * (estimator.n_iter_ > 1)}"
    warnings.warn(
        f"The training was interrupted after {n_epochs}, which "
        f"{type(estimator).__name__} keeps, as on_interrupt='keep' says.",
        ConvergenceWarning,
        stacklevel=2,
    )


def _state_to_resume(estimator):
    """Return the state that incremental training resumes from."""
    # early stopping restores the best epoch, and resets its count
    anew = estimator.early_stopping or estimator._network.optimizer_values is None
    return {} if anew else vars(estimator).get("_state_to_resume", {})


def _restored_callbacks(context, carried):
    callbacks = [pair for pair in context.callbacks if not stops(pair[1])]
    state = carried.get("callbacks")
    return (
        [] if state is None or not callbacks else [RestoreCallbacks(callbacks, *state)]
    )


def _rates(estimator, rate, epochs, first=None):
    if estimator.lr_schedule == "constant":
        return []
    first = estimator.n_iter_ if first is None else first
    return [set_rates(rate, estimator.lr_schedule, first, epochs)]


def _epoch_callbacks(estimator, trainer, context):
    """Return the callbacks that evaluate the network after each epoch."""
    callbacks = [callback for _, callback in context.callbacks]
    if estimator._units():
        callbacks = [ScaleLogs(estimator._units()), *callbacks]
    if context.validation is None:
        return callbacks
    return [
        Validation(lambda: trainer.measure(context.validation, estimator.batch_size)),
        *callbacks,
    ]


def _on_average(callbacks, average):
    """Run callbacks with the averaged weights swapped in."""
    if average is None or not callbacks:
        return callbacks
    return [SwapInAverage(average), *callbacks, SwapOutAverage(average)]


def _stopping_callbacks(estimator, average):
    if not estimator.early_stopping:
        return []
    return [EarlyStopping(estimator.patience, estimator.min_delta, average)]


def _plateau_callbacks(estimator):
    if not estimator.reduce_lr:
        return []
    factor = LR_FACTOR if estimator.reduce_lr is True else estimator.reduce_lr
    # before early stopping, so that it can help
    return [
        ReduceLROnPlateau(factor, max(1, estimator.patience // 2), estimator.min_delta)
    ]


def _checkpoint_callbacks(estimator, context, average, monitors):
    if context.checkpoint is None:
        return []
    compiled, whole = estimator._network.compiled, context.whole

    def to_file(values):
        network = FittedNetwork(compiled, values)
        return (network if whole is None else whole(network)).to_file()

    return [
        WriteCheckpoints(
            context.checkpoint,
            context.phase,
            estimator,
            average,
            monitors,
            context.callbacks,
            to_file,
        )
    ]


def _report_callbacks(context, fitted):
    """Return the callback that runs scikit-learn's callbacks, if there are any."""
    return [] if context.report is None else [ReportEpochs(context.report, fitted)]


def _fitted(estimator, context, average, trainer):
    """Return the fitted attributes of an estimator during training."""
    values = (
        read_variables(trainer.model.variables) if average is None else average.values
    )
    network = FittedNetwork(estimator._network.compiled, values)
    return {"_network": network if context.whole is None else context.whole(network)}


def _joined(before, run, n_before):
    """Append the history of a phase to that of earlier epochs."""
    names = dict.fromkeys([*before, *run])
    n_run = len(run["loss"])
    return {
        name: before.get(name, [float("nan")] * n_before)
        + run.get(name, [float("nan")] * n_run)
        for name in names
    }
