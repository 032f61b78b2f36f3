"""Compiled models whose variables are overwritten at the start of each training."""

import json
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from skl_signlang.estimators._augmentation import Augmentation, augment
from skl_signlang.networks._variables import read, write


class Trainer:
    """A compiled model and the one data pipeline that feeds it.

    Parameters
    ----------
    model : keras.Model
        Uncompiled, owned by the trainer.
    optimizer : keras.optimizers.Optimizer
        Owned by the trainer.
    loss : keras.losses.Loss or callable
        What is minimised.
    metrics : list of str
        What the history shows beside the loss.
    """

    def __init__(self, model, optimizer, loss, metrics):
        self.key = trainer_key(optimizer, loss, metrics)
        self.model = model
        # XLA is three to four times slower than plain TensorFlow on a CPU
        model.compile(optimizer, loss, metrics=list(metrics), jit_compile=False)
        optimizer.build(model.trainable_variables)
        self._fresh_optimizer = read(optimizer.variables)
        self._datasets = {}
        self._batches = None

    def train(
        self,
        values,
        optimizer_values,
        X,
        y,
        weights,
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
        """Train from given values and return the new ones.

        Parameters
        ----------
        values, optimizer_values : list of ndarray
            Variables of network and optimizer; None for a fresh optimizer.
        X : ndarray of uint8 or float32, shape (n, ...)
            Inputs; a memory map is read batch by batch.
        y : ndarray, shape (n, ...)
            What the loss compares with.
        weights : ndarray of float32, shape (n,)
            Of each sample.
        learning_rate : float or None
            None leaves what the optimizer has.
        batch_size, epochs, initial_epoch : int
            `epochs` more are trained after `initial_epoch`.
        seed : int
            With the number of the epoch it decides the order of the samples.
        augmentation : Augmentation or None
            What is done to the pictures of each batch.
        callbacks : list of keras.callbacks.Callback
            Passed on.
        verbose : int
            Passed on.

        Returns
        -------
        values, optimizer_values : list of ndarray
            The trained variables.
        history : dict of str to list of float
            One entry per epoch.
        """
        optimizer = self.model.optimizer
        write(self.model.variables, values)
        write(optimizer.variables, optimizer_values or self._fresh_optimizer)
        if learning_rate is not None:
            optimizer.learning_rate = learning_rate
        # what has no weight is left out here: a selection would copy a memory map
        rows = np.flatnonzero(weights)
        size = min(batch_size, len(rows))
        steps = -(-len(rows) // size)
        self._batches = partial(
            _batches, X, y, weights, rows, size, epochs, initial_epoch, seed
        )
        if augmentation is not None:
            first = initial_epoch * steps
            self._batches = partial(
                _with_draws, self._batches, augmentation, seed, first
            )
        try:
            history = self.model.fit(
                self._dataset(X, y, augmentation is not None),
                shuffle=False,
                steps_per_epoch=steps,
                initial_epoch=initial_epoch,
                epochs=initial_epoch + epochs,
                callbacks=callbacks,
                verbose=verbose,
            ).history
        finally:
            self._batches = None
        return (
            read(self.model.variables),
            read(optimizer.variables),
            {name: [float(value) for value in run] for name, run in history.items()},
        )

    def _dataset(self, X, y, augmented):
        """Return the pipeline for these dtypes; a new one each time would leak."""
        key = X.dtype, y.dtype, augmented
        if key not in self._datasets:
            signature = (
                tf.TensorSpec((None, *X.shape[1:]), X.dtype),
                tf.TensorSpec((None, *y.shape[1:]), y.dtype),
                tf.TensorSpec((None,), tf.float32),
            )
            if augmented:
                signature += _DRAWS_SIGNATURE
            dataset = tf.data.Dataset.from_generator(
                lambda: self._batches(), output_signature=signature
            )
            if augmented:
                dataset = dataset.map(_augment_batch, num_parallel_calls=2)
            self._datasets[key] = dataset.prefetch(2)
        return self._datasets[key]


def trainer_key(optimizer, loss, metrics):
    """Tell what a trainer is compiled with, but for a learning rate that is a number.

    Parameters
    ----------
    optimizer : keras.optimizers.Optimizer
        How it steps.
    loss : keras.losses.Loss or callable
        What is minimised.
    metrics : list of str
        What the history shows beside the loss.

    Returns
    -------
    key : str
        Equal for trainers that can stand for each other.
    """
    # Keras leaves the arguments of some losses out of their configuration
    arguments = repr(getattr(loss, "_fn_kwargs", None))
    return json.dumps([_settings(optimizer), _settings(loss), arguments, metrics])


def _batches(X, y, weights, rows, size, epochs, initial_epoch, seed):
    """Yield batches of rows in an order that only the seed and the epoch decide."""
    for epoch in range(initial_epoch, initial_epoch + epochs):
        order = np.random.default_rng((seed, epoch)).permutation(rows)
        for start in range(0, len(rows), size):
            # sorted, the rows of a memory map are read in the order of the disk
            batch = np.sort(order[start : start + size])
            yield X[batch], y[batch], weights[batch]


_DRAWS_SIGNATURE = (
    tf.TensorSpec((len(Augmentation._fields),), tf.float32),
    tf.TensorSpec((2,), tf.int64),
)


def _with_draws(batches, augmentation, seed, first):
    """Add to each batch what changes its pictures, and the seed of its own."""
    for number, batch in enumerate(batches(), start=first):
        yield *batch, augmentation, (seed, number)


def _augment_batch(X, y, weights, settings, seed):
    return augment(X, settings, seed), y, weights


def _settings(thing):
    """Describe an optimizer or a loss, but for its name and a learning rate."""
    config = keras.saving.serialize_keras_object(thing)
    if not isinstance(config, dict) or not isinstance(config.get("config"), dict):
        return config
    inner = {name: value for name, value in config["config"].items() if name != "name"}
    if isinstance(inner.get("learning_rate"), float):
        inner["learning_rate"] = None
    return {**config, "config": inner}
