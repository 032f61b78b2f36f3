"""Input pipelines shared by trainers: TensorFlow never frees one."""

import threading
from collections import OrderedDict
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from skl_signlang._keras import repeat_to
from skl_signlang.training._augmentation import Augmentation, augment

MAX_IDLE_FEEDS = 16

_idle = OrderedDict()
_lock = threading.Lock()


@contextmanager
def feed(samples, batches, augmented=False):
    """Acquire a pipeline that is not in use."""
    n_devices = tf.distribute.get_strategy().num_replicas_in_sync
    X, y, _ = samples
    key = X.dtype, X.shape[1:], y.dtype, y.shape[1:], augmented, n_devices
    with _lock:
        idle = _idle.get(key)
        source, dataset = idle.pop() if idle else (None, None)
    if source is None:
        source = _Source()
        dataset = _dataset(source, *key)
    source.batches = batches
    try:
        yield dataset
    finally:
        source.batches = None
        with _lock:
            _idle.setdefault(key, []).append((source, dataset))
            _idle.move_to_end(key)
            while len(_idle) > MAX_IDLE_FEEDS:
                _idle.popitem(last=False)


class _Source:
    """Source of the batches of a pipeline."""

    batches = None


def _dataset(source, X_dtype, X_shape, y_dtype, y_shape, augmented, n_devices):
    signature = (
        tf.TensorSpec((None, *X_shape), X_dtype),
        tf.TensorSpec((None, *y_shape), y_dtype),
        tf.TensorSpec((None,), tf.float32),
    )
    if augmented:
        signature += _DRAWS_SIGNATURE
    dataset = tf.data.Dataset.from_generator(
        lambda: _for_devices(source.batches(), n_devices), output_signature=signature
    )
    if augmented:
        dataset = dataset.map(_augment_batch, num_parallel_calls=2)
    # there is nothing to tune, and its thread delays the end of every fit
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(2).with_options(options)


def _for_devices(batches, n_devices):
    """Pad batches to a multiple of the devices, with rows of weight zero.

    Keras averages the means of the devices, and an empty batch has none.
    """
    if n_devices == 1:
        yield from batches
        return
    for X, y, weights, *more in batches:
        n_rows = len(X)
        X, y, weights = (repeat_to(part, n_devices) for part in (X, y, weights))
        counts = np.arange(len(X)) < n_rows
        yield X, y, weights * counts * (len(X) / n_rows), *more


_DRAWS_SIGNATURE = (
    tf.TensorSpec((len(Augmentation._fields),), tf.float32),
    tf.TensorSpec((2,), tf.int64),
)


def _augment_batch(X, y, weights, settings, seed):
    return augment(X, settings, seed), y, weights
