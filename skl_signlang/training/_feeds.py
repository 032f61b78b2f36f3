"""Input pipelines shared by trainers: TensorFlow never frees one."""

import threading
from collections import OrderedDict
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from skl_signlang._keras import repeat_to
from skl_signlang.training._augmentation import Augmentation, augment

MAX_IDLE_FEEDS = 16
NO_BATCHES = 0, None
ENDLESS = 2**62
"""Batches of a pipeline. Keras counts to its end: one in the graph starts slowly."""

_idle = OrderedDict()
_lock = threading.Lock()


@contextmanager
def feed(samples, n_batches, batch, augmented=False):
    """Acquire a pipeline that is not in use; `batch` is a function of the number."""
    n_devices = tf.distribute.get_strategy().num_replicas_in_sync
    X, y, _ = samples
    key = X.dtype, X.shape[1:], y.dtype, y.shape[1:], augmented, n_devices
    with _lock:
        idle = _idle.get(key)
        source, dataset = idle.pop() if idle else (None, None)
    if source is None:
        source, dataset = _pipeline(*key)
    source.batches = n_batches, batch
    try:
        yield dataset
    finally:
        source.batches = NO_BATCHES
        with _lock:
            _idle.setdefault(key, []).append((source, dataset))
            _idle.move_to_end(key)
            while len(_idle) > MAX_IDLE_FEEDS:
                _idle.popitem(last=False)


class _Source:
    """Batches of a pipeline, by number: an iterator before may still ask for some."""

    def __init__(self, signature, n_devices):
        self._n_devices = n_devices
        self._dtypes = [spec.dtype.as_numpy_dtype for spec in signature]
        shapes = [[size or 0 for size in spec.shape] for spec in signature]
        self._end = list(map(np.zeros, shapes, self._dtypes))
        self.batches = NO_BATCHES

    def __call__(self, number):
        """Return a batch; one without rows after the last, which is read ahead."""
        n_batches, batch = self.batches
        if number >= n_batches:
            return self._end
        parts = _for_devices(batch(int(number)), self._n_devices)
        return list(map(np.asarray, parts, self._dtypes))


def _pipeline(X_dtype, X_shape, y_dtype, y_shape, augmented, n_devices):
    signature = (
        tf.TensorSpec((None, *X_shape), X_dtype),
        tf.TensorSpec((None, *y_shape), y_dtype),
        tf.TensorSpec((None,), tf.float32),
    )
    if augmented:
        signature += _DRAWS_SIGNATURE
    source = _Source(signature, n_devices)
    dtypes = [spec.dtype for spec in signature]

    def read(number):
        parts = tf.numpy_function(source, [number], dtypes)
        for part, spec in zip(parts, signature, strict=True):
            part.set_shape(spec.shape)
        return tuple(parts)

    # each function of a pipeline is optimized at each start: a fit, a validation
    dataset = tf.data.Dataset.range(ENDLESS).map(read)
    if augmented:
        dataset = dataset.map(_augment_batch, num_parallel_calls=2)
    # there is nothing to tune, and its thread delays the end of every fit
    options = tf.data.Options()
    options.autotune.enabled = False
    return source, dataset.prefetch(2).with_options(options)


def _for_devices(batch, n_devices):
    """Pad a batch to a multiple of the devices, with rows of weight zero.

    Keras averages the means of the devices, and an empty batch has none.
    """
    if n_devices == 1:
        return batch
    X, y, weights, *more = batch
    n_rows = len(X)
    X, y, weights = (repeat_to(part, n_devices) for part in (X, y, weights))
    counts = np.arange(len(X)) < n_rows
    return X, y, weights * counts * (len(X) / n_rows), *more


_DRAWS_SIGNATURE = (
    tf.TensorSpec((len(Augmentation._fields),), tf.float32),
    tf.TensorSpec((2,), tf.int64),
)


def _augment_batch(X, y, weights, settings, seed):
    return augment(X, settings, seed), y, weights
