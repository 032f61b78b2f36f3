"""Gradients that TensorFlow would keep for ever, with the graphs that they are of."""

from tensorflow.python.framework import ops


def forget_gradients(graph):
    """Take the gradients of a graph that is traced out of TensorFlow's registry.

    Each use of `tf.custom_gradient` in a graph registers a function that holds the
    graph: in `tf.nn.silu`, and for the sum over devices in each step of training.
    """
    for operation in graph.get_operations():
        if operation.type == "IdentityN":
            name = operation.node_def.attr["_gradient_op_type"].s.decode()
            ops.gradient_registry._registry.pop(name, None)
