"""Compiled models whose variables are overwritten at the start of each fit."""

import json
from functools import lru_cache, partial
from inspect import isroutine

import keras
import numpy as np

from skl_signlang._keras import (
    complete_config,
    read_variables,
    serialize,
    strategy_key,
    write_variables,
)
from skl_signlang.training._bundled_steps import BundledSteps
from skl_signlang.training._feeds import feed
from skl_signlang.training._output_losses import OutputMetric


class Trainer:
    """A compiled model with its training function."""

    def __init__(self, model, optimizer, loss, metrics):
        self.key = trainer_key(optimizer, loss, metrics)
        optimizer = type(optimizer).from_config(complete_config(optimizer))
        self.model = model
        # XLA is three to four times slower than plain TensorFlow on a CPU
        metrics = [_fresh(metric) for metric in metrics]
        model.compile(optimizer, loss, metrics=metrics, jit_compile=False)
        optimizer.build(model.trainable_variables)
        self._training = BundledSteps(model, model.train_step)
        self._testing = BundledSteps(model, model.test_step)
        model.train_function, model.test_function = self._training, self._testing
        self._fresh_optimizer = read_variables(optimizer.variables)

    def train(
        self,
        values,
        optimizer_values,
        samples,
        *,
        learning_rate,
        batch_size,
        epochs,
        initial_epoch,
        seed,
        augmentation,
        callbacks,
        verbose,
    ):
        """Train from given values; return new values, optimizer values, history."""
        optimizer = self.model.optimizer
        write_variables(self.model.variables, values)
        write_variables(optimizer.variables, optimizer_values or self._fresh_optimizer)
        if learning_rate is not None:
            optimizer.learning_rate = learning_rate
        rows = samples.rows
        size = min(batch_size, len(rows))
        steps = -(-len(rows) // size)
        batch = _shuffled(samples, rows, size, initial_epoch, seed)
        if augmentation is not None:
            first = initial_epoch * steps
            batch = partial(_with_draws, batch, augmentation, seed, first)
        self._training.set_size(callbacks, verbose)
        self._training.prepare(samples.y[:1], steps)
        n_batches, is_augmented = epochs * steps, augmentation is not None
        with feed(samples, n_batches, batch, is_augmented) as dataset:
            history = self.model.fit(
                dataset,
                shuffle=False,
                steps_per_epoch=steps,
                initial_epoch=initial_epoch,
                epochs=initial_epoch + epochs,
                callbacks=callbacks,
                verbose=verbose,
            ).history
        return (
            read_variables(self.model.variables),
            read_variables(optimizer.variables),
            {name: [float(value) for value in run] for name, run in history.items()},
        )

    def measure(self, samples, batch_size):
        """Evaluate the model as it is, also during training."""
        rows = samples.rows
        steps = -(-len(rows) // batch_size)
        batch = partial(_in_order, samples, rows, batch_size)
        self._testing.prepare(samples.y[:1], steps)
        with feed(samples, steps, batch) as dataset:
            return self.model.evaluate(
                dataset,
                steps=steps,
                return_dict=True,
                verbose=0,
            )


def trainer_key(optimizer, loss, metrics):
    """Return what a trainer is compiled with, without a numeric learning rate."""
    kept = [[_settings(metric), metric_name(metric)] for metric in metrics]
    settings = json.dumps([_settings(optimizer), kept])
    # a redefined function or class replaces the old one
    code = tuple(map(_code_of, metrics))
    return settings, type(optimizer), *_insides(loss), *code, strategy_key()


def _code_of(metric):
    return metric if isroutine(metric) else getattr(metric, "code", type(metric))


def first_metric(name, metrics):
    """Return metrics after one that is always measured, and that only once."""
    return name, *(metric for metric in metrics or () if metric != name)


def metric_name(metric):
    """Return the name of a metric in the logs."""
    if isinstance(metric, str):
        return metric
    return getattr(metric, "name", None) or metric.__name__


def _fresh(metric):
    """Return a metric with a state of its own."""
    if isinstance(metric, OutputMetric):
        return metric.copy()
    if isinstance(metric, keras.metrics.Metric):
        return type(metric).from_config(complete_config(metric))
    return metric


def _insides(loss):
    """Return what a loss computes."""
    if not isinstance(loss, keras.losses.Loss):
        return (loss,)
    state = {name: value for name, value in vars(loss).items() if name != "name"}
    return type(loss), getattr(loss, "fn", None), repr(state)


def _shuffled(samples, rows, size, initial_epoch, seed):
    """Return a function of a number; the order depends on seed and epoch only."""
    steps = -(-len(rows) // size)

    @lru_cache(maxsize=1)
    def order(epoch):
        return np.random.default_rng((seed, epoch)).permutation(rows)

    def batch(number):
        epoch, step = divmod(number, steps)
        chosen = order(initial_epoch + epoch)[step * size : (step + 1) * size]
        # sorted, so that a memory map is read sequentially
        return tuple(part[np.sort(chosen)] for part in samples)

    return batch


def _in_order(samples, rows, size, number):
    """Return a batch of the order of the rows."""
    chosen = rows[number * size : (number + 1) * size]
    return tuple(part[chosen] for part in samples)


def _with_draws(batch, augmentation, seed, first, number):
    """Add to a batch the augmentation settings and a seed."""
    return *batch(number), augmentation, (seed, first + number)


def _settings(thing):
    """Return the configuration without name and numeric learning rate."""
    if isroutine(thing):
        return thing.__qualname__  # Keras would warn of a lambda
    config = serialize(thing)
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        return config
    inner = {name: value for name, value in config["config"].items() if name != "name"}
    if isinstance(inner.get("learning_rate"), float):
        inner["learning_rate"] = None
    return {**config, "config": inner}
