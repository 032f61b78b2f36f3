"""Compiled prediction with the weights as arguments."""

import threading

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context

from skl_signlang._forks import check_process
from skl_signlang._keras._gradients import forget_gradients

WIDEST_VALUES = 2**24
"""Maximum output values of the widest layer for one batch, which bounds memory."""

ROW_BLOCK = 48
"""Rows of a whole block.

Matrix kernels round the last, incomplete block of rows differently. 48 is a multiple
of the blocks of all common kernels, so that predictions in whole blocks are bit-for-bit
identical in any order of samples.
"""

SMALL_BLOCK = 8
"""Rows of a whole block of large images."""

FEW_ROWS = 16
"""Number of rows below which batches are not filled up to a whole block."""


class Prediction:
    """The traced function of a model, for any weights of its shapes."""

    def __init__(self, model, logits=False):
        self._model = model
        self._is_logits = logits
        self._functions = {}
        self._lock = threading.Lock()

    def __call__(self, X, weights):
        """Run one batch."""
        check_process()
        with self._lock:
            if X.dtype not in self._functions:
                self._functions[X.dtype] = self._trace(X.dtype)
            function = self._functions[X.dtype]
        # takes a third of the time of a usual call, and is freed with the function
        inputs = [tf.constant(X), *weights, *function.captured_inputs]
        return context.context().call_function(function.name, inputs, 1)[0].numpy()

    @property
    def traced(self):
        """A traced graph, available after a call."""
        return next(iter(self._functions.values())).graph

    def _trace(self, dtype):
        model = self._model
        trainable = {id(variable) for variable in model.trainable_variables}

        def run(X, *weights):
            pairs = list(zip(model.variables, weights, strict=True))
            outputs, _ = model.stateless_call(
                [weight for variable, weight in pairs if id(variable) in trainable],
                [weight for variable, weight in pairs if id(variable) not in trainable],
                X,
                training=False,
            )
            forget_gradients(tf.compat.v1.get_default_graph())
            return _before_activation(outputs) if self._is_logits else outputs

        return tf.function(run, autograph=False).get_concrete_function(
            tf.TensorSpec((None, *model.input_shape[1:]), dtype),
            *[tf.TensorSpec(v.shape, v.dtype) for v in model.variables],
        )


def _before_activation(outputs):
    """Return the tensor in a graph that a last softmax or sigmoid takes."""
    step = outputs.op
    while step.type in ("Cast", "Identity", "Reshape"):
        step = step.inputs[0].op
    if step.type == "ConcatV2":  # outputs side by side
        return tf.concat([_before_activation(part) for part in step.inputs[:-1]], -1)
    return step.inputs[0] if step.type in ("Sigmoid", "Softmax") else outputs


def round_to_row_blocks(n_rows):
    """Round a batch size down to whole blocks of rows."""
    for block in (ROW_BLOCK, SMALL_BLOCK):
        if n_rows >= block:
            return n_rows - n_rows % block
    return n_rows


def repeat_to(X, block):
    """Fill a batch up to whole blocks by repeating its rows."""
    n_rows = len(X)
    if n_rows % block == 0:
        return X
    return X[np.arange(-(-n_rows // block) * block) % n_rows]


def widest(model):
    """Return the output values of the widest layer for one sample."""
    tensors = [
        output
        for layer in model._flatten_layers(include_self=False)
        for node in layer._inbound_nodes
        for output in node.output_tensors
    ]
    return max(int(np.prod([side or 1 for side in t.shape])) for t in tensors)
