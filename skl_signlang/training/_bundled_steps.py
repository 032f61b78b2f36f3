"""Several training steps per call, where no callback has batch-level hooks.

For a small network, Keras' overhead between steps takes as long as a step.
"""

from functools import partial

import keras
import numpy as np
import tensorflow as tf

from skl_signlang._keras import forget_gradients

BUNDLE = 8
"""Steps per call: twice as many save little more and delay Ctrl-C."""

_BATCH_HOOKS = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)


class BundledSteps:
    """Replacement of the function that `keras.Model.fit` or ``evaluate`` calls.

    Its ``steps_per_execution`` traces a graph for each number of steps, and takes more
    batches than an epoch has where they are not a multiple of it.
    """

    def __init__(self, model, step):
        self._model = model
        self._step = step
        # Keras converts nothing by AutoGraph either, which takes a tenth of a first fit
        self._run = tf.function(
            self._steps, autograph=False, reduce_retracing=True, jit_compile=False
        )
        # each structure is traced once, which needs no warning
        self._run._omit_frequent_tracing_warning = True
        self._steps_per_epoch = self._left = 0
        self._built = False

    def set_size(self, callbacks, verbose):
        """Set the number of steps per call of the model."""
        can_bundle = verbose == 0 and not any(map(has_batch_hooks, callbacks))
        self._model.steps_per_execution = BUNDLE if can_bundle else 1

    def prepare(self, y, steps_per_epoch):
        """Prepare for epochs of a number of steps."""
        self._steps_per_epoch = self._left = steps_per_epoch
        if not self._built:
            # TensorFlow traces functions that create variables twice
            outputs = np.zeros((1, *self._model.output_shape[1:]), np.float32)
            measure = partial(self._model.compute_metrics, None, y, outputs)
            self._model.distribute_strategy.run(measure)
            self._built = True

    def __call__(self, iterator):
        """Train or test on the next batches."""
        n_steps = min(self._model.steps_per_execution, self._left)
        self._left = self._left - n_steps or self._steps_per_epoch
        return self._run(iterator, tf.constant(n_steps))

    def _steps(self, iterator, n_steps):
        model = self._model

        def step(number):
            batch = (iterator.get_next(),)
            model.distribute_strategy.run(self._step, args=batch)
            forget_gradients(tf.compat.v1.get_default_graph())
            return [number + 1]

        tf.while_loop(
            lambda number: number < n_steps,
            step,
            [tf.constant(0)],
            parallel_iterations=1,  # each step depends on the one before
        )
        return model.get_metrics_result()


def has_batch_hooks(callback):
    """Return whether a callback implements batch-level hooks."""
    return any(
        getattr(getattr(callback, name), "__func__", None)
        is not getattr(keras.callbacks.Callback, name)
        for name in _BATCH_HOOKS
    )
